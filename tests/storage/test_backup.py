"""A backup is of one moment, can be run on, and is never made over a file or out of a damaged database."""

import stat
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import chats, outbox
from storage.backup import back_up
from storage.database import Database, StorageError, open_database
from storage.engines.sqlite import SqliteDatabase
from storage.outbox import Delivery
from tests.storage.every_table import fill

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)


def content(db: Database) -> list[str]:
    assert isinstance(db, SqliteDatabase)
    return list(db._connection.iterdump())


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backup.db"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_bot_runs_on_what_was_backed_up(db: Database, path: Path, target: Path) -> None:
    """The database is open and its log not folded in, as while the bot runs."""
    fill(db, (1, -2), person_id=1)
    before = content(db)
    assert back_up(path, target) == target.stat().st_size
    assert names(target.parent) == {path.name, f"{path.name}-wal", f"{path.name}-shm", target.name}
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    # What comes later is not in it.
    chats.ensure_chat(db, 3, "private", "x", NOON)
    restored = target.with_name("restored.db")
    restored.write_bytes(target.read_bytes())
    with closing(open_database(restored)) as again:
        assert content(again) == before
        assert again.rows("PRAGMA journal_mode") == [("wal",)]
        assert chats.read_chat(again, 3) is None


def test_it_is_of_one_moment_while_somebody_writes(db: Database, path: Path, tmp_path: Path) -> None:
    chats.ensure_chat(db, 1, "private", "x", NOON)
    begun, stopped = threading.Event(), threading.Event()

    def write() -> None:
        with closing(open_database(path)) as writer:
            while not stopped.is_set():
                both = [Delivery(chat_id=1, kind="alert", text="x" * 900, created_at=NOON)] * 2
                outbox.enqueue(writer, both)
                begun.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert begun.wait(30)
        for number in range(5):
            back_up(path, tmp_path / f"{number}.db")
    finally:
        stopped.set()
        thread.join()
    for number in range(5):
        with closing(open_database(tmp_path / f"{number}.db")) as copy:
            # They are queued two by two, or not at all.
            assert outbox.count_by_state(copy)["queued"] % 2 == 0


def test_a_file_that_is_there_is_left_as_it_is(db: Database, path: Path, target: Path) -> None:
    del db  # the file is there
    target.write_text("mine")
    with pytest.raises(StorageError, match=r"backup\.db: there is a file already"):
        back_up(path, target)
    assert target.read_text() == "mine"
    assert names(target.parent) >= {target.name}
    assert not [name for name in names(target.parent) if "unchecked" in name]


def damaged(path: Path) -> None:
    with closing(open_database(path)) as db:
        db.execute_many("INSERT INTO jobs (job) VALUES (?)", [(f"{n:0100}",) for n in range(20_000)])
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : -4096] = b"\x55" * (len(content) - len(content) // 2 - 4096)
    path.write_bytes(content)


def dangling(path: Path) -> None:
    with closing(open_database(path)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("INSERT INTO briefs (chat_id, at) VALUES (7, '08:00')")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda _: None, "there is no database"),
        (lambda path: path.write_text("hello " * 100), "cannot be copied: file is not a database"),
        (lambda path: path.write_bytes(b""), "the database of another program"),
        (damaged, "is damaged|cannot be copied"),
        (dangling, "rows refer to others that are not there"),
    ],
)
def test_what_cannot_be_trusted_is_no_backup(
    path: Path, target: Path, spoil: Callable[[Path], object], sentence: str
) -> None:
    spoil(path)
    with pytest.raises(StorageError, match=sentence):
        back_up(path, target)
    assert not [name for name in names(target.parent) if name.startswith("backup")]


def test_a_postgres_has_means_of_its_own(target: Path) -> None:
    with pytest.raises(StorageError, match="pg_dump") as caught:
        back_up("postgresql://ann:secret@db.example/bot", target)
    assert "secret" not in str(caught.value)


def test_a_folder_that_is_not_there(db: Database, path: Path, tmp_path: Path) -> None:
    del db
    with pytest.raises(StorageError, match="cannot be made: No such file"):
        back_up(path, tmp_path / "nowhere" / "backup.db")
