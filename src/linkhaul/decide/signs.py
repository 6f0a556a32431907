"""What is kept of a checked reply beyond its visit: the signs by which a verdict is reached, another day too."""

from __future__ import annotations

from linkhaul.decide.challenges import challenger
from linkhaul.decide.likeness import MOST_CHARACTERS as MOST_COMPARED
from linkhaul.decide.likeness import address_words, simhash
from linkhaul.model.check import Glance, Signs
from linkhaul.model.records import Reply

EVIDENCE = frozenset({
    "server", "via", "www-authenticate", "proxy-authenticate", "retry-after", "cf-mitigated", "x-amzn-waf-action", "x-vercel-mitigated",
    "x-datadome", "x-dd-b", "x-iinfo", "x-cdn", "x-sucuri-id", "x-sucuri-block", "x-kpsdk-ct", "x-li-pop", "x-amz-cf-id", "cf-ray",
})  # fmt: skip
"""Headers that are kept; none of them can hold a secret of the person's. That a cookie was set is kept too, without the cookie."""
MOST_CHARACTERS = 200
MOST_HEADERS = 20

HARDLY_ANY_WORDS = 25
FEW_WORDS = 120
"""A page that asks for JavaScript and has no more words than this is built by it."""


SHORT_WORDS = 400
"""A page of no more words can be one of error, and its likeness is always kept; of more, only where pages have to be compared."""


def signs_of(reply: Reply, seen: Glance | None, *, is_part: bool = False, is_compared: bool = True) -> Signs:
    """Return the signs of a reply.

    Args:
        seen: what a look at its body showed; None where no body came.
        is_part: only the first part of the body was read.
        is_compared: it may be compared with an answer to a made-up address, however long it is.
    """
    headers = [(name, value[:MOST_CHARACTERS]) for name, value in reply.headers if name in EVIDENCE][:MOST_HEADERS]
    if reply.header("set-cookie") is not None:
        headers.append(("set-cookie", ""))
    if seen is None:
        return Signs(headers=tuple(headers), challenge=challenger(reply, None), is_part=is_part)
    is_whole = not seen.is_brief and len(seen.text) < MOST_COMPARED
    has_likeness = seen.words is not None and is_whole and (is_compared or seen.words <= SHORT_WORDS)
    return Signs(
        headers=tuple(headers),
        challenge=challenger(reply, seen),
        has_password=seen.has_password,
        is_scripted=is_scripted(seen),
        words=seen.words,
        likeness=simhash(seen.text, address_words(reply.url)) if has_likeness else None,
        title=seen.title,
        is_part=is_part,
    )


def is_scripted(seen: Glance) -> bool:
    """Tell whether a page looks as if a script builds it: there is one, and hardly any text without it.

    An empty element that scripts are known to fill is enough beside the words of a header and a footer; a page without any such sign
    has to be next to empty.
    """
    if not (seen.is_html and seen.has_script) or seen.words is None:
        return False
    if seen.has_app_root:
        return seen.words <= FEW_WORDS
    return seen.words <= (FEW_WORDS if seen.asks_for_script else 0)
