"""The warnings over the recorded weeks of October and November 2025, with the article's levels.

Beside them the same rules as plain loops over the closes, which know nothing of carried state.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from signals.calendar import session_on
from signals.conditions import Change
from signals.facts import BINANCE_BTC, BINANCE_ETH
from signals.levels import Band, Levels, LevelsSet
from signals.market import Market, Track
from signals.moments import from_ms, iso
from signals.replay import replay
from tests.history import needs_history, november_2025

pytestmark = needs_history

ARTICLE = Levels(Band(105_000, 107_000), 103_000, Band(109_000, 111_000))
SINCE, UNTIL = datetime(2025, 9, 15, tzinfo=UTC), datetime(2025, 11, 15, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
Turn = tuple[datetime, str]


@cache
def replayed() -> Sequence[Change]:
    market = november_2025().joined(Market(levels=(LevelsSet(ARTICLE, datetime(2025, 1, 1, tzinfo=UTC)),)))
    return replay(market, SINCE, UNTIL).changes


def of(subject: str) -> list[Change]:
    return [change for change in replayed() if change.id == subject]


def closes(instrument: object) -> list[tuple[datetime, float]]:
    prices = november_2025().prices[Track(instrument, QUARTER)]  # type: ignore[arg-type]  # an instrument
    return [(from_ms(at), price) for at, price in zip(prices.at_ms.tolist(), prices.price, strict=True)]


def turns(subject: str) -> list[Turn]:
    return [(from_ms(change.at_ms), change.to_state) for change in of(subject)]


def verdicts() -> Iterator[str]:
    """The verdict at each close of BTC."""
    changed, state = [(from_ms(c.at_ms), c.to_state) for c in of("verdict")], "unknown"
    for at, _ in closes(BINANCE_BTC):
        while changed and changed[0][0] <= at:
            state = changed.pop(0)[1]
        yield state


def plain_rally_zone() -> Iterator[Turn]:
    state, inside = "no_data", False
    for (at, price), verdict in zip(closes(BINANCE_BTC), verdicts(), strict=True):
        inside = 109_000 <= price <= 111_000 or (inside and 109_000 * 0.99 <= price <= 111_000 * 1.01)
        before = state
        state = {"fragile": "on", "broken": "off", "unknown": "no_data"}[verdict] if inside else "off"
        if state != before:
            yield at, state


def plain_support() -> Iterator[Turn]:
    state, closed_below = "no_data", False
    for at, price in closes(BINANCE_BTC):
        before = state
        state = "on" if price <= 107_000 or (state == "on" and price <= 107_000 * 1.01) else "off"
        if state != before:
            yield at, state
        closed_below = closed_below and state == "on"
        session = session_on(at.date())
        ends = at.time().isoformat() == "00:00:00" or (session is not None and at == session.closes)
        if ends and price < 105_000 and not closed_below:
            closed_below = True
            yield at, "on"


def plain_eth_beta() -> Iterator[Turn]:
    btc, state = dict(closes(BINANCE_BTC)), "no_data"
    eth = dict(closes(BINANCE_ETH))
    for at, now in eth.items():
        day_before = at - timedelta(days=1)
        if day_before not in eth:
            continue
        share = 0.5 if state == "on" else 1.0
        fall, btc_fall = 1 - now / eth[day_before], 1 - btc[at] / btc[day_before]
        before, state = state, "on" if fall >= 0.03 * share and fall >= 2 * share * btc_fall else "off"
        if state != before:
            yield at, state


def test_the_rally_zone_turns_as_a_plain_loop_says():
    assert turns("rally_zone") == list(plain_rally_zone())


def test_the_support_zone_turns_as_a_plain_loop_says():
    assert turns("support") == list(plain_support())


def test_eths_fall_turns_as_a_plain_loop_says():
    assert turns("eth_beta") == list(plain_eth_beta())


def test_on_3_and_4_november_the_support_zone_is_entered_and_then_closed_below():
    since = datetime(2025, 11, 3, tzinfo=UTC)
    told = [c for c in of("support") if from_ms(c.at_ms) >= since]
    assert [(iso(c.at_ms), c.to_state, c.reason) for c in told] == [
        ("2025-11-03T11:00:00Z", "on", "entered"),
        ("2025-11-03T12:30:00Z", "off", "recovered"),
        ("2025-11-03T15:30:00Z", "on", "entered"),
        ("2025-11-04T21:00:00Z", "on", "closed_below"),
    ]
    assert told[-1].evidence["session_close_usd"] == 100_755.43
    assert told[-1].evidence["passed_usd"] == 103_000


def test_before_the_fall_a_rally_stood_in_the_rally_zone_of_a_fragile_market():
    since = datetime(2025, 10, 30, tzinfo=UTC)
    told = [c for c in of("rally_zone") if from_ms(c.at_ms) >= since]
    assert [(iso(c.at_ms), c.to_state, c.reason) for c in told] == [
        ("2025-10-30T13:30:00Z", "on", "verdict_fragile"),
        ("2025-10-30T13:45:00Z", "off", "left"),
        ("2025-10-31T01:00:00Z", "on", "entered"),
        ("2025-11-03T04:15:00Z", "off", "left"),
    ]


def test_on_3_november_eth_falls_at_least_twice_as_far_as_btc():
    at = datetime(2025, 11, 3, 20, tzinfo=UTC)
    last = [change for change in of("eth_beta") if from_ms(change.at_ms) <= at][-1]
    assert (iso(last.at_ms), last.to_state) == ("2025-11-03T03:45:00Z", "on")


def test_the_margins_keep_it_to_a_handful_of_alerts_a_week():
    weeks = (UNTIL - SINCE) / timedelta(weeks=1)
    for warning, at_most in (("rally_zone", 2), ("support", 1), ("eth_beta", 2.5)):
        assert sum(change.to_state == "on" for change in of(warning)) <= at_most * weeks, warning
