"""Who takes part, with the command that each is asked to do the job by."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.measure import ROOT, clean_environment

BENCH = ROOT / "bench"
VENV = BENCH / ".venv" / "bin"
PEERS = BENCH / "peers"
SETUP = "python -m bench setup"


@dataclass(frozen=True, slots=True)
class Job:
    """What a contestant is given.

    Attributes:
        python: the interpreter that linkhaul is installed in.
        urls: a file with a URL a line: the pages, or where a crawl starts.
        folder: an empty folder for what it writes.
        concurrency: requests in flight, where a tool has such a setting.
    """

    python: str
    urls: Path
    folder: Path
    concurrency: int

    def seeds(self) -> list[str]:
        """Return the URLs themselves."""
        return self.urls.read_text(encoding="utf-8").split()


@dataclass(frozen=True, slots=True)
class Contestant:
    """A tool and how it is asked.

    Attributes:
        output: the file it writes in the job's folder; None for one that only fetches.
        absence: gives the sentence why it cannot run here, or None when it can.
        version: the command whose first line says which version runs.
    """

    name: str
    command: Callable[[Job], list[str]]
    output: str | None
    absence: Callable[[str], str | None]
    version: Callable[[str], list[str]]

    def version_text(self, python: str) -> str:
        """Return what it says of its version, on one line."""
        return _first_line(self.version(python)) or "unknown"


def linkhaul_command(job: Job, *words: str, workers: int | None = None) -> list[str]:
    """Return `linkhaul WORDS` to CSV with a durable run file, asked to hold back nothing on loopback.

    Args:
        workers: how many processes share the work; None for linkhaul's default.
    """
    shared = ["--workers", str(workers)] if workers is not None else []
    limits = ["--concurrency", str(job.concurrency), "--per-host", str(job.concurrency), "--gap", "0"]
    places = ["-o", str(job.folder / "links.csv"), "--run", str(job.folder / "run.linkhaul")]
    return [job.python, "-m", "linkhaul", *words, *places, *limits, *shared, "--contact", "bench@example.org", "-q"]


def shown(command: list[str], folder: Path, urls: Path) -> str:
    """Return a command as a reader would type it: folders left out, and of several start pages the first.

    >>> words = ["/a/python", "-m", "linkhaul", "crawl", "http://127.0.0.1:80/", "http://127.0.0.2:80/", "-o", "/b/c.csv"]
    >>> shown(words, Path("/b"), Path("/d/urls.txt"))
    'python -m linkhaul crawl http://127.0.0.1/ ... -o c.csv'
    """
    text = shlex.join([Path(command[0]).name, *command[1:]])
    for place in (f"{folder}/", f"{urls.parent}/", f"{PEERS}/", f"{ROOT}/"):
        text = text.replace(place, "")
    return re.sub(r"(http://[\d.]+)(?::\d+)?(\S*)( http://\S+)*", lambda found: f"{found[1]}{found[2]}{' ...' if found[3] else ''}", text)


def _lychee_command(job: Job) -> list[str]:
    # -v adds the page to each link; verbatim: links within pre and code are links too
    limits = ["--host-request-interval", "0ms", "--host-concurrency", "128", "--max-concurrency", "128"]
    places = ["--files-from", str(job.urls), "--output", str(job.folder / "links.txt")]
    return [str(VENV / "lychee"), "--dump", "-v", "--no-progress", "--include-verbatim", *limits, *places]


def _scrapy_command(*flags: str) -> Callable[[Job], list[str]]:
    def command(job: Job) -> list[str]:
        places = [str(job.urls), str(job.folder / "links.csv")]
        return [str(VENV / "python"), str(PEERS / "scrapy_links.py"), *places, "--concurrency", str(job.concurrency), *flags]

    return command


def _script_command(*flags: str) -> Callable[[Job], list[str]]:
    def command(job: Job) -> list[str]:
        return [str(VENV / "python"), str(PEERS / "first_script.py"), str(job.urls), str(job.folder / "links.csv"), *flags]

    return command


def _wget_command(*flags: str) -> Callable[[Job], list[str]]:
    # site by site: given several start pages at once, wget2 1.99.1 follows the links of one of them only
    def command(job: Job) -> list[str]:
        usual = ["--no-config", "--quiet", "--recursive", "--level=0", "--no-robots", "--tries=1", f"--max-threads={job.concurrency}"]
        loop = f'while read -r site; do wget2 {" ".join((*usual, *flags))} "$site"; done <"$0"'
        return ["sh", "-c", loop, str(job.urls)]

    return command


def _first_line(command: list[str]) -> str | None:
    """Return the first line that a command prints; None when it fails."""
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60, cwd=os.sep, env=clean_environment())
    except (OSError, subprocess.SubprocessError):
        return None
    return next(iter(done.stdout.strip().splitlines()), "")


def _no_linkhaul(python: str) -> str | None:
    if _first_line([python, "-m", "linkhaul", "--help"]) is None:
        return f"`{python} -m linkhaul` does not run; name the interpreter that has it with --python"
    return None


def _no_peer(file: str) -> Callable[[str], str | None]:
    return lambda _python: None if (VENV / file).exists() else f"{VENV / file} is not there; install the peers: {SETUP}"


def _no_wget(_python: str) -> str | None:
    return None if shutil.which("wget2") else "wget2 is not installed: sudo apt-get install wget2"


def _package_version(package: str) -> Callable[[str], list[str]]:
    code = f"import importlib.metadata as m; print('{package}', m.version('{package}'))"
    return lambda _python: [str(VENV / "python"), "-c", code]


def _linkhaul_version(python: str) -> list[str]:
    code = (
        "import importlib.metadata as m, importlib.util as u, sys; names = {d.metadata['Name'] for d in m.distributions()};"
        "print('linkhaul', m.version('linkhaul') if 'linkhaul' in names else 'from the checkout', 'on Python', sys.version.split()[0],"
        " 'with uvloop' if u.find_spec('uvloop') else 'without uvloop')"
    )
    return [python, "-c", code]


def default_python() -> str:
    """Return the interpreter of the checkout's own environment, or the one that runs this."""
    own = ROOT / ".venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable


