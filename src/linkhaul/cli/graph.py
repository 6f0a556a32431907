"""`linkhaul graph`: how a site hangs together by its links."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from linkhaul.cli.answers import answer, run_argument
from linkhaul.cli.export import output_options, write
from linkhaul.cli.fetching import is_terminal
from linkhaul.cli.flags import Verb, option
from linkhaul.cli.talk import Talk
from linkhaul.errors import UsageError

WHAT = "What"
WEIGHING = "The link score"
MOST_ROWS = 40
METRICS = ("pages", "unreached", "bottlenecks", "templates", "outside", "anchors")
SHOWN: dict[str, tuple[tuple[str, ...], tuple[float, ...]]] = {
    "pages": (("score", "clicks", "in_pages", "in_content", "out_pages", "url"), (0.1, 0.08, 0.1, 0.1, 0.1, 0.52)),
    "unreached": (("score", "in_pages", "out_pages", "read", "url"), (0.1, 0.1, 0.1, 0.08, 0.62)),
    "bottlenecks": (("pages_behind", "clicks", "url"), (0.15, 0.1, 0.75)),
    "templates": (("share", "pages", "region", "url"), (0.1, 0.1, 0.1, 0.7)),
    "outside": (("pages", "links", "urls", "host"), (0.1, 0.1, 0.1, 0.7)),
    "anchors": (("links", "pages", "follow", "text"), (0.1, 0.1, 0.1, 0.7)),
}
EPILOG = """\b
Examples:
  linkhaul graph site.run                                the pages, the highest link score first
  linkhaul graph site.run --path https://example.org/a   the shortest way there
  linkhaul graph site.run --metric unreached -o lost.csv
  linkhaul graph site.run -o site.graphml                for yEd, Cytoscape or networkx; .gexf for Gephi, .dot for Graphviz
  linkhaul graph site.run --weight footer=0.2 --weight nav=0.5"""


@click.command("graph", cls=Verb, epilog=EPILOG)
@run_argument
@option(
    "--metric",
    type=click.Choice(METRICS),
    default="pages",
    section=WHAT,
    help="pages (clicks, links in and out, score), unreached, bottlenecks, templates, outside (hosts) or anchors (with --of) [pages]",
)
@option("--path", "way_to", metavar="URL", section=WHAT, help="instead: the shortest way to this page from where the run began")
@option("--of", metavar="URL", section=WHAT, help="the page whose anchors are told")
@option(
    "--damping",
    type=float,
    default=0.85,
    section=WEIGHING,
    help="the share of steps that follow a link; the rest begins anew anywhere [0.85]",
)
@option("--nofollow", type=float, default=0.0, section=WEIGHING, help="how much a nofollow link counts; others count 1 [0]")
@option(
    "--weight",
    "weights",
    metavar="REGION=NUMBER",
    multiple=True,
    section=WEIGHING,
    help="how much links in nav, header, footer, main, aside or body count [1]",
)
@output_options(must=False)
@click.pass_obj
def graph(talk: Talk, /, *, run_file: str, metric: str, out: str | None, **given: Any) -> int:
    """Say how a site hangs together: clicks, link score, ways, bottlenecks.

    Pages are what the run in the file RUN knows of its site, and links between them are counted where they stand. Without -o a terminal
    shows the first rows and a pipe gets CSV; a graph program's file (.graphml, .gexf, .dot) holds the whole graph.
    """
    from linkhaul.api.doors import open_run

    regions = dict(_weight(text) for text in given["weights"])
    found = open_run(run_file).graph(damping=given["damping"], nofollow=given["nofollow"], regions=regions)
    way_to, of = given["way_to"], given["of"]
    if way_to is not None:
        return _tell_way(talk, way_to, found.path(way_to))
    if (metric == "anchors") != (of is not None):
        raise UsageError("--metric anchors and --of URL belong together: linkhaul graph RUN --metric anchors --of URL")
    suffix = Path(out or "").suffix.lstrip(".").lower()
    if given["format"] in ("graphml", "gexf", "dot") or (given["format"] is None and suffix in ("graphml", "gexf", "dot")):
        return _write_graph(talk, found, out, given)
    table = found.anchors(of) if of is not None else getattr(found, metric)
    if out is None and given["format"] is None and is_terminal(sys.stdout):
        _show(talk, metric, [column.name for column in table.columns], table)
    else:
        write(talk, (metric, table.columns), table, out, given)
    return 0


def _weight(text: str) -> tuple[str, float]:
    region, _, number = text.partition("=")
    try:
        return region.strip().lower(), float(number)
    except ValueError:
        raise UsageError(f"--weight {text}: write it as REGION=NUMBER, such as footer=0.2") from None


def _tell_way(talk: Talk, url: str, way: Sequence[str]) -> int:
    if not way:
        talk.say(f"no way of links leads to {url} from where the run began", "yellow")
        return 1
    answer(f"{clicks:>4}  {step}" for clicks, step in enumerate(way))
    return 0


def _write_graph(talk: Talk, found: Any, out: str | None, given: Any) -> int:
    if out is None:
        raise UsageError("a graph is written to a file: -o site.graphml")
    found.write(out, format=given["format"], overwrite=given["overwrite"])
    graph = found.standing.graph
    talk.say(f"{graph.size:,} pages and {len(graph.source):,} links written to {out}", "green")
    return 0


def _show(talk: Talk, metric: str, columns: list[str], rows: Iterable[Sequence[object]]) -> None:
    """Show the first rows in the terminal."""
    from linkhaul.cli.table import Paper

    names, shares = SHOWN[metric]
    places = [columns.index(name) for name in names]
    paper, count = Paper(), 0
    for row in rows:
        if count == 0:
            paper.cells(list(names), "bold", shares)
        if count == MOST_ROWS:
            talk.say(f"the first {MOST_ROWS} are shown; '-o {metric}.csv' writes all of them with all columns")
            break
        paper.cells([_text(row[place]) for place in places], shares=shares)
        count += 1
    if not count:
        talk.say(f"there are none: the run has no {metric}", "yellow")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
