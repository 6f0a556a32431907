"""Write the parts of docs/ that are made from the code: the settings, the columns, the calls and the views of the run file.

::

    python tools/reference.py            # writes what has changed
    python tools/reference.py --check    # writes nothing; exit code 1 when a page is stale

A page is written by hand but for its blocks, each between ``<!-- made by tools/reference.py: NAME -->`` and
``<!-- end of NAME -->``.
"""

# ruff: noqa: INP001 - a script, no package
from __future__ import annotations

import inspect
import re
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

import linkhaul
from linkhaul import LinkhaulError, Run
from linkhaul.api.audits import AuditResult
from linkhaul.api.findings import CheckResult
from linkhaul.api.graphs import RunGraph
from linkhaul.api.tables import Table
from linkhaul.cli.flags import NOT_FOR_LISTS, size_text
from linkhaul.config import settings
from linkhaul.decide.audit.rule import WHERES, Rule
from linkhaul.decide.codes import CODES, VERDICT_MEANINGS
from linkhaul.insight.audit.rules import RULES
from linkhaul.insight.diff import DIFF
from linkhaul.insight.standing import ANCHORS, BOTTLENECKS, OUTSIDE, STANDING, TEMPLATES
from linkhaul.model.audit import AUDIT, SEVERITIES
from linkhaul.model.check import VERDICTS
from linkhaul.model.columns import FINDINGS, HOPS, HOSTS, LINKS, PAGES, URLS, Column
from linkhaul.setting import Setting
from linkhaul.store import schema

DOCS = Path(__file__).resolve().parents[1] / "docs"
BLOCK = re.compile(r"(?P<begin><!-- made by tools/reference\.py: (?P<name>[\w-]+) -->\n).*?(?P<end><!-- end of (?P=name) -->)", re.DOTALL)

PARTS = {
    "rows": "Which links become rows",
    "fetch": "How pages are asked for",
    "pace": "How hard",
    "crawl": "How far",
    "check": "What is broken: of use to `check` alone",
    "audit": "What is kept",
    "run": "The machine",
}

MEANINGS = {
    "links.url_id": "identity of the URL that the link leads to; the same in every run",
    "links.page_id": "identity of the page's own address",
    "links.visit": "number of the visit that read the page",
    "pages.url_id": "identity of the URL that was asked for; the same in every run",
    "pages.page_id": "identity of the address where it ended",
    "pages.visit": "number of the visit, from 1, in the order in which they ended",
    "pages.canonical": "the address that the page calls its canonical one",
    "pages.robots": "the words of meta robots and X-Robots-Tag",
    "urls.url": "the URL, without fragment",
    "urls.host": "scheme, host and port",
    "urls.state": "queued, done, recorded (known, not fetched) or withheld",
    "urls.reason": "why it is in that state; for a retry that waits: what went wrong the last time",
    "urls.depth": "clicks from the nearest source",
    "urls.found_via": "seed, link, redirect, sitemap, feed or canonical",
    "urls.found_on": "the page that it was found on first",
    "urls.attempts": "how often it was asked",
    "urls.id": "its identity: `url_id` and `page_id` elsewhere",
    "urls.parent_id": "identity of `found_on`",
    "urls.purpose": "page (its links are read) or check (only looked at)",
    "hops.asked": "the URL that was asked for first",
    "hops.n": "number of the redirect, from 1",
    "hops.url": "what was asked at this step",
    "hops.status": "the redirect's status",
    "hops.location": "where it pointed, absolute",
    "hops.visit": "number of the visit",
    "hosts.host": "scheme, host and port",
    "hosts.typed": "1 when the user named this host: it may be at a private address",
    "hosts.robots_status": "status of the answer to robots.txt",
    "hosts.robots_failure": "why robots.txt could not be had",
    "hosts.hold_until": "not asked before this time, seconds since 1970",
    "hosts.parked": "why the host is not asked at all",
    "hosts.id": "the host's number in this file",
}


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def default_of(setting: Setting) -> str:
    """Return a default as one would write it in linkhaul.toml; empty where there is none."""
    value = setting.default
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    shown = size_text(value) if setting.is_size else ",".join(value) if isinstance(value, tuple) else f"{value}"
    return f"`{shown}`"


def type_of(setting: Setting) -> str:
    """Return what a setting takes, in a word or two."""
    if setting.is_size:
        return "size"
    return {bool: "yes/no", int: "whole number", float: "seconds", tuple: "list"}.get(setting.type, "text")


