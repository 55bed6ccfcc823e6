"""What is forgotten after a while. Flows, funding, notices and chats stay, changes unless told otherwise."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from signals.facts import Instrument
from signals.gauges import Measure
from signals.moments import to_ms
from storage import inbox
from storage.database import Database
from storage.letters import UNREAD
from storage.sweeping import Sweep
from storage.tracks import bar_tracks, oldest_quotes

ROWS_A_STEP = 2_000
"""Some milliseconds' work: the bot answers in between."""

_DELIVERIES_A_STEP = 100
"""Of each it has to be looked up what the chat was told since."""


PASSING = frozenset({Measure.DEPTH_2PCT_USD, Measure.DEPTH_COVERED_PCT, Measure.DEPTH_SEEN_USD})
"""Gauges that are told of the present moment alone: no rule reads them, nor anything that looks back."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each kind is kept, by the moment it is about. `None`: for good."""

    quotes: timedelta
    candles: timedelta
    outbox: timedelta
    gauges: timedelta
    changes: timedelta | None = None
    fine_candles: timedelta | None = None
    """Older candles may become coarser ones; `None`: they stay as they are."""
    passing_gauges: timedelta | None = None
    """Of `PASSING`; `None`: as long as the others."""
    ours: Collection[Instrument] = ()
    """What rules of the bot's own rest on."""
    coin_quotes: timedelta | None = None
    """Quotes of all but `ours`, if that is shorter; `None`: as long as those."""

    def quotes_of(self, instrument: Instrument) -> timedelta:
        """How long the quotes of an instrument are kept."""
        if self.coin_quotes is None or instrument in self.ours:
            return self.quotes
        return min(self.quotes, self.coin_quotes)


def prune(db: Database, retention: Retention, now: datetime) -> int:
    """Delete what is older than its time; how many rows. A delivery that is still open is never deleted."""
    return sum(prune_in_steps(db, retention, now))


def prune_in_steps(
    db: Database, retention: Retention, now: datetime, limit: int = ROWS_A_STEP
) -> Iterator[int]:
    """The same in steps that are transactions of their own, of about `limit` rows each, which they yield.

    Raises:
        StorageError: the step is undone.
    """
    yield from prune_quotes_in_steps(db, retention, now, limit)
    yield from _prune_candles(db, to_ms(now - retention.candles), limit)
    yield from _prune_gauges(db, retention, now, limit)
    yield from _prune_outbox(db, to_ms(now - retention.outbox))
    yield from _prune_letters(db, to_ms(now - retention.outbox))
    yield from _MUTES_OVER.run(db, (to_ms(now),), limit)
    yield from _NO_LONGER_HELD.run(db, (to_ms(now - retention.outbox),), limit)
    yield from _HANDLED.run(db, (to_ms(now - inbox.KEPT),), limit)
    if retention.changes is not None:
        yield _prune_changes(db, now - retention.changes)


_MUTES_OVER = Sweep("topic_mutes", ("chat_id", "thread_id", "topic"), "until < ?")
_NO_LONGER_HELD = Sweep("held", ("chat_id", "thread_id", "alert_id"), "outcome IS NOT NULL AND held_at < ?")
# Not the oldest by number: after a quiet week Telegram goes on from anywhere.
_HANDLED = Sweep("inbox", ("update_id",), "received_at < ? AND state <> 'waiting'")


class _Walk(NamedTuple):
    """Deleting along a key that begins with some numbers; neither statement walks more rows than go."""

    find: str
    delete: str
    key: tuple[int, ...]

    def prune(self, db: Database, before_ms: int, limit: int) -> Iterator[int]:
        """Delete what is before a moment, the oldest first."""
        while True:
            row = db.row(self.find, (*self.key, before_ms, limit))
            if rows := db.execute(self.delete, (*self.key, row[0] if row else before_ms)):
                yield rows
            if row is None:
                return


def prune_quotes_in_steps(
    db: Database, retention: Retention, now: datetime, limit: int = ROWS_A_STEP
) -> Iterator[int]:
    """The old quotes alone, which are most of what comes and goes.

    Raises:
        StorageError: the step is undone.
    """
    for instrument_id, instrument, oldest_ms in oldest_quotes(db):
        before_ms = to_ms(now - retention.quotes_of(instrument))
        if oldest_ms < before_ms:
            yield from _Walk(
                "SELECT at FROM quotes WHERE instrument = ? AND at < ? ORDER BY at LIMIT 1 OFFSET ?",
                "DELETE FROM quotes WHERE instrument = ? AND at < ?",
                (instrument_id,),
            ).prune(db, before_ms, limit)


