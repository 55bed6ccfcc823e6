from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from storage import (
    acknowledgements,
    admissions,
    boards,
    briefs,
    chats,
    keepers,
    outbox,
    own_alerts,
    returns,
    topic_mutes,
)
from storage.acknowledgements import Taken
from storage.alerts import raise_alert
from storage.chats import ChatRow
from storage.database import Database
from storage.held import HeldRow
from storage.moving import migrate_chat
from storage.outbox import Delivery
from storage.tables import columns_of, tables_with
from tests.storage.engines import BROKEN_RULE
from tests.storage.holding import hold

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
GROUP, SUPERGROUP = -100, -1_000_000_000_100

ANN = ChatRow(7, "private", "Ann", None, "UTC", "active", None, None, NOON, None)


@pytest.fixture
def ann(db: Database) -> ChatRow:
    return chats.ensure_chat(db, 7, "private", "Ann", NOON)


@pytest.fixture
def group(db: Database) -> ChatRow:
    return chats.ensure_chat(db, GROUP, "group", "Desk", NOON)


def delivery(chat_id: int) -> Delivery:
    return Delivery(chat_id=chat_id, kind="alert", text="x", created_at=NOON)


def read(db: Database, chat_id: int) -> ChatRow:
    chat = chats.read_chat(db, chat_id)
    assert chat
    return chat


def test_a_new_chat_is_active_and_hears_nothing(db: Database, ann: ChatRow) -> None:
    assert ann == read(db, 7) == ANN
    assert chats.read_subscriptions(db, 7) == {}


def test_an_unknown_chat_is_none(db: Database) -> None:
    assert chats.read_chat(db, 7) is None


@pytest.mark.usefixtures("ann")
def test_a_known_chat_keeps_its_choices_under_a_new_title(db: Database) -> None:
    chats.set_language(db, 7, "zh")
    assert chats.ensure_chat(db, 7, "private", "Anna", LATER) == replace(ANN, title="Anna", language="zh")


@pytest.mark.usefixtures("ann")
def test_choices_are_stored(db: Database, other: Database) -> None:
    chats.set_language(db, 7, "zh")
    chats.set_timezone(db, 7, "Asia/Shanghai")
    chats.mute(db, 7, LATER)
    assert read(other, 7) == replace(ANN, language="zh", timezone="Asia/Shanghai", muted_until=LATER)
    chats.set_language(db, 7, None)
    chats.mute(db, 7, None)
    assert read(other, 7) == replace(ANN, timezone="Asia/Shanghai")


@pytest.mark.usefixtures("ann")
def test_the_apps_language_is_noted_apart_from_the_chosen_one(db: Database, other: Database) -> None:
    chats.set_language(db, 7, "zh")
    chats.note_app_language(db, 7, "en-GB")
    assert read(other, 7) == replace(ANN, language="zh", app_language="en-GB")


@pytest.mark.usefixtures("ann")
def test_a_blocked_chat_says_why_until_it_is_back(db: Database) -> None:
    chats.block(db, 7, "bot was blocked by the user")
    assert read(db, 7) == replace(ANN, state="blocked", reason="bot was blocked by the user")
    chats.unblock(db, 7)
    assert read(db, 7) == ANN


@pytest.mark.usefixtures("ann")
def test_a_paused_chat_says_why(db: Database) -> None:
    chats.pause(db, 7, "/stop")
    assert read(db, 7) == replace(ANN, state="paused", reason="/stop")
    chats.unblock(db, 7)
    assert read(db, 7) == replace(ANN, state="paused", reason="/stop")
    chats.resume(db, 7)
    assert read(db, 7) == ANN


@pytest.mark.usefixtures("ann")
def test_a_chat_that_asked_to_hear_nothing_is_paused_again_when_it_is_back(db: Database) -> None:
    chats.pause(db, 7, "/stop")
    chats.block(db, 7, "bot was kicked from the group chat", NOON)
    chats.block(db, 7, "the group chat was deleted", LATER)
    blocked = read(db, 7)
    assert (blocked.state, blocked.blocked_at) == ("blocked", NOON)
    assert "the group chat was deleted" in str(blocked.reason)
    chats.unblock(db, 7)
    assert read(db, 7) == replace(ANN, state="paused", reason="/stop")
    chats.block(db, 7, "bot was blocked by the user", NOON)
    chats.resume(db, 7)
    assert read(db, 7) == ANN


@pytest.mark.usefixtures("ann")
def test_a_subscription_can_be_made_changed_and_ended(db: Database) -> None:
    chats.subscribe(db, 7, "verdict", "sound")
    chats.subscribe(db, 7, "premium", "sound")
    chats.subscribe(db, 7, "premium", "silent")
    assert chats.read_subscriptions(db, 7) == {"premium": "silent", "verdict": "sound"}
    chats.unsubscribe(db, 7, "verdict")
    assert chats.read_subscriptions(db, 7) == {"premium": "silent"}


def test_a_chat_that_is_not_known_cannot_subscribe(db: Database) -> None:
    with pytest.raises(BROKEN_RULE):
        chats.subscribe(db, 7, "verdict", "sound")


