"""Disputes: that venues contradict each other about a coin, as a fact of its own.

Quotes that are not believed leave no trace in the market. So each round says of each coin whether there is a
dispute: readings name it, and the warning `blind` tells it from silence.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from signals.gauges import Gauge, Measure, Series
from signals.market import Market
from signals.moments import length_ms
from signals.quorum import VENUES_OF

REPEATED = timedelta(minutes=5)
"""A dispute that goes on is written down so often."""
LASTS = 2 * REPEATED
"""One that has not been repeated for so long is over."""


def series_of(coin: str) -> Series:
    """Whether there is a dispute about a coin."""
    return Series("quorum", coin, Measure.DISPUTED)


def worth_telling(disputed: Iterable[str], last: Mapping[Series, Gauge], now: datetime) -> list[Gauge]:
    """What is worth writing down of a round: disputes that begin, go on or are over."""
    coins, found = set(disputed), []
    for coin in VENUES_OF:
        before, value = last.get(series_of(coin)), float(coin in coins)
        goes_on = bool(value) and before is not None and now - before.at >= REPEATED
        if goes_on or value != (before.value if before else 0.0):
            found.append(Gauge(series_of(coin), now, value, known_at=now))
    return found


def is_disputed(market: Market, coin: str, now_ms: int) -> bool:
    """Whether venues contradict each other about a coin at a moment."""
    before = market.gauge(*series_of(coin)).last_known(now_ms)
    return before is not None and before[1] > 0 and now_ms - before[0] <= length_ms(LASTS)


def disputed_spans(market: Market, coin: str, until_ms: int) -> Iterator[tuple[int, int]]:
    """From when to when there were disputes about a coin, up to a moment, in ms UTC.

    One that was not repeated ends when it would have lapsed.
    """
    told = market.gauge(*series_of(coin)).known_by(until_ms)
    begins_ms: int | None = None
    last_ms = 0
    for at_ms, value in zip(told.at_ms.tolist(), told.value.tolist(), strict=True):
        if begins_ms is not None and (not value or at_ms - last_ms > length_ms(LASTS)):
            yield begins_ms, min(at_ms, last_ms + length_ms(LASTS))
            begins_ms = None
        if value:
            begins_ms, last_ms = at_ms if begins_ms is None else begins_ms, at_ms
    if begins_ms is not None:
        yield begins_ms, min(until_ms, last_ms + length_ms(LASTS))
