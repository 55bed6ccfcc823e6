"""Volume is believed where a second venue shows it too."""

from datetime import timedelta

import numpy as np
import pytest

from signals.bars import bar_stream
from signals.facts import BINANCE_BTC, COINBASE_BTC, KRAKEN_BTC, Instrument
from signals.market import Bars, Market, Track
from signals.moments import DAY_MS, HOUR_MS
from signals.volume import volume_change
from tests.signals.markets import START_MS, joined

HOUR = timedelta(hours=1)
RISE, COVERAGE = 0.8, 0.9


def traded(instrument: Instrument, change: float | None) -> Market:
    """Two days of bars, in the second of which so much more was traded."""
    if change is None:
        return Market()
    at = START_MS + HOUR_MS * np.arange(1, 49)
    flat = np.full(48, 100.0)
    volume = np.where(at > START_MS + DAY_MS, 1 + change, 1.0)
    return Market(bars={Track(instrument, HOUR): Bars(at, at, flat, flat, volume)})


@pytest.mark.parametrize(
    ("binance", "coinbase", "kraken", "believed", "venues", "case"),
    [
        (1.0, None, None, 1.0, 1, "one alone is all there is"),
        (1.0, 0.41, None, 1.0, 2, "another shows half of the threshold"),
        (1.0, 0.39, None, 0.39, 2, "another shows less"),
        (1.0, 0.1, 0.5, 1.0, 3, "one of two others is enough"),
        (30.0, 0.1, 0.0, 0.1, 3, "a lie is not shown either"),
        (0.3, 9.0, 0.2, 0.3, 3, "another's lie opens nothing"),
        (0.3, 9.0, None, 0.3, 2, "nor where there is no third"),
        (-0.9, 1.1, 0.9, 0.9, 3, "two others outvote it"),
    ],
)
def test_what_is_believed(  # noqa: PLR0917  # a table
    binance: float, coinbase: float | None, kraken: float | None, believed: float, venues: int, case: str
) -> None:
    market = joined(traded(BINANCE_BTC, binance), traded(COINBASE_BTC, coinbase), traded(KRAKEN_BTC, kraken))
    bars = bar_stream(market, BINANCE_BTC, START_MS, START_MS + 2 * DAY_MS)
    found = volume_change(market, bars, len(bars) - 1, RISE, COVERAGE)
    assert found.change.tolist() == pytest.approx([believed]), case
    assert found.venues.tolist() == [venues], case


def test_where_binance_has_too_few_bars_the_others_say_it() -> None:
    whole = traded(BINANCE_BTC, 5.0)
    few = Market(bars={track: rows.since(START_MS + 40 * HOUR_MS) for track, rows in whole.bars.items()})
    market = joined(few, traded(COINBASE_BTC, 1.2), traded(KRAKEN_BTC, 0.9))
    bars = bar_stream(market, BINANCE_BTC, START_MS, START_MS + 2 * DAY_MS)
    found = volume_change(market, bars, len(bars) - 1, RISE, COVERAGE)
    assert (found.change[-1], found.venues[-1]) == (pytest.approx(0.9), 2)
