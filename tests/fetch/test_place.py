"""A request is the bytes that stand for its URL, with what goes to all, to the host and to this one page."""

from __future__ import annotations

from linkhaul.fetch.place import Place


def test_conditions_stand_behind_all_other_headers() -> None:
    """For one request only: the next one is as it was."""
    place = Place("https://a.example", {"User-Agent": "x"}, None)
    headers = {"Cookie": "y"}
    plain = place.request("https://a.example/p?q", headers)
    assert plain == b"GET /p?q HTTP/1.1\r\nHost: a.example\r\nUser-Agent: x\r\nCookie: y\r\n\r\n"
    asked = place.request("https://a.example/p?q", headers, (("If-None-Match", '"t"'), ("If-Modified-Since", "d")))
    assert asked == plain[:-2] + b'If-None-Match: "t"\r\nIf-Modified-Since: d\r\n\r\n'
    assert place.request("https://a.example/p?q", headers) == plain


def test_what_the_user_sends_wins() -> None:
    """A condition that was given as a header is not sent twice."""
    place = Place("https://a.example", {}, None)
    asked = place.request("https://a.example/", {"if-none-match": "mine"}, (("If-None-Match", '"t"'),))
    assert asked == b"GET / HTTP/1.1\r\nHost: a.example\r\nif-none-match: mine\r\n\r\n"