def _prune_candles(db: Database, before_ms: int, limit: int) -> Iterator[int]:
    for track in bar_tracks(db):
        if track.oldest_ms < before_ms - track.timeframe_ms:
            yield from _Walk(
                """SELECT opened_at FROM candles WHERE instrument = ? AND timeframe_ms = ? AND opened_at < ?
                   ORDER BY opened_at LIMIT 1 OFFSET ?""",
                "DELETE FROM candles WHERE instrument = ? AND timeframe_ms = ? AND opened_at < ?",
                (track.instrument_id, track.timeframe_ms),
            ).prune(db, before_ms - track.timeframe_ms, limit)


def _prune_gauges(db: Database, retention: Retention, now: datetime, limit: int) -> Iterator[int]:
    passing = min(retention.gauges, retention.passing_gauges or retention.gauges)
    oldest = db.rows(
        """SELECT id, measure, (SELECT min(at) FROM gauges WHERE gauges.series = series.id)
           FROM series ORDER BY id"""
    )
    for series_id, measure, oldest_ms in oldest:
        before_ms = to_ms(now - (passing if measure in PASSING else retention.gauges))
        if oldest_ms is not None and oldest_ms < before_ms:
            yield from _Walk(
                "SELECT at FROM gauges WHERE series = ? AND at < ? ORDER BY at LIMIT 1 OFFSET ?",
                "DELETE FROM gauges WHERE series = ? AND at < ?",
                (series_id,),
            ).prune(db, before_ms, limit)


def _prune_outbox(db: Database, before_ms: int) -> Iterator[int]:
    """Old deliveries that are over, but for the last one about each subject in each thread of a chat.

    An alert answers the one that it takes back, however long ago that was.
    """
    # In the order of their numbers, which is that of their making: the newer ones are not walked through.
    [(last_id,)] = db.rows("SELECT max(last_id) FROM letters WHERE created_at < ?", (before_ms,))
    sql = "SELECT id FROM outbox WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"
    for first, last in _steps(db, sql, last_id):
        yield db.execute(_DELETE_DELIVERIES, {"first": first, "last": last, "before": before_ms})


def _prune_letters(db: Database, before_ms: int) -> Iterator[int]:
    """Old letters of which no delivery is left."""
    [(last_id,)] = db.rows("SELECT max(id) FROM letters WHERE created_at < ?", (before_ms,))
    sql = "SELECT id FROM letters WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"
    for first, last in _steps(db, sql, last_id):
        yield db.execute(
            f"DELETE FROM letters WHERE id BETWEEN ? AND ? AND created_at < ? AND {UNREAD}",  # noqa: S608  # the constant
            (first, last, before_ms),
        )


def _steps(db: Database, sql: str, last_id: int | None) -> Iterator[tuple[int, int]]:
    """The numbers up to one that a statement finds, some at a time: the first and the last of each step."""
    after_id = -1
    while ids := db.rows(sql, (after_id, last_id or 0, _DELIVERIES_A_STEP)):
        after_id = ids[-1][0]
        yield ids[0][0], after_id


_DELETE_DELIVERIES = """
    DELETE FROM outbox
    WHERE id BETWEEN :first AND :last AND state NOT IN ('queued', 'sending')
      AND EXISTS (SELECT 1 FROM letters WHERE letters.id = outbox.letter_id AND created_at < :before)
      AND NOT (state = 'sent' AND EXISTS (
          SELECT 1 FROM told JOIN changes ON changes.alert_id = told.alert_id
          WHERE told.letter_id = outbox.letter_id
            AND NOT EXISTS (
                SELECT 1
                FROM outbox AS later JOIN told AS later_told ON later_told.letter_id = later.letter_id
                     JOIN changes AS later_change ON later_change.alert_id = later_told.alert_id
                WHERE later.chat_id = outbox.chat_id AND later.thread_id = outbox.thread_id
                  AND later.id > outbox.id AND later.state = 'sent'
                  AND later_change.subject = changes.subject)))"""


def _prune_changes(db: Database, before: datetime) -> int:
    """Old changes, and the alerts that nothing refers to any more."""
    with db.transaction():
        return db.execute("DELETE FROM changes WHERE at < ?", (to_ms(before),)) + db.execute(
            """DELETE FROM alerts WHERE at < ?
               AND NOT EXISTS (SELECT 1 FROM changes WHERE alert_id = alerts.id)
               AND NOT EXISTS (SELECT 1 FROM letters WHERE alert_id = alerts.id)
               AND NOT EXISTS (SELECT 1 FROM told WHERE alert_id = alerts.id)
               AND NOT EXISTS (SELECT 1 FROM held WHERE alert_id = alerts.id)""",
            (to_ms(before),),
        )
