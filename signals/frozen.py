"""Frozen venues: one that says the very same while the others move tells nothing about now.

The best bid and ask of a coin change within seconds. Where those of both other venues have and these have
not, the quote is held back at once, so that not one sample is made of it: the next look is seconds away.
After some minutes the venue counts as frozen, even beside one other venue only.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from signals.facts import Instrument, Quote
from signals.quorum import VENUES_OF

FROZEN_AFTER = timedelta(minutes=2)
"""For so long a venue may say the same before it is called frozen."""
_OTHERS = 2


class Seen(NamedTuple):
    """The best bid and ask that a venue says, and since when it says them."""

    bid: float
    ask: float
    since: datetime


SeenQuotes = Mapping[Instrument, Seen]


def seen_with(quotes: Iterable[Quote], before: SeenQuotes) -> dict[Instrument, Seen]:
    """What every venue says once these quotes have come."""
    seen = dict(before)
    for quote in quotes:
        told = seen.get(quote.instrument)
        if told is None or (told.bid, told.ask) != (quote.bid, quote.ask):
            seen[quote.instrument] = Seen(quote.bid, quote.ask, quote.at)
    return seen


def held_back(quotes: Iterable[Quote], seen: SeenQuotes) -> dict[Instrument, timedelta]:
    """Which of the quotes of a round have not moved while others have, and for how long they have not.

    `seen`: what every venue says with these quotes, as `seen_with` gives it.
    """
    now = {quote.instrument: quote.at for quote in quotes if quote.instrument.coin in VENUES_OF}
    still: dict[Instrument, timedelta] = {}
    for instrument, at in now.items():
        others = [i for i in now if i.coin == instrument.coin and i != instrument]
        length = at - seen[instrument].since
        moved = [other for other in others if seen[other].since > seen[instrument].since + _APART]
        by_majority = len(moved) >= _OTHERS and len(moved) == len(others) and length > timedelta(0)
        if by_majority or (moved and length >= FROZEN_AFTER):
            still[instrument] = length
    return still


_APART = timedelta(seconds=5)
"""Quotes of one round are taken within this time: a venue that moved in the same round did not move later."""
