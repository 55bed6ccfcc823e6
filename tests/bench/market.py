"""Markets made up for the benchmark: a year in bars of a minute, and what the running bot holds in memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import reduce

import numpy as np

from signals.calendar import sessions
from signals.etf_final import known_as_history
from signals.facts import (
    BINANCE_BTC,
    BINANCE_ETH,
    COINBASE_BTC,
    COINBASE_USDT,
    KRAKEN_BTC,
    KRAKEN_USDT,
    EtfFlow,
    Instrument,
)
from signals.market import QUOTES, Market, Prices, Track
from signals.moments import DAY_MS, MINUTE_MS, length_ms, to_ms
from signals.rows import Bools, Floats, Ints

MINUTE = timedelta(minutes=1)
SINCE = datetime(2025, 1, 1, tzinfo=UTC)
SEED = 20251103

_VENUES = {COINBASE_BTC: 0, COINBASE_USDT: 0, BINANCE_BTC: 1, BINANCE_ETH: 1, KRAKEN_USDT: 2}
"""Which instruments fall silent together."""
_OUTAGES_A_WEEK = 1.5
_LONGEST_OUTAGE_MINUTES = 150
_MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Minutes:
    """Bars of a minute: one row a close, NaN where a venue was silent. Flows are oldest first."""

    at_ms: Ints
    closes: Mapping[Instrument, Floats]
    flows: tuple[EtfFlow, ...]

    def market(self) -> Market:
        """As the engine takes it."""
        prices = {Track(named, MINUTE): self._track(close) for named, close in self.closes.items()}
        return Market(prices, {"BTC": self.flows})

    def _track(self, close: Floats) -> Prices:
        there = ~np.isnan(close)
        return Prices(self.at_ms[there], self.at_ms[there], close[there])


def minutes(days: int, seed: int = SEED) -> Minutes:
    """Random walks from `SINCE` on, the same for a seed; a premium that changes sides every few days."""
    chance = np.random.default_rng(seed)
    at_ms = to_ms(SINCE) + np.arange(1, days * DAY_MS // MINUTE_MS + 1, dtype=np.int64) * MINUTE_MS
    closes = _closes(at_ms, chance)
    away = [_outages(len(at_ms), chance) for _ in range(2)]
    for instrument, venue in _VENUES.items():
        # Kraken never is away: what USDT is worth is known wherever there is a premium.
        if venue < len(away):
            closes[instrument][away[venue]] = np.nan
    return Minutes(at_ms, closes, _flows(SINCE.date(), days, chance))


def _closes(at_ms: Ints, chance: np.random.Generator) -> dict[Instrument, Floats]:
    count = len(at_ms)
    btc = 100_000 * np.exp(chance.normal(0, 4e-4, count).cumsum())
    ratio = 0.035 * np.exp(chance.normal(0, 3e-4, count).cumsum())
    usdt = 0.9995 + 2e-4 * np.sin(2 * np.pi * at_ms / (5 * DAY_MS))
    side = 4e-4 * np.sin(2 * np.pi * at_ms / (9.3 * DAY_MS))
    premium = side + chance.normal(0, 1.5e-4, count)
    return {
        COINBASE_BTC: btc * usdt * (1 + premium),
        BINANCE_BTC: btc,
        BINANCE_ETH: btc * ratio,
        COINBASE_USDT: usdt + 1e-5,
        KRAKEN_USDT: usdt - 1e-5,
    }


def _outages(count: int, chance: np.random.Generator) -> Bools:
    """Minutes without a bar: too few of them for a condition to lose its data, enough to spoil sessions."""
    away = np.zeros(count, bool)
    for start in chance.integers(0, count, int(_OUTAGES_A_WEEK * count * MINUTE_MS / (7 * DAY_MS))):
        away[start : start + chance.integers(1, _LONGEST_OUTAGE_MINUTES)] = True
    return away


def _flows(first: date, days: int, chance: np.random.Generator) -> tuple[EtfFlow, ...]:
    # The last session's number would become known after the last minute.
    days_of_sessions = [session.day for session in sessions(first, first + timedelta(days=days - 2))]
    totals = chance.normal(20, 200, len(days_of_sessions)).round(1)
    return tuple(flow(day, float(total)) for day, total in zip(days_of_sessions, totals, strict=True))


def flow(session: date, total_musd: float) -> EtfFlow:
    """A final number of a session in millions, known on the day after it."""
    known_at = known_as_history(session)
    return EtfFlow("BTC", session, "bench", float(round(total_musd * _MILLION)), known_at, known_at)


STANDING = {
    COINBASE_BTC: 100_020.0,
    BINANCE_BTC: 100_000.0,
    KRAKEN_BTC: 100_010.0,
    BINANCE_ETH: 3_500.0,
    COINBASE_USDT: 1.0,
    KRAKEN_USDT: 1.0,
}
"""Prices that stand still, at a premium of 0.02 %: the premium and ETH/BTC are met and stay so."""


def live_market(now: datetime, *flows: EtfFlow) -> Market:
    """What the running bot holds: 60 days of bars of five minutes, three days of quotes every ten seconds."""
    bars = _standing(now, timedelta(minutes=5), timedelta(days=60))
    quotes = _standing(now, timedelta(seconds=10), timedelta(days=3), step=QUOTES)
    return reduce(Market.joined, (bars, quotes, Market(flows={"BTC": flows})))


def _standing(now: datetime, every: timedelta, back: timedelta, step: timedelta | None = None) -> Market:
    last_ms = to_ms(now) // length_ms(every) * length_ms(every)
    at_ms = last_ms - np.arange(back // every, dtype=np.int64)[::-1] * length_ms(every)
    track = every if step is None else step
    return Market(
        {Track(i, track): Prices(at_ms, at_ms, np.full(len(at_ms), p)) for i, p in STANDING.items()}
    )
