"""`linkhaul diff`: what has changed between two runs of the same site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import click

from linkhaul.cli.answers import answer
from linkhaul.cli.clean import clean
from linkhaul.cli.export import output_options, write
from linkhaul.cli.flags import Verb, option
from linkhaul.cli.talk import Talk
from linkhaul.errors import UsageError

WHICH = "Which"
MOST_LINES = 200
WORDS = {
    "came": "came",
    "went": "went",
    "changed": "changed",
    "moved": "moved",
    "unlinked": "no longer linked",
    "unknown": "not reached this time",
}
FAIL_ON_HELP = "exit 1 when there is one of these: came, went, changed, moved, unlinked, unknown, or any"
EPILOG = """\b
Examples:
  linkhaul diff last-week.run today.run
  linkhaul diff last-week.run today.run -o changes.csv
  linkhaul diff last-week.run today.run --format markdown
  linkhaul diff last-week.run today.run --fail-on went,moved       exit 1 when a page or link went or moved"""


@click.command("diff", cls=Verb, epilog=EPILOG)
@click.argument("old_run", metavar="OLD", type=click.Path())
@click.argument("new_run", metavar="NEW", type=click.Path())
@option("--only", type=click.Choice(["page", "link"]), section=WHICH, help="only changes of pages, or only of links")
@option("--fail-on", metavar="CHANGES", section=WHICH, help=FAIL_ON_HELP)
@output_options(must=False)
@click.pass_obj
def diff(talk: Talk, /, *, old_run: str, new_run: str, **given: Any) -> int:
    """Say what has changed between two runs of the same site: from the one in the file OLD to the one in NEW.

    Pages and links that came, went, moved or say something else. A page that was not reached this time is never said to be gone. Without -o
    it is told in words; --format text, markdown or json choose how, and the table formats give a row for each change.
    """
    from linkhaul.insight.diff import CHANGES

    return compare(talk, (Path(old_run), Path(new_run)), wanted_changes(given["fail_on"], CHANGES), given)


def compare(talk: Talk, runs: tuple[Path, Path], wanted: set[str], given: Mapping[str, Any]) -> int:
    """Tell what has changed from an older run to a newer one, and return the exit code: 1 when a wanted change is there.

    Args:
        given: out, format, overwrite and, where there is such a flag, only, as the command line has them.
    """
    from linkhaul.insight.diff import DIFF, differences
    from linkhaul.store.opening import open_to_read, sound

    (old_path, new_path), only, out = runs, given.get("only"), given["out"]
    found: Counter[tuple[str, str]] = Counter()
    with closing(open_to_read(old_path)) as old, closing(open_to_read(new_path)) as new, sound(old_path), sound(new_path):
        rows = _counted((row for row in differences(old, new) if only in (None, row.what)), found)
        if out is None and given["format"] in (None, "text"):
            _tell(talk, rows, found)
        elif given["format"] in _DOCUMENTS:
            _write_text(out, _DOCUMENTS[given["format"]](rows, found), overwrite=given["overwrite"])
        else:
            write(talk, ("diff", DIFF), rows, out, given)
    return 1 if any(change in wanted for _, change in found) else 0


def wanted_changes(text: str | None, known: Iterable[str]) -> set[str]:
    """Return the changes that a list names.

    Raises:
        UsageError: one of them is none.
    """
    names = {word.strip() for word in (text or "").split(",") if word.strip()}
    if "any" in names:
        return set(known)
    for name in sorted(names - set(known)):
        raise UsageError(f"--fail-on {name}: there is no such change; there are {', '.join(known)}, and any for all of them")
    return names


def _counted(rows: Iterable[Any], found: Counter[tuple[str, str]]) -> Iterator[Any]:
    for row in rows:
        found[row.what, row.change] += 1
        yield row


def _tell(talk: Talk, rows: Iterable[Any], found: Counter[tuple[str, str]]) -> None:
    """Tell the changes in words, page by page, and then how many there are."""
    shown, page = 0, None
    for row in rows:
        if shown >= MOST_LINES:
            continue  # they are counted nonetheless
        if row.what == "link" and row.page_url != page:
            answer([f"on {row.page_url}"])
            page = row.page_url
        answer([_line(row)])
        shown += 1
    total = sum(found.values())
    if total > shown:
        talk.say(f"the first {shown} of {total:,} changes are shown; '-o changes.csv' writes all of them", "yellow")
    talk.say(_summary(found), "green")


def _summary(found: Counter[tuple[str, str]]) -> str:
    if not found:
        return "nothing has changed"
    parts = []
    for what in ("page", "link"):
        each = [f"{count:,} {WORDS[change]}" for (its, change), count in sorted(found.items()) if its == what]
        if each:
            parts.append(f"{what}s: {', '.join(each)}")
    return "; ".join(parts)


def _line(row: Any) -> str:
    sign = {"came": "+", "went": "-", "unlinked": "-", "unknown": "?"}.get(row.change, "~")
    if row.what == "page":
        return f"{sign} {row.page_url}  {_detail(row)}"
    return f"  {sign} {row.url or ''}  {_detail(row)}" + (f"  “{row.text}”" if row.text and row.field != "text" else "")


def _detail(row: Any) -> str:
    if row.change == "unknown":
        return f"not reached this time ({row.new})"
    if row.change == "unlinked":
        return "no link leads to it any more"
    if row.change in ("came", "went") or row.field is None:
        return f"{row.change} ({row.new})" if row.new else str(row.change)
    return f"{row.field}: {_value(row.old)} → {_value(row.new)}"


def _value(value: str | None) -> str:
    return "none" if value is None else value if value.startswith("http") or len(value) < 4 else f"“{value}”"


def _markdown(rows: Iterable[Any], found: Counter[tuple[str, str]]) -> Iterator[str]:
    """Yield the changes as a Markdown document: what has changed first, for a person who reads a mail or an issue."""
    with TemporaryFile("w+", encoding="utf-8", errors="replace", newline="") as lines:  # what has changed comes first, and is known last
        lines.writelines(
            f"| {_cell(row.what)} | {row.change} | {_cell(row.page_url)} | {_cell(row.url)} | {_cell(_detail(row))} |\n" for row in rows
        )
        yield f"# What has changed\n\n{_summary(found)}\n"
        if found:
            yield "\n| what | change | page | link | detail |\n| --- | --- | --- | --- | --- |\n"
            lines.seek(0)
            yield from lines


def _plain(rows: Iterable[Any], found: Counter[tuple[str, str]]) -> Iterator[str]:
    """Yield the changes in words, page by page, and then how many there are."""
    page = None
    for row in rows:
        if row.what == "link" and row.page_url != page:
            yield f"on {clean(row.page_url)}\n"
            page = row.page_url
        yield f"{clean(_line(row))}\n"
    yield f"{_summary(found)}\n"


def _cell(text: str | None) -> str:
    plain = (text or "").replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`").replace("[", "\\[")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in plain).split())


def _json(rows: Iterable[Any], found: Counter[tuple[str, str]]) -> Iterator[str]:
    """Yield one JSON object: `changes`, a list of rows, and `counts`."""
    import json

    yield '{"changes": ['
    for n, row in enumerate(rows):
        yield ("," if n else "") + "\n  " + json.dumps(row._asdict())
    counts = [{"what": what, "change": change, "count": count} for (what, change), count in sorted(found.items())]
    yield f'\n], "counts": {json.dumps(counts)}}}\n'


_DOCUMENTS = {"text": _plain, "markdown": _markdown, "json": _json}


def _write_text(out: str | None, parts: Iterable[str], *, overwrite: bool) -> None:
    """Write text to a file or standard output.

    Raises:
        OutputError: a file that is there, or that cannot be written.
    """
    from linkhaul.errors import OutputError
    from linkhaul.export.findings.writing import put_text

    if out is None or out == "-":
        put_text("-", lambda stream: stream.writelines(parts))
        return
    path = Path(out)
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists already; --overwrite replaces it, or name another file")
    put_text(out, lambda stream: stream.writelines(parts))
