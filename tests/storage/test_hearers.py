"""Who hears of a look, as the tables say it: how far each is from the cap of the day."""

from datetime import UTC, datetime, timedelta

import pytest

from storage import hearers, outbox
from storage.chats import ensure_chat, subscribe
from storage.database import Database
from storage.outbox import Delivery

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
TODAY = NOON - timedelta(hours=12)
ANN, CAP = 1, 4
FAR, NEXT, REACHED = (0, 0), (CAP, CAP - 1), (1, 1)
"""The cap, and what was told, as far as that matters for the next alert."""
LOOK = hearers.Look(["verdict"], NOON, NOON, {"UTC": TODAY}, CAP)


@pytest.mark.parametrize(
    ("threads", "looks", "how_near"),
    [
        ((0,), 2, FAR),
        ((0,), 3, NEXT),
        ((0,), 4, REACHED),
        ((5,), 3, NEXT),
        ((0, 5), 1, FAR),
        ((0, 5), 2, REACHED),
        ((5, 6, 7), 1, NEXT),
    ],
)
def test_each_thread_in_which_a_person_hears_counts_for_the_cap(
    db: Database, threads: tuple[int, ...], looks: int, how_near: tuple[int, int]
) -> None:
    ensure_chat(db, ANN, "private", "Ann", TODAY)
    for thread_id in threads:
        subscribe(db, ANN, "verdict", "sound", thread_id=thread_id)
    for _ in range(looks):
        alert = Delivery(chat_id=ANN, kind="alert", text="a", created_at=NOON)
        outbox.enqueue(db, [alert for _ in threads])
    with db.transaction():
        found = {(alike.cap, alike.told_today) for alike in hearers.gather(db, LOOK)}
        hearers.let_go(db)
    assert found == {how_near}
