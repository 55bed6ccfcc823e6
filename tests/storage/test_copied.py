"""A copied database is in all the database that its migrations make."""

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.database import open_database
from storage.schema import APPLICATION_ID, migration_names
from tests.storage.copied import copied_databases, made_databases


def content(path: Path) -> list[str]:
    """All that makes it what it is, but for when its migrations were applied."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE _sqlite_migrations SET applied_at = ''")
        [(application,)] = connection.execute("PRAGMA application_id")
        [(journal,)] = connection.execute("PRAGMA journal_mode")
        assert (application, journal) == (APPLICATION_ID, "wal")
        return list(connection.iterdump())


def test_a_copied_database_is_what_its_migrations_make(tmp_path: Path) -> None:
    made, copied = tmp_path / "made.db", tmp_path / "copied.db"
    with made_databases():
        open_database(made).close()
    with copied_databases():
        open_database(copied).close()
    assert content(copied) == content(made)


def test_what_is_written_into_one_is_in_no_other() -> None:
    with copied_databases():
        with closing(open_database(":memory:")) as db:
            db.execute("INSERT INTO jobs (job) VALUES ('a')")
        with closing(open_database(":memory:")) as db:
            assert db.rows("SELECT job FROM jobs") == []


def test_a_database_that_has_tables_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "aftershock.db"
    with copied_databases():
        with closing(open_database(path)) as db:
            db.execute("INSERT INTO jobs (job) VALUES ('a')")
            db.execute("DROP TABLE outbox")
            db.execute("DELETE FROM _sqlite_migrations WHERE name = '0004_outbox'")
        with closing(open_database(path)) as db:
            assert db.rows("SELECT job FROM jobs") == [("a",)]
            assert db.rows("SELECT count(*) FROM outbox") == [(0,)]
            [(applied,)] = db.rows("SELECT count(*) FROM _sqlite_migrations")
    assert applied == len(migration_names())
