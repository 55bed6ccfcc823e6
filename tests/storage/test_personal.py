"""What is stored about a chat is found in every table, shown, and deleted to the last row."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from signals.moments import to_ms
from storage import chats, inbox, outbox
from storage.database import Database
from storage.engines.sqlite import SqliteDatabase
from storage.inbox import Received
from storage.outbox import Delivery
from storage.personal import forget, parts_about_a_chat, stored_about, stored_of_person
from storage.tables import tables
from storage.unfinished import TABLE
from tests.storage.engines import make_table, schema_of
from tests.storage.every_table import fill

ANN, BOB, DESK = 987_654_321, 555_666_777, -100_444_333_222
NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
MARKET = {
    "candles",
    "changes",
    "alerts",
    "etf_flows",
    "feeds",
    "funding",
    "gauges",
    "inbox",
    "instruments",
    "jobs",
    "levels",
    "notices",
    "quotes",
    "series",
    "standings",
}
"""Tables about the market and the program, not about chats."""

HANGING = {"letters", "told"}
"""Tables whose rows are of what chats were told, and go with the last delivery of it."""


def content(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    return {table: db.rows(f'SELECT * FROM "{table}"') for table in tables(db)}


def holding(db: Database, value: int) -> set[str]:
    """The tables in which a number occurs anywhere."""
    return {table for table, rows in content(db).items() if any(value in row for row in rows)}


def test_every_table_that_names_a_chat_is_about_chats(db: Database) -> None:
    made = schema_of(db).rows("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
    naming = {table for table, sql in made if sql and re.search(r"\bchat_id\b|REFERENCES chats\b", sql)}
    found = {part.table for part in parts_about_a_chat(db)}
    assert naming | {"chats"} <= found
    assert {"chats", "outbox", "subscriptions", "briefs"} <= found
    assert not found & MARKET


@pytest.mark.parametrize("chat_id", [ANN, DESK])
def test_what_is_forgotten_is_nowhere_any_more_and_nothing_else_is(db: Database, chat_id: int) -> None:
    fill(db, (ANN, BOB, DESK), person_id=ANN)
    about = {part.table for part in parts_about_a_chat(db)}
    before = content(db)
    assert [table for table in tables(db) if not before[table]] == [TABLE], "every other table has a row"
    assert about - HANGING <= holding(db, chat_id)

    assert forget(db, chat_id) >= len(about)

    assert not holding(db, chat_id)
    for table, rows in content(db).items():
        # A row whose key is the person goes as well, whichever chat it is about.
        goes = table in about | HANGING
        assert len(rows) < len(before[table]) if goes else len(rows) == len(before[table]), table
    for table, rows in content(db).items():
        gone = [row for row in before[table] if row not in rows]
        assert len(gone) == 1 if table in HANGING else all(chat_id in row for row in gone), table
    if isinstance(db, SqliteDatabase):
        assert db.rows("PRAGMA foreign_key_check") == []


def test_a_forgotten_chat_is_as_new(db: Database) -> None:
    new = chats.ensure_chat(db, ANN, "private", "Ann", NOON)
    chats.set_language(db, ANN, "zh")
    chats.subscribe(db, ANN, "verdict", "sound")
    outbox.enqueue(db, [Delivery(chat_id=ANN, kind="alert", text="x", created_at=NOON)])
    forget(db, ANN)
    assert outbox.claim(db, NOON, 1) == []
    assert chats.ensure_chat(db, ANN, "private", "Ann", NOON) == new
    assert chats.read_subscriptions(db, ANN) == {}


def test_what_is_shown_has_names_and_moments_that_people_read(db: Database) -> None:
    chats.ensure_chat(db, ANN, "private", '["Ann"]', NOON)
    chats.mute(db, ANN, NOON)
    buttons = [[{"text": "Why", "data": "why:1"}]]
    outbox.enqueue(db, [Delivery(chat_id=ANN, kind="alert", text="[1]", buttons=buttons, created_at=NOON)])
    shown = stored_about(db, ANN)
    [chat], [delivery] = shown["chats"], shown["outbox"]
    assert (chat["title"], chat["muted_until"]) == ('["Ann"]', "2025-11-03T12:00:00Z")
    assert (delivery["text"], delivery["buttons"], delivery["silent"]) == ("[1]", buttons, 0)
    assert shown["subscriptions"] == []


def test_what_is_shown_is_all_that_is_stored_and_nothing_of_others(db: Database) -> None:
    fill(db, (ANN, BOB), person_id=ANN)
    shown = stored_about(db, ANN)
    about = {part.table for part in parts_about_a_chat(db)}
    assert set(shown) == about | {"inbox"}
    assert all(len(shown[table]) == 1 for table in about)
    assert str(BOB) not in str(shown)


def test_a_person_is_shown_what_they_did_elsewhere(db: Database) -> None:
    chats.ensure_chat(db, ANN, "private", "Ann", NOON)
    db.execute("INSERT INTO levels (origin, known_at, set_by) VALUES ('operator', ?, ?)", (to_ms(NOON), ANN))
    assert [row["known_at"] for row in stored_of_person(db, ANN)["levels"]] == ["2025-11-03T12:00:00Z"]
    assert stored_of_person(db, BOB) == {}


@pytest.mark.parametrize(("forgotten", "left"), [(ANN, {2, 3, 4}), (DESK, {2, 3, 4}), (BOB, {1, 3, 4})])
def test_what_could_not_be_handled_is_forgotten_too(db: Database, forgotten: int, left: set[int]) -> None:
    updates = [
        Received(1, f'{{"message": {{"from": {{"id": {ANN}}}, "chat": {{"id": {DESK}}}}}}}'),
        Received(2, f'{{"message": {{"from": {{"id": {BOB}}}, "text": "{ANN} {DESK}"}}}}'),
        # It waits for its turn: whoever asks to be forgotten and then greets is answered.
        Received(3, f'{{"message": {{"from": {{"id": {ANN}}}}}}}'),
        Received(4, "no JSON"),
    ]
    inbox.receive(db, updates, NOON)
    for update_id in (1, 2, 4):
        inbox.set_aside(db, update_id, "unreadable")
    assert [row["update_id"] for row in stored_about(db, forgotten)["inbox"]] == sorted({1, 2, 3, 4} - left)
    forget(db, forgotten)
    assert {update_id for (update_id,) in db.rows("SELECT update_id FROM inbox")} == left


def test_the_name_of_who_is_forgotten_goes_with_the_id(db: Database) -> None:
    """As a table to come might keep it."""
    make_table(db, "CREATE TABLE taken (id INTEGER, user_id INTEGER, name TEXT NOT NULL) STRICT")
    db.execute("INSERT INTO taken VALUES (1, ?, 'Ann'), (2, ?, 'Bob')", (ANN, BOB))
    make_table(db, "CREATE TABLE made (made_by INTEGER, made_by_name TEXT) STRICT")
    db.execute("INSERT INTO made VALUES (?, 'Ann'), (?, 'Bob')", (ANN, BOB))
    make_table(
        db, "CREATE TABLE watchers (chat_id INTEGER, user_id INTEGER, PRIMARY KEY (chat_id, user_id)) STRICT"
    )
    db.execute("INSERT INTO watchers VALUES (?, ?), (?, ?)", (DESK, ANN, DESK, BOB))
    forget(db, ANN)
    assert db.rows("SELECT * FROM taken ORDER BY id") == [(1, 0, ""), (2, BOB, "Bob")]
    assert db.rows("SELECT * FROM made ORDER BY made_by IS NULL") == [(BOB, "Bob"), (None, None)]
    assert db.rows("SELECT * FROM watchers") == [(DESK, BOB)]


def test_a_groups_id_before_it_moved_is_forgotten_too(db: Database) -> None:
    make_table(db, "CREATE TABLE moved (old_id INTEGER PRIMARY KEY, new_id INTEGER NOT NULL) STRICT")
    db.execute("INSERT INTO moved VALUES (-1, ?), (-3, -4)", (DESK,))
    forget(db, DESK)
    assert db.rows("SELECT * FROM moved") == [(-3, -4)]


def test_nothing_is_forgotten_of_a_chat_that_is_not_there(db: Database) -> None:
    assert forget(db, 404) == 0


def test_a_row_that_hangs_on_one_about_a_chat_goes_with_it(db: Database) -> None:
    """As a table to come might: it names no chat, and a delivery may not go before it."""
    make_table(db, "CREATE TABLE replies (delivery_id INTEGER NOT NULL REFERENCES outbox, note TEXT) STRICT")
    for chat_id in (ANN, BOB):
        chats.ensure_chat(db, chat_id, "private", "x", NOON)
        outbox.enqueue(db, [Delivery(chat_id=chat_id, kind="alert", text="x", created_at=NOON)])
    db.execute("INSERT INTO replies SELECT id, 'x' FROM outbox")
    assert len(stored_about(db, ANN)["replies"]) == 1
    forget(db, ANN)
    assert db.rows("SELECT delivery_id FROM replies") == [(2,)]
