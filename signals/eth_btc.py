"""`eth_btc`: ETH stops bleeding.

ETH over BTC on Binance, its value at each full hour over a trailing window and at present. A new low of the
window means that ETH still bleeds; it has stopped when the low is old enough and enough of the fall from the
peak before it is regained.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from signals.conditions import Evidence, Judged, Point, Standing, State, follow
from signals.facts import BINANCE_BTC, BINANCE_ETH
from signals.freshness import quality_beside, quality_of, source_of
from signals.market import Market
from signals.moments import HOUR_MS, from_ms, iso, length_ms, to_ms
from signals.pairs import Pairs, pairs
from signals.readings import EthBtcReading, Quality
from signals.rows import Bools, Floats, Ints
from signals.silence import newest_known, silences


@dataclass(frozen=True, slots=True)
class EthBtcRules:
    """The thresholds; the defaults are the design's."""

    window_hours: int = 336
    met_low_age: timedelta = timedelta(hours=72)
    holding_low_age: timedelta = timedelta(hours=24)
    regained: float = 0.5
    """The share of the fall from peak to low that has to be regained."""
    stale_after: timedelta = timedelta(hours=6)
    """Without a price for so long, a state from before says nothing any more."""
    seen: float = 0.9
    """The share of `met_low_age` that has to have been seen: a gap may hide a lower low."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Columns, one row a full hour: its value, and what the window that ends with it holds."""

    at_ms: Ints
    value: Floats
    low: Floats
    low_ms: Ints
    peak: Floats
    """The maximum of the window up to its low."""
    top: Floats
    """The maximum of the whole window."""


@dataclass(frozen=True, slots=True)
class Swings:
    """Where each sample stands in its window: columns, one row a sample."""

    known_ms: Ints
    ratio: Floats
    low: Floats
    low_ms: Ints
    peak: Floats
    new_low: Bools
    """The low was made after the sample before."""
    low_age_ms: Ints
    regained: Floats
    """The share of the fall that is regained; 1 where nothing had been lost."""
    unseen_ms: Ints
    """How long no price was known in the time for which a low has to be old."""


def eth_btc_samples(market: Market) -> Pairs:
    """ETH/USDT beside BTC/USDT; its `ratio` is ETH/BTC."""
    return pairs(market, BINANCE_ETH, BINANCE_BTC)


