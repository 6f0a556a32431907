"""A report as Markdown holds no markup but ours."""

from __future__ import annotations

import io

from markdown_it import MarkdownIt
from tests.export.report import sample

from linkhaul.export.report.markdown import write


def text() -> str:
    """Return the sample's document."""
    stream = io.StringIO(newline="")
    write(sample.report(), stream)
    return stream.getvalue()


def test_nothing_of_the_web_is_markup() -> None:
    """Neither HTML nor a link nor emphasis comes of it: a reader of Markdown finds text and code only."""
    tokens = [token for block in MarkdownIt("commonmark").enable("table").parse(text()) for token in (block, *(block.children or ()))]
    assert not {token.type for token in tokens} & {"html_block", "html_inline", "link_open", "image", "fence", "em_open"}
    assert "\x1b" not in text()
    assert "\u202e" not in text()


def test_every_table_is_whole() -> None:
    """Each row has as many cells as its header, whatever a cell holds."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text())
    assert sum(token.type == "table_open" for token in tokens) == 5
    assert sum(token.type == "tr_open" for token in tokens) == 3 + 11 + 2 + 4 + 1
    assert "The first 25 of 5,000 rows: `linkhaul graph 'a b.run' -o graph.csv`" in text()
