"""What every telling says alike: names of pages, where on them a link stands, sentences about coverage and rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from linkhaul.export.clean import clean, shortened
from linkhaul.export.findings.context import Context, Level, Rules, level_of
from linkhaul.model.check import Checked, Coverage, Place

URL_SHOWN = 200
TEXT_SHOWN = 60
NO_PAGE = "named as a source or in a sitemap"
"""Stands for the page of a link that no page holds."""

REASONS = {
    "robots": "robots.txt says no",
    "guard": "at a private address, without --allow-private",
    "scope": "outside the scope",
    "offline": "--offline",
    "excluded": "--exclude",
    "trap": "withheld as a trap",
    "stopped": "the run was stopped",
    "unconfirmed": "failed once and not asked again",
    "scheme": "of a kind that cannot be asked for",
}


class Occurrence(NamedTuple):
    """A link URL at one of its places; no place when it is itself a source."""

    checked: Checked
    place: Place | None


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: "1 page", "2 pages"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def file_of(page_url: str, root: Path) -> str | None:
    """Return the path of a page on disk, relative to `root` when it lies below; None for a page of the web.

    >>> file_of("file:///srv/docs/a%20b.md", Path("/srv/docs"))
    'a b.md'
    """
    if not page_url.startswith("file:"):
        return None
    from urllib.request import url2pathname  # with it come http.client and email: only where there are files

    try:
        path = url2pathname(urlsplit(page_url).path)
    except (ValueError, OSError):  # text that looks like a file's URL and is none
        return None
    try:
        return Path(path).relative_to(root).as_posix()
    except ValueError:
        return path


def page_name(page_url: str, context: Context) -> str:
    """Return a page as a person names it: a path for a file, else the URL; of one line and harmless."""
    return clean(file_of(page_url, context.root) or page_url)


def link_name(url: str, context: Context) -> str:
    """Return a link's URL as a person reads it: a path, with its fragment, for a file; harmless and not too long."""
    path = file_of(url, context.root)
    fragment = url.partition("#")[2]
    return short_url(url if path is None else f"{path}#{fragment}" if fragment else path)


def spot(place: Place) -> str:
    """Return "12:5", the line and column of a link, or nothing where they are not known."""
    if place.line is None:
        return ""
    return f"{place.line}" if place.column is None else f"{place.line}:{place.column}"


def quoted(place: Place | None) -> str:
    """Return the link's text between quotes, harmless and not too long; nothing where there is none."""
    return f'"{shortened(clean(place.text), TEXT_SHOWN)}"' if place is not None and place.text else ""


def short_url(url: str) -> str:
    """Return a URL, harmless and not too long to be read."""
    return shortened(clean(url), URL_SHOWN)


def remedy(checked: Checked, context: Context) -> str | None:
    """Return what to write instead, with its evidence; None where nothing is known."""
    if checked.verdict.instead is not None:
        return f"write {link_name(checked.verdict.instead, context)}"
    if checked.suggestion is not None:
        return f"perhaps {link_name(checked.suggestion.url, context)} ({clean(checked.suggestion.why)})"
    return None


def occurrences(checked: Iterable[Checked]) -> Iterator[Occurrence]:
    """Yield each place of each link URL, and once each URL that stands nowhere."""
    for each in checked:
        if not each.places:
            yield Occurrence(each, None)
        for place in each.places:
            yield Occurrence(each, place)


def what(checked: Checked) -> str:
    """Return the verdict and its case: "broken 404"."""
    name, code = checked.verdict.name, clean(checked.verdict.code)
    return name if code == name else f"{name} {code}"


def by_case(checked: Iterable[Checked]) -> list[tuple[str, list[Checked]]]:
    """Return findings by verdict and case, the most frequent first."""
    cases: dict[str, list[Checked]] = {}
    for each in checked:
        cases.setdefault(what(each), []).append(each)
    return sorted(cases.items(), key=lambda item: (-len(item[1]), item[0]))


def by_page(checked: Iterable[Checked]) -> list[tuple[str, list[Occurrence]]]:
    """Return occurrences by page in the order of the pages' URLs, on each as they stand there. All are held in memory."""
    pages: dict[str, list[Occurrence]] = {}
    for found in occurrences(checked):
        pages.setdefault(found.place.page_url if found.place else "", []).append(found)
    for listed in pages.values():
        listed.sort(key=lambda found: (found.place.line or 0, found.place.n) if found.place else (0, 0))
    return sorted(pages.items(), key=itemgetter(0))


def pages_of(checked: Checked) -> list[str]:
    """Return the distinct pages of a link URL, in order."""
    return list(dict.fromkeys(place.page_url for place in checked.places))


def sorted_out(checked: Iterable[Checked], rules: Rules) -> dict[Level, list[Checked]]:
    """Return what matters, by how much; what is fine is only counted by the coverage and not kept."""
    found: dict[Level, list[Checked]] = {"failure": [], "warning": [], "known": []}
    for each in checked:
        if (level := level_of(each, rules)) in found:
            found[level].append(each)
    return found


def is_moved(checked: Checked) -> bool:
    """Return whether a link is redirected and there is an address to write instead."""
    return checked.verdict.name == "redirected" and checked.verdict.instead is not None


def headline(levels: dict[Level, list[Checked]]) -> str:
    """Return the result in one line."""
    failures = levels["failure"]
    if not failures:
        known = f"; {counted(len(levels['known']), 'known problem')}" if levels["known"] else ""
        return f"nothing found to fail on{known}"
    pages = {page for each in failures for page in pages_of(each)}
    names = kinds(failures)
    return f"{names} on {counted(len(pages), 'page')}" if pages else names


def kinds(checked: Iterable[Checked]) -> str:
    """Return how many there are of each verdict: "3 broken, 1 soft-404"."""
    counts: dict[str, int] = {}
    for each in checked:
        counts[each.verdict.name] = counts.get(each.verdict.name, 0) + 1
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def coverage_line(coverage: Coverage) -> str:
    """Return how much could be judged, and what stood in the way of the rest."""
    text = f"{counted(coverage.verified, 'link URL')} of {coverage.urls:,} verified"
    missing = coverage.urls - coverage.verified
    if missing:
        why = sorted(coverage.unverified.items(), key=lambda item: (-item[1], item[0]))
        named = ", ".join(f"{REASONS.get(code, clean(code))} {count:,}" for code, count in why)
        text += f"; {missing:,} not ({named})" if named else f"; {missing:,} not"
    return f"{text}; {counted(coverage.links, 'link')} on {counted(coverage.pages, 'page')}"


def verdicts_line(coverage: Coverage) -> str:
    """Return how many link URLs have each verdict, most first."""
    counts = sorted(coverage.by_verdict.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {name}" for name, count in counts if count)


def rules_line(rules: Rules) -> str:
    """Return what the check fails on."""
    names = sorted(rules.fail_on - {"none"} | ({"redirected"} if rules.redirects == "fail" else set()))
    return f"fails on {', '.join(names)}" if names else "fails on nothing"
