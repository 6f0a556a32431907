"""Problems that are known and let pass, in a text file that people can read, edit and compare.

One problem a line: the page that holds the link, the link's URL and the verdict, with tabs between them, sorted:

    ./guide/intro.html<TAB>https://example.org/gone<TAB>broken/404

A fourth part is a note of the person's; lines that begin with # are remarks, and stay with the problem below them. A * in place of
the page means every page. A problem is known by its page, its URL and the verdict's name; the code behind the slash may change, so that a
404 that becomes a 410 is no new problem.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from linkhaul.errors import SettingError
from linkhaul.model.check import VERDICTS, Checked, Place

ANY_PAGE = "*"
HEADER = "# Links that are known to be broken. One a line: page, URL, verdict; tabs between them.\n# Written by: linkhaul check --update-baseline\n"


class Problem(NamedTuple):
    """What a problem is known by; addresses as the file has them."""

    page: str
    url: str
    name: str


class Entry(Struct, frozen=True):
    """One line of the file, with the remarks above it.

    Attributes:
        note: what a person wrote behind the verdict.
        remarks: the lines above it that begin with #, whole.
    """

    problem: Problem
    code: str
    note: str = ""
    remarks: tuple[str, ...] = ()

    def line(self) -> str:
        """Return the line as it stands in the file."""
        page, url, name = self.problem
        parts = (page, url, f"{name}/{self.code}" if self.code else name, self.note)
        return "\t".join(parts).rstrip("\t")


class Baseline(Struct, frozen=True):
    """The known problems.

    Attributes:
        entries: in the order of the file.
        header: the remarks at the beginning that an empty line sets apart, whole lines.
        footer: the remarks behind the last problem.
        root: the beginning of URLs that the file writes as `./`, so that it is the same on every machine; empty for none.
    """

    entries: tuple[Entry, ...] = ()
    header: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    root: str = ""

    @classmethod
    def read(cls, text: str, root: str | None = None) -> Baseline:
        """Return what a file says.

        Raises:
            SettingError: a line cannot be read; the message has its number.
        """
        header: list[str] = []
        remarks: list[str] = []
        entries: list[Entry] = []
        for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
            line = raw.rstrip()
            if not line:
                if not entries:
                    header, remarks = [*header, *remarks], []
            elif line.startswith("#"):
                remarks.append(line)
            else:
                entries.append(_entry(line, number, tuple(remarks)))
                remarks = []
        return cls(tuple(entries), tuple(header), tuple(remarks), root or "")

    def marked(self, findings: Iterable[Checked]) -> list[Checked]:
        """Return findings with `is_known` set; one that is known on some of its pages only is split: what is known, then what is new."""
        known = {entry.problem for entry in self.entries}
        marked: list[Checked] = []
        for checked in findings:
            if checked.verdict.name in ("ok", "not-checked"):
                marked.append(checked)
                continue
            old: list[Place] = []
            new: list[Place] = []
            for place in checked.places:
                (new if known.isdisjoint(self._names(checked, place.page_url)) else old).append(place)
            if old:
                marked.append(replace(checked, places=tuple(old), is_known=True))
            if new or not old:
                marked.append(replace(checked, places=tuple(new)))
        return marked

    def stale(self, findings: Iterable[Checked]) -> list[str]:
        """Return the lines of the file that are no longer true: their problem is not among the findings."""
        seen: set[Problem] = set()
        for checked in findings:
            for place in checked.places:
                seen.update(self._names(checked, place.page_url))
        return [entry.line() for entry in self.entries if entry.problem not in seen]

    def text(self) -> str:
        """Return the file's text: the header, then the problems sorted, each below its remarks."""
        header = "".join(f"{line}\n" for line in self.header)
        lines = [
            "".join(f"{line}\n" for line in (*entry.remarks, entry.line()))
            for entry in sorted(self.entries, key=lambda entry: entry.problem)
        ]
        return f"{header or HEADER}\n{''.join(lines)}{''.join(f'{line}{chr(10)}' for line in self.footer)}"

    def _names(self, checked: Checked, page: str) -> tuple[Problem, Problem]:
        url, name = _short(checked.url, self.root), checked.verdict.name
        return Problem(_short(page, self.root), url, name), Problem(ANY_PAGE, url, name)


def updated(text: str, findings: Iterable[Checked], root: str | None = None) -> str:
    """Return a baseline's text brought up to date: what the findings hold and no more; remarks and notes stay with their problem.

    Args:
        text: the file so far; empty for none.
        findings: the problems that are to be known; those that are fine or were not checked are passed over.

    Raises:
        SettingError: a line of `text` cannot be read.
    """
    old = Baseline.read(text, root)
    before = {entry.problem: entry for entry in old.entries}
    entries: dict[Problem, Entry] = {}
    for checked in findings:
        if checked.verdict.name in ("ok", "not-checked"):
            continue
        for place in checked.places:
            own, general = old._names(checked, place.page_url)  # noqa: SLF001 - its own class's
            problem = general if general in before else own
            kept = before.get(problem)
            code = checked.verdict.code
            entries[problem] = Entry(problem, code) if kept is None else replace(kept, code=code)
    return replace(old, entries=tuple(entries.values())).text()


def _entry(line: str, number: int, remarks: tuple[str, ...]) -> Entry:
    page, url, verdict, note = (*line.split("\t", 3), "", "", "")[:4]
    name, _, code = verdict.strip().partition("/")
    if name not in VERDICTS:
        raise SettingError(
            f"baseline: line {number} is no known problem: {line[:120]!r}; write the page, the URL and the verdict (such as broken/404)"
            " with tabs between them"
        )
    return Entry(Problem(page.strip(), url.strip(), name), code, note.strip(), remarks)


def _short(url: str, root: str) -> str:
    """Return a URL as the file has it: tabs and line ends, which no URL of ours holds, as spaces, and what lies below the root from ./ on."""
    shown = "./" + url[len(root) :] if root and url.startswith(root) else url
    return " ".join(shown.split()) if any(letter in shown for letter in "\t\r\n") else shown