def settings_tables() -> str:
    """Return a table for each part of the configuration, then those that a list has no use for."""
    heads = ("setting", "takes", "default", "meaning")
    apart = set(NOT_FOR_LISTS)
    texts = []
    for part, title in PARTS.items():
        own = [s for s in settings().values() if s.part == part and s.name not in apart]
        if own:
            texts.append(f"### {title}\n\n" + table(heads, map(_setting_row, own)))
    rows = [_setting_row(settings()[name]) for name in NOT_FOR_LISTS]
    texts.append(
        "### Not for lists\n\nThese say how a crawl goes on from page to page. `links` has no use for them.\n\n" + table(heads, rows)
    )
    return "\n".join(texts)


def _setting_row(setting: Setting) -> tuple[str, ...]:
    marks = [mark for mark, is_so in (("secret", setting.is_secret), ("output", setting.is_output_only)) if is_so]
    meaning = setting.meaning + (f" *({', '.join(marks)})*" if marks else "")
    return f"`{setting.name}`", type_of(setting), default_of(setting), meaning


def columns_table(columns: Sequence[Column]) -> str:
    """Return the table of one table's columns."""
    rows = [(f"`{c.name}`", c.type, "may be absent" if c.nullable else "", c.meaning) for c in columns]
    return table(("column", "type", "", "meaning"), rows)


def graph_tables() -> str:
    """Return a table of columns for each table of the link graph."""
    tables = {"pages` and `unreached": STANDING, "bottlenecks": BOTTLENECKS, "templates": TEMPLATES, "outside": OUTSIDE, "anchors": ANCHORS}
    return "\n".join(f"`{name}`:\n\n{columns_table(columns)}" for name, columns in tables.items())


def views_tables() -> str:
    """Return the version of the schema and a table for each view."""
    named = {f"links.{c.name}": c for c in LINKS} | {f"pages.{c.name}": c for c in PAGES}
    texts = [
        f"Schema version {schema.VERSION} (`PRAGMA user_version`); application id {schema.APPLICATION_ID:#x} (`PRAGMA application_id`).\n"
    ]
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(schema.TABLES + schema.VIEWS)
        views = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY rowid")]
        for view in views:
            columns = [name for _, name, *_ in database.execute(f"PRAGMA table_info({view})")]  # a name of our own schema
            if view in ("links", "pages"):
                columns = [name for name in columns if f"{view}.{name}" not in named]
                begin = f"### {view}\n\nThe columns of [{view}](columns.md#{view}), then:\n\n"
            else:
                begin = f"### {view}\n\n"
            texts.append(begin + table(("column", "meaning"), [(f"`{name}`", MEANINGS[f"{view}.{name}"]) for name in columns]))
    return "\n".join(texts)


def verdicts_tables() -> str:
    """Return a table for each verdict: its codes, what was seen, what to do."""
    texts = []
    for name in VERDICTS:
        rows = [(f"`{row.code}`", row.meaning, row.remedy) for row in CODES if row.name == name]
        texts.append(f"### {name}\n\n{VERDICT_MEANINGS[name]}\n\n" + table(("code", "what was seen", "what to do"), rows))
    return "\n".join(texts)


def calls_table() -> str:
    """Return a table of the public calls, with the first line of what their docstrings say."""
    calls = [getattr(linkhaul, name) for name in linkhaul.__all__ if inspect.isfunction(getattr(linkhaul, name))]
    return table(("call", "what it does"), [(f"`{_shown(call)}`", _first_line(call)) for call in calls])


def values_tables() -> str:
    """Return a table for each value that the calls give: what it holds and what can be asked of it."""
    texts = []
    for kind in (Run, Table, CheckResult, AuditResult, RunGraph):
        attributes = {name: meaning for each in reversed(kind.__mro__) for name, meaning in _attributes(each).items()}
        asked = {name: _first_line(found) for name, found in inspect.getmembers(kind) if not name.startswith("_") and found.__doc__}
        rows = [(f"`{name}`", meaning) for name, meaning in attributes.items() if name not in (*asked, "hold")]
        shown = {name: _shown(found) if callable(found := getattr(kind, name)) else name for name in asked}
        rows += [(f"`{shown[name]}`", said) for name, said in asked.items()]
        texts.append(f"### {kind.__name__}\n\n{_first_line(kind)}\n\n" + table(("name", "what it is"), rows))
    return "\n".join(texts)


def errors_table() -> str:
    """Return a table of the exceptions."""
    found = [getattr(linkhaul, name) for name in linkhaul.__all__]
    errors = [each for each in found if isinstance(each, type) and issubclass(each, LinkhaulError)]
    return table(("exception", "when", "exit code"), [(f"`{each.__name__}`", _first_line(each), f"{each.exit_code}") for each in errors])


