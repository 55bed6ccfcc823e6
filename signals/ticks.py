"""Bad ticks: quotes that cannot be believed are taken out before any rule sees them.

A quote is checked by itself, and against the other venues' quotes of the same coin in whatever dollar.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from itertools import groupby
from statistics import median_low
from typing import NamedTuple

from signals.market import Instrument, Quote

FAR = 0.10
"""Two prices of the same coin differ by less than this share, or one of them is wrong."""
RECENT = timedelta(minutes=1)
"""For so long a venue's own last good price says what it should be near."""


class Doubt(StrEnum):
    """Why a quote is not believed."""

    NOT_A_PRICE = "not_a_price"
    """Zero, negative or not a number."""
    CROSSED = "crossed"
    """The bid is above the ask."""
    WIDE = "wide"
    """Bid and ask are so far apart that their middle says nothing: an empty book."""
    JUMPED = "jumped"
    """It alone left its own last good price, and no other venue went along."""
    DISPUTED = "disputed"
    """Venues contradict each other, and nothing says which of them is right."""
    FAR_OFF = "far_off"
    """The other venues agree on another price."""


class Rejected(NamedTuple):
    """A quote that is not believed, and why."""

    quote: Quote
    doubt: Doubt


class Screened(NamedTuple):
    """The quotes of a round: those to use, and those that are not believed."""

    kept: tuple[Quote, ...]
    rejected: tuple[Rejected, ...]


def screen(quotes: Iterable[Quote], last_good: Mapping[Instrument, Quote]) -> Screened:
    """Sort the quotes of one round of all venues. `last_good`: each instrument's newest believed quote."""
    doubts = [(quote, _doubt_alone(quote)) for quote in quotes]
    sane = sorted((quote for quote, doubt in doubts if not doubt), key=_coin)
    kept: list[Quote] = []
    rejected = [Rejected(quote, doubt) for quote, doubt in doubts if doubt]
    for _, group in groupby(sane, key=_coin):
        for quote, doubt in _compared(list(group), last_good):
            if doubt:
                rejected.append(Rejected(quote, doubt))
            else:
                kept.append(quote)
    return Screened(tuple(kept), tuple(rejected))


def _doubt_alone(quote: Quote) -> Doubt | None:
    if not all(math.isfinite(price) and price > 0 for price in (quote.bid, quote.ask)):
        return Doubt.NOT_A_PRICE
    if quote.bid > quote.ask:
        return Doubt.CROSSED
    return Doubt.WIDE if _is_far(quote.ask, quote.bid) else None


def _compared(
    quotes: Sequence[Quote], last_good: Mapping[Instrument, Quote]
) -> list[tuple[Quote, Doubt | None]]:
    """The quotes of one coin, each with what is to be held against it."""
    # Of two prices this is the lower one, not the middle, which would be near to both.
    middle = median_low(quote.mid for quote in quotes)
    near = [quote for quote in quotes if not _is_far(quote.mid, middle)]
    if len(near) > 1:
        return [(quote, None if quote in near else Doubt.FAR_OFF) for quote in quotes]
    return _by_own_past(quotes, last_good)


def _by_own_past(
    quotes: Sequence[Quote], last_good: Mapping[Instrument, Quote]
) -> list[tuple[Quote, Doubt | None]]:
    """No two agree, or there is only one: what each was a moment ago is all there is to go by.

    The one that jumped is wrong, and another that stayed is right. If all jumped or none did, those that
    contradict each other are all left out: a gap in the samples is noticed, a wrong sample is not. A single
    venue that jumps is believed after `RECENT`, when its last good price is too old to speak against it.
    """
    jumped = [_has_jumped(quote, last_good.get(quote.instrument)) for quote in quotes]
    stayed = jumped.count(False)
    return [
        (quote, Doubt.JUMPED if leapt else None if stayed == 1 else Doubt.DISPUTED)
        for quote, leapt in zip(quotes, jumped, strict=True)
    ]


def _has_jumped(quote: Quote, last: Quote | None) -> bool:
    return last is not None and quote.at - last.at <= RECENT and _is_far(quote.mid, last.mid)


def _is_far(a: float, b: float) -> bool:
    return abs(a - b) > FAR * b


def _coin(quote: Quote) -> str:
    return quote.instrument.symbol.partition("/")[0]
