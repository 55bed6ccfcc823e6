from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storage import chats, outbox
from storage.database import Database
from storage.moving import migrate_chat
from storage.outbox import Delivery
from tests.storage.engines import BROKEN_RULE

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ANN, BOB, DESK = 1, 2, -3


@pytest.fixture(autouse=True)
def _people(db: Database) -> None:
    for chat_id in (ANN, BOB, DESK):
        chats.ensure_chat(db, chat_id, "private", "x", NOON)


def to(
    chat_id: int, text: str = "x", not_before: datetime | None = None, expires_at: datetime | None = None
) -> Delivery:
    return Delivery(
        chat_id=chat_id,
        kind="alert",
        text=text,
        created_at=NOON,
        not_before=not_before,
        expires_at=expires_at,
    )


def claimed(db: Database, now: datetime = NOON, limit: int = 99) -> list[tuple[int, str]]:
    return [(delivery.chat_id, delivery.text) for delivery in outbox.claim(db, now, limit)]


def test_a_claimed_delivery_is_what_was_queued(db: Database, other: Database) -> None:
    delivery = Delivery(
        chat_id=ANN,
        kind="alert",
        text="<b>脆弱</b>",
        buttons=(
            ({"text": "Why", "data": "why:1"}, {"text": "Mute", "data": "mute:1"}),
            ({"text": "x", "data": "y"},),
        ),
        silent=True,
        created_at=NOON,
        not_before=NOON,
        expires_at=NOON + SECOND,
    )
    assert outbox.enqueue(db, [delivery]) == 1
    assert outbox.claim(other, NOON, 1) == [replace(delivery, id=1, state="sending", attempts=1)]


def test_the_oldest_goes_first(db: Database) -> None:
    outbox.enqueue(db, [to(BOB, "a"), to(ANN, "b"), to(DESK, "c")])
    assert claimed(db, limit=2) == [(BOB, "a"), (ANN, "b")]
    assert claimed(db) == [(DESK, "c")]


def test_a_chat_gets_one_after_the_other(db: Database) -> None:
    outbox.enqueue(db, [to(ANN, "a"), to(ANN, "b"), to(BOB, "c")])
    assert claimed(db) == [(ANN, "a"), (BOB, "c")]
    assert claimed(db) == []
    outbox.mark_sent(db, 1, 55, NOON)
    assert claimed(db) == [(ANN, "b")]


def test_two_senders_never_get_the_same(db: Database, other: Database) -> None:
    outbox.enqueue(db, [to(ANN, "a"), to(BOB, "b")])
    assert claimed(db, limit=1) == [(ANN, "a")]
    assert claimed(other) == [(BOB, "b")]


@pytest.mark.parametrize("leave", [chats.block, chats.pause])
def test_a_chat_that_left_gets_nothing_until_it_is_back(
    db: Database, leave: Callable[[Database, int, str], None]
) -> None:
    outbox.enqueue(db, [to(ANN)])
    leave(db, ANN, "why")
    assert claimed(db) == []
    assert outbox.next_due(db) is None
    chats.resume(db, ANN)
    assert claimed(db) == [(ANN, "x")]


def test_a_delivery_waits_for_its_time_and_all_behind_it_wait_too(db: Database) -> None:
    outbox.enqueue(db, [to(ANN, "a", not_before=NOON + SECOND), to(ANN, "b"), to(BOB, "c")])
    assert claimed(db) == [(BOB, "c")]
    assert outbox.next_due(db) == NOON + SECOND
    assert claimed(db, NOON + SECOND) == [(ANN, "a")]


def test_a_held_chat_waits_and_no_other(db: Database) -> None:
    outbox.enqueue(db, [to(ANN, "a"), to(BOB, "b")])
    outbox.hold_chat(db, ANN, NOON + SECOND)
    assert claimed(db) == [(BOB, "b")]
    assert outbox.next_due(db) == NOON + SECOND
    assert claimed(db, NOON + SECOND) == [(ANN, "a")]


def test_a_shorter_hold_does_not_cut_a_longer_one_short(db: Database) -> None:
    outbox.enqueue(db, [to(ANN)])
    outbox.hold_chat(db, ANN, NOON + 9 * SECOND)
    outbox.hold_chat(db, ANN, NOON + SECOND)
    assert outbox.next_due(db) == NOON + 9 * SECOND


def test_a_delivery_that_is_not_worth_sending_any_more_makes_way(db: Database) -> None:
    outbox.enqueue(db, [to(ANN, "a", expires_at=NOON), to(ANN, "b", expires_at=NOON + SECOND)])
    assert claimed(db) == [(ANN, "b")]
    assert outbox.count_by_state(db) == {"expired": 1, "sending": 1}


