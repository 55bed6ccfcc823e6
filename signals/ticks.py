"""Bad ticks: quotes that cannot be believed are taken out before any rule sees them.

A quote is checked by itself, and against the other venues' quotes of the same coin, all in dollars.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from itertools import groupby
from statistics import median
from typing import NamedTuple

import numpy as np

from signals.facts import Instrument, Quote
from signals.frozen import FROZEN_AFTER, SeenQuotes, held_back
from signals.quorum import DOLLAR_TOKEN, TOKEN, TOLERANCE, VENUES_OF, agreeing, agreeing_tokens

FAR = 0.10
"""A bid and an ask that are further apart than this share are those of an empty book."""
RECENT = timedelta(minutes=5)
"""For so long a venue's own last good price says what it should be near."""
_TOKEN_LASTS = timedelta(hours=1)
"""For so long what a USDT was worth tells what it is worth: it moves little."""


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
    UNMOVED = "unmoved"
    """It has not moved while the others have: held back until it does, which is seconds as a rule."""
    FROZEN = "frozen"
    """It has not for minutes."""
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

    @property
    def disputed(self) -> frozenset[str]:
        """The coins about which venues contradict each other, so that none is believed."""
        doubted = {r.quote.instrument.coin for r in self.rejected if r.doubt is Doubt.DISPUTED}
        return frozenset(doubted - {quote.instrument.coin for quote in self.kept})


def screen(
    quotes: Iterable[Quote],
    last_good: Mapping[Instrument, Quote],
    tolerance: float = TOLERANCE,
    seen: SeenQuotes | None = None,
) -> Screened:
    """Sort the quotes of one round of all venues.

    `last_good`: each instrument's newest believed quote. `tolerance`: the share within which two prices of a
    coin agree. `seen`: what every venue says with these quotes, and since when (`signals.frozen`).
    """
    quotes = list(quotes)
    alone = {quote: _doubt_alone(quote) for quote in quotes}
    still = held_back([quote for quote in quotes if not alone[quote]], seen) if seen else {}
    doubts = [(quote, alone[quote] or _doubt_still(still.get(quote.instrument))) for quote in quotes]
    rejected = [Rejected(quote, doubt) for quote, doubt in doubts if doubt]
    kept: list[Quote] = []
    # What a USDT is worth comes first: prices in it are compared in dollars.
    sane = sorted((quote for quote, doubt in doubts if not doubt), key=_token_first)
    for _, group in groupby(sane, key=_token_first):
        of_coin = list(group)
        worth = _token_usd(kept, last_good, of_coin[0])
        for quote, doubt in _compared(of_coin, last_good, worth, tolerance):
            if doubt:
                rejected.append(Rejected(quote, doubt))
            else:
                kept.append(quote)
    return Screened(tuple(kept), tuple(rejected))


def _doubt_alone(quote: Quote) -> Doubt | None:
    if not all(price > 0 for price in (quote.bid, quote.ask)) or not math.isfinite(quote.mid):
        return Doubt.NOT_A_PRICE
    if quote.bid > quote.ask:
        return Doubt.CROSSED
    return Doubt.WIDE if _is_far(quote.ask, quote.bid, FAR) else None


def _doubt_still(length: timedelta | None) -> Doubt | None:
    if length is None:
        return None
    return Doubt.FROZEN if length >= FROZEN_AFTER else Doubt.UNMOVED


def _token_usd(kept: Iterable[Quote], last_good: Mapping[Instrument, Quote], now: Quote) -> float:
    """Dollars for a USDT, of this round or lately; one where nobody says."""
    told = [quote.mid for quote in kept if quote.instrument.coin == TOKEN]
    if not told:
        before = (last_good[venue] for venue in DOLLAR_TOKEN if venue in last_good)
        told = [quote.mid for quote in before if now.at - quote.at <= _TOKEN_LASTS]
    return median(told) if told else 1.0


def _compared(
    quotes: Sequence[Quote], last_good: Mapping[Instrument, Quote], worth: float, tolerance: float
) -> list[tuple[Quote, Doubt | None]]:
    """The quotes of one coin, each with what is to be held against it."""
    prices = np.array([[quote.mid * (worth if quote.instrument.in_token else 1.0) for quote in quotes]])
    is_token = quotes[0].instrument.coin == TOKEN
    [believed] = agreeing_tokens(prices) if is_token else agreeing(prices, tolerance)
    if len(quotes) == 1 or (len(quotes) == 2 and not believed.any()):  # noqa: PLR2004  # no majority
        # Of other coins there is one venue, and their prices leap farther.
        near = tolerance if is_token or quotes[0].instrument.coin in VENUES_OF else FAR
        return _by_own_past(quotes, last_good, near)
    doubt = Doubt.FAR_OFF if believed.any() else Doubt.DISPUTED
    return [(quote, None if ok else doubt) for quote, ok in zip(quotes, believed, strict=True)]


def _by_own_past(
    quotes: Sequence[Quote], last_good: Mapping[Instrument, Quote], tolerance: float
) -> list[tuple[Quote, Doubt | None]]:
    """Two contradict each other, or there is only one: what each was lately is all there is to go by.

    The one that jumped is wrong, and another that stayed is right. If both jumped or none did, they are both
    left out: a gap in the samples is noticed, a wrong sample is not. A single venue that jumps is believed
    once another agrees, or after `RECENT`, when its last good price is too old to speak against it.
    """
    jumped = [_has_jumped(quote, last_good.get(quote.instrument), tolerance) for quote in quotes]
    stayed = jumped.count(False)
    return [
        (quote, Doubt.JUMPED if leapt else None if stayed == 1 else Doubt.DISPUTED)
        for quote, leapt in zip(quotes, jumped, strict=True)
    ]


def _has_jumped(quote: Quote, last: Quote | None, tolerance: float) -> bool:
    return last is not None and quote.at - last.at <= RECENT and _is_far(quote.mid, last.mid, tolerance)


def _is_far(a: float, b: float, share: float) -> bool:
    return abs(a - b) > share * b


def _token_first(quote: Quote) -> tuple[bool, str]:
    return quote.instrument.coin != TOKEN, quote.instrument.coin
