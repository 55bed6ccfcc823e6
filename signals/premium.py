"""`premium`: the US premium turns positive and holds for one trading session.

A sample is Coinbase's BTC/USD over Binance's BTC/USDT, less one; adjusted for what a USDT is worth where that
is known. A session is judged once, when it is over; what it comes to is in `signals.session_report`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import takewhile
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from signals.calendar import last_closed_session, open_session
from signals.conditions import Evidence, Judged, Point, Standing, State, follow
from signals.facts import BINANCE_BTC, COINBASE_BTC, COINBASE_USDT, KRAKEN_USDT, Instrument
from signals.freshness import quality_beside, quality_of, source_of
from signals.market import Market
from signals.moments import DAY_MS, MINUTE_MS, from_ms, to_ms
from signals.pairs import Pairs, pairs
from signals.readings import PremiumReading, Quality
from signals.rows import Bools, Floats
from signals.session_report import (
    PERCENT,
    Label,
    Sample,
    Samples,
    SessionReport,
    SessionRules,
    report_session,
    session_reports,
)
from signals.silence import newest_known, silences


@dataclass(frozen=True, slots=True)
class PremiumRules:
    """The thresholds; the defaults are the design's."""

    session: SessionRules = field(default_factory=SessionRules)
    stale_after: timedelta = timedelta(days=1)
    """Without a sample for so long, a state from before says nothing any more."""


def premium_samples(market: Market) -> Samples:
    """Every sample of the premium in the market."""
    both = pairs(market, COINBASE_BTC, BINANCE_BTC)
    usdt, adjusted = usdt_usd_at(market, both)
    value = both.ratio / usdt - 1
    return Samples(both.at_ms, both.known_ms, both.step_ms, value, both.ratio - 1, adjusted, both.a, both.b)


def usdt_usd_at(market: Market, moments: Pairs) -> tuple[Floats, Bools]:
    """Dollars for a USDT at each moment, the venues' median, and whether it is known (1 where it is not)."""
    venues = np.stack([_fresh_at(market, venue, moments) for venue in (COINBASE_USDT, KRAKEN_USDT)])
    count = (~np.isnan(venues)).sum(axis=0)
    # The median of at most two venues is their mean.
    return np.where(count, np.nansum(venues, axis=0) / np.maximum(count, 1), 1.0), count > 0


def _fresh_at(market: Market, instrument: Instrument, moments: Pairs) -> Floats:
    """The newest price known at each moment and no older than its own step; NaN where there is none."""
    price = np.full(len(moments), np.nan)
    best_age = np.full(len(moments), np.iinfo(np.int64).max)
    for step in market.steps(instrument):
        # One that became known late must not hide what was known before it.
        rows = market.track(instrument, step).as_known()
        row = np.searchsorted(rows.known_ms, moments.known_ms, side="right") - 1
        age = np.where(row >= 0, moments.known_ms - rows.at_ms[row], best_age)
        better = (age <= np.maximum(moments.step_ms, MINUTE_MS)) & (age < best_age)
        price[better], best_age[better] = rows.price[row[better]], age[better]
    return price


@dataclass(frozen=True, slots=True)
class Premium:
    """The condition."""

    rules: PremiumRules = PremiumRules()
    id: str = "premium"

    def judge(self, standing: Standing, market: Market, until_ms: int) -> Judged:
        """See `signals.conditions.Condition`."""
        # A session that has not been judged began within the day before.
        samples = premium_samples(market.since(standing.judged_ms - DAY_MS))
        moments = sorted(
            (
                m
                for m in self._moments(samples, standing, until_ms)
                if standing.judged_ms < m.at_ms <= until_ms
            ),
            key=lambda moment: (moment.at_ms, moment.what),
        )
        seen_ms = newest_known(samples.known_ms, until_ms, standing.seen_ms)
        return follow(self.id, standing, _points(State(standing.settled), moments), until_ms, seen_ms)

    def _moments(self, samples: Samples, standing: Standing, until_ms: int) -> Iterator["Moment"]:
        for at_ms in silences(samples.known_ms, standing.seen_ms, until_ms, self.rules.stale_after):
            yield Moment(at_ms, What.WENT_SILENT)
        for report in session_reports(
            samples, standing.judged_ms, until_ms, self.rules.session, standing.seen_ms
        ):
            yield from _session_moments(report)


