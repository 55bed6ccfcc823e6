from datetime import UTC, datetime, timedelta

import pytest

from signals.conditions import Change, Kind
from signals.moments import to_ms
from storage import acknowledgements, chats, topic_mutes
from storage.acknowledgements import Taken, ToShow
from storage.alerts import raise_alert
from storage.database import Database
from storage.moving import migrate_chat

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
GROUP, SUPERGROUP = -100, -1_000_000_000_100
ANN, BOB = Taken(7, "Ann", NOON), Taken(8, "", LATER)


@pytest.fixture
def alert(db: Database) -> int:
    chats.ensure_chat(db, GROUP, "group", "Desk", NOON)
    change = Change(to_ms(NOON), Kind.CONDITION, "premium", "unmet", "met", "session_positive", {})
    return raise_alert(db, NOON, NOON, [change])


def test_the_first_one_has_it_until_that_one_gives_it_back(db: Database, alert: int) -> None:
    assert acknowledgements.take(db, GROUP, alert, ANN) == ANN
    assert acknowledgements.take(db, GROUP, alert, BOB) == ANN
    assert not acknowledgements.give_back(db, GROUP, alert, BOB.user_id)
    assert acknowledgements.give_back(db, GROUP, alert, ANN.user_id)
    assert not acknowledgements.give_back(db, GROUP, alert, ANN.user_id)
    assert acknowledgements.read_taken(db, GROUP, [alert]) == {}
    assert acknowledgements.take(db, GROUP, alert, BOB) == BOB


def test_two_processes_find_one_taker(db: Database, other: Database, alert: int) -> None:
    assert acknowledgements.take(db, GROUP, alert, ANN) == acknowledgements.take(other, GROUP, alert, BOB)


def test_what_changes_while_it_is_being_shown_is_shown_again(db: Database, alert: int) -> None:
    acknowledgements.take(db, GROUP, alert, ANN)
    [(show, not_before)] = acknowledgements.read_to_show(db)
    assert (show, not_before) == (ToShow(GROUP, alert, ANN), None)
    acknowledgements.give_back(db, GROUP, alert, ANN.user_id)
    acknowledgements.note_shown(db, show)
    assert acknowledgements.read_to_show(db) == [(ToShow(GROUP, alert, None), None)]
    acknowledgements.hold(db, show, LATER)
    assert acknowledgements.read_to_show(db) == [(ToShow(GROUP, alert, None), LATER)]
    acknowledgements.note_shown(db, ToShow(GROUP, alert, None))
    assert acknowledgements.read_to_show(db) == []


def test_it_moves_with_its_group_and_goes_with_its_chat(db: Database, alert: int) -> None:
    acknowledgements.take(db, GROUP, alert, ANN)
    topic_mutes.mute_topic(db, (GROUP, 0), "premium", LATER)
    migrate_chat(db, GROUP, SUPERGROUP)
    assert acknowledgements.last_taken(db, SUPERGROUP, 9) == {alert: ANN}
    assert topic_mutes.muted_until(db, (SUPERGROUP, 0), "premium") == LATER
    db.execute("DELETE FROM chats")
    assert db.rows("SELECT * FROM acknowledgements") == db.rows("SELECT * FROM topic_mutes") == []


def test_a_topic_is_muted_in_one_place_until_a_moment(db: Database, alert: int) -> None:
    del alert
    topic_mutes.mute_topic(db, (GROUP, 5), "premium", LATER)
    assert topic_mutes.is_muted(db, (GROUP, 5), "premium", NOON)
    assert not topic_mutes.is_muted(db, (GROUP, 5), "etf_flow", NOON)
    assert not topic_mutes.is_muted(db, (GROUP, 5), "premium", LATER)
    topic_mutes.mute_topic(db, (GROUP, 5), "premium", None)
    assert topic_mutes.muted_until(db, (GROUP, 5), "premium") is None