def test_what_is_under_way_does_not_expire(db: Database) -> None:
    outbox.enqueue(db, [to(ANN, expires_at=NOON + SECOND)])
    outbox.claim(db, NOON, 1)
    assert outbox.expire(db, NOON + SECOND) == 0


def test_a_delivery_that_did_not_arrive_is_tried_again_before_the_next(db: Database) -> None:
    outbox.enqueue(db, [to(ANN, "a"), to(ANN, "b")])
    outbox.claim(db, NOON, 1)
    outbox.requeue(db, 1, NOON + SECOND, "429", unsure=False)
    assert claimed(db) == []
    [again] = outbox.claim(db, NOON + SECOND, 9)
    assert (again.text, again.attempts, again.unsure) == ("a", 2, False)


def test_once_unsure_always_unsure(db: Database) -> None:
    outbox.enqueue(db, [to(ANN)])
    for unsure in (True, False):
        outbox.claim(db, NOON, 1)
        outbox.requeue(db, 1, None, "timeout", unsure=unsure)
    assert [delivery.unsure for delivery in outbox.claim(db, NOON, 1)] == [True]


def test_what_arrived_is_remembered_with_its_message(db: Database) -> None:
    outbox.enqueue(db, [to(ANN)])
    outbox.claim(db, NOON, 1)
    outbox.mark_sent(db, 1, 55, NOON + SECOND)
    at_ms = int((NOON + SECOND).timestamp() * 1000)
    assert db.rows("SELECT state, message_id, sent_at FROM outbox") == [("sent", 55, at_ms)]


def test_a_failed_delivery_says_why_and_makes_way(db: Database) -> None:
    outbox.enqueue(db, [to(ANN, "a"), to(ANN, "b")])
    outbox.claim(db, NOON, 1)
    outbox.mark_failed(db, 1, "message is too long")
    assert db.rows("SELECT state, error FROM outbox WHERE id = 1") == [("failed", "message is too long")]
    assert claimed(db) == [(ANN, "b")]


def test_the_rest_of_a_long_message_goes_before_the_next(db: Database) -> None:
    outbox.enqueue(db, [to(ANN, "one two"), to(ANN, "three")])
    outbox.claim(db, NOON, 1)
    outbox.keep_rest(db, 1, "two")
    [rest] = outbox.claim(db, NOON, 9)
    assert (rest.id, rest.text, rest.attempts) == (1, "two", 1)


def test_only_a_claimed_delivery_can_end(db: Database) -> None:
    outbox.enqueue(db, [to(ANN)])
    outbox.mark_sent(db, 1, 55, NOON)
    outbox.mark_failed(db, 1, "x")
    outbox.keep_rest(db, 1, "y")
    outbox.requeue(db, 1, NOON + SECOND, "x", unsure=True)
    [claimed] = outbox.claim(db, NOON, 1)
    assert replace(claimed, expires_at=None) == replace(to(ANN), id=1, state="sending", attempts=1)


def test_what_a_crash_left_half_sent_is_sent_again_and_says_so(db: Database, other: Database) -> None:
    outbox.enqueue(db, [to(ANN, "a"), to(ANN, "b"), to(BOB, "c")])
    outbox.claim(db, NOON, 9)
    assert outbox.reclaim(other) == 2
    again = outbox.claim(other, NOON, 9)
    assert [(delivery.text, delivery.unsure) for delivery in again] == [("a", True), ("c", True)]


def test_chats_that_became_one_still_get_one_after_the_other(db: Database) -> None:
    outbox.enqueue(db, [to(DESK, "older"), to(BOB, "newer")])
    outbox.hold_chat(db, DESK, NOON + SECOND)
    assert claimed(db) == [(BOB, "newer")]
    migrate_chat(db, DESK, BOB)
    assert claimed(db, NOON + SECOND) == []
    outbox.mark_sent(db, 2, 55, NOON)
    assert claimed(db, NOON + SECOND) == [(BOB, "older")]


def test_nothing_is_due_in_an_empty_outbox(db: Database) -> None:
    assert outbox.next_due(db) is None
    assert outbox.count_by_state(db) == {}


def test_a_delivery_to_a_chat_that_is_not_known_takes_none_of_its_batch_in(db: Database) -> None:
    with pytest.raises(BROKEN_RULE):
        outbox.enqueue(db, [to(ANN), to(404)])
    assert outbox.count_by_state(db) == {}
