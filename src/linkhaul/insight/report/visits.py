"""What became of the requests: outcomes, depth, times, sizes, redirects, hosts outside."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from linkhaul.insight.report.asked import MOST_BARS, Asked, column, counted, grid, plot
from linkhaul.insight.report.touched import Touched
from linkhaul.model.columns import Row
from linkhaul.model.report import Bar, Part, Plot
from linkhaul.store.reader import failures, outcomes

TIMES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
TIME_NAMES = ("< 50 ms", "50–100", "100–200", "200–500", "0.5–1 s", "1–2 s", "2–5 s", "> 5 s")  # noqa: RUF001 - ranges
SIZES = (5_000, 20_000, 50_000, 100_000, 250_000, 500_000, 1_000_000)
SIZE_NAMES = ("< 5 kB", "5–20", "20–50", "50–100", "100–250", "250–500", "0.5–1 MB", "> 1 MB")  # noqa: RUF001 - ranges
FROM_ELSEWHERE = 1_000_000
"""The depth of what no link led to, as the run file has it."""

_STATUSES = "SELECT status, count(*) FROM visit WHERE status IS NOT NULL AND found_via <> 'probe' GROUP BY status"
_DEPTHS = """
SELECT u.depth, count(*) FROM visit v JOIN url u ON u.visit = v.id WHERE v.outcome = 'ok' AND u.purpose = 'page' GROUP BY u.depth ORDER BY u.depth
"""
_WAITS = "SELECT coalesce(wait_s, total_s) FROM visit WHERE status IS NOT NULL AND found_via <> 'probe'"
_SLOWEST = """
SELECT url, coalesce(wait_s, total_s), total_s, bytes FROM visit WHERE status IS NOT NULL AND found_via <> 'probe'
ORDER BY 2 DESC, url LIMIT ?
"""
_BYTES = "SELECT bytes FROM visit WHERE outcome = 'ok'"
_LARGEST = "SELECT url, bytes, links, title FROM visit WHERE outcome = 'ok' ORDER BY bytes DESC, url LIMIT ?"
_OUTSIDE = """
SELECT h.host, count(DISTINCT l.id >> 20) AS pages, count(*), count(DISTINCT l.url_id)
FROM form f CROSS JOIN link l ON l.form = f.id CROSS JOIN url u ON u.id = l.url_id CROSS JOIN host h ON h.id = u.host_id
WHERE f.internal = 0 AND f.kind = 'page' GROUP BY h.id ORDER BY pages DESC, h.host
"""
FEW = 25

URL = column("url", "text", "the address")


def outcome_part(asked: Asked) -> Part:
    """Return what became of the addresses that were asked for."""
    ended = outcomes(asked.connection)
    failed = failures(asked.connection)
    statuses = [(str(status), count) for status, count in asked.rows(_STATUSES)]
    columns = (
        column("why", "text", "the kind of failure, or the HTTP status"),
        column("addresses", "integer", "how many failed so"),
        column("example", "text", "one of them"),
        column("detail", "text", "what happened there, in a sentence"),
    )
    rows: list[Row] = [(kind, count, url, detail) for kind, count, url, detail in failed]
    return Part(
        "outcomes",
        "What became of the requests",
        (f"{counted(sum(ended.values()), 'address', 'addresses')} were asked for.",),
        plots=(plot("Outcomes", ended.items(), "addresses"), plot("HTTP statuses", statuses, "addresses")),
        grids=(grid(("failures", "What failed, by reason"), columns, rows, rest=asked.command("export --table pages", "pages.csv")),)
        if rows
        else (),
    )


def depth_part(asked: Asked) -> Part:
    """Return how deep the pages lie."""
    found: Counter[str] = Counter()
    for depth, count in asked.rows(_DEPTHS):
        name = "sitemap" if depth == FROM_ELSEWHERE else str(depth) if depth < MOST_BARS - 2 else f"{MOST_BARS - 2}+"
        found[name] += count
    bars = tuple(Bar(name, count) for name, count in found.items())
    return Part(
        "depth",
        "Depth",
        ("How many links lead from where the run began to each page that was read; “sitemap” stands for pages that only a sitemap named.",),
        plots=(Plot("Pages by depth", bars, "pages"),) if bars else (),
    )


def time_part(asked: Asked) -> Part:
    """Return how long answers took, as seen from where the run was made."""
    waits = sorted(wait for (wait,) in asked.rows(_WAITS))
    columns = (
        URL,
        column("wait_s", "real", "seconds to the first byte"),
        column("total_s", "real", "seconds for the whole reply"),
        column("bytes", "integer", "its size"),
    )
    said = f"Half of the answers began within {told_s(quantile(waits, 0.5))}, 95 % within {told_s(quantile(waits, 0.95))}."
    return Part(
        "times",
        "Response times",
        (said,) if waits else ("No answer came.",),
        plots=(_histogram("Seconds to the first byte", waits, TIMES, TIME_NAMES),),
        grids=(
            grid(
                ("slowest", "The slowest answers"),
                columns,
                asked.rows(_SLOWEST, (FEW,)),
                total=len(waits),
                rest=asked.command("export --table pages", "pages.csv"),
            ),
        ),
    )


def size_part(asked: Asked) -> Part:
    """Return how large the pages are."""
    sizes = sorted(size for (size,) in asked.rows(_BYTES))
    columns = (
        URL,
        column("bytes", "integer", "its size, unpacked"),
        column("links", "integer", "how many links it has"),
        column("title", "text", "its title"),
    )
    said = f"Half of the pages have at most {quantile(sizes, 0.5) / 1000:,.1f} kB of HTML, 95 % at most {quantile(sizes, 0.95) / 1000:,.1f} kB."
    return Part(
        "sizes",
        "Sizes",
        (said,) if sizes else ("No page was read.",),
        plots=(_histogram("Size of the HTML, unpacked", sizes, SIZES, SIZE_NAMES),),
        grids=(
            grid(
                ("largest", "The largest pages"),
                columns,
                asked.rows(_LARGEST, (FEW,)),
                total=len(sizes),
                rest=asked.command("export --table pages", "pages.csv"),
            ),
        ),
    )


def redirect_part(asked: Asked, troubled: Sequence[Touched]) -> Part:
    """Return which addresses lead elsewhere."""
    moved = [each for each in troubled if each.hops]
    columns = (
        URL,
        column("leads_to", "text", "where it ended"),
        column("redirects", "integer", "how many redirects there were"),
        column("for_good", "boolean", "every one of them says that it is for good (301 or 308)"),
        column("status", "integer", "the status at the end"),
        column("linking_pages", "integer", "how many pages link to the old address"),
        column("linked_from", "text", "one of them"),
    )
    rows: list[Row] = [(each.url, each.final_url, each.hops, each.is_permanent, each.status, each.pages, each.example) for each in moved]
    chains = sum(each.hops > 1 for each in moved)
    said = f"{counted(len(moved), 'address leads', 'addresses lead')} elsewhere; {chains:,} by more than one redirect."
    return Part(
        "redirects",
        "Redirects",
        (said if moved else "No address that was asked for leads elsewhere.",),
        grids=(grid(("redirects", "Addresses that lead elsewhere"), columns, rows, rest=asked.command("export --table hops", "hops.csv")),)
        if rows
        else (),
    )


def outside_part(asked: Asked) -> Part:
    """Return the hosts that links lead out to. Cost: a pass over the links that leave the site, sorted by host."""
    columns = (
        column("host", "text", "scheme, host and port"),
        column("pages", "integer", "how many pages link there"),
        column("links", "integer", "how many links lead there"),
        column("addresses", "integer", "how many addresses of it are linked"),
    )
    table = grid(
        ("outside", "Hosts that links lead out to"),
        columns,
        asked.rows(_OUTSIDE),
        rest=asked.command("graph --metric outside", "outside.csv"),
    )
    said = f"Links lead out to {counted(table.total, 'host')}." if table.total else "No link leads out of the site."
    return Part("outside", "Hosts outside", (said,), grids=(table,) if table.total else ())


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which that share of the values lies; 0 where there is none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def told_s(seconds: float) -> str:
    """Return a time for a person."""
    return f"{seconds * 1000:,.0f} ms" if seconds < 1 else f"{seconds:,.1f} s"


def _histogram(title: str, values: Sequence[float], steps: Sequence[float], names: Sequence[str]) -> Plot:
    counts = Counter(bisect_right(steps, value) for value in values)
    return Plot(title, tuple(Bar(name, counts[n]) for n, name in enumerate(names)), "answers" if steps is TIMES else "pages")
