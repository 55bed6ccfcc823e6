"""The table behind the built-in scenario: what happened when, and where each figure comes from.

The article of 3 November 2025 gives the figures of one day: Bitcoin from 108,000 to 105,405 and back to
106,929 dollars, Ether down 9 % to 3,596, four days of a negative US premium, outflows from the funds, 103 %
more trading. Rows with its prices are marked as the article's; it names the day but not the hours. All other
rows, the size of the premium and every amount of the funds' flows are imagined.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NamedTuple

from signals.levels import Band, Levels


class Origin(StrEnum):
    """Where a row's prices come from."""

    ARTICLE = "article"
    IMAGINED = "imagined"


class Anchor(NamedTuple):
    """Prices on Binance in USDT, and the US premium in percent, at a moment."""

    at: datetime
    btc: float
    eth: float
    premium_pct: float
    origin: Origin = Origin.IMAGINED


def _utc(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2025, month, day, hour, minute, tzinfo=UTC)


ETH_AFTER = 3_596.0
ETH_BEFORE = round(ETH_AFTER / 0.91, 2)
"""9 % higher, where the day of the fall began."""

ANCHORS = (
    # Two calm weeks: US buyers pay up, money comes in, ETH keeps pace.
    Anchor(_utc(10, 17), 108_200, 3_880, +0.030),
    Anchor(_utc(10, 18, 6), 106_800, 3_790, +0.035),
    Anchor(_utc(10, 20, 12), 110_600, 3_990, +0.045),
    Anchor(_utc(10, 22, 12), 108_100, 3_880, +0.035),
    Anchor(_utc(10, 24, 12), 110_900, 3_990, +0.040),
    Anchor(_utc(10, 27, 12), 114_600, 4_190, +0.045),
    Anchor(_utc(10, 29, 12), 112_700, 4_060, +0.025),
    Anchor(_utc(10, 29, 21), 111_900, 4_020, +0.020),
    # The US turns seller.
    Anchor(_utc(10, 30, 12), 110_200, 3_930, -0.035),
    Anchor(_utc(10, 31, 12), 109_500, 3_960, -0.055),
    Anchor(_utc(11, 1, 12), 110_100, 4_005, -0.030),
    # The last rally, which the fall is measured from.
    Anchor(_utc(11, 2, 16, 30), 110_300, 4_030, -0.030),
    # The day of the article, from 20:00 to 20:00 UTC.
    Anchor(_utc(11, 2, 20), 108_000, ETH_BEFORE, -0.030, Origin.ARTICLE),
    Anchor(_utc(11, 3, 7, 45), 107_300, 3_790, -0.040),
    Anchor(_utc(11, 3, 13), 106_150, 3_690, -0.055),
    Anchor(_utc(11, 3, 15), 105_405, 3_630, -0.060, Origin.ARTICLE),
    Anchor(_utc(11, 3, 16, 30), 106_050, 3_635, -0.055),
    Anchor(_utc(11, 3, 20), 106_929, ETH_AFTER, -0.045, Origin.ARTICLE),
    # From here on nothing is the article's: the support gives way, then the selling dries up.
    Anchor(_utc(11, 4, 15), 103_600, 3_440, -0.060),
    Anchor(_utc(11, 4, 21), 101_300, 3_330, -0.070),
    Anchor(_utc(11, 6, 15), 100_900, 3_280, -0.050),
    Anchor(_utc(11, 7, 21), 102_600, 3_370, -0.030),
    Anchor(_utc(11, 9, 12), 103_800, 3_440, -0.015),
    # A first attempt that does not hold its session.
    Anchor(_utc(11, 10, 14, 30), 105_600, 3_520, +0.025),
    Anchor(_utc(11, 10, 17), 105_200, 3_500, -0.020),
    Anchor(_utc(11, 11, 18), 104_300, 3_480, -0.025),
    # One after the other the three conditions are met.
    Anchor(_utc(11, 12, 12), 105_900, 3_560, +0.030),
    Anchor(_utc(11, 12, 21), 107_200, 3_640, +0.045),
    Anchor(_utc(11, 13, 21), 107_900, 3_690, +0.040),
    Anchor(_utc(11, 14, 18), 108_900, 3_800, +0.035),
    Anchor(_utc(11, 16, 12), 110_300, 3_880, +0.030),
    Anchor(_utc(11, 18, 15), 110_700, 3_890, +0.025),
    # And the US sells once more.
    Anchor(_utc(11, 19, 12), 109_200, 3_820, -0.020),
    Anchor(_utc(11, 19, 21), 107_600, 3_740, -0.045),
    Anchor(_utc(11, 20, 21), 106_300, 3_680, -0.050),
    Anchor(_utc(11, 22), 106_800, 3_700, -0.030),
)

BEGINS = _utc(10, 30, 12)
"""Where the play begins: a few hours before the first condition turns."""

LEVELS = Levels(Band(105_000, 107_000), 103_000, Band(109_000, 111_000))
"""The article's, whose support zone a comment of October had named; they count from `BEGINS` on."""

BLIND_FROM, BLIND_UNTIL = _utc(11, 8, 3, 10), _utc(11, 8, 3, 45)
"""A night in which Binance says nothing for a while."""

FLOWS_USD_M: Mapping[date, tuple[float, float]] = {
    date(2025, 10, 17): (65, 18),
    date(2025, 10, 20): (140, 45),
    date(2025, 10, 21): (95, 30),
    date(2025, 10, 22): (-40, -12),
    date(2025, 10, 23): (110, 25),
    date(2025, 10, 24): (75, -8),
    date(2025, 10, 27): (160, 70),
    date(2025, 10, 28): (90, 40),
    date(2025, 10, 29): (-120, -35),
    date(2025, 10, 30): (-365, -110),
    date(2025, 10, 31): (-270, -85),
    date(2025, 11, 3): (-240, -130),
    date(2025, 11, 4): (-410, -175),
    date(2025, 11, 5): (-150, -60),
    date(2025, 11, 6): (-95, -40),
    date(2025, 11, 7): (55, 10),
    date(2025, 11, 10): (-130, -20),
    date(2025, 11, 11): (-60, 5),
    date(2025, 11, 12): (40, 15),
    date(2025, 11, 13): (125, 35),
    date(2025, 11, 14): (180, 60),
    date(2025, 11, 17): (145, 30),
    date(2025, 11, 18): (70, 20),
    date(2025, 11, 19): (-90, -25),
    date(2025, 11, 20): (-230, -80),
}
"""Net flow of all funds by session, Bitcoin's and Ether's, in millions of dollars; every amount imagined."""

VOLUME_TIMES: Mapping[datetime, float] = {
    BEGINS: 1.0,
    _utc(11, 2, 20): 2.03,
    _utc(11, 3, 20): 1.6,
    _utc(11, 5, 20): 1.2,
    _utc(11, 8, 20): 1.0,
}
"""How much more than usual is traded from each moment on: 103 % more on the article's day."""
