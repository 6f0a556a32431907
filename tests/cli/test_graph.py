"""`linkhaul graph`: how a site hangs together by its links."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import pytest

from linkhaul.api.doors import open_run

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def crawled(linkhaul: Command, site: str) -> str:
    """Crawl the demo site and return its address."""
    assert linkhaul("crawl", "-q", f"{site}/", "--run", "site.run", "-o", "links.csv")[0] == 0
    return site


def _table(out: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(out, newline="")))


def test_a_pipe_gets_the_pages(linkhaul: Command, crawled: str) -> None:
    """The page with the highest score first; the start page is no click away."""
    code, out, _ = linkhaul("graph", "site.run")
    rows = _table(out)
    assert code == 0
    assert [float(row["score"]) for row in rows] == sorted((float(row["score"]) for row in rows), reverse=True)
    assert {row["url"]: row["clicks"] for row in rows}[f"{crawled}/"] == "0"


@pytest.mark.parametrize("metric", ["unreached", "bottlenecks", "templates", "outside"])
def test_each_table_can_be_had(linkhaul: Command, crawled: str, metric: str) -> None:
    """With its own columns, equal to what Python gives."""
    code, out, _ = linkhaul("graph", "site.run", "--metric", metric)
    assert code == 0
    assert len(_table(out)) == len(list(getattr(open_run("site.run").graph(), metric)))


def test_the_way_to_a_page(linkhaul: Command, crawled: str) -> None:
    """One line a click; exit 1 and a sentence where no way leads."""
    rows = _table(linkhaul("graph", "site.run")[1])
    far = max((row for row in rows if row["clicks"]), key=lambda row: int(row["clicks"]))
    code, out, _ = linkhaul("graph", "site.run", "--path", far["url"])
    assert code == 0
    assert len(out.splitlines()) == int(far["clicks"]) + 1
    assert out.splitlines()[-1].endswith(far["url"])
    assert linkhaul("graph", "site.run", "--path", f"{crawled}/never")[0] == 2
    lost = [row["url"] for row in rows if not row["clicks"]]
    assert lost
    assert linkhaul("graph", "site.run", "--path", lost[0])[0] == 1


def test_a_file_for_graph_programs(linkhaul: Command, crawled: str, folder: Path) -> None:
    """GraphML by its suffix; the same nodes and edges as `to_networkx` gives."""
    code, _, err = linkhaul("graph", "site.run", "-o", "site.graphml")
    assert code == 0
    assert "pages and" in err
    written, direct = nx.read_graphml(folder / "site.graphml"), open_run("site.run").graph().to_networkx()
    assert {node["url"] for node in written.nodes.values()} == set(direct.nodes)
    assert written.number_of_edges() == direct.number_of_edges() > 0


def test_anchors_need_a_page(linkhaul: Command, crawled: str) -> None:
    """The texts of the links to it; alone each of the two flags is refused."""
    code, out, _ = linkhaul("graph", "site.run", "--metric", "anchors", "--of", "/")
    assert code == 0
    assert list(_table(out)[0]) == ["text", "links", "pages", "follow"]
    assert linkhaul("graph", "site.run", "--metric", "anchors")[0] == 2
    assert linkhaul("graph", "site.run", "--of", "/")[0] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--weight", "footer"), "REGION=NUMBER"),
        (("--weight", "top=1"), "no region"),
        (("--damping", "1"), "at least 0 and below 1"),
        (("--nofollow", "-1"), "0 or more"),
        (("--format", "dot"), "-o site.graphml"),
    ],
)
def test_what_cannot_be_meant(linkhaul: Command, crawled: str, words: tuple[str, ...], said: str) -> None:
    """Exit 2 and a sentence that says what to write."""
    code, _, err = linkhaul("graph", "site.run", *words)
    assert code == 2
    assert said in err


def test_a_run_file_that_is_none(linkhaul: Command, folder: Path) -> None:
    """Exit 3, as for every verb that asks a run."""
    (folder / "x.run").write_text("no")
    assert linkhaul("graph", "x.run")[0] == 3