class What(IntEnum):
    """What may happen to the condition, in the order in which it counts within one moment."""

    WENT_SILENT = 0
    BEGAN_POSITIVE = 1
    SPOILED = 2
    JUDGED = 3


class Moment(NamedTuple):
    """Something that may move the condition; the label is that of a judged session."""

    at_ms: int
    what: What
    label: Label = Label.UNKNOWN
    evidence: Evidence = MappingProxyType({})


def _session_moments(report: SessionReport) -> Iterator[Moment]:
    """What a session does: while it is open it holds or is spoiled, then it is judged."""
    first, spoiled = report.first, report.not_positive
    if first and first.value > 0 and first.known_ms < report.judged_ms:
        yield Moment(first.known_ms, What.BEGAN_POSITIVE, evidence=_so_far(report, first))
    if spoiled and spoiled.known_ms < report.judged_ms:
        yield Moment(spoiled.known_ms, What.SPOILED, evidence=_so_far(report, spoiled))
    yield Moment(report.judged_ms, What.JUDGED, report.label, report.evidence())


def _so_far(report: SessionReport, sample: Sample) -> Evidence:
    return {"session": report.session.day.isoformat(), "value_pct": round(sample.value * PERCENT, 5)}


_SETTLES = {Label.POSITIVE: State.MET, Label.NEGATIVE: State.UNMET}


def _points(settled: State, moments: Iterable[Moment]) -> Iterator[Point]:
    for at_ms, what, label, evidence in moments:
        match what:
            case What.WENT_SILENT:
                settled = State.NO_DATA
                yield Point(at_ms, settled, settled, "stale", evidence)
            case What.BEGAN_POSITIVE if settled is State.UNMET:
                yield Point(at_ms, State.HOLDING, settled, "samples_positive", evidence)
            case What.SPOILED if settled is State.UNMET:
                yield Point(at_ms, settled, settled, "sample_not_positive", evidence)
            case What.JUDGED:
                settled = _SETTLES.get(label, settled)
                yield Point(at_ms, settled, settled, f"session_{label}", evidence)
            case _:
                pass


def read_premium(market: Market, now: datetime, rules: SessionRules | None = None) -> PremiumReading:
    """The premium now, and what today's session, or else the last one, comes to so far."""
    rules, now_ms = rules or SessionRules(), to_ms(now)
    sources = tuple(
        source_of(market, venue, now_ms) for venue in (COINBASE_BTC, BINANCE_BTC, COINBASE_USDT, KRAKEN_USDT)
    )
    samples = premium_samples(market.known_by(now_ms))
    if not len(samples):
        return PremiumReading(now, Quality.MISSING, sources)
    session = open_session(now) or last_closed_session(now)
    report = report_session(session, samples, rules)
    adjusted = bool(samples.adjusted[-1])
    usdt_usd = float((1 + samples.raw[-1]) / (1 + samples.value[-1])) if adjusted else None
    labels = _labels(samples, now_ms, rules)
    return PremiumReading(
        at=from_ms(int(samples.at_ms[-1])),
        quality=quality_beside(
            market, ("BTC",), now_ms, quality_of(now_ms - int(samples.known_ms[-1]), int(samples.step_ms[-1]))
        ),
        sources=sources,
        adjusted_pct=float(samples.value[-1]) * PERCENT if adjusted else None,
        raw_pct=float(samples.raw[-1]) * PERCENT,
        gap_usd=float(samples.coinbase[-1] - samples.binance[-1] * (usdt_usd or 1.0)),
        usdt_usd=usdt_usd,
        session=session,
        session_share_positive=report.share_positive if report.count else None,
        session_mean_pct=report.mean * PERCENT if report.count else None,
        session_coverage=min(report.coverage_by(now), 1.0),
        in_session=session.closes > now,
        negative_streak=_streak(labels, Label.NEGATIVE),
        positive_streak=_streak(labels, Label.POSITIVE),
    )


def _labels(samples: Samples, now_ms: int, rules: SessionRules) -> list[Label]:
    finished = [r for r in session_reports(samples, 0, now_ms, rules) if r.judged_ms <= now_ms]
    return [report.label for report in reversed(finished)]


def _streak(labels: list[Label], wanted: Label) -> int:
    return sum(1 for _ in takewhile(lambda label: label is wanted, labels))
