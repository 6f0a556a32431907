"""What importing linkhaul costs and does: little, and nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HEAVY = {"httptools", "turbohtml", "rich", "pyarrow", "xlsxwriter", "ada_url", "publicsuffixlist", "uvloop", "ipywidgets", "IPython"}
NEEDED_AT_ONCE = {"httptools", "ada_url"}
OPTIONAL = ("uvloop", "winloop", "isal", "pyarrow", "xlsxwriter", "ipywidgets", "IPython", "pandas", "polars")

# Imports every module with the optional packages hidden, and prints what that changed in the process.
IMPORT_ALL = f"""
import importlib, json, logging, os, pkgutil, signal, sys, threading, warnings
sys.modules.update(dict.fromkeys({OPTIONAL!r}))
def seen():
    return {{
        "environment": dict(os.environ),
        "folder": sorted(os.listdir()),
        "threads": threading.active_count(),
        "interrupt": repr(signal.getsignal(signal.SIGINT)),
        "excepthook": repr(sys.excepthook),
        "logging": [repr(h) for h in logging.getLogger().handlers + logging.getLogger("linkhaul").handlers],
    }}
before = seen()
import linkhaul
names = [m.name for m in pkgutil.walk_packages(linkhaul.__path__, "linkhaul.")]
for name in names:
    importlib.import_module(name)
after = seen()
print(json.dumps({{"modules": names, "changed": {{k: [before[k], after[k]] for k in before if before[k] != after[k]}}}}))
"""


def _run(code: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=folder, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _loaded_by(statement: str, folder: Path) -> set[str]:
    return set(json.loads(_run(f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))", folder)))


def test_the_command_starts_without_heavy_imports(tmp_path: Path) -> None:
    """`linkhaul --help` answers at once: the command's module imports no fetching, parsing, drawing or format library."""
    loaded = _loaded_by("import linkhaul.cli.main", tmp_path)
    assert loaded & HEAVY == set()
    assert "click" in loaded


def test_a_job_begins_without_what_can_wait(tmp_path: Path) -> None:
    """The first request is on its way before the parser is loaded; what draws, and the libraries of formats, wait until they are asked for."""
    loaded = _loaded_by("import linkhaul.cli.carry, linkhaul.cli.outputs, linkhaul.cli.log", tmp_path)
    assert loaded & ((HEAVY | {"numpy"}) - NEEDED_AT_ONCE) == set()
    assert loaded >= NEEDED_AT_ONCE, "what is named as needed is not"


def test_the_package_root_imports_nothing_heavy(tmp_path: Path) -> None:
    """`import linkhaul` only makes the names known; each is fetched when it is used first."""
    assert _loaded_by("import linkhaul", tmp_path) & HEAVY == set()


def test_importing_does_nothing_and_needs_no_extra(tmp_path: Path) -> None:
    """Every module imports without the optional packages, writes nothing, starts nothing and changes nothing of the process."""
    told = json.loads(_run(IMPORT_ALL, tmp_path))
    assert told["changed"] == {}
    assert "linkhaul.errors" in told["modules"]


def test_public_names_are_sorted_and_there() -> None:
    """`linkhaul.__all__` is sorted, every name in it exists, `dir` shows it, and another name is an AttributeError."""
    import linkhaul

    assert list(linkhaul.__all__) == sorted(set(linkhaul.__all__))
    assert [name for name in linkhaul.__all__ if getattr(linkhaul, name, None) is None] == []
    assert set(linkhaul.__all__) <= set(dir(linkhaul))
    assert not hasattr(linkhaul, "no_such_name")
