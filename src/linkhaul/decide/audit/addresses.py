"""Rules of a page's own address, its canonical address, its languages and what it tells robots."""

from __future__ import annotations

import re
from collections import defaultdict

from linkhaul.decide.audit import sources
from linkhaul.decide.audit.codes import fault_of_hreflang
from linkhaul.decide.audit.rule import Examined, Rule, is_of_web, listed, quoted, robots_by_who
from linkhaul.model.url import host_of, target_url

MOST_PARAMETERS = 4
_ABSOLUTE = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_SESSION = re.compile(
    r"(?:[?&;/])((?:phpsessid|jsessionid|aspsessionid\w*|cfid|cftoken|session_?id|sessid|sid|zenid|oscsid)=[^&;#/]{6,})", re.IGNORECASE
)
_CAPITAL, _JOINED = re.compile("[A-Z]"), re.compile("[^_]_[^_]")
_CONTRARY = ({"index", "noindex"}, {"follow", "nofollow"}, {"all", "none"}, {"all", "noindex"}, {"index", "none"}, {"follow", "none"})


def _path(page: Examined) -> str:
    return "/" + page.url.partition("://")[2].partition("?")[0].partition("/")[2]


def _canonical_missing(page: Examined) -> str | None:
    return None if page.facts.canonicals else "no link rel=canonical, neither in the page nor in a header"


def _canonical_many(page: Examined) -> str | None:
    found = list(dict.fromkeys(target_url(each.url) for each in page.facts.canonicals if each.url))
    return f"{len(found)} different ones: {', '.join(found)}" if len(found) > 1 else None


def _canonical_relative(page: Examined) -> str | None:
    written = [each.raw for each in page.facts.canonicals if is_of_web(each.url) and not _ABSOLUTE.match(each.raw)]
    return f"written as {quoted(written[0])}" if written else None


def _canonical_unusable(page: Examined) -> str | None:
    written = [each.raw for each in page.facts.canonicals if not is_of_web(each.url)]
    return f"written as {quoted(written[0])}" if written and page.url.startswith("http") else None


def _canonical_body(page: Examined) -> str | None:
    found = [each.raw for each in page.facts.canonicals if each.origin == "body"]
    return f"{quoted(found[0])} stands in the body" if found else None


def _canonical_fragment(page: Examined) -> str | None:
    found = [each.url for each in page.facts.canonicals if each.url and "#" in each.url]
    return found[0] if found else None


def _canonical_host(page: Examined) -> str | None:
    canonical = page.canonical
    return canonical if canonical is not None and host_of(canonical) != host_of(page.url) else None


def _canonical_hreflang(page: Examined) -> str | None:
    if page.is_canonical:
        return None
    return f"its canonical is {page.canonical}, and it names {len(page.facts.alternates)} languages"


def _hreflang_code(page: Examined) -> str | None:
    faults = [(each.lang, fault) for each in page.facts.alternates if (fault := fault_of_hreflang(each.lang)) is not None]
    return f"{quoted(faults[0][0])}: {faults[0][1]}" + (f"; and {len(faults) - 1} more" if len(faults) > 1 else "") if faults else None


def _hreflang_default(page: Examined) -> str | None:
    codes = {each.lang.strip().lower() for each in page.facts.alternates}
    return (
        None
        if "x-default" in codes or len(codes) < 2
        else f"{len(codes)} languages and no x-default: {listed(sorted(codes)[:5], len(codes))}"
    )


def _hreflang_self(page: Examined) -> str | None:
    named = {target_url(each.url) for each in page.facts.alternates if each.url}
    return None if page.url in named else f"it names {len(named)} other{'' if len(named) == 1 else 's'}, and not its own address"


def _hreflang_twice(page: Examined) -> str | None:
    urls: dict[str, set[str]] = defaultdict(set)
    for each in page.facts.alternates:
        if each.url:
            urls[each.lang.strip().lower()].add(target_url(each.url))
    twice = [(lang, sorted(found)) for lang, found in urls.items() if len(found) > 1]
    return f"{twice[0][0]} leads to {' and to '.join(twice[0][1][:3])}" if twice else None


