from datetime import UTC, datetime, timedelta

import pytest

from signals.facts import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC, KRAKEN_BTC, Candle
from signals.far_off import far_off

AT = datetime(2025, 11, 3, 15, tzinfo=UTC)
FIVE = timedelta(minutes=5)


def bar(instrument, close, opened_at=AT):
    return Candle(instrument, FIVE, opened_at, close, close, close, close, 1.0)


@pytest.mark.parametrize(
    ("coinbase", "binance", "kraken", "doubted"),
    [
        (100_000, 100_100, 100_050, set()),
        (100_000, 80_000, 100_050, {"binance"}),
        (100_000, 109_000, 100_050, set()),
        (100_000, 80_000, None, set()),
        (100_000, 109_900, None, set()),
        (None, 80_000, None, set()),
    ],
)
def test_a_bar_far_off_the_others_is_not_believed(coinbase, binance, kraken, doubted):
    closes = {COINBASE_BTC: coinbase, BINANCE_BTC: binance, KRAKEN_BTC: kraken}
    bars = [bar(instrument, close) for instrument, close in closes.items() if close is not None]
    assert {b.instrument.venue for b in far_off(bars)} == doubted


def test_a_new_bar_is_held_against_those_that_are_believed_already():
    lie = bar(BINANCE_BTC, 80_000)
    assert far_off([lie], [bar(COINBASE_BTC, 100_000), bar(KRAKEN_BTC, 100_010)]) == [lie]


def test_a_lie_that_came_first_makes_no_liars_of_the_others():
    honest = [bar(COINBASE_BTC, 100_000), bar(KRAKEN_BTC, 100_010)]
    lie = bar(BINANCE_BTC, 80_000)
    assert far_off(honest[:1], [lie]) == []
    assert far_off(honest[1:], [lie, *honest[:1]]) == []


def test_only_bars_of_one_coin_and_moment_are_compared():
    others = [bar(BINANCE_ETH, 3_500), bar(COINBASE_BTC, 100_000, AT + FIVE)]
    assert far_off([bar(BINANCE_BTC, 80_000), *others]) == []
