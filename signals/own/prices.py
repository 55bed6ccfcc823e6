"""Prices, their changes, the premium and ETH/BTC as values of rules, as the bot's own readings have them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import numpy as np

from signals.eth_btc import EthBtcRules, Swings, eth_btc_samples, swings
from signals.facts import Instrument
from signals.freshness import LIVE_MS
from signals.market import Market
from signals.moments import HOUR_MS, length_ms
from signals.own.values import Values, lapsing, no_values
from signals.premium import premium_samples
from signals.price import INSTRUMENTS
from signals.rows import Bools, Floats, Ints
from signals.session_report import PERCENT, Samples

Instruments = Callable[[str], Instrument | None]
"""From a coin or symbol (BTC, SOL, SOL/USDT) to the instrument whose prices count."""

_LOOK_BACK_MS = 4 * HOUR_MS
"""Bars of an hour stand for two."""
_WHOLE = 0.9
"""The share of ETH/BTC's window that has to be known before its low says anything."""


def instrument_of(coin: str) -> Instrument | None:
    """The usual instrument: Binance's spot market against USDT."""
    return INSTRUMENTS.get(coin) or Instrument("binance", coin if "/" in coin else f"{coin}/USDT")


@dataclass(frozen=True, slots=True)
class _Priced:
    """Columns in the order in which they became known: each row is the newest price from then on."""

    at_ms: Ints
    known_ms: Ints
    stands_ms: Ints
    """For how long each stands after it was known."""
    price: Floats

    def rows(self, rows: Bools) -> Self:
        return type(self)(self.at_ms[rows], self.known_ms[rows], self.stands_ms[rows], self.price[rows])

    def values(self, value: Floats, since_ms: int, until_ms: int) -> Values:
        """As values of a rule, the moments between two of them."""
        known = self.known_ms <= until_ms
        some = self.rows(known)
        values = lapsing(some.at_ms, some.known_ms, value[known], some.stands_ms, until_ms)
        return values.between(since_ms, until_ms)


