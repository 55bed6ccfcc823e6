"""What stands beside the prices of the built-in scenario: positions, books, exploits, the Fed.

The article gives some figures: 1.27 bn dollars liquidated in a day, nine tenths of it longs, open interest
down 4 %, an exploit of 128 m, repo operations of 29.4 bn. Which venue had what, when within the day, and all
else, is imagined.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import numpy as np

from signals.adl_states import LOOKS
from signals.calendar import NEW_YORK
from signals.contagion import LLAMA, LOOKED
from signals.facts import Fact
from signals.feeds.newyorkfed import REPO, SOFR
from signals.gauges import Gauge, Measure, Series
from signals.liquidations import ALL
from signals.moments import from_ms, length_ms, to_ms
from signals.notices import Notice, NoticeKind
from signals.rows import Floats, Ints

STEP = timedelta(minutes=30)
_STEP_SECONDS = STEP.total_seconds()


def _utc(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2025, month, day, hour, minute, tzinfo=UTC)


class Row(NamedTuple):
    """At a moment: open interest and depth against the usual, funding in percent per eight hours."""

    at: datetime
    interest: float
    funding_pct: float
    depth: float


ROWS = (
    Row(_utc(10, 17), 0.94, 0.0080, 1.00),
    Row(_utc(10, 29, 12), 1.00, 0.0095, 1.05),
    Row(_utc(11, 2, 16), 1.03, 0.0090, 1.00),
    Row(_utc(11, 3, 8), 1.01, 0.0070, 0.80),
    Row(_utc(11, 3, 15), 0.985, 0.0010, 0.42),
    Row(_utc(11, 3, 20), 0.98, -0.0040, 0.40),
    Row(_utc(11, 4, 18), 0.94, -0.0250, 0.38),
    Row(_utc(11, 4, 22), 0.93, -0.0260, 0.40),
    Row(_utc(11, 5, 6), 0.95, -0.0060, 0.55),
    Row(_utc(11, 5, 12), 0.98, 0.0060, 0.70),
    Row(_utc(11, 7), 0.95, 0.0020, 0.85),
    Row(_utc(11, 22), 0.97, 0.0040, 1.00),
)
"""The shock takes leverage out; a part of it comes back within two days, while the US still sells."""

INTEREST_USD: Mapping[tuple[str, str], float] = {
    ("binance", "BTC"): 9.6e9,
    ("okx", "BTC"): 3.4e9,
    ("bybit", "BTC"): 5.8e9,
    ("binance", "ETH"): 5.1e9,
    ("okx", "ETH"): 1.6e9,
    ("bybit", "ETH"): 2.7e9,
}
"""What is usual."""
DEPTH_USD: Mapping[str, float] = {"coinbaseexchange": 21e6, "binance": 34e6}
"""Within 1 %; within 2 % it is nearly twice that. Bybit's book is not seen that far."""
_BYBIT_SEEN_USD, _BYBIT_REACH_PCT = 14e6, 0.45

LIQUIDATED_USD_M: Sequence[tuple[datetime, float, float]] = (
    (_utc(10, 17), 45, 40),
    (_utc(11, 2, 20), 380, 60),
    (_utc(11, 3, 6), 1_900, 180),
    (_utc(11, 3, 16), 620, 120),
    (_utc(11, 4, 12), 1_100, 150),
    (_utc(11, 4, 22), 160, 110),
    (_utc(11, 6), 50, 45),
)
"""From each moment on, millions a day of longs and of shorts over the three venues."""
_SHARES = {"binance": 0.45, "bybit": 0.35, "okx": 0.20}

ADL_UP = {("bybit", "BTC"): 2.0, ("binance", "ETH"): 1.0}
_ADL_FROM, _ADL_UNTIL = _utc(11, 3, 15), _utc(11, 3, 18)
_ANNOUNCED = _utc(11, 7, 9)
_HIT = _utc(11, 3)
LOCKED_USD_M = ((_utc(11, 3, 9), 776.0), (_utc(11, 3, 15), 520.0), (_utc(11, 4, 9), 345.0))
REPO_USD_BN = {
    date(2025, 10, 29): (0.0, 0.3),
    date(2025, 10, 30): (1.2, 4.1),
    date(2025, 10, 31): (12.0, 29.4),
    date(2025, 11, 3): (6.0, 14.2),
    date(2025, 11, 4): (2.1, 3.4),
    date(2025, 11, 5): (0.1, 0.1),
    date(2025, 11, 19): (0.0, 0.2),
}
"""The day's sum at the end of each window."""
SOFR_PCT = {
    date(2025, 10, 30): 4.04,
    date(2025, 10, 31): 4.22,
    date(2025, 11, 3): 4.13,
    date(2025, 11, 18): 3.98,
}


def positions(until: datetime) -> Iterator[Fact]:
    """All of it, up to a moment."""
    at_ms = np.arange(to_ms(ROWS[0].at), to_ms(until) + 1, length_ms(STEP))
    yield from _leverage(at_ms)
    yield from _liquidations(at_ms)
    yield from _depth(at_ms)
    yield from _adl(at_ms)
    yield from _exploit(until)
    yield from _macro(until)


def _course(at_ms: Ints, values: Sequence[float]) -> Floats:
    return np.interp(at_ms, [to_ms(row.at) for row in ROWS], values)


