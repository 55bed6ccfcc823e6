"""One of three venues lies, freezes, says nonsense or nothing: nothing is met, and nobody is warned, by it.

The honest market is a fragile one in which nothing happens: a negative premium, outflows, ETH ever lower in
BTC. Whatever is told of it beside that something cannot be seen is the liar's doing.
"""

from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from signals.believed import believed
from signals.conditions import Alarm, State, Verdict
from signals.engine import first_standings, judge
from signals.episode import ShockState
from signals.levels import Band, Levels, LevelsSet
from signals.market import QUOTES, Market
from signals.moments import HOUR_MS, MINUTE_MS
from signals.quorum import TOLERANCE
from tests.signals.liar import Told, bars_of, lied, lies, quotes_of, told_of, with_flows
from tests.signals.markets import START, START_MS, flow

MINUTES = 3 * 24 * 60
LIVE = range(38 * 60, 46 * 60)
"""The second day's session is looked at live, every minute."""
UNTIL_MS = START_MS + MINUTES * MINUTE_MS
LOUD = {State.MET, Verdict.BROKEN, Alarm.ON, ShockState.OPEN}


def honest() -> Told:
    """What each instrument costs at each minute."""
    chance = np.random.default_rng(7)
    minute = np.arange(1, MINUTES + 1)
    btc = 100_000 * (1 + 0.004 * np.sin(minute / 500) + chance.normal(0, 2e-5, MINUTES))
    return told_of(btc, btc * 0.035 * (1 - minute / MINUTES * 0.02), chance)


HONEST = honest()
LIES = lies(MINUTES, [3, 20, 200, MINUTES])


def market_of(told: Told) -> Market:
    """Bars of five minutes, beside quotes of a session as the screen lets them through."""
    levels = LevelsSet(Levels(Band(80_000, 82_000), 75_000, Band(115_000, 120_000)), START)
    days = [flow(date(2025, 11, day), -300.0) for day in (19, 20, 21, 24, 25)]
    return with_flows(bars_of(told), *days).add([levels, *quotes_of(told, LIVE)])


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
@given(LIES)
def test_one_venue_alone_meets_no_condition_breaks_no_verdict_and_raises_no_warning(lie):
    assert loud(market_of(lied(HONEST, lie))) == []


@pytest.mark.timeout(600)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LIES)
def test_no_price_that_rules_see_is_a_lie(lie):
    """Which holds for rules of people as well: they are judged on the same market."""
    market = believed(market_of(lied(HONEST, lie)))
    for track, rows in market.prices.items():
        minute = (rows.at_ms - START_MS) // MINUTE_MS - (0 if track.step == QUOTES else 1)
        assert (np.abs(rows.price / HONEST[track.instrument][minute] - 1) <= TOLERANCE).all(), track
