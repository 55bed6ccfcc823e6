"""Three venues that tell of a market minute by minute, and one of them lies, freezes or falls silent."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np
from hypothesis import strategies as st

from signals.facts import EtfFlow, Instrument, Quote
from signals.frozen import Seen, seen_with
from signals.market import Bars, Market, Prices, Track
from signals.moments import MINUTE_MS, from_ms
from signals.quorum import DOLLAR_TOKEN, VENUES_OF
from signals.rows import Floats
from signals.ticks import screen
from tests.signals.markets import START_MS

INSTRUMENTS = (*VENUES_OF["BTC"], *VENUES_OF["ETH"], *DOLLAR_TOKEN)
FIVE = timedelta(minutes=5)
Told = Mapping[Instrument, Floats]
"""What each instrument costs, or trades, at each minute; NaN where nobody says."""
Lie = tuple[str, int, int, str | float, set[str]]
"""Who, from which minute, for how many, how, about which coins."""

_SHIFT = {"coinbaseexchange": -8e-4, "binance": 0.0, "kraken": -4e-4}
_PEG = 0.9995


def told_of(btc: Floats, eth: Floats, chance: np.random.Generator) -> dict[Instrument, Floats]:
    """What honest venues say where BTC and ETH cost so much: the US premium is negative."""
    usd = {"BTC": btc, "ETH": eth, "USDT": np.full(len(btc), _PEG)}
    return {
        i: usd[i.coin]
        * (1 + _SHIFT[i.venue] * (i.coin != "USDT"))
        / (_PEG if i.in_token else 1)
        * (1 + chance.normal(0, 1e-6, len(btc)) * (i.coin != "USDT"))
        for i in INSTRUMENTS
    }


def lies(minutes: int, lengths: Sequence[int]) -> st.SearchStrategy[Lie]:
    """Lies in a market of so many minutes."""
    return st.tuples(
        st.sampled_from(["coinbaseexchange", "binance", "kraken"]),
        st.integers(0, minutes - 1),
        st.sampled_from(lengths),
        st.sampled_from(["frozen", "missing", "nan"]) | st.floats(0.3, 0.97) | st.floats(1.03, 3),
        st.sets(st.sampled_from(["BTC", "ETH", "USDT"]), min_size=1),
    )


def lied(honest: Told, lie: Lie) -> Told:
    """What is said of it: the honest prices but for one venue's coins, in one stretch."""
    venue, start, length, how, coins = lie
    told = {i: price.copy() for i, price in honest.items()}
    for instrument, price in told.items():
        if instrument.venue == venue and instrument.coin in coins:
            part = slice(start, start + length)
            match how:
                case "frozen":
                    price[part] = price[start]
                case "missing" | "nan":
                    price[part] = np.nan
                case float(factor):
                    price[part] *= factor
    return told


def bars_of(told: Told, volumes: Told | None = None) -> Market:
    """Bars of five minutes."""
    prices, bars = {}, {}
    for instrument, price in told.items():
        by_bar = price.reshape(-1, 5)
        there = ~np.isnan(by_bar).any(axis=1)
        at = START_MS + 5 * MINUTE_MS * (np.flatnonzero(there) + 1)
        rows, track = by_bar[there], Track(instrument, FIVE)
        volume = volumes[instrument].reshape(-1, 5).sum(axis=1)[there] if volumes else np.ones(len(at))
        prices[track] = Prices(at, at, rows[:, -1])
        bars[track] = Bars(at, at, rows.max(axis=1), rows.min(axis=1), volume)
    return Market(prices, bars=bars)


def quotes_of(told: Told, minutes: range) -> list[Quote]:
    """Looks each minute of a time, as the screen lets them through."""
    kept: list[Quote] = []
    last_good: dict[Instrument, Quote] = {}
    seen: dict[Instrument, Seen] = {}
    for minute in minutes:
        at = from_ms(START_MS + minute * MINUTE_MS)
        said = [Quote(i, at, p[minute] * 0.99999, p[minute] * 1.00001, at) for i, p in told.items()]
        seen = seen_with(said, seen)
        screened = screen(said, last_good, seen=seen)
        last_good |= {quote.instrument: quote for quote in screened.kept}
        kept += screened.kept
    return kept


def with_flows(market: Market, *flows: EtfFlow) -> Market:
    """The market beside these ETF flows of Bitcoin's funds."""
    return market.joined(Market(flows={"BTC": flows}))
