"""Markdown as HTML, so that documents are read like pages: CommonMark with GitHub's tables, and GitHub's ids of headings.

What documentation tools put around CommonMark must not make links that nobody wrote: front matter is left out, and a
footnote is no link. An id that is written behind a heading, `{#id}`, counts besides the one that GitHub would give it.

Sources: https://spec.commonmark.org/; https://github.github.com/gfm/; for the ids, github-slugger
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from html import escape, unescape
from itertools import zip_longest
from typing import Any

_FRONT_MATTER = re.compile(r"\A\ufeff?(?:---[ \t]*\n.*?\n(?:---|\.\.\.)|\+\+\+[ \t]*\n.*?\n\+\+\+)[ \t]*(?:\n|\Z)", re.DOTALL)
_OWN_ID = re.compile(r"\s*\{:?\s*#([^\s{}]+)[^{}]*\}\s*\Z")
_RAW_HEADING = re.compile(r"<h[1-6]\b[^>]*>(.*?)</h[1-6]\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_IN_SLUGS = frozenset({"Mn", "Mc", "Me", "Pc"})


def to_html(text: str) -> str:
    r"""Return the HTML of a Markdown document, with an id at each heading. Raw HTML in it stays; links are as they are written.

    >>> to_html("# Getting started")
    '<h1 id="getting-started">Getting started</h1>\n'
    """
    renderer = _renderer()
    environment: dict[str, Any] = {}
    tokens = renderer.parse(_FRONT_MATTER.sub("", text.replace("\r\n", "\n"), count=1), environment)
    _add_ids(tokens)
    html: str = renderer.renderer.render(tokens, renderer.options, environment)
    return html


class Slugs:
    """Gives the ids of one document's headings, in order: the second of a name gets -1, the third -2."""

    def __init__(self) -> None:
        self._times: dict[str, int] = {}

    def of(self, text: str) -> str:
        """Return the id of the next heading from its text.

        >>> slugs = Slugs()
        >>> slugs.of("What's new?"), slugs.of("What's new?")
        ('whats-new', 'whats-new-1')
        """
        first = slug = "".join(letter for letter in text.lower() if _stays(letter)).replace(" ", "-")
        while slug in self._times:
            self._times[first] += 1
            slug = f"{first}-{self._times[first]}"
        self._times[slug] = 0
        return slug


def _stays(letter: str) -> bool:
    return letter.isalnum() or letter in "- " or unicodedata.category(letter) in _IN_SLUGS


@lru_cache(maxsize=1)
def _renderer() -> Any:
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    setattr(renderer, "validateLink", lambda url: True)  # noqa: ARG005, B010 - what is no link to follow still stands there; the types forbid it
    renderer.core.ruler.after("block", "footnotes", _drop_footnotes)
    return renderer


def _drop_footnotes(state: Any) -> None:
    """Take out the footnotes of one word: CommonMark takes `[^1]: Word` for the target of a link."""
    references = state.env.get("references", {})
    for name in [name for name in references if name.startswith("^")]:
        del references[name]


def _add_ids(tokens: Sequence[Any]) -> None:
    slugs = Slugs()
    for token, inside in zip_longest(tokens, tokens[1:]):
        if token.type == "heading_open":
            text = _text(inside.children or [])
            token.attrSet("id", slugs.of(text))
            own = _OWN_ID.search(text)
            if own is not None:
                _put_before(inside, [own[1], slugs.of(text[: own.start()])])
        elif token.type == "html_block":
            ids = [slugs.of(unescape(_TAG.sub("", found[1]))) for found in _RAW_HEADING.finditer(token.content)]
            token.content = "".join(f'<a id="{escape(each)}"></a>' for each in ids) + token.content


def _put_before(inline: Any, ids: Sequence[str]) -> None:
    mark = type(inline)("html_inline", "", 0)
    mark.content = "".join(f'<a id="{escape(each)}"></a>' for each in ids)
    inline.children = [mark, *(inline.children or [])]


def _text(tokens: Sequence[Any]) -> str:
    """Return the text that a person reads of a line: no tags, no pictures."""
    return "".join(" " if token.type in ("softbreak", "hardbreak") else token.content for token in tokens if token.type in _TEXTS)


_TEXTS = frozenset({"text", "text_special", "code_inline", "softbreak", "hardbreak"})
