"""What belongs to a chat moves with it, whatever tables there are."""

from datetime import UTC, datetime, time, timedelta

import pytest

from storage import admissions, briefs, chats, keepers, outbox, returns
from storage.admissions import Person
from storage.database import Database
from storage.moving import migrate_chat, move_to_thread, present_id
from storage.outbox import Delivery
from storage.tables import tables_with
from tests.storage.engines import BROKEN_RULE, schema_of

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
ALICE, ANN, BOB, EVE = (Person(number, name) for number, name in enumerate(("Alice", "Ann", "Bob", "Eve"), 1))
GROUP, SUPERGROUP = -100, -1_000_000_000_100


@pytest.fixture
def group(db: Database) -> int:
    chats.ensure_chat(db, GROUP, "group", "Desk", NOON)
    return GROUP


def delivery(thread_id: int = 0, chat_id: int = GROUP) -> Delivery:
    return Delivery(chat_id=chat_id, thread_id=thread_id, kind="alert", text="x", created_at=NOON)


def fill(db: Database, table: str, **known: object) -> bool:
    """Put a row into a table, with a value for every column that needs one; whether that could be guessed."""
    values = dict(known)
    for name, kind, required, default in schema_of(db).rows(
        'SELECT name, type, "notnull", dflt_value FROM pragma_table_info(?)', (table,)
    ):
        if name not in values and required and default is None:
            values[name] = {"INTEGER": 1, "REAL": 1.0}.get(kind, "sound")
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    try:
        db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))
    except BROKEN_RULE:
        return False
    return True


def test_every_table_that_names_a_chat_is_moved(db: Database, group: int) -> None:
    """A table that comes later is held to it too, as far as a row of it can be made up."""
    admissions.ask(db, group, BOB, NOON)
    briefs.choose(db, group, time(8))
    outbox.enqueue(db, [delivery()])
    keepers.keep(db, group, 7)
    for table in tables_with(db, "chat_id"):
        fill(db, table, chat_id=group)
    tables = tables_with(db, "chat_id")
    before = {table: count(db, table, group) for table in tables}
    assert all(before[table] for table in ("admissions", "briefs", "keepers", "outbox", "subscriptions"))
    migrate_chat(db, group, SUPERGROUP)
    assert {table: count(db, table, SUPERGROUP) for table in tables} == before
    assert {table: count(db, table, group) for table in tables} == dict.fromkeys(tables, 0)
    assert present_id(db, group) == SUPERGROUP


def count(db: Database, table: str, chat_id: int) -> int:
    [(number,)] = db.rows(f"SELECT count(*) FROM {table} WHERE chat_id = ?", (chat_id,))
    return int(number)


def test_what_comes_late_or_twice_brings_nothing_back(db: Database, group: int) -> None:
    chats.subscribe(db, group, "verdict", "sound")
    migrate_chat(db, group, SUPERGROUP)
    chats.unsubscribe(db, SUPERGROUP, "verdict")
    migrate_chat(db, group, SUPERGROUP)
    migrate_chat(db, SUPERGROUP, SUPERGROUP)
    assert chats.read_subscriptions(db, SUPERGROUP) == {}
    assert chats.read_chat(db, group) is None
    assert present_id(db, SUPERGROUP) == SUPERGROUP


def test_a_group_that_was_left_on_its_way_is_not_away(db: Database, group: int) -> None:
    chats.block(db, group, "the bot's status is left", NOON)
    migrate_chat(db, group, SUPERGROUP)
    chat = chats.read_chat(db, SUPERGROUP)
    assert chat is not None
    assert (chat.state, chat.reason, chat.blocked_at) == ("active", None, None)


@pytest.mark.parametrize("state", [None, "asked", "admitted"])
def test_a_supergroup_that_spoke_first_is_no_newcomer(db: Database, group: int, state: str | None) -> None:
    if state is not None:
        admissions.ask(db, group, BOB, NOON)
    if state == "admitted":
        assert admissions.decide(db, group, "admitted", ALICE, NOON)
    chats.ensure_chat(db, SUPERGROUP, "supergroup", "Desk", NOON)
    admissions.ask(db, SUPERGROUP, None, NOON)
    migrate_chat(db, group, SUPERGROUP)
    found = admissions.read_admission(db, SUPERGROUP)
    assert (found and found.state) == state


# Topics


