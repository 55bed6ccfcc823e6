"""Drawing: what a month of minutes takes to become a picture."""

import time
from datetime import UTC, datetime, timedelta
from statistics import median

from bot import charts
from bot.charts.words import Words
from bot.pictures.chart import chart_words
from bot.words.texts import every_language
from bot.words.wording import Wording
from signals.facts import BINANCE_BTC, COINBASE_BTC, COINBASE_USDT, Candle, Instrument
from signals.market import Market
from tests.bench.row import Row
from tests.bench.timing import spread

NOW = datetime(2025, 11, 28, 18, 0, tzinfo=UTC)
SPAN = timedelta(days=30)
RUNS = 7
_MINUTE = timedelta(minutes=1)


def run() -> list[Row]:
    """Takes some seconds."""
    market = _month()
    taken = [_drawn_s(market) for _ in range(RUNS + 1)][1:]
    note = f"processor time of 129,600 bars, {spread(taken)}"
    return [Row("chart: the premium over 30 days of minutes", round(median(taken), 2), "s", note)]


def _drawn_s(market: Market) -> float:
    began = time.thread_time()
    charts.draw("premium", market, (), NOW, SPAN, _words())
    return time.thread_time() - began


def _words() -> Words:
    return chart_words(Wording(every_language()["en"], UTC, NOW), "premium")


def _month() -> Market:
    closes = [100_000.0 + place % 97 for place in range(SPAN // _MINUTE)]
    return Market().add(
        [
            *_bars(COINBASE_BTC, closes),
            *_bars(BINANCE_BTC, closes[::-1]),
            *_bars(COINBASE_USDT, [1.0] * len(closes)),
        ]
    )


def _bars(instrument: Instrument, closes: list[float]) -> list[Candle]:
    first = NOW - SPAN
    return [
        Candle(instrument, _MINUTE, first + _MINUTE * place, close, close, close, close, 1.0)
        for place, close in enumerate(closes)
    ]