def price_values(market: Market, coin: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
    """The price of a coin in dollars."""
    priced = _priced(market, find(coin), since_ms)
    return priced.values(priced.price, since_ms, until_ms) if priced else no_values()


def change_values(
    market: Market, coin: str, since_ms: int, until_ms: int, find: Instruments, *, over: timedelta
) -> Values:
    """By how many percent a price, or ETH/BTC, changed over some time; NaN where the one then is unknown."""
    begin_ms = since_ms - length_ms(over)
    priced = _ratio(market, begin_ms) if coin == "ETH/BTC" else _priced(market, find(coin), begin_ms)
    if priced is None or not len(priced.price):
        return no_values()
    then_ms = priced.known_ms - length_ms(over)
    row = priced.known_ms.searchsorted(then_ms, "right") - 1
    known = (row >= 0) & (then_ms - priced.known_ms[row] <= priced.stands_ms[row])
    before = np.where(known, priced.price[row], np.nan)
    return priced.values((priced.price / before - 1) * PERCENT, since_ms, until_ms)


def premium_values(market: Market, subject: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
    """The premium in percent: adjusted, or raw where no USDT/USD is known, as its condition takes it."""
    del subject, find
    samples = _premium(market, since_ms)
    return _of(samples, samples.value * PERCENT, since_ms, until_ms)


def premium_raw_values(
    market: Market, subject: str, since_ms: int, until_ms: int, find: Instruments
) -> Values:
    """The premium in percent, not adjusted for what a USDT is worth."""
    del subject, find
    samples = _premium(market, since_ms)
    return _of(samples, samples.raw * PERCENT, since_ms, until_ms)


def premium_gap_values(
    market: Market, subject: str, since_ms: int, until_ms: int, find: Instruments
) -> Values:
    """What a bitcoin costs more on Coinbase, in dollars."""
    del subject, find
    samples = _premium(market, since_ms)
    gap = samples.coinbase - samples.binance * _usdt_usd(samples)
    return _of(samples, gap, since_ms, until_ms)


def usdt_values(market: Market, subject: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
    """Dollars for a USDT, as the premium is adjusted with; NaN where no venue says it."""
    del subject, find
    samples = _premium(market, since_ms)
    usdt = np.where(samples.adjusted, np.round(_usdt_usd(samples), 8), np.nan)
    return _of(samples, usdt, since_ms, until_ms)


def eth_btc_values(market: Market, subject: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
    """ETH in BTC."""
    del subject, find
    ratio = _ratio(market, since_ms)
    return ratio.values(ratio.price, since_ms, until_ms)


def regained_values(market: Market, subject: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
    """How many percent of its fall over the condition's window ETH/BTC has regained."""
    del subject, find
    return _swing(market, since_ms, until_ms, lambda swing: swing.regained * PERCENT)


def low_age_values(market: Market, subject: str, since_ms: int, until_ms: int, find: Instruments) -> Values:
    """How many hours old ETH/BTC's low over the condition's window is."""
    del subject, find
    return _swing(market, since_ms, until_ms, lambda swing: swing.low_age_ms / HOUR_MS)


def _priced(market: Market, instrument: Instrument | None, since_ms: int) -> _Priced | None:
    """The newest price at each moment, as `Market.last_price` finds it: of one moment the finer step's."""
    steps = market.steps(instrument) if instrument else []
    if not instrument or not steps:
        return None
    parts = [market.track(instrument, step).since(since_ms - _LOOK_BACK_MS) for step in steps]
    at, known, price = (np.concatenate(column) for column in zip(*(p.columns() for p in parts), strict=True))
    place = np.repeat(np.arange(len(steps)), [len(part) for part in parts])
    stands = np.array([max(LIVE_MS, 2 * length_ms(step)) for step in steps], np.int64)
    order = np.lexsort((-place, at, known))
    newness = (at * len(steps) + len(steps) - place)[order]
    newest = np.append(True, newness[1:] > np.maximum.accumulate(newness)[:-1])[: len(order)]
    rows = order[newest]
    return _Priced(at[rows], known[rows], stands[place[rows]] - (known - at)[rows], price[rows])


def _ratio(market: Market, since_ms: int) -> _Priced:
    samples = eth_btc_samples(market.since(since_ms - _LOOK_BACK_MS))
    return _Priced(samples.at_ms, samples.known_ms, _stands(samples.step_ms), samples.ratio)


def _premium(market: Market, since_ms: int) -> Samples:
    return premium_samples(market.since(since_ms - _LOOK_BACK_MS))


def _of(samples: Samples, value: Floats, since_ms: int, until_ms: int) -> Values:
    priced = _Priced(samples.at_ms, samples.known_ms, _stands(samples.step_ms), samples.value)
    return priced.values(value, since_ms, until_ms)


def _usdt_usd(samples: Samples) -> Floats:
    usdt: Floats = (1 + samples.raw) / (1 + samples.value)
    return usdt


def _swing(market: Market, since_ms: int, until_ms: int, column: Callable[[Swings], Floats]) -> Values:
    rules = EthBtcRules()
    window_ms = rules.window_hours * HOUR_MS
    samples = eth_btc_samples(market.since(since_ms - window_ms - _LOOK_BACK_MS))
    if not len(samples):
        return no_values()
    swing = swings(samples, since_ms - _LOOK_BACK_MS, until_ms, None, rules)
    row = samples.known_ms.searchsorted(swing.known_ms, "right") - 1
    whole = swing.known_ms - samples.known_ms[0] >= _WHOLE * window_ms
    priced = _Priced(samples.at_ms[row], swing.known_ms, _stands(samples.step_ms[row]), swing.ratio)
    return priced.values(np.where(whole, column(swing), np.nan), since_ms, until_ms)


def _stands(steps_ms: Ints) -> Ints:
    return np.maximum(LIVE_MS, 2 * steps_ms)
