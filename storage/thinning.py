"""Old candles replaced by coarser ones, a short transaction at a time."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from signals.facts import Candle, Instrument
from signals.moments import from_ms, length_ms, to_ms
from storage.database import Database
from storage.tracks import bar_tracks

CANDLES_A_STEP = 500
"""Some milliseconds' work: the bot answers in between."""

StepOf = Callable[[Instrument, timedelta], timedelta | None]
"""How coarse the old candles of an instrument and timeframe become; None: they stay."""

Choose = Callable[[Sequence[Candle]], Sequence[Candle]]
"""The coarser candles that take the place of finer ones, which are of one track and oldest first."""


def thin_candles(
    db: Database, before: datetime, step_of: StepOf, choose: Choose, limit: int = CANDLES_A_STEP
) -> Iterator[int]:
    """Replace candles that closed before a moment, step by step; each step yields how many were replaced.

    Every step is a transaction of its own: stopped in between, what is left is done the next time.

    Raises:
        StorageError: the step is undone.
    """
    for found in bar_tracks(db):
        timeframe = timedelta(milliseconds=found.timeframe_ms)
        coarser = step_of(found.instrument, timeframe)
        if coarser is not None and found.oldest_ms < to_ms(before):
            track = _Track(db, found.instrument_id, found.instrument, timeframe)
            yield from track.thin(to_ms(before), length_ms(coarser), choose, limit)


class _Track:
    """The candles of one instrument and timeframe."""

    def __init__(
        self, db: Database, instrument_id: int, instrument: Instrument, timeframe: timedelta
    ) -> None:
        self._db = db
        self._instrument_id = instrument_id
        self._instrument = instrument
        self._timeframe = timeframe

    def thin(self, before_ms: int, coarser_ms: int, choose: Choose, limit: int) -> Iterator[int]:
        """One step after the other, each of whole coarser candles."""
        until_ms = before_ms // coarser_ms * coarser_ms
        # In fewer there may be no whole coarser candle.
        limit = max(limit, 2 * coarser_ms // length_ms(self._timeframe))
        since_ms: int | None = None
        while candles := self._read(since_ms, until_ms, limit):
            since_ms = until_ms
            if len(candles) == limit:
                # The last of them may be the beginning of a coarser candle.
                since_ms = to_ms(candles[-1].opened_at) // coarser_ms * coarser_ms
                candles = [candle for candle in candles if to_ms(candle.opened_at) < since_ms]
            yield self._replace(choose(candles))

    def _read(self, since_ms: int | None, until_ms: int, limit: int) -> list[Candle]:
        rows = self._db.rows(
            """SELECT opened_at, open, high, low, close, volume FROM candles
               WHERE instrument = ? AND timeframe_ms = ? AND opened_at >= ? AND opened_at < ?
               ORDER BY opened_at LIMIT ?""",
            (
                self._instrument_id,
                length_ms(self._timeframe),
                -(2**60) if since_ms is None else since_ms,
                until_ms,
                limit,
            ),
        )
        return [Candle(self._instrument, self._timeframe, from_ms(at), *ohlcv) for at, *ohlcv in rows]

    def _replace(self, coarser: Sequence[Candle]) -> int:
        """What a venue itself said of a coarser candle stays as it is."""
        if not coarser:
            return 0
        rows = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?)"] * len(coarser))
        with self._db.transaction():
            # One statement: to a server each has its way there and back.
            self._db.execute(
                f"""INSERT INTO candles (instrument, timeframe_ms, opened_at, open, high, low, close, volume)
                    VALUES {rows} ON CONFLICT DO NOTHING""",  # noqa: S608  # question marks
                [value for candle in coarser for value in self._row(candle)],
            )
            return sum(
                self._db.execute(
                    """DELETE FROM candles
                       WHERE instrument = ? AND timeframe_ms = ? AND opened_at >= ? AND opened_at < ?""",
                    (self._instrument_id, length_ms(self._timeframe), *stretch),
                )
                for stretch in stretches(coarser)
            )

    def _row(self, candle: Candle) -> tuple[int | float, ...]:
        prices = candle.open, candle.high, candle.low, candle.close
        timeframe_ms, opened_ms = length_ms(candle.timeframe), to_ms(candle.opened_at)
        return self._instrument_id, timeframe_ms, opened_ms, *prices, candle.volume


def stretches(candles: Sequence[Candle]) -> list[tuple[int, int]]:
    """From when to when candles reach, oldest first, in milliseconds; those without a gap between are one."""
    found: list[tuple[int, int]] = []
    for candle in candles:
        opened_ms, closed_ms = to_ms(candle.opened_at), to_ms(candle.at)
        if found and found[-1][1] == opened_ms:
            opened_ms = found.pop()[0]
        found.append((opened_ms, closed_ms))
    return found
