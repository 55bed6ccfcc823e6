from datetime import UTC, datetime, timedelta

import pytest

from signals.moments import to_ms
from storage.alerts import raise_alert
from storage.chats import ensure_chat
from storage.database import Database
from storage.held import HeldRow, hold
from storage.sweeping import Sweep

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
SWEEP = Sweep("held", ("chat_id", "thread_id", "alert_id"), "outcome IS NOT NULL AND held_at < ?")


def held(db: Database, count: int) -> list[HeldRow]:
    """Spread over chats and threads; of every three one is still held, and one was held of late."""
    for chat_id in (-1, 2):
        ensure_chat(db, chat_id, "private", "Ann", NOON)
    day = timedelta(days=1)
    rows = [
        HeldRow(
            chat_id=(-1, 2)[number % 2],
            thread_id=number % 5,
            alert_id=raise_alert(db, NOON, NOON, []),
            reason="cap",
            held_at=NOON if number % 3 == 1 else NOON - day,
            until=NOON,
            outcome=None if number % 3 == 2 else "told",
        )
        for number in range(count)
    ]
    hold(db, rows)
    return rows


def left(db: Database) -> set[tuple[int, ...]]:
    return set(db.rows("SELECT chat_id, thread_id, alert_id FROM held"))


@pytest.mark.parametrize("limit", [1, 7, 29, 30, 31])
def test_what_is_over_goes_in_small_steps_and_the_rest_stays(db: Database, limit: int) -> None:
    rows = held(db, 30)
    steps = list(SWEEP.run(db, (to_ms(NOON),), limit))
    assert sum(steps) == 10
    assert max(steps) <= limit
    kept = [row for row in rows if row.outcome is None or row.held_at == NOON]
    assert left(db) == {(row.chat_id, row.thread_id, row.alert_id) for row in kept}


def test_stopped_in_between_the_rest_is_done_the_next_time(db: Database) -> None:
    held(db, 30)
    steps = SWEEP.run(db, (to_ms(NOON),), 10)
    next(steps)
    next(steps)
    assert 20 < len(left(db)) < 30
    assert sum(SWEEP.run(db, (to_ms(NOON),), 10)) > 0
    assert len(left(db)) == 20


def test_of_an_empty_table_nothing_goes(db: Database) -> None:
    assert list(SWEEP.run(db, (to_ms(NOON),), 10)) == []
