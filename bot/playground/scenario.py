"""The built-in scenario "November 2025": a market out of the story's table, told in bars of five minutes.

Between the rows prices move in a straight line plus a small random walk that is the same every time and is
back at zero at each row, so that the rows' figures are met to the cent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from bot.playground.positions import positions
from bot.playground.story import (
    ANCHORS,
    BEGINS,
    BLIND_FROM,
    BLIND_UNTIL,
    FLOWS_USD_M,
    LEVELS,
    VOLUME_TIMES,
)
from signals.etf_final import known_as_history
from signals.facts import (
    BINANCE_BTC,
    BINANCE_ETH,
    COINBASE_BTC,
    COINBASE_USDT,
    KRAKEN_USDT,
    Candle,
    EtfFlow,
    Fact,
    Instrument,
)
from signals.levels import LevelsSet
from signals.moments import DAY_MS, from_ms, length_ms, to_ms
from signals.rows import Floats, Ints

NOTICE = (
    "Scenario November 2025: 2 and 3 November follow the figures of an article; the prices around them, "
    "every ETF amount, positions, books and all that comes after are imagined."
    " · 2025 年 11 月情景：11 月 2 日至 3 日按一篇文章的数字重现；其前后的价格、全部 ETF 金额、"
    "持仓与盘口以及此后的走势均为虚构。"
)

STEP = timedelta(minutes=5)

_SEED = 15
"""Every seed tells the story; with this one nothing closes below the article's lows on its day."""
_PRICE_WALK, _RATIO_WALK = 0.0011, 0.0004
"""The widest step of a walk in five minutes, as a share."""
_PREMIUM_NOISE_PCT = 0.012
_USDT_USD, _USDT_WAVE, _USDT_APART = 0.99950, 0.00012, 0.00001
"""Dollars for a USDT: around where, how far up and down, and how far each venue is from the mean."""
_SHADOW = 0.0004
"""How far the ends of a bar reach beyond its open and close at most, as a share."""
_MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Scenario:
    """A market to play: facts from `since` to `until`; the play `begins` later, when every window is warm."""

    notice: str
    since: datetime
    begins: datetime
    until: datetime
    facts: tuple[Fact, ...]


def scenario() -> Scenario:
    """The story as facts, the same every time."""
    until = ANCHORS[-1].at
    facts: tuple[Fact, ...] = (*_candles(), *_flows(), LevelsSet(LEVELS, BEGINS), *positions(until))
    return Scenario(NOTICE, ANCHORS[0].at, BEGINS, until, facts)


class Book(NamedTuple):
    """What is usual on a venue: digits of a price, and base coins traded in five minutes."""

    digits: int
    volume: float


_BOOKS: Mapping[Instrument, Book] = {
    BINANCE_BTC: Book(2, 45.0),
    BINANCE_ETH: Book(2, 900.0),
    COINBASE_BTC: Book(2, 18.0),
    COINBASE_USDT: Book(5, 250_000.0),
    KRAKEN_USDT: Book(5, 120_000.0),
}


class Course:
    """The moments of all bars, and how numbers go through the story's rows."""

    def __init__(self) -> None:
        first, last = (to_ms(ANCHORS[place].at) for place in (0, -1))
        self.at_ms: Ints = np.arange(first, last + 1, length_ms(STEP))
        self._anchor_ms = [to_ms(anchor.at) for anchor in ANCHORS]
        self._chance = np.random.Generator(np.random.PCG64(_SEED))

    def along(self, values: Sequence[float]) -> Floats:
        """Straight lines between the values of the rows."""
        return np.interp(self.at_ms, self._anchor_ms, values)

    def noise(self, widest: float) -> Floats:
        """Chance at each moment, within plus and minus `widest`."""
        return (self._chance.random(len(self.at_ms)) * 2 - 1) * widest

    def walk(self, widest: float) -> Floats:
        """A random walk, pulled straight so that it is zero at every row."""
        steps = self.noise(widest).cumsum()
        return steps - self.along(steps[self.at_ms.searchsorted(self._anchor_ms)].tolist())


def _candles() -> Iterator[Candle]:
    course = Course()
    activity = _activity(course.at_ms)
    for instrument, price in _prices(course).items():
        book = _BOOKS[instrument]
        shadows = abs(course.noise(_SHADOW)), abs(course.noise(_SHADOW))
        yield from _bars(instrument, course.at_ms, price.round(book.digits), shadows, book.volume * activity)


def _prices(course: Course) -> Mapping[Instrument, Floats]:
    btc = course.along([row.btc for row in ANCHORS]) * (1 + course.walk(_PRICE_WALK))
    eth_btc = course.along([row.eth / row.btc for row in ANCHORS]) * (1 + course.walk(_RATIO_WALK))
    premium_pct = course.along([row.premium_pct for row in ANCHORS]) + course.noise(_PREMIUM_NOISE_PCT)
    usdt_usd = _USDT_USD + _USDT_WAVE * np.sin(2 * np.pi * course.at_ms / (3 * DAY_MS))
    return {
        BINANCE_BTC: btc,
        BINANCE_ETH: btc * eth_btc,
        COINBASE_BTC: btc * usdt_usd * (1 + premium_pct / 100),
        COINBASE_USDT: usdt_usd + _USDT_APART,
        KRAKEN_USDT: usdt_usd - _USDT_APART,
    }


def _bars(
    instrument: Instrument, at_ms: Ints, price: Floats, shadows: tuple[Floats, Floats], volume: Floats
) -> Iterator[Candle]:
    """Bars that open where the one before closed."""
    opens, closes = price[:-1], price[1:]
    highs = np.maximum(opens, closes) * (1 + shadows[0][1:])
    lows = np.minimum(opens, closes) * (1 - shadows[1][1:])
    columns = (opens, highs.round(5), lows.round(5), closes, volume[:-1].round(3))
    for opened_ms, *row in zip(at_ms[:-1].tolist(), *(column.tolist() for column in columns), strict=True):
        bar = Candle(instrument, STEP, from_ms(opened_ms), *row)
        if not (instrument.venue == "binance" and BLIND_FROM < bar.at < BLIND_UNTIL):
            yield bar


def _activity(at_ms: Ints) -> Floats:
    """How much is traded, as a multiple of the usual: busy US hours every day, and the story's busy days."""
    daily = 1 + 0.5 * np.sin(2 * np.pi * (at_ms / DAY_MS - 0.4))
    times = np.array([1.0, *VOLUME_TIMES.values()])
    since_ms = [to_ms(moment) for moment in VOLUME_TIMES]
    busy: Floats = daily * times[np.searchsorted(since_ms, at_ms, side="right")]
    return busy


def _flows() -> Iterator[EtfFlow]:
    for session, amounts_usd_m in FLOWS_USD_M.items():
        known_at = known_as_history(session)
        for asset, usd_m in zip(("BTC", "ETH"), amounts_usd_m, strict=True):
            yield EtfFlow(asset, session, "scenario", usd_m * _MILLION, known_at, final_at=known_at)
