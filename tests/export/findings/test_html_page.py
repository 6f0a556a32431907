"""The HTML page: one file, harmless, and readable by everyone."""

from __future__ import annotations

import io
from html.parser import HTMLParser

from tests.export.findings import sample
from tests.export.sealed import assert_sealed

from linkhaul.export.findings.formats import writer
from linkhaul.model.check import Checked, Verdict

VOID = {"meta", "input", "br"}


class Page(HTMLParser):
    """What a page holds: its elements with attributes, its texts, and what is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"never closed: {tag}" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"closed out of order: {tag}")

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page(checked: list[Checked] | None = None) -> Page:
    """Return the page of the sample, or of other findings, parsed."""
    stream = io.StringIO(newline="")
    writer("html")(sample.everything() if checked is None else checked, sample.coverage(), sample.context(), stream)
    return Page(stream.getvalue())


def test_what_comes_from_the_web_stays_text() -> None:
    """Every element is ours and closed in order; there is one script, and what a page called one is text."""
    found = page()
    assert found.faults == []
    assert len(found.all("script")) == len(found.all("style")) == 1
    assert not any(name.startswith("on") or name in ("style", "src", "srcset") for _, attributes in found.elements for name in attributes)
    assert any("<script>alert('1')</script> & \"quoted\"" in text for tag, text in found.texts if tag == "bdi")
    assert all(link["href"].startswith(("#", "https://")) for link in found.all("a"))
    assert all("noopener" in link["rel"] for link in found.all("a") if not link["href"].startswith("#"))


def test_the_policy_lets_only_our_own_run() -> None:
    """Nothing may be loaded; the policy names the digests of just the style and the script that are there."""
    assert_sealed(page())


def test_it_can_be_read_by_everyone() -> None:
    """A language, a title, headings in order, a caption and scopes for each table, a name for each field; dark and print are cared for."""
    found = page()
    tags = [tag for tag, _ in found.elements]
    assert found.all("html") == [{"lang": "en"}]
    assert tags.count("title") == tags.count("h1") == tags.count("main") == 1
    assert tags.count("caption") == tags.count("table") > 3
    assert all(head.get("scope") in ("col", "row", "rowgroup") for head in found.all("th"))
    assert tags[tags.index("input") - 1] == "label"
    anchors = {link["href"][1:] for link in found.all("a") if link["href"].startswith("#")}
    assert anchors == {heading["id"] for heading in found.all("h2")}
    style = next(text for tag, text in found.texts if tag == "style")
    assert all(media in style for media in ("prefers-color-scheme: dark", "@media print"))


def test_a_link_on_a_thousand_pages_takes_little_room() -> None:
    """The places of one finding are folded, and no more than some of them are in the page."""
    menu = Checked(
        "https://a.example/menu",
        Verdict("broken", "404", "gone"),
        tuple(sample.place(f"https://a.example/{n}", 1, "m") for n in range(1_000)),
    )
    found = page([menu])
    assert len(found.all("details")) == 1
    assert len(found.all("li")) < 110
    assert any("and 900 more" in text for _, text in found.texts)
