"""The outbox with a hundred thousand chats waiting: what a claim costs, whoever's turn it is.

The database is a file whose commits are on disk, as with the bot. Every chat has one alert; then each gets a
digest and another, more urgent alert behind it, and some have to wait, so that a claim has to step over them.
"""

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from storage import chats, outbox
from storage.database import Database, open_database
from storage.outbox import Delivery
from tests.bench.row import Row
from tests.bench.timing import MS, spread

CHATS = 100_000
CLAIMS = 200
BATCH = 40
HELD = 1000
"""Chats that were just written to: at a thousand messages a second so many rest for a second each."""
_NOW = datetime(2025, 11, 3, 20, 0, tzinfo=UTC)


def run() -> list[Row]:
    """Takes about two minutes."""
    with tempfile.TemporaryDirectory() as folder:
        db = open_database(Path(folder) / "outbox.db")
        try:
            return measure(db, CHATS, CLAIMS)
        finally:
            db.close()


def measure(db: Database, count: int, claims: int) -> list[Row]:
    """The rows for so many chats."""
    with db.transaction():
        for chat in range(1, count + 1):
            chats.ensure_chat(db, chat, "private", "x", _NOW - timedelta(minutes=chat * 7919 % count))
    queued_s = _queue(db, count, "alert", 3)
    waiting = f"{count:,} deliveries to as many chats waiting"
    one = _claim_ms(db, claims, 1)
    many = _claim_ms(db, claims // BATCH, BATCH)
    behind_s = _queue(db, count, "digest", None) + _queue(db, count, "alert", 0)
    for chat in range(1, min(HELD, count // 4) + 1):
        outbox.hold_chat(db, chat, _NOW + timedelta(seconds=1))
    deep = _claim_ms(db, claims, 1)
    return [
        Row("queueing, one by one", round(count / queued_s), "deliveries/s", "in one transaction"),
        Row("claiming one", round(median(one), 2), "ms", f"{waiting}; {spread(one)}"),
        Row(f"claiming {BATCH}", round(median(many), 2), "ms", f"the same; {spread(many)}"),
        Row(
            "queueing behind others",
            round(2 * count / behind_s),
            "deliveries/s",
            "the more urgent ones hasten what is ahead of them",
        ),
        Row(
            "claiming one of three in each chat",
            round(median(deep), 2),
            "ms",
            f"{HELD:,} chats have to wait; {spread(deep)}",
        ),
    ]


def _queue(db: Database, count: int, kind: str, urgency: int | None) -> float:
    began = time.perf_counter()
    outbox.enqueue(
        db,
        (
            Delivery(chat_id=chat, kind=kind, urgency=urgency, text="A-1", created_at=_NOW)
            for chat in range(1, count + 1)
        ),
    )
    return time.perf_counter() - began


def _claim_ms(db: Database, times: int, limit: int) -> list[float]:
    """How long each claim took, its commit too; what it gave has arrived before the next one."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        claimed = outbox.claim(db, _NOW, limit)
        took.append((time.perf_counter() - began) * MS)
        assert len(claimed) == limit
        for delivery in claimed:
            outbox.mark_sent(db, delivery.id, 1, _NOW)
    return took
