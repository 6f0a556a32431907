"""Who checks links, with the command that each is asked to do it by, and what it says is broken."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.contestants import BENCH, SETUP, VENV, default_python
from bench.measure import clean_environment

LINKINATOR = "7.6.1"
"""The last that runs on Node 20; 8 needs 22."""
NPM = BENCH / ".venv" / "npm"
BROKEN = ("broken", "soft-404")
RUN = "run.linkhaul"
OWN_SITE = ("--concurrency", "128", "--per-host", "64")
"""As for a site of one's own: as many requests at once as the others make whose limits are off. Without these it is polite, as it comes."""
LYCHEE_VERSION = [str(VENV / "lychee"), "--version"]
LINKHAUL_VERSION = [default_python(), "-m", "linkhaul", "--version"]


@dataclass(frozen=True, slots=True)
class Task:
    """What a checker is given.

    Attributes:
        starts: the first page of each site, for those that crawl.
        pages: a file with every page, for those that do not.
        root: the folder of which the one site is made, for those that read its pages there; None where there are several sites.
        folder: an empty folder for what it writes.
        python: the interpreter that linkhaul is installed in.
    """

    starts: tuple[str, ...]
    pages: Path
    folder: Path
    python: str
    root: Path | None = None


@dataclass(frozen=True, slots=True)
class Checker:
    """A tool: its command, and the link URLs that it calls broken, read from what it wrote or keeps.

    Attributes:
        is_there: the file without which it cannot run.
        codes: the exit codes with which it ends in order.
    """

    name: str
    command: Callable[[Task], list[str]]
    broken: Callable[[Task], set[str]]
    version: list[str]
    is_there: Path | None = None
    codes: tuple[int, ...] = (0, 1, 2)

    def version_text(self) -> str:
        """Return what it says of its version."""
        done = subprocess.run(self.version, capture_output=True, text=True, timeout=60, env=clean_environment(), check=False)
        return done.stdout.strip().partition("\n")[0]

    def absence(self) -> str | None:
        """Return the sentence why it cannot run here, or None."""
        return None if self.is_there is None or self.is_there.exists() else f"{self.is_there} is not there; install the peers: {SETUP}"


def _linkhaul(*flags: str) -> Callable[[Task], list[str]]:
    def command(task: Task) -> list[str]:
        which = ["--kinds", "all", "--only", "internal", "--run", str(task.folder / RUN), "--contact", "bench@example.org", "-q"]
        return [task.python, "-m", "linkhaul", "check", *task.starts, *which, *flags]

    return command


def _linkhaul_broken(task: Task) -> set[str]:
    """Return what its run file says: what it told was for people, and how it is with every link is asked for afterwards, out of its time.

    Line by line: the whole of a large file in our memory would count as that of the process we start next.
    """
    command = [task.python, "-m", "linkhaul", "check", str(task.folder / RUN), "--format", "json", "-q"]
    with (task.folder / "found.json").open("wb") as found:
        subprocess.run(command, stdout=found, timeout=600, env=clean_environment(), check=False)
    with (task.folder / "found.json").open(encoding="utf-8") as lines:
        links = (json.loads(line.rstrip(",\n")) for line in lines if line.startswith('{"url":'))
        return {link["url"] for link in links if link["verdict"]["name"] in BROKEN}


def _lychee(*flags: str) -> Callable[[Task], list[str]]:
    def command(task: Task) -> list[str]:
        # it does not crawl, so it is handed every page; its rate limits are off; what is included is checked whatever is excluded
        limits = ["--host-request-interval", "0ms", "--host-concurrency", "128", "--max-concurrency", "128"]
        places = ["--files-from", str(task.pages), "--format", "json", "--output", str(task.folder / "found.json")]
        site = ["--exclude", ".", *(word for start in task.starts for word in ("--include", f"^{start}"))]
        return [str(VENV / "lychee"), "--no-progress", *flags, *site, *limits, *places]

    return command


def _lychee_of_files(task: Task) -> list[str]:
    """Hand it the files of the pages, each of which stands for its URL: it asks for what they lead to and for no page."""
    if task.root is None:
        raise ValueError("lychee-of-files takes part where there is one site: leave --times away")
    site, files = task.starts[0], task.folder / "files.txt"
    pages = (url.removeprefix(site) or "index.html" for url in task.pages.read_text(encoding="utf-8").split())
    files.write_text("".join(f"{task.root / page}\n" for page in pages), encoding="utf-8")
    command = _lychee("--include-fragments=anchor-only", "--remap", f"file://{task.root}/(.*) {site}$1")(task)
    return [str(files) if word == str(task.pages) else word for word in command]


def _lychee_broken(task: Task) -> set[str]:
    found = json.loads((task.folder / "found.json").read_text(encoding="utf-8"))
    return {entry["url"] for entries in found["error_map"].values() for entry in entries}


def _linkinator(task: Task) -> list[str]:
    flags = [
        "--recurse",
        "--check-fragments",
        "--format",
        "json",
        "--verbosity",
        "error",
        "--concurrency",
        "100",
        "--skip",
        f"^(?!{'|'.join(task.starts)})",
    ]
    return ["sh", "-c", 'exec "$0" "$@" >found.json', str(NPM / "node_modules" / ".bin" / "linkinator"), *task.starts, *flags]


def _linkinator_broken(task: Task) -> set[str]:
    found = json.loads((task.folder / "found.json").read_text(encoding="utf-8"))
    return {link["url"] for link in found["links"] if link["state"] == "BROKEN"}


CHECKERS = {
    each.name: each
    for each in (
        Checker("linkhaul", _linkhaul(*OWN_SITE), _linkhaul_broken, LINKHAUL_VERSION),
        Checker("linkhaul-at-once", _linkhaul(*OWN_SITE, "--confirm-after", "0"), _linkhaul_broken, LINKHAUL_VERSION),
        Checker("linkhaul-polite", _linkhaul(), _linkhaul_broken, LINKHAUL_VERSION),
        Checker("lychee", _lychee("--include-fragments=anchor-only"), _lychee_broken, LYCHEE_VERSION, VENV / "lychee"),
        Checker("lychee-of-files", _lychee_of_files, _lychee_broken, LYCHEE_VERSION, VENV / "lychee"),
        Checker("lychee-no-fragments", _lychee(), _lychee_broken, LYCHEE_VERSION, VENV / "lychee"),
        Checker(
            "linkinator", _linkinator, _linkinator_broken, [str(NPM / "node_modules" / ".bin" / "linkinator"), "--version"],
            NPM / "node_modules" / ".bin" / "linkinator",
        ),
    )
}  # fmt: skip
