"""What all tests share: the markers' meaning."""

from __future__ import annotations

import os
import shutil
import signal
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # so it is behind nohup or in a shell's background, and what is tested would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("untimed", deadline=None)  # no test fails because a machine is busy
settings.load_profile("untimed")

DOCUMENTATION_TREE = Path("/usr/share/doc/postgresql-doc-15/html")


CHROMIUM = next((name for name in ("chromium", "chromium-browser", "google-chrome") if shutil.which(name)), "chromium")


def _missing_for_browser() -> str | None:
    """Return what keeps the tests in a browser from running here, as a sentence, or None."""
    if shutil.which(CHROMIUM) is None:
        return "there is no Chromium here: apt-get install chromium"
    return None if find_spec("playwright") else "playwright is not installed: it is in requirements-dev.txt"


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
    """Skip the tests marked nginx and browser where what they need is missing."""
    for marker, reason in (("nginx", _missing_for_nginx()), ("browser", _missing_for_browser())):
        if reason is not None:
            for item in items:
                if item.get_closest_marker(marker) is not None:
                    item.add_marker(pytest.mark.skip(reason=reason))
