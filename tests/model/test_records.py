"""The records that travel."""

from __future__ import annotations

from linkhaul.model.columns import LINKS, PAGES, names
from linkhaul.model.records import FAILURE_KINDS, KINDS, Failure, Link, Page, Reply, Target, Visit
from linkhaul.model.times import iso

URL = "https://example.org/"
TARGET = Target(1, URL, "https://example.org")


def test_a_link_is_a_row() -> None:
    """The fields of a link are the columns of links, in their order."""
    assert list(Link._fields) == names(LINKS)


def test_columns_are_told_apart() -> None:
    """No table names a column twice, and each says what it means in a phrase."""
    for table in (LINKS, PAGES):
        assert len(set(names(table))) == len(table)
        assert all(column.meaning and not column.meaning.endswith(".") for column in table)


def test_a_kind_stands_for_itself() -> None:
    """Kinds of links and of failures are words that can be written in a flag, each once."""
    for words in (KINDS, FAILURE_KINDS):
        assert len(set(words)) == len(words)
        assert all(word == word.lower() and " " not in word for word in words)


def test_the_columns_name_the_kinds() -> None:
    """The meaning of `kind` lists every kind there is."""
    meaning = next(column.meaning for column in LINKS if column.name == "kind")
    assert [word for word in KINDS if word not in meaning] == []


def test_a_header_is_found_by_its_lower_case_name() -> None:
    """The first header of a name counts; what is not there is None."""
    reply = Reply(URL, headers=(("link", "a"), ("x", "1"), ("link", "b")))
    assert (reply.header("link"), reply.header("x"), reply.header("location")) == ("a", "1", None)


def test_a_visit_without_a_page_has_no_links() -> None:
    """A visit answers for its page, and for none."""
    failed = Visit(TARGET, URL, "failed", 0.0, failure=Failure("dns", "no such name"))
    assert (failed.url, failed.links, failed.title) == (URL, [], None)
    read = Visit(TARGET, URL, "ok", 0.0, page=Page(URL, URL, title="T"))
    assert (read.links, read.title) == ([], "T")


def test_pages_do_not_share_their_links() -> None:
    """Each page has a list of its own."""
    one, other = Page(URL, URL), Page(URL, URL)
    assert one.links is not other.links
    assert other.links == []


def test_times_are_utc_with_milliseconds() -> None:
    """A time is ISO 8601, rounded to the millisecond, never to a sixtieth second."""
    assert iso(1_700_000_000.0) == "2023-11-14T22:13:20.000Z"
    assert iso(0.0004) == "1970-01-01T00:00:00.000Z"
    assert iso(59.9996) == "1970-01-01T00:01:00.000Z"
    assert iso(951_782_400) == "2000-02-29T00:00:00.000Z"