def _gauges(series: Series, at_ms: Ints, values: Floats) -> Iterator[Gauge]:
    for moment_ms, value in zip(at_ms.tolist(), values.tolist(), strict=True):
        yield Gauge(series, from_ms(moment_ms), value, from_ms(moment_ms))


def _leverage(at_ms: Ints) -> Iterator[Gauge]:
    interest = _course(at_ms, [row.interest for row in ROWS])
    funding = _course(at_ms, [row.funding_pct / 100 for row in ROWS])
    for (venue, coin), usd in INTEREST_USD.items():
        yield from _gauges(Series(venue, coin, Measure.OPEN_INTEREST_USD), at_ms, (usd * interest).round())
        yield from _gauges(Series(venue, coin, Measure.FUNDING_8H), at_ms, funding.round(8))


def _liquidations(at_ms: Ints) -> Iterator[Gauge]:
    begins = [to_ms(row[0]) for row in LIQUIDATED_USD_M]
    row = np.searchsorted(begins, at_ms, side="right") - 1
    step_share = STEP / timedelta(days=1)
    for venue, share in _SHARES.items():
        heard = np.full(len(at_ms), _STEP_SECONDS)
        yield from _gauges(Series(venue, ALL, Measure.LIQUIDATIONS_HEARD_SECONDS), at_ms, heard)
        for side, measure in ((1, Measure.LIQUIDATED_LONG_USD), (2, Measure.LIQUIDATED_SHORT_USD)):
            a_day = np.array([each[side] for each in LIQUIDATED_USD_M])[row]
            usd = (a_day * 1e6 * share * step_share).round()
            yield from _gauges(Series(venue, ALL, measure), at_ms, usd)
            yield from _gauges(Series(venue, "BTC", measure), at_ms, (usd * 0.5).round())
            yield from _gauges(Series(venue, "ETH", measure), at_ms, (usd * 0.3).round())


def _depth(at_ms: Ints) -> Iterator[Gauge]:
    depth = _course(at_ms, [row.depth for row in ROWS])
    for venue, usd in DEPTH_USD.items():
        for measure, values in (
            (Measure.DEPTH_1PCT_USD, usd * depth),
            (Measure.DEPTH_2PCT_USD, 1.9 * usd * depth),
            (Measure.DEPTH_SEEN_USD, 1.9 * usd * depth),
            (Measure.DEPTH_COVERED_PCT, np.full(len(at_ms), 2.5)),
        ):
            yield from _gauges(Series(venue, "BTC", measure), at_ms, values.round(2))
    seen = (_BYBIT_SEEN_USD * depth).round()
    yield from _gauges(Series("bybit", "BTC", Measure.DEPTH_SEEN_USD), at_ms, seen)
    reach = np.full(len(at_ms), _BYBIT_REACH_PCT)
    yield from _gauges(Series("bybit", "BTC", Measure.DEPTH_COVERED_PCT), at_ms, reach)


def _adl(at_ms: Ints) -> Iterator[Fact]:
    # States are repeated every five minutes where they are polled; here as often as they would go stale.
    fine = np.arange(at_ms[0], at_ms[-1] + 1, 20 * 60_000)
    is_up = (fine >= to_ms(_ADL_FROM)) & (fine < to_ms(_ADL_UNTIL))
    for venue in ("binance", "bybit", "okx"):
        for coin in ("BTC", "ETH"):
            risk = np.where(is_up, ADL_UP.get((venue, coin), 0.0), 0.0)
            yield from _gauges(Series(venue, coin, Measure.ADL_RISK), fine, risk)
    for look in LOOKS:
        yield from _gauges(look, at_ms, np.ones(len(at_ms)))
    yield Notice(
        NoticeKind.ANNOUNCEMENT,
        "okx",
        "scenario",
        _ANNOUNCED,
        "Adjustments to the insurance fund and ADL (scenario)",
        "",
        _ANNOUNCED + timedelta(minutes=5),
    )


def _exploit(until: datetime) -> Iterator[Fact]:
    name = "Balancer V2"
    for known_at, usd in ((_utc(11, 3, 9), 70e6), (_utc(11, 3, 14), 128e6)):
        yield Notice(
            NoticeKind.EXPLOIT, LLAMA, f"{_HIT:%Y-%m-%d} {name}", _HIT, name, "", known_at, amount_usd=usd
        )
    for at, usd_m in LOCKED_USD_M:
        yield Gauge(Series(LLAMA, name, Measure.TVL_USD), at, usd_m * 1e6, at)
    hours = int((until - ROWS[0].at) / timedelta(hours=1))
    for hour in range(hours + 1):
        at = ROWS[0].at + timedelta(hours=hour)
        yield Gauge(LOOKED, at, 1.0, at)


def _macro(until: datetime) -> Iterator[Gauge]:
    for day, sums in REPO_USD_BN.items():
        for closes, usd_bn in zip((time(8, 30), time(13, 45)), sums, strict=True):
            at = datetime.combine(day, closes, NEW_YORK).astimezone(UTC)
            yield Gauge(REPO, at, usd_bn * 1e9, at + timedelta(minutes=15))
    for day, rate in SOFR_PCT.items():
        at = datetime.combine(day, time(16), NEW_YORK).astimezone(UTC)
        if at < until:
            yield Gauge(SOFR, at, rate, at + timedelta(hours=16))