def _shown(call: Callable[..., object]) -> str:
    """Return a call with the names of its arguments."""
    arguments = [argument for argument in inspect.signature(call).parameters.values() if argument.name != "self"]
    shown = ("**" * (argument.kind is inspect.Parameter.VAR_KEYWORD) + argument.name for argument in arguments)
    return f"{call.__name__}({', '.join(shown)})"


def _first_line(documented: object) -> str:
    return (inspect.getdoc(documented) or "").partition("\n")[0]


def _attributes(kind: type) -> dict[str, str]:
    """Return the attributes that a class's docstring names, each with the first sentence that it says of it."""
    section = re.search(r"^Attributes:\n((?: .*\n?|\n)+)", inspect.cleandoc(kind.__dict__.get("__doc__") or ""), re.MULTILINE)
    entries = re.findall(r"^    ([\w, ]+): ((?:.+\n?)(?:^     +.+\n?)*)", section[1] if section else "", re.MULTILINE)
    return {name: " ".join(text.split()) for names, text in entries for name in names.split(", ")}


def rules_sections() -> str:
    """Return a section for each rule of the audit, by severity, and a list of them before."""
    texts = [table(("rule", "severity", "what is wrong"), [(f"[{rule.id}](#{rule.id})", rule.severity, rule.what) for rule in RULES])]
    for severity in SEVERITIES:
        texts.append(f"## {severity.capitalize()}s\n")
        texts += [_rule_section(rule) for rule in RULES if rule.severity == severity]
    return "\n".join(texts)


def _rule_section(rule: Rule) -> str:
    name, address = rule.source
    needs = [NEEDED[need] for need in rule.needs]
    lines = [
        f"### {rule.id}\n", f"{rule.what}.\n", f"**Why**: {rule.why} Source: [{name}]({address}).\n", f"**To mend**: {rule.mend}\n",
        f"Applies to {WHERES[rule.where].meaning}{'; needs ' + ', '.join(needs) if needs else ''}.\n",
    ]  # fmt: skip
    return "\n".join(lines)


NEEDED = {
    "facts": "page facts", "whole": "a run that reached the whole site", "links": "the links that people follow", "sitemaps": "a sitemap that was read",
    "looked-for-sitemaps": "a crawl that looked for sitemaps", "outside": "a check of the links that lead outside", "probe": "a check", "graph": "the extra `graph`",
}  # fmt: skip

BLOCKS: dict[str, Callable[[], str]] = {
    "settings": settings_tables,
    "links": lambda: columns_table(LINKS),
    "pages": lambda: columns_table(PAGES),
    "urls": lambda: columns_table(URLS),
    "hops": lambda: columns_table(HOPS),
    "hosts": lambda: columns_table(HOSTS),
    "findings": lambda: columns_table(FINDINGS),
    "views": views_tables,
    "audit": lambda: columns_table(AUDIT),
    "diff": lambda: columns_table(DIFF),
    "graph": graph_tables,
    "calls": calls_table,
    "values": values_tables,
    "errors": errors_table,
    "verdicts": verdicts_tables,
    "rules": rules_sections,
}
PAGES_MADE = {
    "settings.md": ("settings",),
    "columns.md": ("links", "pages", "urls", "hops", "hosts", "findings", "audit", "diff", "graph"),
    "run-file.md": ("views",),
    "verdicts.md": ("verdicts",),
    "python.md": ("calls", "values", "errors"),
    "rules.md": ("rules",),
}
"""Which blocks stand in which page."""


def renewed(text: str) -> str:
    """Return a page with its blocks written anew; KeyError names a block that nobody makes."""
    return BLOCK.sub(lambda found: f"{found['begin']}\n{BLOCKS[found['name']]()}\n{found['end']}", text)


def stale(folder: Path = DOCS) -> dict[Path, str]:
    """Return the pages that differ from what the code says, each with its new text.

    Raises:
        ValueError: a page lacks one of its blocks.
    """
    found = {}
    for name, blocks in PAGES_MADE.items():
        path = folder / name
        text = path.read_text(encoding="utf-8")
        there = tuple(match["name"] for match in BLOCK.finditer(text))
        if there != blocks:
            raise ValueError(f"{path}: has the blocks {there}, not {blocks}")
        if (new := renewed(text)) != text:
            found[path] = new
    return found


def main(words: Sequence[str]) -> int:
    """Write the stale pages, or with --check only name them; return the exit code."""
    pages = stale()
    for path, text in pages.items():
        sys.stdout.write(f"{path.relative_to(DOCS.parent)}\n")
        if "--check" not in words:
            path.write_text(text, encoding="utf-8")
    return int(bool(pages) and "--check" in words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
