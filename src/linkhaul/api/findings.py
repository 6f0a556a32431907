"""What a check found, as Python sees it: iterate, group, convert, show, write."""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from linkhaul.api.tables import Table
from linkhaul.errors import SettingError
from linkhaul.export.clean import clean, shortened
from linkhaul.export.findings.context import Context, level_of
from linkhaul.export.findings.formats import WHOLE, Place, place_of
from linkhaul.export.findings.records import rows
from linkhaul.export.findings.wording import by_page, coverage_line, headline, page_name, pages_of, sorted_out, what
from linkhaul.export.findings.writing import check_is_free, write_findings
from linkhaul.model.check import Checked, Coverage
from linkhaul.model.check import Place as LinkPlace
from linkhaul.model.columns import FINDINGS, Row

SHOWN = 50
TEXT_SHOWN = 120
COLUMNS = ("verdict", "link", "pages", "first page", "what was seen")


class CheckResult:
    """The findings of a check. Iterating gives every link URL with its verdict, what is fine too, read anew each time.

    Args:
        findings: gives every finding anew, sorted by URL.
        troubles: those of them that may need somebody, when they are known already; they are looked for otherwise.

    Attributes:
        coverage: how much of what was linked could be judged.
        problems: what fails, what should be looked at and what is known from the baseline; held in memory.
        failed: something was found that the rules fail on.
        context: what was checked, when, and by which rules.
        hold: what keeps the run file there and open, see `linkhaul.api.questions.Questions`.
    """

    def __init__(
        self, findings: Callable[[], Iterator[Checked]], coverage: Coverage, context: Context, troubles: Iterable[Checked] | None = None
    ) -> None:
        self._findings = findings
        self.hold: object = None
        self.coverage = coverage
        self.context = context
        self._levels = sorted_out(findings() if troubles is None else troubles, context.rules)
        self.problems = sorted((each for found in self._levels.values() for each in found), key=lambda each: each.url)
        self.failed = bool(self._levels["failure"])
        self._table: Table[Row] = Table("findings", FINDINGS, lambda: rows(findings()))

    def __iter__(self) -> Iterator[Checked]:
        yield from self._findings()  # whoever walks holds this value, and with it what keeps the run file

    def by_page(self) -> dict[str, list[tuple[LinkPlace, Checked]]]:
        """Return the problems by the URL of the page that holds them, on each as they stand there."""
        found = {url: [(each.place, each.checked) for each in listed if each.place is not None] for url, listed in by_page(self.problems)}
        return {url: pairs for url, pairs in found.items() if pairs}

    def by_url(self) -> dict[str, Checked]:
        """Return the problems by the link's URL, each with all its places; one that is known on some pages only counts as new."""
        found: dict[str, Checked] = {}
        for each in self.problems:
            before = found.get(each.url)
            if before is not None:
                places = tuple(sorted((*before.places, *each.places), key=lambda place: (place.page_url, place.n)))
                each = replace(each, places=places, is_known=before.is_known and each.is_known)  # noqa: PLW2901 - the two are one
            found[each.url] = each
        return found

    def to_arrow(self) -> Any:
        """Return a pyarrow.Table with a row for each occurrence of each link; it holds all rows in memory.

        Raises:
            MissingExtra: pyarrow is not installed.
        """
        return self._table.to_arrow()

    def to_pandas(self) -> Any:
        """Return the same rows as a pandas.DataFrame.

        Raises:
            MissingExtra: pandas is not installed.
        """
        return self._table.to_pandas()

    def to_polars(self) -> Any:
        """Return the same rows as a polars.DataFrame.

        Raises:
            MissingExtra: polars is not installed.
        """
        return self._table.to_polars()

    def write(self, path: str | os.PathLike[str], format: str | None = None, *, overwrite: bool = False) -> None:
        """Write the findings to a file.

        Args:
            format: people, json, jsonl, csv, markdown, junit, github or html; told by the suffix when absent.

        Raises:
            UsageError: the format cannot be told, or is none.
            OutputError: the file exists and may not be replaced, or it cannot be written.
        """
        place = place_of(os.fspath(path), format)
        if place.path == "-":
            raise SettingError("write('-') is for the command line; iterate the result instead")
        check_is_free(place.path, overwrite=overwrite)
        tell(self, place, self.context)

    def __repr__(self) -> str:
        return f"<CheckResult {clean(self.context.title)}: {headline(self._levels)}; {coverage_line(self.coverage)}>"

    def _repr_html_(self) -> str:
        told = f"<p><b>{_text(headline(self._levels))}</b><br>{_text(coverage_line(self.coverage))}</p>"
        if not self.problems:
            return told
        head = "".join(f"<th scope='col'>{name}</th>" for name in COLUMNS)
        worst = [each for level in ("failure", "warning", "known") for each in self._levels[level]]
        body = "".join(self._html_row(each) for each in worst[:SHOWN])
        more = f"<p>the first {SHOWN} of {len(worst):,} problems</p>" if len(worst) > SHOWN else ""
        return f"{told}<div style='overflow-x:auto'><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}"

    def _html_row(self, each: Checked) -> str:
        pages = pages_of(each)
        known = " (known)" if level_of(each, self.context.rules) == "known" else ""
        cells = (what(each) + known, each.url, f"{len(pages):,}", page_name(pages[0], self.context) if pages else "", each.verdict.detail)
        return f"<tr>{''.join(f'<td><bdi>{_text(cell)}</bdi></td>' for cell in cells)}</tr>"


def tell(result: CheckResult, place: Place, context: Context) -> None:
    """Write a result to one place; a format that says nothing of what is fine is spared the way through it.

    Raises:
        OutputError: it cannot be written.
    """
    findings = result.__iter__ if place.format in WHOLE else lambda: iter(result.problems)
    write_findings(place, findings, result.coverage, context)


def _text(text: str) -> str:
    return html.escape(shortened(clean(text), TEXT_SHOWN))
