"""What many are told stands once, for as long as anybody was told it, and is carried over from before."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlite_utils import Database as Tables

from storage import broadcasts, chats, outbox, schema
from storage.audience import queue_broadcast
from storage.database import Database, open_database
from storage.engines import postgres_schema, versions
from storage.engines.sqlite import SqliteDatabase
from storage.letters import stretches
from storage.outbox import Delivery
from storage.personal import forget, stored_about
from storage.retention import Retention, prune
from tests.storage.postgres_server import PostgresServer

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ANN, BOB, CAT = 1, 2, 3
LETTERS = "0026_letters"
HELLO = Delivery(chat_id=ANN, kind="alert", text="A-1", created_at=NOON)
KEEP = Retention(quotes=DAY, candles=DAY, outbox=30 * DAY, gauges=DAY)


@pytest.fixture(autouse=True)
def _people(db: Database) -> None:
    for chat_id in (ANN, BOB, CAT):
        chats.ensure_chat(db, chat_id, "private", "x", NOON)


def said_to_all(db: Database, text: str) -> int:
    number = broadcasts.draft(db, ANN, text, ["private"], NOON)
    broadcasts.send(db, number, NOON, lambda: queue_broadcast(db, number, ["private"], None, NOON))
    return number


def letters(db: Database) -> list[str]:
    return [text for (text,) in db.rows("SELECT text FROM letters ORDER BY id")]


def test_what_all_are_told_stands_once_and_each_gets_it(db: Database) -> None:
    said_to_all(db, "hello")
    assert letters(db) == ["hello"]
    assert sorted((d.chat_id, d.text) for d in outbox.claim(db, NOON, 9)) == [
        (ANN, "hello"),
        (BOB, "hello"),
        (CAT, "hello"),
    ]


def test_what_becomes_of_it_in_one_chat_is_nothing_to_the_others(db: Database) -> None:
    said_to_all(db, "one two")
    first, second, _ = outbox.claim(db, NOON, 9)
    outbox.keep_rest(db, first.id, "two")
    outbox.leave_thread(db, second.id, "(the topic is gone)")
    outbox.reclaim(db)
    assert {d.text for d in outbox.claim(db, NOON, 9)} == {
        "two",
        "one two\n\n(the topic is gone)",
        "one two",
    }


def test_it_is_shown_to_each_and_goes_with_the_last_who_was_told_it(db: Database) -> None:
    said_to_all(db, "hello")
    outbox.enqueue(db, [replace(HELLO, kind="answer", text="for Ann alone")])
    assert [row["text"] for row in stored_about(db, ANN)["outbox"]] == ["hello", "for Ann alone"]
    forget(db, ANN)
    forget(db, BOB)
    assert letters(db) == ["hello"]
    forget(db, CAT)
    assert letters(db) == []


def test_of_what_very_many_were_told_nobody_is_asked_whether_others_were_too(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.letters._MANY", 2)
    said_to_all(db, "hello")
    outbox.enqueue(db, [replace(HELLO, kind="answer", text="for Ann alone")])
    for chat_id in (ANN, BOB, CAT):
        forget(db, chat_id)
    assert letters(db) == ["hello"]
    prune(db, KEEP, NOON + 31 * DAY)
    assert letters(db) == []


def test_it_is_forgotten_when_no_delivery_of_it_is_kept(db: Database) -> None:
    said_to_all(db, "hello")
    for delivery in outbox.claim(db, NOON, 2):
        outbox.mark_sent(db, delivery.id, 5, NOON)
    assert prune(db, KEEP, NOON + 31 * DAY) == 2
    assert letters(db) == ["hello"]  # one is still queued
    assert outbox.claim(db, NOON + 31 * DAY, 9) == []
    assert prune(db, KEEP, NOON + 31 * DAY) == len(("delivery", "letter"))
    assert letters(db) == []


def test_what_was_under_way_when_its_time_was_over_is_not_tried_again(db: Database) -> None:
    outbox.enqueue(db, [replace(HELLO, expires_at=NOON + MINUTE), replace(HELLO, chat_id=BOB)])
    outbox.claim(db, NOON, 9)
    assert outbox.claim(db, NOON + MINUTE, 9) == []
    outbox.requeue(db, 1, None, "timeout", unsure=True)
    outbox.requeue(db, 2, None, "timeout", unsure=True)
    assert [d.chat_id for d in outbox.claim(db, NOON + MINUTE, 9)] == [BOB]
    assert outbox.count_by_state(db) == {"expired": 1, "sending": 1}


def test_of_what_was_made_among_each_other_all_that_is_overdue_ends_and_nothing_else(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.letters._MOST_AT_ONCE", 2)
    lives = [1, 9, 1, 9, 2, 1, 1]
    outbox.enqueue(db, [replace(HELLO, text=str(n), expires_at=NOON + n * MINUTE) for n in lives[:4]])
    for n in lives[4:]:
        outbox.enqueue(db, [replace(HELLO, text=str(n), expires_at=NOON + n * MINUTE)])
    assert outbox.expire(db, NOON + MINUTE) == lives.count(1)
    assert outbox.expire(db, NOON + MINUTE) == 0
    waiting = db.rows("SELECT text FROM deliveries WHERE state = 'queued' ORDER BY id")
    assert [text for (text,) in waiting] == ["9", "9", "2"]


@pytest.mark.parametrize(
    ("ranges", "found"),
    [
        ([], []),
        ([(5, 4)], []),
        ([(1, 3), (1, 3), (2, 9)], [(1, 9)]),
        ([(200, 205), (1, 1), (101, 110)], [(1, 205)]),
        ([(1, 1), (102, 102)], [(1, 1), (102, 102)]),
    ],
    ids=["none", "without deliveries", "overlapping", "near", "far"],
)
def test_ranges_that_are_near_each_other_are_walked_through_as_one(
    ranges: list[tuple[int, int]], found: list[tuple[int, int]]
) -> None:
    assert stretches(ranges) == found


def test_however_many_ranges_there_are_they_become_few_stretches_that_hold_them_all() -> None:
    ranges = [(1_000 * n, 1_000 * n + n) for n in range(100)]
    found = stretches(ranges)
    assert len(found) <= 20
    assert all(any(a <= first and last <= b for a, b in found) for first, last in ranges)


def test_a_broadcast_that_is_cancelled_takes_nothing_else_along(db: Database) -> None:
    number = said_to_all(db, "hello")
    outbox.enqueue(db, [HELLO])
    said_to_all(db, "hello")
    assert broadcasts.cancel(db, number) == 3
    assert broadcasts.progress(db, number) == {"expired": 3}
    assert outbox.count_by_state(db) == {"expired": 3, "queued": 4}


_BEFORE = """
    INSERT INTO outbox (id, chat_id, thread_id, kind, turn, rank, active_at, text, buttons, silent, state,
                        attempts, created_at, expires_at, unsure)
    VALUES (?, ?, 0, 'alert', 1, 15, 0, ?, '[]', 0, ?, 1, 5, ?, 0)"""


def test_what_is_queued_when_the_program_is_brought_up_to_date_is_sent(
    engine: str, postgres: PostgresServer, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = postgres.new_database(empty=True) if engine == "postgres" else str(tmp_path / "before.db")
    with monkeypatch.context() as before, closing(_opened_as_before(where, before)) as db:
        _fill_as_before(db)
    with closing(open_database(where)) as db:
        assert outbox.reclaim(db) == 1
        # Whoever looks for what is overdue has no need to look at all that ever arrived.
        assert db.rows("SELECT id, is_over FROM letters ORDER BY id") == [(7, 0), (8, 0), (9, 1)]
        later = Delivery(chat_id=ANN, kind="alert", text="later", created_at=NOON)
        outbox.enqueue(db, [later])
        told = []
        while claimed := outbox.claim(db, NOON, 9):
            told += [(d.id, d.chat_id, d.text, d.unsure) for d in claimed]
            for delivery in claimed:
                outbox.mark_sent(db, delivery.id, 5, NOON)
        # A number is never given twice.
        assert told == [(7, ANN, "queued", False), (8, BOB, "half sent", True), (10, ANN, "later", False)]


def _fill_as_before(db: Database) -> None:
    for chat_id in (ANN, BOB):
        chats.ensure_chat(db, chat_id, "private", "x", NOON)
    far = 10**14
    for row in ((7, ANN, "queued", "queued"), (8, BOB, "half sent", "sending"), (9, BOB, "sent", "sent")):
        db.execute(_BEFORE, (*row, far))


def _opened_as_before(where: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    """As a program opens it that knows nothing of letters yet."""
    earlier = {name: migrate for name, migrate in schema.all_migrations().items() if name < LETTERS}
    if not where.startswith("postgresql:"):
        connection = sqlite3.connect(where, isolation_level=None)
        schema.MIGRATIONS.apply(Tables(connection, execute_plugins=False), stop_before=LETTERS)
        return SqliteDatabase(connection, where)
    monkeypatch.setattr(postgres_schema, "all_migrations", lambda: earlier)
    monkeypatch.setattr(versions, "migration_names", lambda: frozenset(earlier))
    return open_database(where)