def _hreflang_relative(page: Examined) -> str | None:
    written = [each.raw for each in page.facts.alternates if not _ABSOLUTE.match(each.raw)]
    return f"{len(written)} of {len(page.facts.alternates)}; the first is written as {quoted(written[0])}" if written else None


def _robots_conflict(page: Examined) -> str | None:
    for contrary in _CONTRARY:
        if contrary <= page.robots:
            said = [f"{who}: {', '.join(words)}" for who, words in robots_by_who(page.facts)]
            return f"{' and '.join(sorted(contrary))} ({'; '.join(said)})"
    return None


def _robots_nofollow(page: Examined) -> str | None:
    if page.robots.isdisjoint({"nofollow", "none"}) or not page.facts.anchors:
        return None
    return f"{page.facts.anchors:,} links on it are not followed"


def _capitals(page: Examined) -> str | None:
    return _segment(re.sub(r"%[0-9A-Fa-f]{2}", "", _path(page)), _CAPITAL)


def _underscore(page: Examined) -> str | None:
    return _segment(_path(page), _JOINED)


def _segment(path: str, sign: re.Pattern[str]) -> str | None:
    """Return the first part of a path, between slashes, that has a sign."""
    return next((part for part in path.split("/") if sign.search(part)), None)


def _double_slash(page: Examined) -> str | None:
    return _path(page) if "//" in _path(page) else None


def _session(page: Examined) -> str | None:
    found = _SESSION.search(page.url)
    return found[1] if found else None


def _parameters(page: Examined) -> str | None:
    query = page.url.partition("?")[2]
    count = len([part for part in re.split("[&;]", query) if part])
    return f"{count} parameters: {quoted(query)}" if count > MOST_PARAMETERS else None


def _space(page: Examined) -> str | None:
    return _path(page) if "%20" in _path(page) else None


