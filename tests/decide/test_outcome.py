"""How a visit ends."""

from __future__ import annotations

import pytest

from linkhaul.decide.outcome import outcome_of
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
    ("content_type", "body", "outcome"), [("application/pdf", b"<p>", "not-html"), (None, b"<p>", "ok"), (None, b"x", "not-html")]
)
def test_the_type_decides_or_the_first_tag(content_type: str | None, body: bytes, outcome: str) -> None:
    """A success is a page by its named type, or by its first tag where it names none."""
    headers = (("content-type", content_type),) if content_type else ()
    assert outcome_of(Reply("http://x/", 200, headers, body)) == outcome
