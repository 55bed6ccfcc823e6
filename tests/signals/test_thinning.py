from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.facts import COINBASE_BTC, Candle, Instrument
from signals.thinning import Fate, Thinning, Why

MINUTE, FIVE, QUARTER, HOUR = (timedelta(minutes=n) for n in (1, 5, 15, 60))
NIGHT = datetime(2025, 11, 4, 2, tzinfo=UTC)
COIN = Instrument("binance", "SOL/USDT")
THINNING = Thinning(frozenset({COINBASE_BTC}))


def bars(instrument: Instrument, step: timedelta, count: int) -> list[Candle]:
    return [
        Candle(instrument, step, NIGHT + n * step, 100 + n, 110 + n, 90 - n, 101 + n, 1.5)
        for n in range(count)
    ]


def whys(candles: Sequence[Candle]) -> list[tuple[Why, int]]:
    return [(fate.why, fate.count) for fate in THINNING.decide(candles)]


def test_a_coarser_bar_says_what_its_finer_ones_said_together() -> None:
    assert list(THINNING.decide(bars(COIN, QUARTER, 4))) == [
        Fate(Why.WHOLE, 4, Candle(COIN, HOUR, NIGHT, 100, 113, 87, 104, 6.0))
    ]


@pytest.mark.parametrize(
    ("instrument", "step", "coarser"),
    [
        (COIN, MINUTE, HOUR),
        (COIN, QUARTER, HOUR),
        (COIN, HOUR, None),
        (COIN, 4 * HOUR, None),
        (COIN, timedelta(minutes=45), None),
        (COINBASE_BTC, MINUTE, None),
        (COINBASE_BTC, FIVE, None),
    ],
)
def test_what_no_rule_of_the_bot_rests_on_becomes_hourly_and_nothing_else(
    instrument: Instrument, step: timedelta, coarser: timedelta | None
) -> None:
    assert THINNING.step_of(instrument, step) == coarser
    assert bool(whys(bars(instrument, step, 60))) == (coarser is not None)


def test_where_a_bar_is_missing_the_others_stay() -> None:
    whole = bars(COIN, QUARTER, 8)
    assert whys([*whole[:5], *whole[6:]]) == [(Why.WHOLE, 4), (Why.INCOMPLETE, 3)]


@given(there=st.lists(st.booleans(), min_size=1, max_size=60), step=st.sampled_from([FIVE, QUARTER]))
def test_every_bar_has_one_fate_and_no_price_or_volume_is_lost_or_made_up(
    there: list[bool], step: timedelta
) -> None:
    given_bars = [bar for bar, kept in zip(bars(COIN, step, len(there)), there, strict=True) if kept]
    fates = list(THINNING.decide(given_bars))
    assert sum(fate.count for fate in fates) == len(given_bars)
    for fate in fates:
        coarser, given_bars = fate.coarser, given_bars[fate.count :]
        if coarser:
            assert fate.count == HOUR // step
            assert coarser.volume == 1.5 * fate.count
            assert coarser.low < coarser.open < coarser.close < coarser.high
