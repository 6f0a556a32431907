"""A report as a hostile site would make it, for the tests of every format."""

from __future__ import annotations

from linkhaul.model.columns import Column
from linkhaul.model.report import Bar, Edge, Grid, Health, Node, Number, Part, Picture, Plot, Report

SCRIPT = "<script>alert('1')</script> & \"quoted\" `code` | pipe"
ESCAPES = "\x1b[31mred\x1b]8;;https://evil.example\x07click"
TURNED = "\u202egnp.exe\u2066 \u05e9\u05dc\u05d5\u05dd"
SITE = "https://shop.example"
COLUMNS = (
    Column("url", "text", True, 'the "address"'),
    Column("title", "text", True, "its title"),
    Column("pages", "integer", True, "how many pages"),
    Column("score_percent", "real", True, "how much"),
    Column("for_good", "boolean", True, "whether"),
)
HOSTILE = (
    ("javascript:alert(1)", SCRIPT, 1, 0.5, True),
    ("data:text/html,<b>", ESCAPES, 20, 1234.5, False),
    (f"{SITE}/?a=1&b='<\"", TURNED, 3, None, None),
    (f"{SITE}/" + "a" * 3_000, "404", 4, 2.0, True),
    ("ftp://files.example/", "@somebody #12 [x](y)", 5, 0.0, True),
    (" https://space.example/", "broken", None, 7.25, False),
    (None, None, None, None, None),
    (f"{SITE}/z", "zeta", 100, 3.0, True),
    (f"{SITE}/y", "eta", 9, 4.0, True),
    (f"{SITE}/x", "theta", 10, 5.0, True),
)


def report() -> Report:
    """Return it."""
    grid = Grid("pages", f"Pages {SCRIPT}", COLUMNS, HOSTILE, 5_000, "linkhaul graph 'a b.run' -o graph.csv")
    short = Grid("few rows", "A few", COLUMNS[:1], ((SITE,),), 1)
    plot = Plot("Outcomes", (Bar("ok", 10), Bar(SCRIPT, 3), Bar("404", 0)), "addresses")
    nodes = (Node("/guide/", 30), Node(SCRIPT, 5), Node(TURNED, 1), Node("/shop/", 0))
    picture = Picture("Sections", nodes, (Edge(0, 1, 5), Edge(0, 3, 500)), 3)
    return Report(
        title=f"{SITE} {SCRIPT}",
        about=(("Run file", f"{ESCAPES}.run"),),
        health=Health(
            "look", f"The site is mostly healthy: {SCRIPT}.", ("A note.",), (Number("pages read", "35", "of 36"), Number("links", "70"))
        ),
        parts=(
            Part("mend", "What to mend first", (f"Since {SCRIPT}: 1 change.",), grids=(grid, short)),
            Part("outcomes", "Outcomes", plots=(plot, Plot("None", ()))),
            Part("links", "Links", picture=picture),
        ),
    )
