"""What became of the requests: outcomes, depth, times, sizes, redirects, hosts outside."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable

from msgspec import Struct

from linkhaul.insight.report.asked import MOST_BARS, MOST_ROWS, Asked, column, counted, grid, plot
from linkhaul.insight.report.touched import Touched
from linkhaul.model.columns import Column, Row
from linkhaul.model.report import Bar, Part, Plot
from linkhaul.store.reader import failures, outcomes

FROM_ELSEWHERE = 1_000_000
"""The depth of what no link led to, as the run file has it."""

_STATUSES = "SELECT status, count(*) FROM visit WHERE status IS NOT NULL AND found_via <> 'probe' GROUP BY status"
_DEPTHS = """
SELECT u.depth, count(*) FROM visit v JOIN url u ON u.visit = v.id WHERE v.outcome = 'ok' AND u.purpose = 'page' GROUP BY u.depth ORDER BY u.depth
"""
_OUTSIDE = """
SELECT h.host, count(DISTINCT l.id >> 20) AS pages, count(*), count(DISTINCT l.url_id)
FROM link l CROSS JOIN url u ON u.id = l.url_id CROSS JOIN host h ON h.id = u.host_id
WHERE l.form IN (SELECT id FROM form WHERE internal = 0 AND kind = 'page') GROUP BY h.id ORDER BY pages DESC, h.host
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


class Spread(Struct, frozen=True):
    """How some values lie: how many there are, what half and 95 % of them are at most, and how many there are of each step."""

    count: int
    half: float
    most: float
    steps: tuple[int, ...]


class Measured(Struct, frozen=True):
    """Something that is measured of many replies, and how it is told.

    Attributes:
        values: a query that gives it for each; `largest` one that gives rows of the largest.
        steps: where the bars of the plot end; `names` is what they are called.
        said: the sentence for what half of the values and 95 % of them are at most; `unsaid` the one for none.
    """

    anchor: str
    title: str
    values: str
    largest: str
    steps: tuple[float, ...]
    names: tuple[str, ...]
    plot: str
    unit: str
    table: tuple[str, str]
    columns: tuple[Column, ...]
    said: str
    unsaid: str
    told: Callable[[float], str]


def told_s(seconds: float) -> str:
    """Return a time for a person."""
    return f"{seconds * 1000:,.0f} ms" if seconds < 1 else f"{seconds:,.1f} s"


def told_kb(size: float) -> str:
    """Return a size for a person."""
    return f"{size / 1000:,.1f} kB"


TIMES = Measured(
    anchor="times", title="Response times",
    values="SELECT coalesce(wait_s, total_s) FROM visit WHERE status IS NOT NULL AND found_via <> 'probe'",
    largest="""
        SELECT url, coalesce(wait_s, total_s), total_s, bytes FROM visit WHERE status IS NOT NULL AND found_via <> 'probe'
        ORDER BY 2 DESC, url LIMIT ?
    """,
    steps=(0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0),
    names=("< 50 ms", "50–100", "100–200", "200–500", "0.5–1 s", "1–2 s", "2–5 s", "> 5 s"),  # noqa: RUF001 - ranges
    plot="Seconds to the first byte", unit="answers", table=("slowest", "The slowest answers"),
    columns=(
        URL,
        column("wait_s", "real", "seconds to the first byte"),
        column("total_s", "real", "seconds for the whole reply"),
        column("bytes", "integer", "its size"),
    ),
    said="Half of the answers began within {}, 95 % within {}.", unsaid="No answer came.", told=told_s,
)  # fmt: skip
SIZES = Measured(
    anchor="sizes", title="Sizes",
    values="SELECT bytes FROM visit WHERE outcome = 'ok'",
    largest="SELECT url, bytes, links, title FROM visit WHERE outcome = 'ok' ORDER BY bytes DESC, url LIMIT ?",
    steps=(5_000, 20_000, 50_000, 100_000, 250_000, 500_000, 1_000_000),
    names=("< 5 kB", "5–20", "20–50", "50–100", "100–250", "250–500", "0.5–1 MB", "> 1 MB"),  # noqa: RUF001 - ranges
    plot="Size of the HTML, unpacked", unit="pages", table=("largest", "The largest pages"),
    columns=(
        URL,
        column("bytes", "integer", "its size, unpacked"),
        column("links", "integer", "how many links it has"),
        column("title", "text", "its title"),
    ),
    said="Half of the pages have at most {} of HTML, 95 % at most {}.", unsaid="No page was read.", told=told_kb,
)  # fmt: skip


def spread(asked: Asked, what: Measured) -> Spread:
    """Return how the values lie. Cost: a sort of them, on disk where they are many."""
    count = asked.number(f"SELECT count(*) FROM ({what.values})")  # noqa: S608 - a query of our own
    half, most = (min(count - 1, int(count * share)) for share in (0.5, 0.95))
    marks, steps = {half: 0.0, most: 0.0}, [0] * (len(what.steps) + 1)
    for n, (value,) in enumerate(asked.rows(f"{what.values} ORDER BY 1")):
        steps[bisect_right(what.steps, value)] += 1
        if n in marks:
            marks[n] = value
    return Spread(count, marks[half], marks[most], tuple(steps))


def measured_part(asked: Asked, what: Measured, found: Spread) -> Part:
    """Return how something that is measured lies, and where it is largest."""
    said = what.said.format(what.told(found.half), what.told(found.most))
    bars = tuple(Bar(name, count) for name, count in zip(what.names, found.steps, strict=True))
    rest = asked.command("export --table pages", "pages.csv")
    table = grid(what.table, what.columns, asked.rows(what.largest, (FEW,)), total=found.count, rest=rest)
    return Part(what.anchor, what.title, (said if found.count else what.unsaid,), plots=(Plot(what.plot, bars, what.unit),), grids=(table,))


def redirect_part(asked: Asked, troubled: Iterable[Touched]) -> Part:
    """Return which addresses lead elsewhere."""
    columns = (
        URL,
        column("leads_to", "text", "where it ended"),
        column("redirects", "integer", "how many redirects there were"),
        column("for_good", "boolean", "every one of them says that it is for good (301 or 308)"),
        column("status", "integer", "the status at the end"),
        column("linking_pages", "integer", "how many pages link to the old address"),
        column("linked_from", "text", "one of them"),
    )
    rows: list[Row] = []
    count = chains = 0
    for each in troubled:
        if each.hops:
            count += 1
            chains += each.hops > 1
            if len(rows) < MOST_ROWS:
                rows.append((each.url, each.final_url, each.hops, each.is_permanent, each.status, each.pages, each.example))
    said = f"{counted(count, 'address leads', 'addresses lead')} elsewhere; {chains:,} by more than one redirect."
    table = grid(
        ("redirects", "Addresses that lead elsewhere"), columns, rows, total=count, rest=asked.command("export --table hops", "hops.csv")
    )
    return Part(
        "redirects",
        "Redirects",
        (said if count else "No address that was asked for leads elsewhere.",),
        grids=(table,) if count else (),
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
