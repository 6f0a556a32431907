"""What all tests share: the markers' meaning."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

DOCUMENTATION_TREE = Path("/usr/share/doc/postgresql-doc-15/html")


def _missing_for_nginx() -> str | None:
    """Return what keeps the tests against nginx from running here, as a sentence, or None."""
    if os.name != "posix":
        return "nginx tests run on POSIX systems only"
    if shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
        return "there is no nginx here: apt-get install nginx"
    if not DOCUMENTATION_TREE.is_dir():
        return f"there is no {DOCUMENTATION_TREE}: apt-get install postgresql-doc-15"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests marked nginx where nginx or its tree is missing."""
    reason = _missing_for_nginx()
    if reason is not None:
        for item in items:
            if item.get_closest_marker("nginx") is not None:
                item.add_marker(pytest.mark.skip(reason=reason))
