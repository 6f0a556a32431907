"""How many requests at once a machine can bear: no more than it lets a program have connections."""

from __future__ import annotations

import sys

import pytest
from msgspec.structs import replace

from linkhaul.api.open_files import bounded
from linkhaul.config import Config, PaceSettings

resource = pytest.importorskip("resource", reason="Windows has no such limit")


def asked(concurrency: int) -> Config:
    return replace(Config(), pace=PaceSettings(concurrency=concurrency))


@pytest.mark.parametrize(("files", "asked_for", "most"), [(256, 2000, 162), (1024, 2000, 738), (1024, 64, 64), (20, 64, 1)])
def test_connections_leave_files_for_the_rest(files: int, asked_for: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run file, the outputs and Python's modules need files too; what is asked for beyond that is not done, and said."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    config, said = bounded(asked(asked_for))
    assert config.pace.concurrency == most
    assert [f"{most} requests at once instead of {asked_for}" in line for line in said] == ([True] if most < asked_for else [])


def test_without_a_limit_all_that_is_asked_for_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where any number of files may be open, nothing is changed."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert bounded(asked(2000)) == (asked(2000), [])
    monkeypatch.setitem(sys.modules, "resource", None)
    assert bounded(asked(2000)) == (asked(2000), [])
