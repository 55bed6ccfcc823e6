"""The picture of a rule: what stands at each point, and that any rule can be drawn."""

import pickle
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from bot.charts.own_picture import OwnPicture
from bot.charts.panels import Panel, standing
from bot.pictures.own import picture_of_rule
from bot.words.texts import every_language
from bot.words.wording import Wording
from signals.facts import BINANCE_BTC
from signals.market import Market, Prices, Track
from signals.moments import to_ms
from signals.own.backtest import would_have_fired
from signals.own.grammar import parse

NOW = datetime(2025, 11, 3, 20, 14, tzinfo=UTC)
BAR = timedelta(minutes=5)


def panel(*rows: tuple[int, float], scale: float = 1.0) -> Panel:
    known, values = zip(*rows, strict=True) if rows else ((), ())
    return Panel(known_ms=np.array(known, np.int64), value=np.array(values, np.float64), scale=scale)


def test_a_value_stands_until_the_next_one_and_nothing_after_it_lapsed():
    drawn = standing(panel((100, 5.0), (500, 7.0), (800, np.nan), scale=2.0), 0, 1000)
    at = dict(zip(np.round(drawn.at_ms).astype(int).tolist(), drawn.value.tolist(), strict=True))
    assert np.isnan(drawn.value[0])
    assert at[300] == 10.0
    assert at[700] == 14.0
    assert np.isnan(drawn.value[-1])


def test_a_spike_between_two_points_is_seen_as_a_haze():
    drawn = standing(panel((0, 5.0), (100_001, 99.0), (100_002, 5.0)), 0, 1_000_000)
    assert drawn.high_end == 99.0
    assert drawn.low_end == 5.0


def market(price: float = 106_000.0) -> Market:
    at_ms = np.arange(to_ms(NOW - timedelta(days=20)), to_ms(NOW), 300_000, dtype=np.int64)
    wave = price * (1 + 0.02 * np.sin(np.arange(len(at_ms)) / 300))
    return Market({Track(BINANCE_BTC, BAR): Prices(at_ms, at_ms, wave)})


def drawn_of(text: str, language: str, facts: Market, *, dark: bool = True) -> OwnPicture:
    rule = parse(text, NOW)
    words = Wording(every_language()[language], UTC, NOW)
    return picture_of_rule(words, rule, would_have_fired(rule, facts, NOW), dark=dark)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "text",
    [
        "btc < 105000",
        "btc < 1",
        "btc > 900000",
        "btc new low 1d",
        "btc < 105000 and premium > 0 and btc 24h < -1% and funding > 0.01%",
    ],
)
def test_every_rule_can_be_drawn(text: str, language: str):
    picture = drawn_of(text, language, market(), dark=language == "en")
    assert pickle.loads(pickle.dumps(picture)).drawn().startswith(b"\x89PNG")


def test_without_any_data_it_says_so():
    assert drawn_of("btc < 105000", "en", Market()).drawn().startswith(b"\x89PNG")


def test_marks_are_the_firings_and_the_threshold_has_its_name():
    picture = drawn_of("btc < 105000", "en", market())
    assert len(picture.fired_ms) == 3
    assert picture.words.fired == f"would have fired: {len(picture.fired_ms)}"
    assert picture.words.panels[0].threshold == "below 105,000"
    assert picture.words.chart.title == "BTC"
