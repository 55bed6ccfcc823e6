"""A copy of the database while the bot runs: of one moment, checked, and never over another file."""

import contextlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from storage.database import StorageError, is_postgres
from storage.schema import APPLICATION_ID


def back_up(where: str | Path, target: Path) -> int:
    """Copy a database into a file of its own; how many bytes that took. Writers are not held up meanwhile.

    Raises:
        StorageError: it is a PostgreSQL, which has means of its own; there is a file already, the source is
            not ours or damaged, or the disk refuses; then there is no copy.
    """
    if is_postgres(where):
        raise StorageError(
            "a PostgreSQL is backed up by its own means: pg_dump --format=custom --file=FILE DATABASE_URL"
        )
    source = Path(where)
    if target.exists():
        raise StorageError(f"{target}: there is a file already, and it is left as it is")
    unchecked = target.with_name(f"{target.name}.unchecked")
    try:
        # Made for its owner alone: it holds what chats chose and were sent.
        os.close(os.open(unchecked, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise StorageError(f"{unchecked}: the file cannot be made: {error.strerror}") from error
    try:
        _copy(source, unchecked)
        # Unlike a renaming this fails where somebody else made the file in the meantime.
        os.link(unchecked, target)
    except sqlite3.Error as error:
        raise StorageError(f"{source}: cannot be copied: {error}") from error
    except OSError as error:
        raise StorageError(f"{target}: the file cannot be made: {error.strerror}") from error
    finally:
        for left in (unchecked, *(Path(f"{unchecked}{end}") for end in ("-wal", "-shm", "-journal"))):
            with contextlib.suppress(FileNotFoundError):
                left.unlink()
    return target.stat().st_size


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        raise StorageError(f"{source}: there is no database")
    with (
        closing(sqlite3.connect(source.absolute().as_uri() + "?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        if original.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
            raise StorageError(f"{source}: this is the database of another program")
        # All pages in one step: one moment, however much is written meanwhile.
        original.backup(copy)
        # One file, with nothing beside it that could be forgotten; the bot turns the log on again.
        copy.execute("PRAGMA journal_mode = DELETE")
        _check(copy, source)


def _check(copy: sqlite3.Connection, source: Path) -> None:
    """Every page and index, and every reference between rows."""
    [(found, *_), *more] = copy.execute("PRAGMA integrity_check").fetchall()
    if found != "ok" or more:
        raise StorageError(f"{source}: the database is damaged: {found}")
    if copy.execute("PRAGMA foreign_key_check").fetchone():
        raise StorageError(f"{source}: the database is damaged: rows refer to others that are not there")
