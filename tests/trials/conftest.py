"""What the trials share: a home of their own, nginx over a tree, and a server that writes down every request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.fetch.conftest import certificates, tls, trusted
from tests.trials.nginx import serving

__all__ = ["certificates", "tls", "trusted"]


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep run files, settings and proxies of whoever runs the tests away from them."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "state"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Callable[[Path], str]]:
    """Give what serves a folder by nginx until the test ends; it returns the origin, without a slash at the end."""
    with ExitStack() as stack:
        yield lambda root: stack.enter_context(serving(root, tmp_path / "nginx"))