@pytest.mark.usefixtures("group")
def test_a_group_that_became_a_supergroup_takes_everything_with_it(db: Database) -> None:
    chats.set_language(db, GROUP, "zh")
    chats.subscribe(db, GROUP, "verdict", "silent")
    outbox.enqueue(db, [delivery(GROUP), delivery(GROUP)])
    [under_way] = outbox.claim(db, NOON, 1)
    migrate_chat(db, GROUP, SUPERGROUP)
    assert chats.read_chat(db, GROUP) is None
    assert read(db, SUPERGROUP) == replace(ANN, id=SUPERGROUP, kind="supergroup", title="Desk", language="zh")
    assert chats.read_subscriptions(db, SUPERGROUP) == {"verdict": "silent"}
    outbox.requeue(db, under_way.id, None, "group chat was upgraded", unsure=False)
    [again] = outbox.claim(db, NOON, 9)
    assert (again.id, again.chat_id) == (under_way.id, SUPERGROUP)


@pytest.mark.usefixtures("group")
def test_telling_of_a_migration_twice_changes_nothing_the_second_time(db: Database) -> None:
    migrate_chat(db, GROUP, SUPERGROUP)
    chats.set_language(db, SUPERGROUP, "en")
    migrate_chat(db, GROUP, SUPERGROUP)
    assert read(db, SUPERGROUP).language == "en"


@pytest.mark.usefixtures("group")
def test_a_supergroup_that_spoke_first_gets_the_groups_choices(db: Database) -> None:
    chats.pause(db, GROUP, "/stop")
    chats.set_timezone(db, GROUP, "Asia/Shanghai")
    chats.subscribe(db, GROUP, "verdict", "silent")
    chats.subscribe(db, GROUP, "premium", "silent")
    chats.ensure_chat(db, SUPERGROUP, "supergroup", "Big desk", LATER)
    chats.subscribe(db, SUPERGROUP, "verdict", "sound")
    migrate_chat(db, GROUP, SUPERGROUP)
    assert read(db, SUPERGROUP) == ChatRow(
        SUPERGROUP, "supergroup", "Big desk", None, "Asia/Shanghai", "paused", None, None, NOON, "/stop"
    )
    assert chats.read_subscriptions(db, SUPERGROUP) == {"premium": "silent", "verdict": "sound"}


@pytest.mark.usefixtures("group")
def test_a_message_id_does_not_follow_into_the_supergroup(db: Database) -> None:
    outbox.enqueue(db, [delivery(GROUP)])
    [sent] = outbox.claim(db, NOON, 1)
    outbox.mark_sent(db, sent.id, 55, NOON)
    migrate_chat(db, GROUP, SUPERGROUP)
    assert db.rows("SELECT chat_id, state, message_id FROM outbox") == [(SUPERGROUP, "sent", None)]


def test_everything_that_belongs_to_a_group_moves_with_it(db: Database) -> None:
    columns = set(columns_of(db, "chats"))
    chats.ensure_chat(db, GROUP, "group", "Desk", NOON)
    chats.set_language(db, GROUP, "zh")
    chats.note_app_language(db, GROUP, "zh-hans")
    chats.set_timezone(db, GROUP, "Asia/Shanghai")
    chats.mute(db, GROUP, LATER)
    chats.set_quiet_hours(db, GROUP, (time(23), time(7)))
    chats.set_daily_cap(db, GROUP, 5)
    chats.set_verdict_always(db, GROUP, True)
    chats.pause(db, GROUP, "/stop")
    outbox.hold_chat(db, GROUP, LATER)
    assert returns.claim_welcome(db, GROUP, NOON)
    assert keepers.claim_telling(db, GROUP, NOON, NOON)
    db.execute("UPDATE chats SET blocked_at = 1")
    [before] = db.records("SELECT * FROM chats")
    # Whoever adds a column chooses a value for it here, and `storage.moving` takes it along.
    assert {column for column, value in before.items() if value is None} == set()

    alert_id = raise_alert(db, NOON, NOON, [])
    chats.subscribe(db, GROUP, "verdict", "silent", thread_id=17)
    briefs.choose(db, GROUP, time(9), thread_id=17, silent=True)
    outbox.enqueue(db, [delivery(GROUP)])
    row = HeldRow(chat_id=GROUP, thread_id=17, alert_id=alert_id, reason="muted", held_at=NOON, until=LATER)
    hold(db, [row])
    boards.want(db, GROUP, 17)
    acknowledgements.take(db, GROUP, alert_id, Taken(7, "Ann", NOON))
    topic_mutes.mute_topic(db, (GROUP, 17), "premium", LATER)
    keepers.keep(db, GROUP, 7)
    admissions.ask(db, GROUP, None, NOON)
    own_alerts.draft(db, GROUP, 17, "btc < 105000", None, made_by=7, now=NOON)
    tables = tables_with(db, "chat_id")
    counts = {name: db.rows(f"SELECT count(*) FROM {name} WHERE chat_id = ?", (GROUP,)) for name in tables}
    # Whoever adds a table of chats puts a row of the group into it here.
    assert [name for name, count in counts.items() if count == [(0,)]] == []

    migrate_chat(db, GROUP, SUPERGROUP)

    [after] = db.records("SELECT * FROM chats")
    assert {column for column in columns if after[column] != before[column]} == {"id", "kind", "not_before"}
    for name, count in counts.items():
        assert db.rows(f"SELECT count(*) FROM {name} WHERE chat_id = ?", (SUPERGROUP,)) == count, name
