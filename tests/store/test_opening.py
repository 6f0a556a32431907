"""What is opened as a run file, and what is refused and left untouched."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from linkhaul.errors import RunFileError
from linkhaul.store import schema
from linkhaul.store.journal import Journal
from linkhaul.store.opening import create, open_to_read, open_to_write

Spoil = Callable[[Path], None]


def _filled(path: Path) -> None:
    with closing(create(path)) as connection:
        journal = Journal(connection)
        journal.put("INSERT INTO host (host) VALUES (?)", [(f"https://h{n}.example",) for n in range(2_000)])
        journal.commit()


def _cut(path: Path, size: Callable[[int], int]) -> None:
    _filled(path)
    with path.open("r+b") as file:
        file.truncate(size(path.stat().st_size))


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE thesis (chapter TEXT)")


def _foreign_wal(path: Path) -> None:
    """Leave a foreign database with a journal beside it, as a program that was killed does."""
    beside = path.with_name("open.db")
    with closing(sqlite3.connect(beside)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE thesis (chapter TEXT)")
        for suffix in ("", "-wal"):
            shutil.copy(f"{beside}{suffix}", f"{path}{suffix}")
    beside.unlink()


def _newer(path: Path) -> None:
    _filled(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")


def _scribbled_header(path: Path) -> None:
    _filled(path)
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 400)


def _holds(content: bytes) -> Spoil:
    """Return what makes a file with this content."""

    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


SPOILT: dict[str, Spoil] = {
    "empty": _holds(b""),
    "one byte": _holds(b"S"),
    "text": _holds(b"My thesis.\n" * 500),
    "garbage": _holds(bytes(range(256)) * 64),
    "only a header": _holds(b"SQLite format 3\x00"),
    "foreign": _foreign,
    "foreign, its journal beside it": _foreign_wal,
    "newer": _newer,
    "cut in half": lambda path: _cut(path, lambda size: size // 2),
    "cut at a page": lambda path: _cut(path, lambda size: size // 2 // 8192 * 8192),
    "cut by a byte": lambda path: _cut(path, lambda size: size - 1),
    "cut to one page": lambda path: _cut(path, lambda size: 8192),
    "scribbled over": _scribbled_header,
}


def _seen(folder: Path) -> dict[str, bytes]:
    """Return what the files hold; SQLite's index of the journal (and an empty journal) is made by looking, and holds nothing."""
    return {
        path.name: content
        for path in folder.iterdir()
        if not path.name.endswith("-shm") and ((content := path.read_bytes()) or path.name == "trial.run")
    }


@pytest.mark.parametrize("opened", [open_to_write, open_to_read])
@pytest.mark.parametrize("kind", SPOILT)
def test_what_is_no_run_file_is_refused_and_untouched(path: Path, kind: str, opened: Callable[[Path], sqlite3.Connection]) -> None:
    """Anything but a whole run file of a schema we know is an error that names the file, and no byte of it changes."""
    SPOILT[kind](path)
    before = _seen(path.parent)
    with pytest.raises(RunFileError, match=str(path)):
        opened(path).close()
    assert _seen(path.parent) == before


def test_a_file_that_a_full_disk_left_is_whole_with_its_journal(path: Path) -> None:
    """Half a page at the end of a run file is no loss while the journal beside it holds the whole page: it is opened, and read on."""
    beside = path.with_name("full.run")
    with closing(create(beside)) as connection:
        journal = Journal(connection)
        journal.put("INSERT INTO host (host) VALUES (?)", [(f"https://h{n}.example",) for n in range(2_000)])
        journal.commit()
        for suffix in ("", "-wal"):
            shutil.copy(f"{beside}{suffix}", f"{path}{suffix}")
    with path.open("ab") as file:
        file.write(bytes(4_096))
    with closing(open_to_write(path)) as connection:
        assert connection.execute("SELECT count(*) FROM host").fetchone() == (2_000,)


def test_a_newer_schema_says_what_to_do(path: Path) -> None:
    """A file of a newer linkhaul names both schemas and the remedy."""
    _newer(path)
    with pytest.raises(RunFileError, match=rf"schema {schema.VERSION + 1}.* knows {schema.VERSION}.*upgrade"):
        open_to_write(path)


