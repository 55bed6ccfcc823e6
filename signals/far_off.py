"""Bars that are not believed: a venue that closes far off what others say of the same coin and moment.

A bar says what a venue did for minutes, and a session of false ones would meet a condition.
"""

from collections import defaultdict
from collections.abc import Iterable
from statistics import median

from signals.facts import Candle
from signals.moments import to_ms
from signals.ticks import FAR

_A_MAJORITY = 3


def far_off(bars: Iterable[Candle], beside: Iterable[Candle] = ()) -> list[Candle]:
    """Those of some new bars that are not believed, beside bars of other venues that already are.

    Of three venues or more the one far from the middle is wrong. Where two contradict each other nothing says
    which is: both are kept, and `signals.believed` uses neither until a third one tells. Otherwise whichever
    arrived first would be believed.
    """
    bars = list(bars)
    closes: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)
    for bar in (*beside, *bars):
        closes[_moment_of(bar)][bar.instrument.venue] = bar.close
    return [bar for bar in bars if _is_far_off(bar.close, list(closes[_moment_of(bar)].values()))]


def _moment_of(bar: Candle) -> tuple[str, int]:
    return bar.instrument.coin, to_ms(bar.at)


def _is_far_off(close: float, every: list[float]) -> bool:
    return len(every) >= _A_MAJORITY and abs(close / median(every) - 1) > FAR
