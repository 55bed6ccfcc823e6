from datetime import UTC, datetime, timedelta

import pytest

from signals.moments import to_ms
from storage.alerts import raise_alert
from storage.chats import ensure_chat
from storage.database import Database
from storage.sweeping import Sweep

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
NOON_MS, YESTERDAY_MS = to_ms(NOON), to_ms(NOON - timedelta(days=1))
SWEEP = Sweep("held", ("chat_id", "thread_id", "alert_id"), "outcome IS NOT NULL AND held_at < ?")

Key = tuple[int, int, int]


def hold(db: Database, count: int) -> set[Key]:
    """Rows spread over chats and threads: of every three one is over, one over of late, one still held.

    Returns the keys of those that stay.
    """
    kept = set()
    for chat_id in (-1, 2):
        ensure_chat(db, chat_id, "private", "Ann", NOON)
    for number in range(count):
        key = ((-1, 2)[number % 2], number % 5, raise_alert(db, NOON, NOON, []))
        held_at = NOON_MS if number % 3 == 1 else YESTERDAY_MS
        outcome = None if number % 3 == 2 else "told"
        db.execute(
            """INSERT INTO held (chat_id, thread_id, alert_id, reason, held_at, until, outcome)
               VALUES (?, ?, ?, 'cap', ?, ?, ?)""",
            (*key, held_at, NOON_MS, outcome),
        )
        if number % 3:
            kept.add(key)
    return kept


def left(db: Database) -> set[Key]:
    rows = db.rows("SELECT chat_id, thread_id, alert_id FROM held")
    return {(chat, thread, alert) for chat, thread, alert in rows}


@pytest.mark.parametrize("limit", [1, 7, 29, 30, 31])
def test_what_is_over_goes_in_small_steps_and_the_rest_stays(db: Database, limit: int) -> None:
    kept = hold(db, 30)
    steps = list(SWEEP.run(db, (NOON_MS,), limit))
    assert sum(steps) == 10
    assert max(steps) <= limit
    assert left(db) == kept


def test_stopped_in_between_the_rest_is_done_the_next_time(db: Database) -> None:
    kept = hold(db, 30)
    steps = SWEEP.run(db, (NOON_MS,), 10)
    next(steps)
    next(steps)
    assert 20 < len(left(db)) < 30
    assert sum(SWEEP.run(db, (NOON_MS,), 10)) > 0
    assert left(db) == kept


def test_of_an_empty_table_nothing_goes(db: Database) -> None:
    assert list(SWEEP.run(db, (NOON_MS,), 10)) == []
