"""What a check keeps of a reply."""

from __future__ import annotations

from linkhaul.crew.looking import Wish, look
from linkhaul.model.check import Seen, Signs
from linkhaul.model.records import Reply
from linkhaul.read.html import read_page
from linkhaul.read.options import ReadOptions

HTML = (("content-type", "text/html"),)
BODY = b"<!doctype html><title>Not found</title><p id=here>Nothing of this name is here.<a name=old>"


def test_a_document_that_was_read_tells_what_its_bytes_tell() -> None:
    """Where the page was read from its document is looked at, and shows the same."""
    reply = Reply("https://a.example/x", 200, HTML, BODY)
    wish = Wish(anchors=True)
    seen = look(reply, wish)
    page = read_page(BODY, reply.url, HTML, options=ReadOptions(document=True))
    assert look(reply, wish, page.document) == seen
    assert (seen.anchors, seen.says_missing, seen.signs.words) == (("here", "old"), True, 6)


def test_only_what_is_wished_for_is_kept() -> None:
    """Ids are kept where they are wanted, and of a reply without a body nothing but its headers."""
    assert look(Reply("https://a.example/x", 200, HTML, BODY), Wish(is_part=True)).anchors is None
    assert look(Reply("https://a.example/x", 404, (("server", "x"),)), Wish()) == Seen(Signs(headers=(("server", "x"),)))
