"""`eth_beta`: tables of a day's fall of both coins, and what is told."""

from datetime import timedelta

import pytest

from signals.conditions import Change, Standing, Verdict
from signals.eth_beta import EthBeta
from signals.facts import BINANCE_BTC, BINANCE_ETH
from signals.market import Market
from signals.moments import HOUR_MS
from signals.warnings import Backdrop, Verdicts
from tests.signals.markets import START_MS, bars, joined

HOUR = timedelta(hours=1)
DAY = 24
ON, OFF = ("on", "eth_falls_farther"), ("off", "eased")


def market_of(falls_pct: list[tuple[float, float]], first_hour: int = DAY + 1) -> Market:
    """A day at the same prices, then hours with these falls of ETH and BTC since the day before."""
    falls = [*((0.0, 0.0) for _ in range(first_hour - 1)), *falls_pct]
    eth, btc = (
        [((hour + 1) * 60, start * (1 - fall[coin] / 100)) for hour, fall in enumerate(falls)]
        for coin, start in enumerate((4_000.0, 110_000.0))
    )
    return joined(bars(BINANCE_ETH, HOUR, eth), bars(BINANCE_BTC, HOUR, btc))


def changes_of(market: Market, until_hour: int) -> tuple[Change, ...]:
    backdrop = Backdrop(Verdicts((0,), (Verdict.FRAGILE,)))
    return EthBeta().judge(Standing(), market, backdrop, START_MS + until_hour * HOUR_MS).changes


def turns(changes: tuple[Change, ...]) -> list[tuple[str, str]]:
    return [(change.to_state, change.reason) for change in changes]


@pytest.mark.parametrize(
    ("falls_pct", "told"),
    [
        ([(9.0, 3.0)], [ON]),
        ([(3.0, 1.4)], [ON]),
        ([(2.9, 1.0)], [OFF]),
        ([(9.0, 4.6)], [OFF]),
        ([(3.1, -1.0)], [ON]),
        ([(4.0, 1.9), (4.0, 2.1), (4.0, 1.9)], [ON]),
        ([(3.1, 1.0), (2.0, 1.0), (3.1, 1.0)], [ON]),
        ([(3.1, 1.0), (1.4, 1.0), (3.1, 1.0)], [ON, OFF, ON]),
        ([(4.0, 1.9), (4.0, 4.1)], [ON, OFF]),
        ([(2.0, 0.1), (2.9, 0.1), (3.1, 0.1)], [OFF, ON]),
    ],
    ids=[
        "three times as far",
        "at the least fall",
        "too small a fall",
        "too much like BTC",
        "BTC rises",
        "about two times is one warning",
        "about three percent is one warning",
        "half the fall ends it",
        "once BTC's is as large it ends",
        "a small fall is not yet one",
    ],
)
def test_eth_falls_farther_than_btc(falls_pct, told):
    assert turns(changes_of(market_of(falls_pct), DAY + len(falls_pct))) in (told, [OFF, *told])


def test_the_evidence_is_what_both_did_in_a_day():
    told = changes_of(market_of([(9.0, 3.0)]), DAY + 1)[-1]
    assert told.evidence == {"times": 3.0, "eth_change_pct": -9.0, "btc_change_pct": -3.0}


def test_of_a_standstill_of_btc_no_times_are_said():
    told = changes_of(market_of([(9.0, 0.1)]), DAY + 1)[-1]
    assert told.evidence == {"eth_change_pct": -9.0, "btc_change_pct": -0.1}


def test_without_a_price_of_the_day_before_nothing_can_be_judged():
    assert changes_of(market_of([(9.0, 3.0)], first_hour=DAY - 1), DAY) == ()


def test_six_hours_without_prices_are_no_data():
    changes = changes_of(market_of([(9.0, 3.0)]), DAY + 8)
    assert turns(changes)[-1] == ("no_data", "no_price")
    assert changes[-1].at_ms == START_MS + (DAY + 1 + 6) * HOUR_MS
