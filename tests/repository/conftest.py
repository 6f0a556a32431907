"""What the tests of the files at the repository's root share: the root, and a folder of documentation with a broken link."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
collect_ignore_glob = [] if (ROOT / "action.yml").is_file() else ["test_*.py"]  # a source package holds only some of these files


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Make a folder as a checkout has it: docs with one good and one broken link, and a README with a name that needs care."""
    made = tmp_path / "work space"
    (made / "docs").mkdir(parents=True)
    (made / "docs" / "guide.md").write_text("# Guide\n\n[sizes](sizes.md#eu) [gone](gone.md)\n")
    (made / "docs" / "sizes.md").write_text("# Sizes\n\n## EU\n")
    (made / "READ ME.md").write_text("[guide](docs/guide.md)\n")
    return made


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return an environment without settings of ours, with the command on its path and a state folder of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LINKHAUL_", "GITHUB_", "COV_"))}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return kept | {"PATH": path, "XDG_STATE_HOME": str(tmp_path / "state"), "NO_COLOR": "1", "no_proxy": "127.0.0.1"}
