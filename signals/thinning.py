"""What becomes of old bars: those that no rule needs one by one stand as one coarser bar, each with a reason.

The bars that rules of the bot's own rest on stay as they are, however old: replayed, they come to the same
changes at the same moments. Of the others, which only people's own rules look at, hours are left.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import groupby

from signals.facts import Candle, Instrument
from signals.moments import from_ms, length_ms, to_ms


class Why(StrEnum):
    """Why bars are replaced by a coarser one, or stay."""

    WHOLE = "whole"
    """All are there: together they say what the coarser one says."""
    INCOMPLETE = "incomplete"
    """One is missing: the coarser bar would be made up."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of `count` bars: they stand as `coarser`, or stay where that is None."""

    why: Why
    count: int
    coarser: Candle | None = None


@dataclass(frozen=True, slots=True)
class Thinning:
    """How coarse old bars become: not at all those of `ours`, which rules of the bot's own rest on."""

    ours: Collection[Instrument]
    step: timedelta = timedelta(hours=1)

    def step_of(self, instrument: Instrument, step: timedelta) -> timedelta | None:
        """The coarser step that old bars of a step are replaced by; None: they stay as they are."""
        if instrument in self.ours or step >= self.step or self.step % step:
            return None
        return self.step

    def decide(self, bars: Sequence[Candle]) -> Iterator[Fate]:
        """What becomes of old bars of one instrument and step, oldest first, cut between two coarser ones."""
        if not bars or self.step_of(bars[0].instrument, bars[0].timeframe) is None:
            return
        needed, coarser_ms = self.step // bars[0].timeframe, length_ms(self.step)
        for place, group in groupby(bars, key=lambda bar: to_ms(bar.opened_at) // coarser_ms):
            finer = list(group)
            if len(finer) < needed:
                yield Fate(Why.INCOMPLETE, len(finer))
            else:
                yield Fate(Why.WHOLE, len(finer), _joined(finer, place * coarser_ms, self.step))


def _joined(finer: Sequence[Candle], opened_ms: int, timeframe: timedelta) -> Candle:
    return Candle(
        finer[0].instrument,
        timeframe,
        from_ms(opened_ms),
        finer[0].open,
        max(bar.high for bar in finer),
        min(bar.low for bar in finer),
        finer[-1].close,
        sum(bar.volume for bar in finer),
    )
