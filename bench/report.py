"""`python -m bench report`: docs/performance.md's tables and plots from the newest results, by way of bench/figures.json."""

from __future__ import annotations

import json
from pathlib import Path

from bench.figures import FIGURES, Figures, gather
from bench.measure import ROOT
from bench.page import made
from bench.table import RESULTS

DOCS = ROOT / "docs"


def run_report() -> None:
    """Write what has changed, and say it.

    Raises:
        ValueError: the page lacks a block.
    """
    figures = gather(RESULTS, kept())
    wanted = {FIGURES: written(figures)} | made(DOCS, figures)
    for file, text in wanted.items():
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            print(f"{file.relative_to(ROOT)} written")
    print(f"{len(figures)} lines: {', '.join(figures)}")


def stale(docs: Path = DOCS) -> list[str]:
    """Return the names of the files that are not what the figures make of them."""
    wanted = made(docs, kept())
    return [file.name for file, text in wanted.items() if not file.exists() or file.read_text(encoding="utf-8") != text]


def kept() -> dict[str, Figures]:
    """Return the figures that are part of the project."""
    return dict(json.loads(FIGURES.read_text(encoding="utf-8"))) if FIGURES.exists() else {}


def written(figures: dict[str, Figures]) -> str:
    """Return figures as the text of their file."""
    return json.dumps(figures, indent=1, ensure_ascii=False) + "\n"
