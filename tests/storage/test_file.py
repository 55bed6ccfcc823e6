"""The file of the SQLite engine: where it may stand, what it may hold, and who made it."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import storage.engines.sqlite
from storage.database import Database, StorageError, open_database
from storage.schema import APPLICATION_ID, migration_names

pytestmark = pytest.mark.usefixtures("made_here")

NOBODY = 65534


def _save_job(db: Database, name: str) -> None:
    db.execute("INSERT INTO jobs (job) VALUES (?)", (name,))


def _jobs(db: Database) -> list[str]:
    return [name for (name,) in db.rows("SELECT job FROM jobs ORDER BY job")]


def test_another_process_waits_for_the_writer_and_then_says_so(
    db: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.engines.sqlite, "_BUSY_TIMEOUT_SECONDS", 0.01)
    with closing(open_database(path)) as impatient, db.transaction():
        _save_job(db, "a")
        with pytest.raises(StorageError, match="another process keeps the database locked"):
            _save_job(impatient, "b")
        assert _jobs(impatient) == []


@pytest.mark.usefixtures("path")
def test_what_is_committed_is_on_disk_before_it_is_acknowledged(db: Database) -> None:
    full = 2
    assert db.rows("PRAGMA synchronous") == [(full,)]
    assert db.rows("PRAGMA journal_mode") == [("wal",)]
    assert db.rows("PRAGMA foreign_keys") == [(1,)]


def test_a_foreign_error_names_the_file_and_keeps_its_cause(path: Path) -> None:
    path.write_bytes(b"this is no database at all, but it is long enough to be looked at" * 20)
    with pytest.raises(StorageError) as caught:
        open_database(path)
    assert str(caught.value) == f"{path}: it is not an SQLite database"
    assert isinstance(caught.value.__cause__, sqlite3.DatabaseError)


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "a.db"
    with pytest.raises(StorageError) as caught:
        open_database(path)
    assert str(caught.value) == f"{path}: the folder {path.parent} does not exist"


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        open_database(tmp_path)
    assert str(caught.value) == f"{tmp_path}: this is a folder, not a file"


def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as foreign:
        foreign.execute("CREATE TABLE recipes (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(StorageError) as caught:
        open_database(path)
    assert str(caught.value) == f"{path}: this is the database of another program"
    with closing(sqlite3.connect(path)) as foreign:
        assert foreign.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    assert path.read_bytes() == before


def test_a_database_made_by_a_newer_version_is_left_alone(db: Database, path: Path) -> None:
    db.execute(
        """INSERT INTO _sqlite_migrations (migration_set, name, applied_at)
           VALUES ('aftershock', '9999_more', '')"""
    )
    with pytest.raises(StorageError) as caught:
        open_database(path)
    assert str(caught.value) == f"{path}: made by a newer version of the bot (it has 9999_more)"


def test_a_damaged_file(path: Path) -> None:
    with closing(open_database(path)) as db:
        db.execute_many("INSERT INTO jobs (job) VALUES (?)", [(f"{n:0100}",) for n in range(20_000)])
    # The last connection to close folds the log into the file.
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = os.urandom(len(content) - len(content) // 2)
    path.write_bytes(content)
    with closing(open_database(path)) as db, pytest.raises(StorageError, match="the database is damaged"):
        db.rows("SELECT * FROM jobs")


@pytest.mark.usefixtures("path")
def test_a_full_disk_takes_nothing_in_and_goes_on_when_there_is_room(db: Database) -> None:
    [(pages,)] = db.rows("PRAGMA page_count")
    [(most,)] = db.rows("PRAGMA max_page_count")
    db.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match="the disk is full"):
        db.execute_many("INSERT INTO jobs (job) VALUES (?)", [(f"{n:0100}",) for n in range(20_000)])
    assert _jobs(db) == []
    db.rows(f"PRAGMA max_page_count = {most}")
    _save_job(db, "a")
    assert _jobs(db) == ["a"]


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Root may write everything, so it steps back for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("read_only", ["file", "folder"])
def test_a_file_that_may_not_be_written(read_only: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        open_database(path).close()
        path.chmod(0o444 if read_only == "file" else 0o666)
        Path(folder).chmod(0o777 if read_only == "file" else 0o555)
        with _as_nobody(), pytest.raises(StorageError) as caught:
            open_database(path)
        Path(folder).chmod(0o777)
    assert str(caught.value) == f"{path}: the file may not be written"


def test_a_database_in_memory_has_all_tables() -> None:
    with closing(open_database(":memory:")) as db:
        _save_job(db, "a")
        assert _jobs(db) == ["a"]


def test_an_empty_file_becomes_a_database(path: Path) -> None:
    path.touch()
    with closing(open_database(path)) as db:
        assert _jobs(db) == []


def test_migrations_are_applied_once_and_in_order(path: Path) -> None:
    applied = "SELECT name, applied_at FROM _sqlite_migrations ORDER BY id"
    with closing(open_database(path)) as db:
        first = db.rows(applied)
    with closing(open_database(path)) as db:
        assert db.rows(applied) == first
    assert [name for name, _ in first] == sorted(migration_names())


def test_an_older_database_is_brought_up_to_date_and_keeps_its_rows(db: Database, path: Path) -> None:
    _save_job(db, "a")
    db.execute("DROP TABLE outbox")
    db.execute("DELETE FROM _sqlite_migrations WHERE name = '0004_outbox'")
    with closing(open_database(path)) as newer:
        assert newer.rows("SELECT count(*) FROM outbox") == [(0,)]
        assert _jobs(newer) == ["a"]


def test_a_migration_that_fails_leaves_no_half_made_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("CREATE TABLE jobs (in_the_way INTEGER)")
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        open_database(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("jobs",)]


def test_processes_that_start_together_agree_on_the_tables(path: Path) -> None:
    code = (
        "import sys; from storage.database import open_database; sys.stdin.read(1); "
        "print(open_database(sys.argv[1]).rows('SELECT count(*) FROM _sqlite_migrations')[0][0])"
    )
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for process in crowd:
        assert process.stdin
        process.stdin.write("!")
        process.stdin.flush()
    answers = [process.communicate()[0].strip() for process in crowd]
    assert answers == [str(len(migration_names()))] * len(crowd)