def test_everything_of_a_chat_goes_to_one_topic(db: Database, group: int) -> None:
    chats.ensure_chat(db, -5, "supergroup", "Other", NOON)
    chats.subscribe(db, -5, "verdict", "sound", thread_id=3)
    chats.subscribe(db, group, "verdict", "sound")
    chats.subscribe(db, group, "verdict", "silent", thread_id=3)
    chats.subscribe(db, group, "premium", "silent", thread_id=3)
    chats.subscribe(db, group, "eth_btc", "sound", thread_id=9)
    briefs.choose(db, group, time(8), thread_id=3)
    outbox.enqueue(db, [delivery(3), delivery(), delivery(3)])
    [sent] = outbox.claim(db, NOON, 1)
    outbox.mark_sent(db, sent.id, 1, NOON)
    assert move_to_thread(db, group, 9) > 0
    assert chats.read_subscriptions(db, group) == chats.read_subscriptions(db, group, thread_id=3) == {}
    assert set(chats.read_subscriptions(db, group, thread_id=9)) == {"verdict", "premium", "eth_btc"}
    assert (row := briefs.brief_of(db, group))
    assert row.thread_id == 9
    assert db.rows("SELECT state, thread_id FROM outbox ORDER BY id") == [
        ("sent", 3),
        ("queued", 9),
        ("queued", 9),
    ]
    assert chats.read_subscriptions(db, -5, thread_id=3) == {"verdict": "sound"}
    assert move_to_thread(db, group, 9) == 0


def test_what_a_topic_has_of_its_own_stays_when_others_come(db: Database, group: int) -> None:
    chats.subscribe(db, group, "verdict", "silent")
    chats.subscribe(db, group, "verdict", "sound", thread_id=3)
    move_to_thread(db, group, 3)
    assert chats.read_subscriptions(db, group, thread_id=3) == {"verdict": "sound"}


def test_of_one_topic_alone(db: Database, group: int) -> None:
    for thread_id in (3, 9):
        chats.subscribe(db, group, "verdict", "sound", thread_id=thread_id)
    move_to_thread(db, group, 0, only_from=3)
    assert chats.read_subscriptions(db, group) == {"verdict": "sound"}
    assert chats.read_subscriptions(db, group, thread_id=9) == {"verdict": "sound"}


# Admissions, keepers, welcomes


def test_the_first_decision_counts_and_only_a_refusal_is_taken_back(db: Database, group: int) -> None:
    assert admissions.ask(db, group, BOB, NOON)
    assert not admissions.ask(db, group, EVE, NOON)
    assert [each.asked_by for each in admissions.waiting(db)] == ["Bob"]
    assert admissions.decide(db, group, "refused", ALICE, NOON)
    assert not admissions.decide(db, group, "refused", ANN, NOON)
    assert admissions.decide(db, group, "admitted", ANN, NOON)
    assert not admissions.decide(db, group, "refused", ALICE, NOON)
    found = admissions.read_admission(db, group)
    assert found is not None
    assert (found.state, found.decided_by) == ("admitted", "Ann")
    assert admissions.waiting(db) == []
    assert not admissions.decide(db, -999, "admitted", ANN, NOON)


def test_a_chat_that_waits_is_told_once_in_a_while(db: Database, group: int) -> None:
    admissions.ask(db, group, BOB, NOON)
    pause = timedelta(minutes=10)
    told = [
        admissions.claim_telling(db, group, now, now - pause)
        for now in (NOON, NOON + pause / 2, NOON + pause, NOON + pause)
    ]
    assert told == [True, False, True, False]


def test_keepers_are_listed_while_they_and_the_chat_can_be_written_to(db: Database) -> None:
    for chat_id, title in ((-1, "B"), (-2, "A"), (-3, "C")):
        chats.ensure_chat(db, chat_id, "channel", title, NOON)
        keepers.keep(db, chat_id, 7)
        keepers.keep(db, chat_id, 8)
    chats.ensure_chat(db, 7, "private", "Ann", NOON)
    chats.block(db, -3, "kicked")
    assert [chat.title for chat in keepers.kept_by(db, 7, "channel")] == ["A", "B"]
    assert keepers.kept_by(db, 7, "group") == []
    assert [chat.id for chat in keepers.keepers_of(db, -1)] == [7]
    keepers.forget_keeper(db, -1, 7)
    assert keepers.keepers_of(db, -1) == []


def test_a_chat_is_welcomed_once(db: Database, group: int) -> None:
    assert returns.claim_welcome(db, group, NOON)
    assert not returns.claim_welcome(db, group, NOON)


def test_a_chat_that_was_not_mute_keeps_its_wait(db: Database, group: int) -> None:
    outbox.hold_chat(db, group, NOON)
    assert not returns.release(db, group)
    assert keepers.claim_telling(db, group, NOON, NOON - timedelta(days=1))
    assert not keepers.claim_telling(db, group, NOON, NOON - timedelta(days=1))
    assert returns.release(db, group)
    chat = chats.read_chat(db, group)
    assert chat is not None
    assert chat.not_before is None