@pytest.mark.parametrize("opened", [open_to_write, open_to_read])
def test_what_is_not_there(path: Path, opened: Callable[[Path], sqlite3.Connection]) -> None:
    """A missing file and a folder are errors, and nothing is made."""
    with pytest.raises(RunFileError, match="no run file"):
        opened(path)
    with pytest.raises(RunFileError):
        opened(path.parent)
    assert list(path.parent.iterdir()) == []


def test_nothing_is_made_over_something(path: Path) -> None:
    """`create` takes an empty or missing place only."""
    path.write_text("My thesis.")
    with pytest.raises(RunFileError, match="exists already"):
        create(path)
    assert path.read_text() == "My thesis."
    with pytest.raises(RunFileError, match="folder"):
        create(path.parent / "nowhere" / "a.run")


def test_a_new_file_is_ours(path: Path) -> None:
    """A run file tells what it is and its schema in its header, commits durably, and may be read beside the writer."""
    create(path).close()
    with closing(open_to_write(path)) as connection:
        pragmas = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version", "journal_mode", "synchronous")
        }
    assert pragmas == {"application_id": schema.APPLICATION_ID, "user_version": schema.VERSION, "journal_mode": "wal", "synchronous": 2}
    assert path.read_bytes()[68:72] == b"LNKH"


def test_what_was_killed_while_it_was_made_is_made_anew(path: Path) -> None:
    """A process that dies before the tables are there leaves nothing in the place of the run file, and nobody in the way."""
    seen: list[bool] = []
    connect = sqlite3.connect

    class Watched(sqlite3.Connection):
        def executescript(self, script: str, /) -> sqlite3.Cursor:
            seen.append(path.exists())
            super().execute("BEGIN")
            super().execute("CREATE TABLE half (made)")
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda *places, **options: connect(*places, **{**options, "factory": Watched}))
        with pytest.raises(KeyboardInterrupt):
            create(path)
    assert seen == [False]
    with closing(create(path)) as connection:
        assert Journal(connection).last_visit == 0


def test_an_older_schema_is_brought_up_to_date(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of an older schema is migrated step by step when it is opened to write, with its rows."""
    _filled(path)
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 2)
    steps = {
        schema.VERSION - 2: "ALTER TABLE host ADD COLUMN first TEXT",
        schema.VERSION - 1: "ALTER TABLE host RENAME COLUMN first TO second",
    }
    monkeypatch.setattr(schema, "MIGRATIONS", {**schema.MIGRATIONS, **steps})
    with closing(open_to_write(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
        assert connection.execute("SELECT count(*), count(second) FROM host").fetchone() == (2_000, 0)


def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a step cannot be made the file keeps its schema and its rows."""
    _filled(path)
    version = schema.VERSION
    monkeypatch.setattr(schema, "VERSION", version + 1)
    monkeypatch.setattr(schema, "MIGRATIONS", {version: "DELETE FROM host; ALTER TABLE nothing ADD COLUMN x"})
    with pytest.raises(RunFileError, match="cannot be written"):
        open_to_write(path)
    monkeypatch.undo()
    with closing(open_to_read(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)
        assert connection.execute("SELECT count(*) FROM host").fetchone() == (2_000,)


def test_a_reader_cannot_write(path: Path) -> None:
    """What is opened to read refuses to write."""
    _filled(path)
    with (
        closing(open_to_read(path)) as connection,
        pytest.raises(sqlite3.OperationalError, match=r"readonly|query_only|read-only|attempt to write"),
    ):
        connection.execute("DELETE FROM host")


def test_a_name_with_signs_of_urls_is_a_name(tmp_path: Path) -> None:
    """A question mark, a percent sign or a hash in a file's name is part of the name."""
    path = tmp_path / "50% of it? #1.run"
    _filled(path)
    with closing(open_to_read(path)) as connection:
        assert connection.execute("SELECT count(*) FROM host").fetchone() == (2_000,)
