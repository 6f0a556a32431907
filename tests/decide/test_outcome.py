"""How a visit ends, and what is HTML."""

from __future__ import annotations

import pytest

from linkhaul.decide.outcome import is_html, media_type, outcome_of
from linkhaul.model.records import FAILURE_KINDS, Failure, FailureKind, Reply

HTML = (("content-type", "text/html"),)


@pytest.mark.parametrize("kind", FAILURE_KINDS)
def test_a_failure_goes_before_the_status(kind: FailureKind) -> None:
    """A refusal of ours is 'refused', every other failure 'failed', with a 200 beside it too."""
    expected = "refused" if kind in {"robots", "guard"} else "failed"
    assert outcome_of(Reply("http://x/", 200, HTML, b"<p>", failure=Failure(kind, ""))) == expected


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "ok"),
        (203, "ok"),
        (300, "ok"),
        (204, "not-html"),
        (205, "not-html"),
        (304, "not-html"),
        (400, "http-error"),
        (404, "http-error"),
        (999, "http-error"),
    ],
)
def test_status_decides(status: int, outcome: str) -> None:
    """What carries a page is ok; what by its status has no body is none, whatever is sent; 400 and above are errors."""
    assert outcome_of(Reply("http://x/", status, HTML, b"<p>x")) == outcome


def test_a_document_from_disk_is_judged_by_its_type() -> None:
    """No status and no failure is a file: HTML when its type says so."""
    assert outcome_of(Reply("file:///x.html", None, HTML, b"")) == "ok"
    assert outcome_of(Reply("file:///x.png", None, (("content-type", "image/png"),), b"")) == "not-html"


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("text/html", b"", True),
        ("TEXT/HTML ; charset=x", b"", True),
        ("application/xhtml+xml", b"", True),
        ("text/plain", b"<html>", False),
        ("application/pdf", b"<html>", False),
        ("application/xml", b"<html>", False),
        (None, b"", False),
        (None, b"  \r\n<!DocType HTML>", True),
        (None, b"<html lang=en>", True),
        (None, b"<htmlx>", False),
        (None, b"\xef\xbb\xbf<p>x", True),
        (None, b"<!-- x -->", True),
        (None, b"<a href=/>", True),
        (None, b"hello <a>", False),
        (None, b"%PDF-1.4", False),
        ("*/*", b"<body>", True),
        ("html", b"<title>x", True),
    ],
)
def test_html_by_type_or_by_first_tag(content_type: str | None, body: bytes, expected: bool) -> None:
    """The named type decides; only where none is named does the first tag."""
    assert is_html(content_type, body) is expected


def test_media_type_is_bare() -> None:
    """Parameters, case and absence do not travel on."""
    assert media_type("Text/HTML;charset=utf-8") == "text/html"
    assert media_type(None) == ""
