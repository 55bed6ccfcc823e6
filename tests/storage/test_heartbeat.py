from datetime import UTC, datetime, timedelta

from storage.database import Database
from storage.heartbeat import last_beat, record_beat

NOW = datetime(2025, 11, 3, 3, 10, tzinfo=UTC)


def test_before_the_first_look_there_is_no_beat(db: Database) -> None:
    assert last_beat(db) is None


def test_the_last_look_counts(db: Database) -> None:
    record_beat(db, NOW)
    record_beat(db, NOW + timedelta(seconds=10))

    assert last_beat(db) == NOW + timedelta(seconds=10)
    assert db.row("SELECT count(*) FROM heartbeat") == (1,)
