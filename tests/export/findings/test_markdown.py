"""Markdown as GitHub renders it."""

from __future__ import annotations

import io
import re

import pytest
from markdown_it import MarkdownIt
from tests.export.findings import sample

from linkhaul.export.findings.formats import writer
from linkhaul.export.findings.markdown import code
from linkhaul.model.check import Checked, Verdict

STEP_SUMMARY_BYTES = 1 << 20


def told(checked: list[Checked]) -> str:
    """Return findings as Markdown."""
    stream = io.StringIO(newline="")
    writer("markdown")(checked, sample.coverage(), sample.context(), stream)
    return stream.getvalue()


def test_what_comes_from_the_web_stays_inert() -> None:
    """Rendered, no element, mention or reference comes of what pages say: it stands in code, and links lead where the link URL says."""
    html = MarkdownIt("commonmark").enable("table").render(told(sample.everything()))
    outside = re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL)
    assert set(re.findall(r"<(\w+)", outside)) <= {
        "h2",
        "p",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "a",
        "br",
        "strong",
        "details",
        "summary",
        "sub",
    }
    assert not re.search(r"alert|evil|@all|#1\b|quoted", re.sub(r'href="[^"]*"', "", outside))
    assert "<code>&lt;script&gt;alert('1')&lt;/script&gt; &amp; &quot;quoted&quot; `code` | pipe</code>" in html
    assert all(target.startswith("https://") for target in re.findall(r'href="([^"]*)"', html))


@pytest.mark.parametrize("text", ["`", "``a`", "a|b", "\\|", " ", "", "a\nb", "<!--", "![x](y)"])
def test_a_code_span_holds_anything(text: str) -> None:
    """Within a table, whatever the text: one cell, one code span, the same text."""
    table = MarkdownIt("commonmark").enable("table").render(f"| a |\n| --- |\n| {code(text)} |\n")
    shown = text.replace("\n", " ").replace("&", "&amp;").replace("<", "&lt;")
    assert re.findall(r"<td>(.*)</td>", table) == [f"<code>{shown.strip() or ' '}</code>"]


def test_it_is_never_larger_than_github_takes() -> None:
    """Thirty thousand findings stay below 1 MiB, and how many were left out is said."""
    many = [
        Checked(f"https://a.example/{number:05}", Verdict("broken", "404", "d" * 50), (sample.place("https://b.example/", 1, "t"),))
        for number in range(30_000)
    ]
    text = told(many)
    assert STEP_SUMMARY_BYTES * 0.9 < len(text.encode()) < STEP_SUMMARY_BYTES
    left_out = re.search(r"\*\*([\d,]+) more did not fit", text)
    assert left_out is not None
    assert int(left_out[1].replace(",", "")) + text.count("https://a.example/") // 2 == 30_000
