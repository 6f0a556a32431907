"""The reference pages say what the code says."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

import linkhaul
from linkhaul.config import settings
from linkhaul.insight.diff import DIFF
from linkhaul.insight.standing import ANCHORS, BOTTLENECKS, OUTSIDE, STANDING, TEMPLATES
from linkhaul.model.audit import AUDIT
from linkhaul.model.columns import FINDINGS, TABLES

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "reference.py"

pytestmark = pytest.mark.skipif(not SCRIPT.is_file(), reason="tools/reference.py is not part of what was unpacked here")


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    """The script, loaded as a module."""
    spec = importlib.util.spec_from_file_location("linkhaul_reference", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_no_reference_page_is_stale(reference: ModuleType) -> None:
    """The blocks of docs/ are what the code makes of them now; `python tools/reference.py` writes them."""
    assert [path.name for path in reference.stale()] == []


def test_a_changed_page_is_noticed(reference: ModuleType, tmp_path: Path) -> None:
    """A word changed within a block makes its page stale, and writing the block anew restores it."""
    for name in reference.PAGES_MADE:
        shutil.copy(ROOT / "docs" / name, tmp_path)
    page = tmp_path / "columns.md"
    before = page.read_text(encoding="utf-8")
    page.write_text(before.replace("`page_url`", "`page`", 1), encoding="utf-8")
    assert reference.stale(tmp_path) == {page: before}


def test_a_page_without_its_block_is_noticed(reference: ModuleType, tmp_path: Path) -> None:
    """Taking a mark away is an error, so that a page cannot leave the check by accident."""
    for name in reference.PAGES_MADE:
        shutil.copy(ROOT / "docs" / name, tmp_path)
    (tmp_path / "settings.md").write_text("# Settings\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"settings\.md"):
        reference.stale(tmp_path)


def test_every_setting_and_column_is_there() -> None:
    """Each setting has one row in settings.md, each column of each table one in columns.md."""
    graph = (STANDING, BOTTLENECKS, TEMPLATES, OUTSIDE, ANCHORS)
    columns = [column.name for table in (*TABLES.values(), FINDINGS, AUDIT, DIFF, *graph) for column in table]
    for page, names in (("settings.md", list(settings())), ("columns.md", columns)):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        assert [name for name in names if text.count(f"\n| `{name}` |") != names.count(name)] == []


def test_every_setting_has_an_effect() -> None:
    """Some module looks at each."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py") if path.name != "config.py")
    assert [name for name in settings() if not re.search(rf"\.{name}\b", code)] == []


def test_every_call_and_error_is_there() -> None:
    """Each public name has its place in python.md, and so has whatever can be asked of a run."""
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    asked = [name for name in dir(linkhaul.Run) if not name.startswith("_")]
    assert [name for name in (*linkhaul.__all__, *asked) if not re.search(rf"`{name}\b|### {name}\n", text)] == []


def test_every_layer_is_drawn() -> None:
    """The architecture's line and table of layers name the folders that there are, from the top down, and no others."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^cli  →.*$", text, re.MULTILINE)
    drawn = re.findall(r"\w+", line)
    listed = re.findall(r"^\| `(\w+)` \|", text.partition("| layer |")[2].partition("\n\n")[0], re.MULTILINE)
    folders = {path.parent.name for path in (ROOT / "src" / "linkhaul").glob("*/__init__.py")} - {"demo"}
    assert listed == drawn
    assert set(drawn) == folders | {"config", "errors"}