def linkhaul(name: str, words: Callable[[Job], list[str]], workers: int | None) -> Contestant:
    """Return linkhaul as a contestant.

    Args:
        words: the verb and what it is handed.
        workers: how many processes share the work; None for linkhaul's default.
    """
    return Contestant(name, lambda job: linkhaul_command(job, *words(job), workers=workers), "links.csv", _no_linkhaul, _linkhaul_version)


def _list_words(job: Job) -> list[str]:
    return ["links", "--from", str(job.urls)]


def _crawl_words(job: Job) -> list[str]:
    return ["crawl", *job.seeds()]


LISTERS = {
    each.name: each
    for each in (
        linkhaul("linkhaul", _list_words, 1),
        linkhaul("linkhaul-2", _list_words, 2),
        Contestant("lychee", _lychee_command, "links.txt", _no_peer("lychee"), lambda _: [str(VENV / "lychee"), "--version"]),
        Contestant("scrapy", _scrapy_command(), "links.csv", _no_peer("scrapy"), _package_version("Scrapy")),
        Contestant("first-script", _script_command("--relative"), "links.csv", _no_peer("python"), _package_version("aiohttp")),
        # not by default: linkhaul as it comes, Scrapy's experimental handler, and the script exactly as it was
        linkhaul("linkhaul-default", _list_words, None),
        Contestant("scrapy-aiohttp", _scrapy_command("--handler", "aiohttp"), "links.csv", _no_peer("scrapy"), _package_version("Scrapy")),
        Contestant("first-script-as-was", _script_command(), "links.csv", _no_peer("python"), _package_version("aiohttp")),
    )
}
CRAWLERS = {
    each.name: each
    for each in (
        linkhaul("linkhaul", _crawl_words, 1),
        linkhaul("linkhaul-2", _crawl_words, 2),
        Contestant("scrapy", _scrapy_command("--follow"), "links.csv", _no_peer("scrapy"), _package_version("Scrapy")),
        # the floor, in C: fetches and follows, writes no links. --spider asks HEAD first; --delete-after asks each file once
        Contestant("wget2-spider", _wget_command("--spider"), None, _no_wget, lambda _: ["wget2", "--version"]),
        Contestant("wget2", _wget_command("--delete-after"), None, _no_wget, lambda _: ["wget2", "--version"]),
        Contestant(
            "scrapy-aiohttp",
            _scrapy_command("--follow", "--handler", "aiohttp"),
            "links.csv",
            _no_peer("scrapy"),
            _package_version("Scrapy"),
        ),
    )
}
USUAL = ("linkhaul", "linkhaul-2", "lychee", "scrapy", "first-script", "wget2-spider", "wget2")
