"""Each flush ends a member or frame, so a prefix that ends at a flush is a valid file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from linkhaul.export.compression import open_plain, packer_for, torn_errors


@pytest.mark.parametrize("compression", ["gz", "zst", None])
def test_every_prefix_up_to_a_flush_can_be_read(tmp_path: Path, compression: str | None) -> None:
    """The file is whole after each `finish`, and a flush without rows writes nothing."""
    packer, path, plain = packer_for(compression), tmp_path / "x", b""
    path.write_bytes(b"")
    for number in range(3):
        part = f"part {number}\n".encode() * 1000
        plain += part
        with path.open("ab") as file:
            file.write(packer.add(part) + packer.finish())
        with open_plain(path, compression) as file:
            assert file.read() == plain
    assert packer.finish() == b""


def test_gzip_works_without_isal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fast library is optional; the standard one writes what it reads."""
    monkeypatch.setitem(sys.modules, "isal", None)
    packer, path = packer_for("gz"), tmp_path / "x.gz"
    path.write_bytes(packer.add(b"abc" * 100) + packer.finish())
    with open_plain(path, "gz") as file:
        assert file.read() == b"abc" * 100


@pytest.mark.parametrize("compression", ["gz", "zst"])
def test_a_torn_frame_is_noticed(tmp_path: Path, compression: str) -> None:
    """Reading past a torn end raises one of the named errors, never gives less in silence."""
    packer, path = packer_for(compression), tmp_path / "x"
    whole = packer.add(bytes(range(256)) * 50) + packer.finish()
    path.write_bytes(whole[:-3])
    with open_plain(path, compression) as file, pytest.raises(torn_errors()):
        file.read()
