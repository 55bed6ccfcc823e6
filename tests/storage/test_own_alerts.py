from datetime import UTC, datetime, timedelta

import pytest

from signals.coins import Coin
from signals.facts import Instrument
from storage import chats, moving, own_alerts, own_firings
from storage.coins import read_coins, save_coin
from storage.database import Database
from storage.own_alerts import Held, OwnAlert, read_own
from storage.own_firings import Fired

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
GROUP, SUPERGROUP = -100, -1_000_000_000_100
RULE = "btc < 105000 once"


@pytest.fixture(autouse=True)
def group(db: Database) -> None:
    chats.ensure_chat(db, GROUP, "group", "Desk", NOON)
    chats.ensure_chat(db, 7, "private", "Ann", NOON)


def draft(db: Database, chat_id: int = 7, thread_id: int = 0, text: str = RULE) -> int:
    return own_alerts.draft(db, chat_id, thread_id, text, LATER, made_by=7, now=NOON)


def armed(db: Database, chat_id: int = 7, thread_id: int = 0) -> int:
    id_ = draft(db, chat_id, thread_id)
    own_alerts.set_state(db, id_, "armed")
    return id_


def read(db: Database, id_: int, chat_id: int = 7) -> OwnAlert:
    found = read_own(db, chat_id, id_)
    assert found
    return found


def test_a_draft_is_neither_listed_nor_run_nor_counted(db: Database, other: Database):
    id_ = draft(db)
    assert read(other, id_) == OwnAlert(id_, 7, 0, RULE, 7, "draft", None, NOON, LATER, None, 0, None)
    assert own_alerts.list_own(db, 7) == own_alerts.armed(db) == []
    assert own_alerts.count_saved(db, 7) == 0


def test_a_saved_rule_is_listed_in_its_thread_and_runs(db: Database):
    here, there = armed(db, GROUP), armed(db, GROUP, 5)
    assert [own.id for own in own_alerts.list_own(db, GROUP)] == [here]
    assert [own.id for own in own_alerts.list_own(db, GROUP, thread_id=5)] == [there]
    assert [own.id for own in own_alerts.armed(db)] == [here, there]
    assert (own_alerts.count_saved(db, GROUP), own_alerts.count_armed(db)) == (2, 2)


def test_a_rule_belongs_to_its_chat_alone(db: Database):
    id_ = armed(db)
    assert read_own(db, GROUP, id_) is None
    assert own_alerts.delete_own(db, GROUP, id_) is False
    assert own_alerts.delete_own(db, 7, id_) is True
    assert read_own(db, 7, id_) is None


def test_a_number_is_never_given_twice(db: Database):
    first = draft(db)
    own_alerts.delete_own(db, 7, first)
    assert draft(db) == first + 1


def test_forgotten_drafts_are_those_of_before(db: Database):
    old, saved = draft(db), armed(db)
    assert own_alerts.forget_drafts(db, NOON) == 0
    assert own_alerts.forget_drafts(db, LATER) == 1
    assert read_own(db, 7, old) is None
    assert read(db, saved).state == "armed"


def test_what_fires_once_is_done_and_what_repeats_stays_armed(db: Database):
    once, repeats = armed(db), armed(db)
    own_firings.note_fired(
        db, {Fired(LATER, 1, True, None): [once], Fired(LATER, 1, False, Held(LATER, (0.5,))): [repeats]}
    )
    assert (read(db, once).state, read(db, once).fired, read(db, once).last_fired_at) == ("done", 1, LATER)
    assert (read(db, repeats).state, read(db, repeats).fired) == ("armed", 1)


def test_progress_is_kept_until_the_rule_begins_anew(db: Database, other: Database):
    id_ = armed(db)
    own_alerts.save_progress(db, [({"last": [105_100.5], "since": None}, [id_])])
    own_alerts.note_blind(db, [id_], LATER)
    assert (read(other, id_).progress, read(other, id_).blind_at) == (
        {"last": [105_100.5], "since": None},
        LATER,
    )
    own_alerts.set_state(db, id_, "paused")
    assert (read(db, id_).progress, read(db, id_).blind_at) == (None, None)


def test_rules_are_read_by_number_whatever_their_chat(db: Database):
    first, second = armed(db), armed(db, GROUP)
    assert [own.id for own in own_alerts.read_rules(db, {second, first, 99})] == [first, second]


def test_a_group_that_moves_takes_its_rules_along(db: Database):
    id_ = armed(db, GROUP, 5)
    moving.migrate_chat(db, GROUP, SUPERGROUP)
    assert read(db, id_, SUPERGROUP).thread_id == 5


def test_a_chat_that_is_deleted_takes_its_rules_along(db: Database):
    id_ = armed(db)
    db.execute("DELETE FROM chats WHERE id = 7")
    assert read_own(db, 7, id_) is None


def test_a_coin_stays_what_it_was_settled_to_be(db: Database, other: Database):
    sol = Coin("SOL", Instrument("binance", "SOL/USDT"), "SOLUSDT")
    save_coin(db, sol)
    assert read_coins(other) == {"SOL": sol}
    moved = Coin("SOL", Instrument("kraken", "SOL/USD"), "SOLUSD")
    save_coin(db, moved)
    assert read_coins(other) == {"SOL": moved}