RULES: tuple[Rule, ...] = (
    Rule(
        id="canonical-missing", severity="notice", where="indexable", look=_canonical_missing, what="The page names no canonical address",
        why="Every page can be reached by more addresses than one (parameters, capitals, http). Without a word from you, a search engine chooses.",
        source=sources.CANONICALS, mend="Add a link rel=canonical with the page's own absolute address.",
    ),
    Rule(
        id="canonical-many", severity="error", where="page", look=_canonical_many, what="The page names several canonical addresses",
        why="Search engines then take none of them.",
        source=sources.CANONICALS, mend="Keep one; look in the HTTP header Link, too.",
    ),
    Rule(
        id="canonical-relative", severity="warning", where="page", look=_canonical_relative, what="The canonical address is relative",
        why="It is allowed, and means another address on every host, copy and test server that serves the page.",
        source=sources.CANONICALS, mend="Write it with https:// and the host.",
    ),
    Rule(
        id="canonical-unusable", severity="error", where="web", look=_canonical_unusable, what="The canonical address is none of the web",
        why="It is no URL, or leads to a file on somebody's disk. Search engines can do nothing with it.",
        source=sources.CANONICALS, mend="Name the page's own address, with https:// and the host; look where the pages were built.",
    ),
    Rule(
        id="canonical-in-body", severity="error", where="page", look=_canonical_body, what="The canonical address stands in the body",
        why="It counts only in the head. An element that may not stand in a head ends it early, and what follows is in the body.",
        source=sources.CANONICALS, mend="Move it into the head, before anything that closes the head, such as an img or a div.",
    ),
    Rule(
        id="canonical-fragment", severity="warning", where="page", look=_canonical_fragment, what="The canonical address has a fragment",
        why="What follows # is no part of what is asked for, and search engines do not take such an address as canonical.",
        source=sources.CANONICALS, mend="Leave what follows # away.",
    ),
    Rule(
        id="canonical-other-host", severity="notice", where="page", look=_canonical_host, what="The canonical address is on another host",
        why="The page gives its place in search results away. That is right for copies of another site, and a fault where a test server's name slipped in.",
        source=sources.CANONICALS, mend="Make sure that it is meant.",
    ),
    Rule(
        id="canonical-contradicts-hreflang", severity="error", where="translated", look=_canonical_hreflang,
        what="The page names languages, and another page as canonical",
        why="hreflang is for canonical pages. A page that says that another stands for it drops out of the group of languages.",
        source=sources.HREFLANG, mend="Let each language's page be its own canonical.",
    ),
    Rule(
        id="hreflang-wrong-code", severity="error", where="translated", look=_hreflang_code, what="A hreflang is no code of a language",
        why="Entries with a code that is none are ignored.",
        source=sources.HREFLANG, mend="Take a language of ISO 639-1, and after a hyphen a region of ISO 3166-1 where it matters: en-GB, not en-UK.",
    ),
    Rule(
        id="hreflang-no-default", severity="notice", where="translated", look=_hreflang_default, what="The languages have no x-default",
        why="x-default names the page for those whose language is none of them.",
        source=sources.HREFLANG, mend='Add hreflang="x-default" with the page for everybody else, or a page to choose the language on.',
    ),
    Rule(
        id="hreflang-not-itself", severity="warning", where="translated", look=_hreflang_self, what="The page is not among the languages it names",
        why="Each version must list itself as well as all others.",
        source=sources.HREFLANG, mend="Add an entry with the page's own language and address.",
    ),
    Rule(
        id="hreflang-contradictory", severity="error", where="translated", look=_hreflang_twice, what="One language leads to two addresses",
        why="Which of them is meant cannot be known, so neither is shown.",
        source=sources.HREFLANG, mend="Keep one address for each code.",
    ),
    Rule(
        id="hreflang-relative", severity="error", where="translated", look=_hreflang_relative, what="A hreflang has a relative address",
        why="Alternate addresses must be written in full, with the scheme.",
        source=sources.HREFLANG, mend="Write them with https:// and the host.",
    ),
    Rule(
        id="robots-contradictory", severity="warning", where="page", look=_robots_conflict, what="The page tells robots two contrary things",
        why="The more restrictive counts; who wrote the other one meant something else.",
        source=sources.ROBOTS_META, mend="Keep one of them. The header X-Robots-Tag counts like the meta element.",
    ),
    Rule(
        id="robots-nofollow", severity="notice", where="page", look=_robots_nofollow, what="No link of the page is followed",
        why="Under a nofollow for the whole page, search engines find nothing through it and its links lend no weight, those to your own pages neither.",
        source=sources.ROBOTS_META, mend="Take nofollow away unless strangers fill the page; mark single links then.",
    ),
    Rule(
        id="url-capitals", severity="notice", where="web", look=_capitals, what="The address has capitals",
        why="/Page and /page are two addresses, and who types or copies one may get the other, or nothing.",
        source=sources.ADDRESSES, mend="Write addresses in lower case, and redirect the others.",
    ),
    Rule(
        id="url-underscores", severity="notice", where="web", look=_underscore, what="The address joins words with underscores",
        why="Search engines recommend hyphens, which separate words; underscores join them to one.",
        source=sources.ADDRESSES, mend="Use hyphens in new addresses. Renaming old ones is seldom worth the redirects.",
    ),
    Rule(
        id="url-double-slash", severity="warning", where="web", look=_double_slash, what="The address has a doubled slash",
        why="It is another address than the one with a single slash, mostly made by joining texts wrongly, with the same page behind both.",
        source=sources.ADDRESSES, mend="Mend what builds the link, and redirect to the address with one slash.",
    ),
    Rule(
        id="url-session", severity="error", where="web", look=_session, what="The address carries a session",
        why="Every visitor and every visit of a robot gets new addresses for the same pages; shared links share the session.",
        source=sources.ADDRESSES, mend="Keep sessions in cookies.",
    ),
    Rule(
        id="url-many-parameters", severity="notice", where="web", look=_parameters, what=f"The address has more than {MOST_PARAMETERS} parameters",
        why="Combinations of parameters make endless addresses for few pages, which waste what a search engine spends on a site.",
        source=sources.ADDRESSES, mend="Leave away what does not change the page; name the plain address as canonical.",
    ),
    Rule(
        id="url-space", severity="notice", where="web", look=_space, what="The address has a space in it",
        why="It breaks where people copy it into text, and is written as %20 or + by turns.",
        source=sources.ADDRESSES, mend="Use hyphens.",
    ),
)  # fmt: skip
