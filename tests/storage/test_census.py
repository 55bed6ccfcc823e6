"""Numbers for the operator: counted on what was really stored."""

from datetime import UTC, datetime, timedelta

from storage import chats, outbox
from storage.census import count_chats, count_topics, last_failures, measure, oldest_queued
from storage.database import Database
from storage.maintenance import clear_note, read_note, set_note
from storage.outbox import Delivery
from storage.tables import tables

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_chats_and_what_they_hear_are_counted(db: Database) -> None:
    for chat_id in (1, 2, 3, -4):
        chats.ensure_chat(db, chat_id, "private" if chat_id > 0 else "channel", "x", NOON)
        chats.subscribe(db, chat_id, "verdict", "sound")
    chats.subscribe(db, -4, "verdict", "silent", thread_id=7)
    chats.subscribe(db, 1, "premium", "silent")
    chats.block(db, 2, "x")
    chats.pause(db, 3, "x")
    assert count_chats(db) == [
        ("channel", "active", 1),
        ("private", "active", 1),
        ("private", "blocked", 1),
        ("private", "paused", 1),
    ]
    assert count_topics(db) == [("verdict", 2, 1), ("premium", 0, 1)]


def test_the_oldest_that_waits_is_not_one_that_cannot_be_sent(db: Database) -> None:
    assert oldest_queued(db) is None
    for chat_id, age in ((1, 3), (2, 2), (3, 1)):
        chats.ensure_chat(db, chat_id, "private", "x", NOON)
        outbox.enqueue(
            db, [Delivery(chat_id=chat_id, kind="alert", text="x", created_at=NOON - age * MINUTE)]
        )
    chats.block(db, 1, "x")
    assert oldest_queued(db) == NOON - 2 * MINUTE


def test_failures_of_the_same_reason_are_one_line(db: Database) -> None:
    chats.ensure_chat(db, 1, "private", "x", NOON)
    for minute, error in enumerate(["too long", "no rights", "too long"]):
        outbox.enqueue(db, [Delivery(chat_id=1, kind="alert", text="x", created_at=NOON + minute * MINUTE)])
        outbox.mark_failed(db, outbox.claim(db, NOON + timedelta(hours=1), 1)[0].id, error)
    assert last_failures(db, 9) == [
        ("alert", "too long", 2, NOON + 2 * MINUTE),
        ("alert", "no rights", 1, NOON + MINUTE),
    ]
    assert len(last_failures(db, 1)) == 1


def test_the_size_counts_every_table(db: Database) -> None:
    chats.ensure_chat(db, 1, "private", "x", NOON)
    size = measure(db)
    assert set(size.rows) == set(tables(db))
    assert (next(iter(size.rows)), size.rows["chats"]) == ("chats", 1)
    assert size.bytes > 10_000
    assert not [table for table in size.rows if "sqlite" in table]


def test_a_note_stands_until_it_is_taken_back(db: Database, other: Database) -> None:
    assert read_note(db) is None
    set_note(db, "moving", NOON)
    set_note(db, "moved", NOON + MINUTE)
    assert read_note(other) == ("moved", NOON + MINUTE)
    clear_note(db)
    assert read_note(other) is None
