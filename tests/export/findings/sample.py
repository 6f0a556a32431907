"""A fixed list of findings, as a hostile site would make them, for the golden files of every format."""

from __future__ import annotations

from pathlib import Path

from linkhaul.export.findings.context import Context, Rules
from linkhaul.model.check import Checked, Coverage, Place, Suggestion, Verdict

ROOT = Path("/srv/site")
SITE = "https://shop.example"
ESCAPES = "\x1b[31mred\x1b]8;;https://evil.example\x07click\x1b]8;;\x07"
SCRIPT = "<script>alert('1')</script> & \"quoted\" `code` | pipe"
LINES = "two\r\nlines\u2028three ::error::no ##[error]no %0A"
TURNED = "\u202egnp.exe\u2066 \u05e9\u05dc\u05d5\u05dd"
LONG = f"{SITE}/long/" + "a" * 3_000 + "?q=\u00e9"


def place(page: str, n: int, text: str, line: int | None = None, column: int | None = None) -> Place:
    """Return a link's place."""
    return Place(page, n, "raw", text, "page", "a", "href", line=line, column=column)


def everything() -> list[Checked]:
    """Return findings of every verdict, sorted by URL as a check gives them."""
    docs = f"{ROOT.as_uri()}/docs"
    missing = Verdict("broken", "404", "404 Not Found, asked twice, 31 s apart", 404, tries=2)
    found = [
        Checked(f"{SITE}/", Verdict("ok", "200", "200 OK", 200, tries=1), (place(f"{SITE}/a", 1, "Home"), place(f"{SITE}/b", 1, "Home"))),
        Checked(f"{SITE}/gone", missing, (place(f"{SITE}/a", 2, SCRIPT), place(f"{SITE}/b?x=1&y=<2>", 7, ESCAPES)), Suggestion(f"{SITE}/here", "a permanent redirect led there")),
        Checked(f"{SITE}/menu", missing, tuple(place(f"{SITE}/p{number}", 3, "Menu") for number in range(1, 9))),
        Checked(f"{docs}/gone.md#top|`x`", Verdict("broken", "file", "there is no such file", tries=1), (place(f"{docs}/a%20b,c.md", 4, LINES, 12, 5), place(f"{docs}/guide.md", 9, "", 7))),
        Checked(f"{SITE}/page#nowhere", Verdict("broken", "fragment", "the page has no id or name 'nowhere'", 200, tries=1), (place(f"{docs}/guide.md", 2, TURNED, 3, 14),)),
        Checked(LONG, Verdict("soft-404", "made-up", "answers 200 as to an address that was made up", 200, tries=1), (place(f"{SITE}/a", 9, "t" * 200),)),
        Checked("https://old.example/known", missing, (place(f"{SITE}/a", 10, "Known"),), is_known=True),
        Checked(f"{SITE}/moved", Verdict("redirected", "permanent", "301 to the address to write instead", 200, f"{SITE}/new", f"{SITE}/new", 1), (place(f"{SITE}/a", 11, "Moved"), place(f"{SITE}/b", 12, "Moved"))),
        Checked(f"{SITE}/for-now", Verdict("redirected", "temporary", "302 to another address", 200, f"{SITE}/now", None, 1), (place(f"{SITE}/a", 12, "For now"),)),
        Checked("https://wall.example/", Verdict("blocked", "challenge", "a challenge of Cloudflare refuses programs", 403, tries=2), (place(f"{SITE}/a", 13, "Wall"),)),
        Checked("https://slow.example/@all/#1", Verdict("unreachable", "read-timeout", "no answer within 15 s, asked 3 times", tries=3), (place(f"{SITE}/b", 14, "Slow @all #1"),)),
        Checked("https://members.example/", Verdict("needs-login", "401", "401 Unauthorized", 401, tries=1), (place(f"{docs}/guide.md", 5, "Members", 21, 2),)),
        Checked("https://no-robots.example/", Verdict("not-checked", "robots", "robots.txt says no"), (place(f"{SITE}/a", 16, "Private"),)),
        Checked("file://[not a url", Verdict("broken", "bad-url", "the link's text is no URL"), (place(f"{docs}/guide.md", 6, "No URL", 30, 1),)),
        Checked("https://source.example/\x9b31m", Verdict("broken", "dns", "no such host\x07", tries=2), ()),
    ]  # fmt: skip
    return sorted(found, key=lambda each: each.url)


def coverage() -> Coverage:
    """Return the coverage of these findings."""
    counts: dict[str, int] = {}
    for each in everything():
        counts[each.verdict.name] = counts.get(each.verdict.name, 0) + 1
    links = sum(len(each.places) for each in everything())
    return Coverage(13, links, len(everything()), counts, {"challenge": 1, "read-timeout": 1, "401": 1, "robots": 1})


def context(redirects: str = "warn", *, is_terminal: bool = False) -> Context:
    """Return what the tellings are given besides."""
    rules = Rules(frozenset({"broken", "soft-404"}), redirects)  # type: ignore[arg-type]
    return Context(f"{SITE}/ <b>\x1b[2J", "2026-11-22T09:43:48.120Z", rules, "0.1.0", ROOT, is_terminal)
