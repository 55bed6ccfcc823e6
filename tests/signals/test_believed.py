"""Bars that other venues contradict are used by no rule, whichever arrived first."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from signals.believed import believed
from signals.facts import (
    BINANCE_BTC,
    BINANCE_ETH,
    COINBASE_BTC,
    COINBASE_ETH,
    COINBASE_USDT,
    KRAKEN_BTC,
    KRAKEN_ETH,
    KRAKEN_USDT,
    Instrument,
)
from signals.market import Bars, Market, Track
from signals.moments import MINUTE_MS
from tests.signals.markets import START_MS, bars, joined

FIVE = timedelta(minutes=5)
VENUES = (COINBASE_BTC, BINANCE_BTC, KRAKEN_BTC)


def market_of(prices: dict[Instrument, float | None], minute: int = 5) -> Market:
    return joined(*(bars(i, FIVE, [(minute, price)]) for i, price in prices.items() if price is not None))


def left(market: Market) -> set[Instrument]:
    return {track.instrument for track, rows in believed(market).prices.items() if len(rows)}


@pytest.mark.parametrize(
    ("prices", "trusted", "case"),
    [
        ((100, 100.1, 99.9), (0, 1, 2), "all agree"),
        ((100, 80, 100.1), (0, 2), "two against one"),
        ((120, 100, 100.1), (1, 2), "whoever it is"),
        ((80, 100, 120), (), "none agree"),
        ((100, 80, None), (), "two that contradict each other"),
        ((100, 101.9, None), (0, 1), "two that agree"),
        ((None, 80, None), (1,), "one alone"),
        ((101.5, 100, 100.1), (0, 1, 2), "a premium is no disagreement"),
    ],
)
def test_a_moment_is_judged_by_its_closes(
    prices: tuple[float | None, ...], trusted: tuple[int, ...], case: str
) -> None:
    market = market_of(dict(zip(VENUES, prices, strict=True)))

    assert left(market) == {VENUES[place] for place in trusted}, case


def test_other_moments_of_a_liar_stay() -> None:
    lie = market_of({COINBASE_BTC: 100, BINANCE_BTC: 80, KRAKEN_BTC: 100})
    truth = market_of({COINBASE_BTC: 100, BINANCE_BTC: 100, KRAKEN_BTC: 100}, minute=10)

    assert believed(joined(lie, truth)).track(BINANCE_BTC, FIVE).at_ms.tolist() == [START_MS + 10 * MINUTE_MS]


def test_a_lie_about_ether_is_found() -> None:
    market = market_of({COINBASE_ETH: 4.0, BINANCE_ETH: 3.0, KRAKEN_ETH: 4.01})

    assert left(market) == {COINBASE_ETH, KRAKEN_ETH}


def test_a_lie_about_the_dollar_token_is_not_used() -> None:
    market = market_of({COINBASE_USDT: 0.9, KRAKEN_USDT: 1.0, COINBASE_BTC: 100, BINANCE_BTC: 100})

    assert left(market) == {KRAKEN_USDT, COINBASE_BTC, BINANCE_BTC}


def test_prices_are_compared_in_dollars_where_the_token_has_lost_its_peg() -> None:
    market = market_of({COINBASE_USDT: 0.93, KRAKEN_USDT: 0.931, COINBASE_BTC: 100, BINANCE_BTC: 107.4})

    assert left(market) == {COINBASE_USDT, KRAKEN_USDT, COINBASE_BTC, BINANCE_BTC}


def test_a_market_without_contradictions_is_the_very_same_one() -> None:
    market = market_of({COINBASE_BTC: 100, BINANCE_BTC: 100, KRAKEN_BTC: 100})

    assert believed(market) is market


@pytest.mark.parametrize(("low", "counts"), [(60.0, 97.02), (97.5, 97.5)])
def test_a_low_that_no_other_venue_saw_counts_as_far_as_the_others_allow(low: float, counts: float) -> None:
    at = np.array([START_MS + 5 * MINUTE_MS])
    lows = {COINBASE_BTC: 99.0, BINANCE_BTC: low, KRAKEN_BTC: 99.5}
    shapes = {
        Track(i, FIVE): Bars(at, at, np.array([101.0]), np.array([value]), np.array([1.0]))
        for i, value in lows.items()
    }
    market = replace(market_of({COINBASE_BTC: 100, BINANCE_BTC: 100, KRAKEN_BTC: 100}), bars=shapes)

    assert believed(market).bars[Track(BINANCE_BTC, FIVE)].low.tolist() == pytest.approx([counts])
    assert believed(market).bars[Track(KRAKEN_BTC, FIVE)].low.tolist() == [99.5]
