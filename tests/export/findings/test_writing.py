"""Where findings go: whole files, places that are taken, standard output."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.export.findings import sample

from linkhaul.errors import OutputError
from linkhaul.export.findings.formats import Place
from linkhaul.export.findings.writing import check_is_free, write_findings
from linkhaul.model.check import Checked


def test_a_file_appears_whole(tmp_path: Path) -> None:
    """It is written beside its place and moved there; nothing else is left in the folder."""
    write_findings(Place(str(tmp_path / "a.md"), "markdown"), sample.everything, sample.coverage(), sample.context())
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]
    assert (tmp_path / "a.md").read_text(encoding="utf-8").startswith("## ")


def test_what_was_there_stays_when_it_goes_wrong(tmp_path: Path) -> None:
    """A run that breaks off while a file is replaced leaves the old one, and no part of the new one."""
    place = tmp_path / "a.jsonl"
    place.write_text("old")

    def broken() -> Iterator[Checked]:
        yield sample.everything()[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_findings(Place(str(place), "jsonl"), broken, sample.coverage(), sample.context())
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.jsonl": "old"}


def test_an_empty_file_is_written_in_place(tmp_path: Path) -> None:
    """The file that GitHub's runner makes for the summary stays the same file."""
    place = tmp_path / "summary"
    place.touch()
    before = place.stat().st_ino
    check_is_free(str(place), overwrite=False)
    write_findings(Place(str(place), "markdown"), sample.everything, sample.coverage(), sample.context())
    assert place.stat().st_ino == before
    assert place.stat().st_size > 100


def test_a_taken_place_is_refused_beforehand(tmp_path: Path) -> None:
    """A file of the user's is replaced only with --overwrite; a folder and a missing folder are told."""
    (tmp_path / "a.html").write_text("mine")
    with pytest.raises(OutputError, match="--overwrite"):
        check_is_free(str(tmp_path / "a.html"), overwrite=False)
    check_is_free(str(tmp_path / "a.html"), overwrite=True)
    check_is_free("-", overwrite=False)
    with pytest.raises(OutputError, match="is a folder"):
        check_is_free(str(tmp_path), overwrite=True)
    with pytest.raises(OutputError, match="make it first"):
        check_is_free(str(tmp_path / "no" / "a.html"), overwrite=True)


def test_a_full_disk_is_a_sentence() -> None:
    """What the disk refuses is an OutputError with the remedy."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with pytest.raises(OutputError, match="no space left"):
        write_findings(Place("/dev/full", "json"), sample.everything, sample.coverage(), sample.context())


def test_standard_output_is_utf8_in_a_pipe(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """A pipe gets UTF-8 whatever the terminal's encoding, and stays open for what comes after."""
    write_findings(Place("-", "people"), sample.everything, sample.coverage(), sample.context())
    print("after")  # noqa: T201 - what is tested is that one still can
    out = capsysbinary.readouterr().out
    assert "שלום".encode() in out
    assert out.endswith(b"after\n")
