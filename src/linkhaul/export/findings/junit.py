"""Findings as JUnit XML, which test reports of most CI services read: a test case for each link URL.

What fails is a failure with all its places; what could not be judged or was not asked is skipped, with the reason; the rest passes.
It is strict in the order of elements and in the attributes, as the schema of Ant's reports has them, and lax readers take it too. The
counts stand in front, so the cases are kept in a file of their own meanwhile when there are many.

Source: the schema for Ant's JUnit and JUnitReport tasks (Windy Road Technology).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from typing import TextIO
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from linkhaul.export.clean import clean
from linkhaul.export.findings.context import Context, level_of
from linkhaul.export.findings.wording import NO_PAGE, coverage_line, link_name, page_name, quoted, remedy, spot, what
from linkhaul.model.check import Checked, Coverage

IN_MEMORY = 4_000_000
NOT_JUDGED = ("blocked", "rate-limited", "needs-login", "unreachable", "unverifiable", "not-checked")


def write(checked: Iterable[Checked], coverage: Coverage, context: Context, stream: TextIO) -> None:
    """Write one suite of cases."""
    counts = {"failure": 0, "skipped": 0, "passed": 0}
    with tempfile.SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8", newline="") as cases:
        for each in checked:
            kind, text = _case(each, context)
            counts[kind] += 1
            cases.write(text)
        cases.seek(0)
        stream.write(_head(counts, coverage, context))
        shutil.copyfileobj(cases, stream)
    stream.write(
        f"    <system-out>{escape(coverage_line(coverage))}</system-out>\n    <system-err></system-err>\n  </testsuite>\n</testsuites>\n"
    )


def _head(counts: dict[str, int], coverage: Coverage, context: Context) -> str:
    properties = {
        "linkhaul": context.version,
        "fail_on": ",".join(sorted(context.rules.fail_on)),
        "redirects": context.rules.redirects,
        "pages": str(coverage.pages),
        "links": str(coverage.links),
    }
    listed = "".join(f"      <property name={_attribute(name)} value={_attribute(value)}/>\n" for name, value in properties.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
        f'  <testsuite id="0" package="linkhaul" name={_attribute(context.title)} timestamp="{context.started[:19]}" hostname="localhost"'
        f' tests="{sum(counts.values())}" failures="{counts["failure"]}" errors="0" skipped="{counts["skipped"]}" time="0">\n'
        f"    <properties>\n{listed}    </properties>\n"
    )


def _case(checked: Checked, context: Context) -> tuple[str, str]:
    """Return what became of a link URL (failure, skipped or passed), and its element."""
    begin = f'    <testcase classname={_attribute(_group(checked))} name={_attribute(link_name(checked.url, context))} time="0"'
    verdict = checked.verdict
    message = _attribute(f"{what(checked)}: {verdict.detail}")
    level = level_of(checked, context.rules)
    if level == "failure":
        body = escape("\n".join(_evidence(checked, context)))
        return "failure", f'{begin}>\n      <failure type="{verdict.name}" message={message}>{body}</failure>\n    </testcase>\n'
    if level == "known" or verdict.name in NOT_JUDGED:
        return "skipped", f"{begin}>\n      <skipped message={message}/>\n    </testcase>\n"
    return "passed", f"{begin}/>\n"


def _group(checked: Checked) -> str:
    """Return what a report groups cases by: the host, or the scheme where there is none."""
    try:
        parts = urlsplit(checked.url)
    except ValueError:
        return "other"
    return parts.netloc or parts.scheme or "other"


def _evidence(checked: Checked, context: Context) -> Iterable[str]:
    yield clean(checked.url)
    yield clean(checked.verdict.detail)
    if advice := remedy(checked, context):
        yield advice
    if not checked.places:
        yield NO_PAGE
    for place in checked.places:
        where = f":{spot(place)}" if spot(place) else ""
        yield f"on {page_name(place.page_url, context)}{where} {quoted(place)}".rstrip()


def _attribute(text: str) -> str:
    """Return a value between quotes: harmless, without white space at its ends or twice in a row, and not empty."""
    return quoteattr(" ".join(clean(text).split()) or "-")
