"""What README and docs show is what happens: every sample is run against the demo site.

A fenced ``python`` or ``console`` block is preceded by one of these comments, on the line before its fence::

    <!-- run -->              it is run; each command ends with exit code 0
    <!-- run: exit 3 -->      it is run; its last command ends with that exit code
    <!-- not run: REASON -->  it is not

The samples of one file run in order in one empty folder; its python samples share their names and may await. Where a
sample says DEMO's address, it meets the demo site. Below a command stands what it prints, on both streams, or nothing;
``...`` stands for any text, and white space at the ends of lines does not count.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from linkhaul.demo.server import serve

ROOT = Path(__file__).resolve().parents[2]
DEMO = "http://127.0.0.1:8000"
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>python|console)[^\n]*\n(?P<code>.*?)^(?P=indent)```", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"<!-- (?:(?P<run>run)(?:: exit (?P<exit>\d+))?|not run: (?P<reason>\S.*)) -->\n\s*$")
COMMAND = re.compile(r"^\$ (?P<command>(?:.*\\\n)*.*)\n(?P<printed>(?:(?!\$ ).*\n)*)", re.MULTILINE)


class Sample(NamedTuple):
    """One fenced block: where it stands, its code, whether it is run, and the exit code of its last command."""

    where: str
    language: str
    code: str
    is_marked: bool
    is_run: bool
    exit_code: int


def samples(text: str, name: str) -> Iterator[Sample]:
    """Yield the python and console blocks of a Markdown text, in order."""
    for fence in FENCE.finditer(text):
        mark = MARK.search(text[: fence.start()])
        where = f"{name}:{text.count(chr(10), 0, fence.start()) + 1}"
        is_run = bool(mark and mark["run"])
        yield Sample(where, fence["language"], textwrap.dedent(fence["code"]), bool(mark), is_run, int((mark and mark["exit"]) or 0))


def documents() -> dict[str, list[Sample]]:
    """Return the samples of each document by its path from the root."""
    paths = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if path.is_file()]
    names = {path.relative_to(ROOT).as_posix(): path for path in paths}
    return {name: list(samples(path.read_text(encoding="utf-8"), name)) for name, path in names.items()}


def is_as_shown(shown: str, printed: str) -> bool:
    """Return whether a command printed what the sample shows; a sample that shows nothing promises nothing."""

    def trimmed(text: str) -> str:
        return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())

    pattern = ".*".join(map(re.escape, trimmed(shown).split("...")))
    return not shown.strip() or re.fullmatch(pattern, trimmed(printed), re.DOTALL) is not None


def run_console(sample: Sample, folder: Path, demo: str) -> None:
    """Run the commands of a console sample in a folder and compare what they print."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LINKHAUL_", "COV_"))}
    environment = kept | {"PATH": path, "COLUMNS": "120", "NO_COLOR": "1", "HOME": str(folder), "no_proxy": "*"}
    commands = list(COMMAND.finditer(sample.code))
    assert commands, f"{sample.where}: a console sample has lines that begin with '$ '"
    for number, command in enumerate(commands, 1):
        line = command["command"].replace(DEMO, demo)
        done = subprocess.run(
            ["bash", "-c", line], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, encoding="utf-8", timeout=50, check=False,
        )  # fmt: skip
        expected = sample.exit_code if number == len(commands) else 0
        assert done.returncode == expected, f"{sample.where}: {line}\nended with {done.returncode}:\n{done.stdout}"
        printed = done.stdout.replace(demo, DEMO).replace(demo.removeprefix("http://"), DEMO.removeprefix("http://"))
        assert is_as_shown(command["printed"], printed), f"{sample.where}: {line}\nprinted:\n{printed}\ninstead of:\n{command['printed']}"


def run_python(sample: Sample, names: dict[str, object], demo: str) -> None:
    """Run a python sample among the names of those before it; it may await, as in a notebook cell."""
    code = compile(sample.code.replace(DEMO, demo), sample.where, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    if code.co_flags & inspect.CO_COROUTINE:

        async def awaited() -> None:
            await eval(code, names)

        asyncio.run(awaited())
    else:
        exec(code, names)


@pytest.fixture(scope="module")
def demo_url() -> Iterator[str]:
    """Serve the demo site and give its address."""
    with serve() as url:
        yield url


@pytest.mark.skipif(os.name != "posix", reason="the samples are written for a POSIX shell")
@pytest.mark.parametrize("name", [name for name, found in documents().items() if any(sample.is_run for sample in found)])
def test_samples_do_what_they_show(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demo_url: str) -> None:
    """Every sample marked to be run runs, ends with its exit code and prints what stands below it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    names: dict[str, object] = {"__name__": "__main__"}
    for sample in documents()[name]:
        if sample.is_run and sample.language == "console":
            run_console(sample, tmp_path, demo_url)
        elif sample.is_run:
            run_python(sample, names, demo_url)


def test_every_sample_is_run_or_says_why_not() -> None:
    """No python or console block of the docs is without its mark, and the README has some that are run."""
    found = documents()
    assert [sample.where for every in found.values() for sample in every if not sample.is_marked] == []
    assert any(sample.is_run for sample in found["README.md"])


def test_links_between_the_documents_hold() -> None:
    """A relative link of README, docs or the other pages leads to a file that is there."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [(page, target) for page in pages for target in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))]
    assert [f"{page.name}: {target}" for page, target in links if not (page.parent / target).exists()] == []
    assert links


def _sample(code: str, language: str = "console") -> Sample:
    (found,) = samples(f"Text\n\n<!-- run -->\n```{language}\n{code}```\n", "x.md")
    assert found.is_run
    assert found.where == "x.md:4"
    return found


@pytest.mark.skipif(os.name != "posix", reason="the samples are written for a POSIX shell")
def test_a_console_sample_is_compared(tmp_path: Path) -> None:
    """A wrong exit code and a wrong output are noticed; the address of the demo is put in and taken out again."""
    there = "http://127.0.0.1:4711"
    run_console(_sample(f"$ echo see {DEMO}/a \\\n    b\nsee {DEMO}/a ...\n"), tmp_path, there)
    with pytest.raises(AssertionError, match="ended with 1"):
        run_console(_sample("$ false\n"), tmp_path, there)
    with pytest.raises(AssertionError, match="instead of"):
        run_console(_sample("$ echo one\ntwo\n"), tmp_path, there)


def test_python_samples_share_names_and_await() -> None:
    """A name of one sample is known in the next, and a sample may await outside a function."""
    names: dict[str, object] = {}
    run_python(_sample("import asyncio\nx = 1\n", "python"), names, DEMO)
    run_python(_sample("await asyncio.sleep(0)\ny = x + 1\n", "python"), names, DEMO)
    assert names["y"] == 2
