"""Broadcasts: sent once however often the button is pressed, behind everything else, and taken back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from storage import broadcasts, chats, outbox
from storage.database import Database
from storage.outbox import Delivery

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
ANN, BOB = 1, 2


@pytest.fixture
def draft(db: Database) -> int:
    for chat_id in (ANN, BOB):
        chats.ensure_chat(db, chat_id, "private", "x", NOON)
    return broadcasts.draft(db, ANN, "We are <b>back</b>", ("private", "groups"), NOON)


def to_all(broadcast_id: int | None, text: str = "news") -> list[Delivery]:
    return [
        Delivery(
            chat_id=chat_id,
            kind="alert" if broadcast_id is None else "broadcast",
            text=text,
            created_at=NOON,
            broadcast_id=broadcast_id,
        )
        for chat_id in (ANN, BOB)
    ]


def send(db: Database, draft: int, now: datetime = NOON) -> int | None:
    return broadcasts.send(db, draft, now, lambda: outbox.enqueue(db, to_all(draft)))


def states(db: Database, broadcast_id: int) -> dict[str, int]:
    return {str(state): count for state, count in broadcasts.progress(db, broadcast_id).items()}


def test_what_is_chosen_is_remembered(db: Database, other: Database, draft: int) -> None:
    broadcasts.choose(db, draft, kinds=("channels",), language="zh", silent=True)
    found = broadcasts.read_broadcast(other, draft)
    assert found is not None
    assert (found.text, found.kinds, found.language, found.silent, found.state) == (
        "We are <b>back</b>",
        frozenset({"channels"}),
        "zh",
        True,
        "draft",
    )
    assert broadcasts.read_broadcast(db, draft + 1) is None


def test_it_is_sent_once_however_often_it_is_asked_for(db: Database, other: Database, draft: int) -> None:
    assert [send(db, draft), send(other, draft), send(db, draft)] == [2, None, None]
    assert states(db, draft) == {"queued": 2}


def test_a_failure_on_the_way_leaves_the_draft_as_it_was(db: Database, draft: int) -> None:
    def broken() -> int:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        broadcasts.send(db, draft, NOON, broken)
    assert send(db, draft) == 2


@pytest.mark.parametrize("end", [broadcasts.drop, send])
def test_a_draft_that_has_ended_cannot_be_changed_or_sent(
    db: Database, draft: int, end: Callable[[Database, int], object]
) -> None:
    end(db, draft)
    before = broadcasts.read_broadcast(db, draft)
    broadcasts.choose(db, draft, kinds=(), language="zh", silent=True)
    assert (broadcasts.drop(db, draft), send(db, draft)) == (False, None)
    assert broadcasts.read_broadcast(db, draft) == before


def test_a_draft_of_the_day_before_is_not_sent(db: Database, draft: int) -> None:
    assert send(db, draft, NOON + timedelta(days=1)) is None
    assert states(db, draft) == {}


def test_everything_else_goes_first_everywhere(db: Database, draft: int) -> None:
    send(db, draft)
    outbox.enqueue(db, to_all(None, "alert"))
    sent = []
    while claimed := outbox.claim(db, NOON, 1):
        sent.append((claimed[0].chat_id, claimed[0].text))
        outbox.mark_sent(db, claimed[0].id, 1, NOON)
    assert sent == [(ANN, "alert"), (BOB, "alert"), (ANN, "news"), (BOB, "news")]


def test_what_waits_can_be_taken_back_and_what_is_under_way_cannot(db: Database, draft: int) -> None:
    assert broadcasts.cancel(db, draft) is None
    send(db, draft)
    outbox.enqueue(db, to_all(None))
    outbox.mark_failed(db, outbox.claim(db, NOON, 2)[0].id, "x")
    [under_way] = outbox.claim(db, NOON, 1)
    assert under_way.broadcast_id == draft
    assert [broadcasts.cancel(db, draft), broadcasts.cancel(db, draft)] == [1, None]
    outbox.mark_sent(db, under_way.id, 1, NOON)
    assert states(db, draft) == {"sent": 1, "expired": 1}
    found = broadcasts.read_broadcast(db, draft)
    assert found is not None
    assert found.state == "cancelled"


def test_the_last_ones_are_told_without_drafts(db: Database, draft: int) -> None:
    send(db, draft)
    broadcasts.draft(db, ANN, "not yet", ("private",), NOON)
    assert [found.id for found in broadcasts.last_broadcasts(db, 5)] == [draft]
