"""What the premium's samples of one US session come to: positive, negative, mixed, or too few to say."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from signals.calendar import NEW_YORK, Session, sessions
from signals.conditions import Evidence
from signals.moments import from_ms, length_ms, to_ms
from signals.rows import Bools, Floats, Ints

PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class SessionRules:
    """The thresholds; the defaults are the design's."""

    share: float = 0.9
    """The share of a session's samples on one side of zero that makes it positive or negative."""
    coverage: float = 0.9
    """The share of a session's length that needs samples before the session can be judged."""
    grace: timedelta = timedelta(minutes=5)
    """How long after the close its own sample is waited for."""


class Label(StrEnum):
    """How a finished session is judged."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    MIXED = "mixed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Samples:
    """Columns of the premium as fractions, in the order of time and of becoming known.

    `value` is adjusted for the dollar price of USDT where `adjusted` is true, else it is `raw`. A sample
    stands for the `step_ms` before it. `coinbase` and `binance` are the two prices, in their own dollars.
    """

    at_ms: Ints
    known_ms: Ints
    step_ms: Ints
    value: Floats
    raw: Floats
    adjusted: Bools
    coinbase: Floats
    binance: Floats

    def __len__(self) -> int:
        return len(self.at_ms)


class Sample(NamedTuple):
    """One sample: when it became known, and the premium as a fraction."""

    known_ms: int
    value: float


@dataclass(frozen=True, slots=True)
class SessionReport:
    """A session's samples in numbers. Shares and coverage are 0..1 of time, the mean is a fraction."""

    session: Session
    label: Label
    judged_ms: int
    count: int
    share_positive: float
    mean: float
    coverage: float
    adjusted_share: float
    first: Sample | None
    not_positive: Sample | None
    """The first sample that is not above zero."""

    def coverage_by(self, now: datetime) -> float:
        """The share of the time since the open that has samples, while the session runs."""
        so_far = max(min(now, self.session.closes) - self.session.opens, timedelta(minutes=1))
        return self.coverage * (self.session.length / so_far)

    def evidence(self) -> Evidence:
        """The numbers behind the judgement."""
        return {
            "session": self.session.day.isoformat(),
            "half_day": self.session.half_day,
            "share_positive": round(self.share_positive, 4),
            "mean_pct": round(self.mean * PERCENT, 5),
            "samples": self.count,
            "coverage": round(self.coverage, 4),
            "adjusted_share": round(self.adjusted_share, 4),
        }


def session_reports(
    samples: Samples, judged_ms: int, until_ms: int, rules: SessionRules, seen_ms: int | None = None
) -> Iterator[SessionReport]:
    """Each session with samples that is judged after `judged_ms` and opens by `until_ms`, oldest first.

    `seen_ms`: when the newest sample that was seen by `judged_ms` had become known.
    """
    if not len(samples):
        return
    earliest = from_ms(max(judged_ms, int(samples.at_ms[0]))) - timedelta(days=1)
    for session in sessions(
        earliest.astimezone(NEW_YORK).date(), from_ms(until_ms).astimezone(NEW_YORK).date()
    ):
        report = report_session(session, samples, rules)
        if report.judged_ms > judged_ms:
            yield report
        elif _still_open(session, judged_ms, seen_ms, rules):
            # Its closing bar came after a look that would have seen it: a bar is known at its close by
            # definition, but the venue needs seconds to write it.
            yield replace(report, judged_ms=judged_ms + 1)


def report_session(session: Session, samples: Samples, rules: SessionRules) -> SessionReport:
    """One session's report. Only what was known when it was judged counts."""
    judged_ms = _judged_ms(session, samples, rules)
    opens_ms = to_ms(session.opens)
    first, last = samples.at_ms.searchsorted((opens_ms, to_ms(session.closes)), side="right")
    last = min(int(last), int(samples.known_ms.searchsorted(judged_ms, side="right")))
    inside = slice(int(first), max(int(first), last))
    at, known, value = samples.at_ms[inside], samples.known_ms[inside], samples.value[inside]
    # A bar that began before the open counts from the open.
    weight = (samples.step_ms[inside]).clip(max=at - opens_ms)
    total, above = int(weight.sum()), value > 0
    mean = float((value * weight).sum()) / total if total else 0.0
    coverage = total / length_ms(session.length)
    shares = [
        int(weight[rows].sum()) / total if total else 0.0
        for rows in (above, ~above, samples.adjusted[inside])
    ]
    return SessionReport(
        session=session,
        label=judge_session(shares[0], shares[1], mean, coverage, rules),
        judged_ms=judged_ms,
        count=len(value),
        share_positive=shares[0],
        mean=mean,
        coverage=coverage,
        adjusted_share=shares[2],
        first=_first(known, value),
        not_positive=_first(known[~above], value[~above]),
    )


def judge_session(above: float, others: float, mean: float, coverage: float, rules: SessionRules) -> Label:
    """A finished session's label from its shares of samples above zero and not, their mean and coverage."""
    if coverage < rules.coverage:
        return Label.UNKNOWN
    if above >= rules.share and mean > 0:
        return Label.POSITIVE
    if others >= rules.share and mean < 0:
        return Label.NEGATIVE
    return Label.MIXED


def _first(known: Ints, value: Floats) -> Sample | None:
    return Sample(int(known[0]), float(value[0])) if len(value) else None


def _still_open(session: Session, judged_ms: int, seen_ms: int | None, rules: SessionRules) -> bool:
    """Whether a session had yet to be judged at `judged_ms`: its closing sample was still waited for."""
    return judged_ms < to_ms(session.closes + rules.grace) and (seen_ms or 0) < to_ms(session.closes)


def _judged_ms(session: Session, samples: Samples, rules: SessionRules) -> int:
    """When the session is judged: as its closing sample is known, or when that has been waited for enough."""
    deadline = to_ms(session.closes + rules.grace)
    after = int(samples.at_ms.searchsorted(to_ms(session.closes)))
    return min(deadline, int(samples.known_ms[after])) if after < len(samples) else deadline