def hours_of(samples: Pairs, window_hours: int) -> Hours:
    """The value at each full hour, the last one known by then, and the window that ends with it."""
    first = -(-int(samples.known_ms[0]) // HOUR_MS) * HOUR_MS
    at = np.arange(first, int(samples.known_ms[-1]) + 1, HOUR_MS, dtype=np.int64)
    value = samples.ratio[np.searchsorted(samples.known_ms, at, side="right") - 1]
    lows, highs = _windows(value, window_hours, np.inf), _windows(value, window_hours, -np.inf)
    place = lows.argmin(axis=1) if len(at) else np.array((), np.intp)
    before_low = np.arange(window_hours) <= place[:, None]
    return Hours(
        at_ms=at,
        value=value,
        low=lows.min(axis=1, initial=np.inf),
        low_ms=at - (window_hours - 1 - place) * HOUR_MS,
        peak=highs.max(axis=1, initial=-np.inf, where=before_low),
        top=highs.max(axis=1, initial=-np.inf),
    )


def _windows(value: Floats, length: int, missing: float) -> Floats:
    """One row a value: the `length` values that end with it, with `missing` before the first."""
    # One more than needed, so that there is a window to leave out even before the first value.
    padded = np.concatenate((np.full(length, missing), value))
    windows: Floats = sliding_window_view(padded, length)[1:]
    return windows


def swings(samples: Pairs, after_ms: int, until_ms: int, seen_ms: int | None, rules: EthBtcRules) -> Swings:
    """The samples known after one moment and up to another, each against its window.

    Nothing is said before the first full hour. `seen_ms` is when the newest sample judged before was known:
    a low since then is new, also one that was filled in after an outage.
    """
    hours = hours_of(samples, rules.window_hours)
    first, last = np.searchsorted(samples.known_ms, (after_ms, until_ms), side="right")
    known, ratio = samples.known_ms[first:last], samples.ratio[first:last]
    hour = np.searchsorted(hours.at_ms, known, side="right") - 1
    known, ratio, hour = known[hour >= 0], ratio[hour >= 0], hour[hour >= 0]
    lower = ratio < hours.low[hour]
    low = np.where(lower, ratio, hours.low[hour])
    low_ms = np.where(lower, known, hours.low_ms[hour])
    peak = np.where(lower, np.maximum(hours.top[hour], ratio), hours.peak[hour])
    # The first hour of all is where the window begins, not a low.
    begun_ms = max([seen_ms or 0, *hours.at_ms[:1].tolist()])
    seen = np.concatenate(([begun_ms], known[:-1])) if len(known) else known
    unseen = _unseen_ms(samples, known, length_ms(rules.met_low_age))
    regained = _regained(ratio, low, peak)
    return Swings(known, ratio, low, low_ms, peak, low_ms > seen, known - low_ms, regained, unseen)


def _unseen_ms(samples: Pairs, moments_ms: Ints, length_ms: int) -> Ints:
    """How much of the time before each moment lay in gaps of more than an hour."""
    gaps = np.diff(samples.known_ms, prepend=samples.known_ms[:1])
    unseen = np.where(gaps > np.maximum(2 * samples.step_ms, HOUR_MS), gaps, 0).cumsum()
    # Within a gap as much is unseen as has passed of it.
    then, now = (np.interp(at_ms, samples.known_ms, unseen) for at_ms in (moments_ms - length_ms, moments_ms))
    return np.asarray(now - then, np.int64)


def _regained(ratio: Floats, low: Floats, peak: Floats) -> Floats:
    fall = peak - low
    return np.divide(ratio - low, fall, out=np.ones_like(fall), where=fall > 0)


@dataclass(frozen=True, slots=True)
class EthBtc:
    """The condition."""

    rules: EthBtcRules = EthBtcRules()
    id: str = "eth_btc"

    def judge(self, standing: Standing, market: Market, until_ms: int) -> Judged:
        """See `signals.conditions.Condition`."""
        samples = eth_btc_samples(market)
        seen_ms = newest_known(samples.known_ms, until_ms, standing.seen_ms)
        points = sorted(self._points(standing, samples, until_ms), key=lambda point: point.at_ms)
        return follow(self.id, standing, points, until_ms, seen_ms)

    def _points(self, standing: Standing, samples: Pairs, until_ms: int) -> Iterator[Point]:
        silent = [
            at_ms
            for at_ms in silences(samples.known_ms, standing.seen_ms, until_ms, self.rules.stale_after)
            if at_ms > standing.judged_ms
        ]
        for at_ms in silent:
            yield Point(at_ms, State.NO_DATA, State.NO_DATA, "stale", {})
        if len(samples):
            swing = swings(samples, standing.judged_ms, until_ms, standing.seen_ms, self.rules)
            yield from self._turns(standing, samples, swing, np.array(silent, np.int64))

    def _turns(self, standing: Standing, samples: Pairs, swing: Swings, silent: Ints) -> Iterator[Point]:
        """A point wherever the settled state or the one over it may be another than at the sample before."""
        settled = self._settled(State(standing.settled), swing, silent)
        old_low = swing.low_age_ms >= length_ms(self.rules.holding_low_age)
        state = np.where((settled == _UNMET) & old_low, _HOLDING, settled)
        before = np.concatenate(([-1], state[:-1])) if len(state) else state
        after_silence = np.searchsorted(silent, swing.known_ms) != np.searchsorted(
            silent, np.concatenate((swing.known_ms[:1], swing.known_ms[:-1]))
        )
        for row in np.flatnonzero((state != before) | after_silence).tolist():
            reason = _reason(_STATES[state[row]], bool(swing.new_low[row]))
            evidence = _evidence(samples, swing, row, self.rules)
            yield Point(
                int(swing.known_ms[row]), _STATES[state[row]], _STATES[settled[row]], reason, evidence
            )

    def _settled(self, settled: State, swing: Swings, silent: Ints) -> Ints:
        """The settled state at each sample: what last decided it, forgotten where silence lay between."""
        stopped = (swing.low_age_ms >= length_ms(self.rules.met_low_age)) & (
            swing.regained >= self.rules.regained
        )
        stopped &= swing.unseen_ms <= (1 - self.rules.seen) * length_ms(self.rules.met_low_age)
        decision = np.where(swing.new_low, _UNMET, np.where(stopped, _MET, -1))
        silences_before = np.searchsorted(silent, swing.known_ms)
        first_after = np.searchsorted(swing.known_ms, silent)
        rows = np.arange(len(decision))
        decided = np.maximum.accumulate(np.where(decision >= 0, rows, -1)) if len(rows) else rows
        forgotten = np.concatenate(([0], first_after))[silences_before]
        carried = np.where(silences_before > 0, _NO_DATA, _STATES.index(settled))
        known_since = (decided >= 0) & (decided >= forgotten)
        return np.where(known_since, decision[decided], carried).astype(np.int64)


_STATES = (State.NO_DATA, State.UNMET, State.HOLDING, State.MET)
_NO_DATA, _UNMET, _HOLDING, _MET = range(4)


def _reason(state: State, new_low: bool) -> str:  # noqa: FBT001
    match state:
        case State.MET:
            return "half_regained"
        case State.HOLDING:
            return "low_aged"
        case State.UNMET:
            return "new_low" if new_low else "low_renewed"
        case State.NO_DATA:
            return "fresh"


def _evidence(samples: Pairs, swing: Swings, row: int, rules: EthBtcRules) -> Evidence:
    now_ms = int(swing.known_ms[row])
    beta = fall_beta(samples, now_ms, rules.window_hours)
    return {
        "ratio": round(float(swing.ratio[row]), 8),
        "low": round(float(swing.low[row]), 8),
        "low_at": iso(int(swing.low_ms[row])),
        "peak": round(float(swing.peak[row]), 8),
        "regained": round(float(swing.regained[row]), 4),
        "low_age_hours": round(float(swing.low_age_ms[row]) / HOUR_MS, 2),
        "beta": None if beta is None else round(beta, 2),
        "window_hours": known_hours(samples, now_ms, rules),
    }


def fall_beta(samples: Pairs, until_ms: int, window_hours: int) -> float | None:
    """ETH's beta to BTC's falls: how far ETH moved for each percent in the window's hours in which BTC fell.

    Least squares through the origin of ETH's hourly returns on BTC's, over the hours with a falling BTC.
    """
    at = np.arange(until_ms // HOUR_MS - window_hours, until_ms // HOUR_MS + 1, dtype=np.int64) * HOUR_MS
    row = np.searchsorted(samples.known_ms, at, side="right") - 1
    row = row[row >= 0]
    eth, btc = (np.diff(price[row]) / price[row[:-1]] for price in (samples.a, samples.b))
    falls = btc < 0
    square = float((btc[falls] ** 2).sum())
    return float((eth[falls] * btc[falls]).sum()) / square if square else None


def read_eth_btc(market: Market, now: datetime, rules: EthBtcRules | None = None) -> EthBtcReading:
    """ETH/BTC now, and how much of its fall over the window it has regained."""
    rules, now_ms = rules or EthBtcRules(), to_ms(now)
    sources = tuple(source_of(market, instrument, now_ms) for instrument in (BINANCE_ETH, BINANCE_BTC))
    samples = eth_btc_samples(market.known_by(now_ms))
    if not len(samples):
        return EthBtcReading(now, Quality.MISSING, sources)
    known_ms = int(samples.known_ms[-1])
    reading = EthBtcReading(
        at=from_ms(int(samples.at_ms[-1])),
        quality=quality_beside(
            market, ("ETH", "BTC"), now_ms, quality_of(now_ms - known_ms, int(samples.step_ms[-1]))
        ),
        sources=sources,
        ratio=float(samples.ratio[-1]),
        beta=fall_beta(samples, known_ms, rules.window_hours),
        window_coverage=known_hours(samples, known_ms, rules) / rules.window_hours,
    )
    swing = swings(samples, known_ms - 1, known_ms, None, rules)
    if not len(swing.ratio):
        return reading
    low, peak = float(swing.low[-1]), float(swing.peak[-1])
    return replace(
        reading,
        low=low,
        low_at=from_ms(int(swing.low_ms[-1])),
        low_age=timedelta(milliseconds=now_ms - int(swing.low_ms[-1])),
        peak=peak,
        regained=float(swing.regained[-1]),
        target_ratio=low + (peak - low) * rules.regained,
    )


def known_hours(samples: Pairs, now_ms: int, rules: EthBtcRules) -> int:
    """How many of the window's hours have a value."""
    return min(rules.window_hours, int((now_ms - samples.known_ms[0]) // HOUR_MS) + 1)
