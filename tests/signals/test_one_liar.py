"""One of three venues lies, freezes, says nonsense or nothing: nothing is met, and nobody is warned, by it.

The honest market is a fragile one in which nothing happens: a negative premium, outflows, ETH ever lower in
BTC. Whatever is told of it beside that something cannot be seen is the liar's doing.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signals.believed import believed
from signals.conditions import Alarm, State, Verdict
from signals.engine import first_standings, judge
from signals.episode import ShockState
from signals.frozen import Seen, seen_with
from signals.levels import Band, Levels, LevelsSet
from signals.market import QUOTES, Bars, Instrument, Market, Prices, Quote, Track
from signals.moments import HOUR_MS, MINUTE_MS, from_ms
from signals.quorum import DOLLAR_TOKEN, TOLERANCE, VENUES_OF
from signals.rows import Floats
from signals.ticks import screen
from tests.signals.markets import START, START_MS, flow

INSTRUMENTS = (*VENUES_OF["BTC"], *VENUES_OF["ETH"], *DOLLAR_TOKEN)
FIVE = timedelta(minutes=5)
MINUTES = 3 * 24 * 60
LIVE_FROM, LIVE_UNTIL = 38 * 60, 46 * 60
"""The second day's session is looked at live, every minute."""
Told = Mapping[Instrument, Floats]
"""What each instrument costs at each minute; NaN where nobody says."""
UNTIL_MS = START_MS + MINUTES * MINUTE_MS
LOUD = {State.MET, Verdict.BROKEN, Alarm.ON, ShockState.OPEN}


def honest() -> Told:
    """What each instrument costs at each minute."""
    chance = np.random.default_rng(7)
    minute = np.arange(1, MINUTES + 1)
    btc = 100_000 * (1 + 0.004 * np.sin(minute / 500) + chance.normal(0, 2e-5, MINUTES))
    eth = btc * 0.035 * (1 - minute / MINUTES * 0.02)
    usd = {"BTC": btc, "ETH": eth, "USDT": np.full(MINUTES, 0.9995)}
    shift = {"coinbaseexchange": -8e-4, "binance": 0.0, "kraken": -4e-4}
    return {
        i: usd[i.coin]
        * (1 + shift[i.venue] * (i.coin != "USDT"))
        / (0.9995 if i.in_token else 1)
        * (1 + chance.normal(0, 1e-6, MINUTES) * (i.coin != "USDT"))
        for i in INSTRUMENTS
    }


HONEST = honest()

Lie = tuple[str, int, int, str | float, set[str]]

lies = st.tuples(
    st.sampled_from(["coinbaseexchange", "binance", "kraken"]),
    st.integers(0, MINUTES - 1),
    st.sampled_from([3, 20, 200, MINUTES]),
    st.sampled_from(["frozen", "missing", "nan"]) | st.floats(0.3, 0.97) | st.floats(1.03, 3),
    st.sets(st.sampled_from(["BTC", "ETH", "USDT"]), min_size=1),
)


def lied(
    lie: tuple[str, int, int, str | float, set[str]],
) -> Told:
    """What is said of it: the honest prices but for one venue's coins, in one stretch."""
    venue, start, length, how, coins = lie
    told = {i: price.copy() for i, price in HONEST.items()}
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


def market_of(told: Told) -> Market:
    """Bars of five minutes, beside quotes of a session as the screen lets them through."""
    prices, bars = {}, {}
    for instrument, price in told.items():
        by_bar = price.reshape(-1, 5)
        there = ~np.isnan(by_bar).any(axis=1)
        at = START_MS + 5 * MINUTE_MS * (np.flatnonzero(there) + 1)
        rows, track = by_bar[there], Track(instrument, FIVE)
        prices[track] = Prices(at, at, rows[:, -1])
        bars[track] = Bars(at, at, rows.max(axis=1), rows.min(axis=1), np.ones(len(at)))
    days = [flow(date(2025, 11, day), -300.0) for day in (19, 20, 21, 24, 25)]
    levels = LevelsSet(Levels(Band(80_000, 82_000), 75_000, Band(115_000, 120_000)), START)
    return Market(prices, {"BTC": tuple(days)}, bars, (levels,)).add(quotes_of(told))


def quotes_of(told: Told) -> list[Quote]:
    kept: list[Quote] = []
    last_good: dict[Instrument, Quote] = {}
    seen: dict[Instrument, Seen] = {}
    for minute in range(LIVE_FROM, LIVE_UNTIL):
        at = from_ms(START_MS + minute * MINUTE_MS)
        said = [Quote(i, at, p[minute] * 0.99999, p[minute] * 1.00001, at) for i, p in told.items()]
        seen = seen_with(said, seen)
        screened = screen(said, last_good, seen=seen)
        last_good |= {quote.instrument: quote for quote in screened.kept}
        kept += screened.kept
    return kept


def loud(market: Market) -> list[tuple[str, str]]:
    changes = judge(first_standings(), market, UNTIL_MS + 4 * HOUR_MS).changes
    return [(c.id, c.to_state) for c in changes if c.to_state in LOUD and c.id != "blind"]


def test_the_honest_market_is_fragile_and_quiet():
    assert loud(market_of(HONEST)) == []
    standings = judge(first_standings(), market_of(HONEST), UNTIL_MS).standings
    assert standings["premium"].state == "unmet"
    assert standings["etf_flow"].state == "unmet"


@pytest.mark.timeout(600)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lies)
def test_one_venue_alone_meets_no_condition_breaks_no_verdict_and_raises_no_warning(lie):
    assert loud(market_of(lied(lie))) == []


@pytest.mark.timeout(600)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lies)
def test_no_price_that_rules_see_is_a_lie(lie):
    """Which holds for rules of people as well: they are judged on the same market."""
    market = believed(market_of(lied(lie)))
    for track, rows in market.prices.items():
        minute = (rows.at_ms - START_MS) // MINUTE_MS - (0 if track.step == QUOTES else 1)
        assert (np.abs(rows.price / HONEST[track.instrument][minute] - 1) <= TOLERANCE).all(), track
