"""What a database keeps and undoes, whichever engine it is."""

import pytest

from storage.database import BusyError, Database, StorageError
from storage.engines.sqlite import SqliteDatabase
from storage.nudges import nudge
from tests.storage.engines import BROKEN_RULE, BUG, WRONG_VALUE


def _save_job(db: Database, name: str) -> None:
    db.execute("INSERT INTO jobs (job) VALUES (?)", (name,))


def _jobs(db: Database) -> list[str]:
    return [name for (name,) in db.rows("SELECT job FROM jobs ORDER BY job")]


def test_a_transaction_is_kept_whole(db: Database, other: Database) -> None:
    with db.transaction():
        _save_job(db, "a")
        _save_job(db, "b")
        assert _jobs(other) == []
    assert _jobs(other) == ["a", "b"]


def test_a_transaction_that_fails_leaves_nothing(db: Database) -> None:
    def fail() -> None:
        with db.transaction():
            _save_job(db, "a")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert _jobs(db) == []
    _save_job(db, "b")
    assert _jobs(db) == ["b"]


def test_an_inner_transaction_is_undone_with_the_outer_one(db: Database) -> None:
    def fail() -> None:
        with db.transaction():
            with db.transaction():
                _save_job(db, "a")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert _jobs(db) == []


def test_inner_transactions_that_fail_are_undone_alone(db: Database) -> None:
    def fail(name: str) -> None:
        with db.transaction():
            _save_job(db, name)
            raise KeyError

    with db.transaction():
        _save_job(db, "outer")
        with db.transaction():
            _save_job(db, "inner")
            with pytest.raises(KeyError):
                fail("a")
        with pytest.raises(KeyError):
            fail("b")
    assert _jobs(db) == ["inner", "outer"]


def test_a_failure_within_an_inner_transaction_does_not_keep_what_stood_before_it(db: Database) -> None:
    def fail() -> None:
        with db.transaction():
            _save_job(db, "before")
            with pytest.raises(BROKEN_RULE), db.transaction():
                _save_job(db, "outer")
            raise KeyError

    with db.transaction():
        _save_job(db, "outer")
        with pytest.raises(KeyError):
            fail()
    assert _jobs(db) == ["outer"]


def test_one_bad_row_of_many_keeps_out_the_others(db: Database) -> None:
    rows = [("a", 1), ("b", "not a number")]
    with pytest.raises(WRONG_VALUE):
        db.execute_many("INSERT INTO jobs (job, runs) VALUES (?, ?)", rows)
    assert _jobs(db) == []


@pytest.mark.parametrize(
    "sql", ["SELEC 1", "SELECT * FROM nowhere", "INSERT INTO jobs (job, runs) VALUES ('a', NULL)"]
)
def test_a_bug_stays_a_bug(db: Database, sql: str) -> None:
    with pytest.raises(BUG):
        db.execute(sql)


def test_a_closed_database_is_a_bug(db: Database) -> None:
    db.close()
    with pytest.raises(BUG):
        db.rows("SELECT 1")


def test_many_rows_are_counted_as_far_as_they_were_written(db: Database) -> None:
    sql = "INSERT INTO jobs (job) VALUES (?) ON CONFLICT DO NOTHING"
    assert db.execute_many(sql, [("a",), ("b",)]) == 2
    assert db.execute_many(sql, [("b",), ("c",)]) == 1
    assert db.execute_many(sql, []) == 0
    assert db.execute("UPDATE jobs SET runs = 1 WHERE job > ?", ("a",)) == 2


def test_a_reader_does_not_wait_for_the_writer(db: Database, other: Database) -> None:
    with db.transaction():
        _save_job(db, "a")
        assert _jobs(other) == []


def test_a_snapshot_is_of_one_moment_and_holds_nobody_up(db: Database, other: Database) -> None:
    count = "SELECT count(*) FROM nudges"
    with other.snapshot():
        assert other.rows(count) == [(0,)]
        nudge(db, "work")
        assert (other.rows(count), db.rows(count)) == ([(0,)], [(1,)])
    assert other.rows(count) == [(1,)]
    nudge(other, "roles")
    with pytest.raises(StorageError, match="gone"), other.snapshot():
        raise StorageError("gone")
    assert db.rows(count) == other.rows(count) == [(2,)]


def test_of_two_who_read_and_then_write_one_waits_for_the_other(db: Database, other: Database) -> None:
    is_file = isinstance(other, SqliteDatabase)
    other.execute("PRAGMA busy_timeout = 10" if is_file else "SET lock_timeout = 10")
    with db.transaction():
        assert _jobs(db) == []
        with pytest.raises(BusyError) as caught, other.transaction():
            _save_job(other, "b")
        assert str(caught.value) == f"{db.name}: another process keeps the database locked"
        _save_job(db, "a")
    with other.transaction():
        assert _jobs(other) == ["a"]


def test_values_come_back_as_they_were_given(db: Database) -> None:
    """Truth values as 0 and 1, whole numbers whole, texts in the order of their letters' codes."""
    hostile = "\u200f%s ? :x 爆仓\\'\""
    assert db.rows("SELECT ?, ?, ?, ?", (2**62, 0.1 + 0.2, hostile, None)) == [
        (2**62, 0.1 + 0.2, hostile, None)
    ]
    jobs = [("b", True), ("B", 2), ("é", 3), ("a", False)]
    db.execute_many("INSERT INTO jobs (job, runs) VALUES (?, ?)", jobs)
    assert db.rows("SELECT job, runs, runs > 1 FROM jobs ORDER BY job") == [
        ("B", 2, 1),
        ("a", 0, 0),
        ("b", 1, 0),
        ("é", 3, 1),
    ]
    [(total,)] = db.rows("SELECT sum(runs) FROM jobs")
    assert (total, type(total)) == (6, int)


def test_names_and_marks_stand_for_values(db: Database) -> None:
    assert db.rows("SELECT :a, '?', :b, :a", {"a": 1, "b": "x"}) == [(1, "?", "x", 1)]
    assert db.record("SELECT ? AS a, 'x%' AS b", (1,)) == {"a": 1, "b": "x%"}
    assert db.records("SELECT job FROM jobs WHERE :job IS NULL OR job = :job", {"job": None}) == []


def test_a_number_is_never_given_twice(db: Database) -> None:
    def add() -> int:
        [(number,)] = db.rows("INSERT INTO alerts (at, raised_at) VALUES (1, 1) RETURNING id")
        return int(number)

    assert [add(), add()] == [1, 2]
    db.execute("DELETE FROM alerts")
    assert add() == 3
