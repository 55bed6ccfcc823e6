"""`repo`: on one day the Fed lent at least so much in repo operations: dollars are short somewhere."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from signals.calendar import NEW_YORK
from signals.conditions import Alarm, Evidence, Judged, Point, Standing
from signals.gauges import Gauges, Measure
from signals.market import Market
from signals.moments import from_ms
from signals.warnings import Backdrop, follow_warning

SOURCE, FED = "newyorkfed", "fed"
_LAST_DAYS = 2


@dataclass(frozen=True, slots=True)
class RepoRules:
    """The threshold: dollars lent on one day."""

    amount_usd: float = 20e9


class RepoDay(NamedTuple):
    """A day's operations: the day in New York, the sum so far, and how many windows it holds."""

    day: date
    usd: float
    windows: int


def operations(market: Market) -> Gauges:
    """The day's sum at the close of each window."""
    return market.gauge(SOURCE, FED, Measure.REPO_USD)


def repo_days(market: Market, moment_ms: int) -> list[RepoDay]:
    """The days as they were known at a moment, oldest first."""
    rows = operations(market).known_by(moment_ms)
    days: dict[date, RepoDay] = {}
    for at_ms, usd in zip(rows.at_ms.tolist(), rows.value.tolist(), strict=True):
        day = _day(at_ms)
        windows = days[day].windows + 1 if day in days else 1
        days[day] = RepoDay(day, usd, windows)
    return list(days.values())


def is_seasonal(day: date) -> bool:
    """Whether a day is one of the last of a month, when banks close their books and borrow more."""
    return day.day > monthrange(day.year, day.month)[1] - _LAST_DAYS


@dataclass(frozen=True, slots=True)
class Repo:
    """The warning. It remembers the day that it is on for."""

    rules: RepoRules = RepoRules()
    id: str = "repo"

    def judge(self, standing: Standing, market: Market, backdrop: Backdrop, until_ms: int) -> Judged:
        """See `signals.warnings.WarningRule`."""
        del backdrop
        points = self._points(standing, market, until_ms)
        return follow_warning(self.id, standing, points, until_ms, standing.seen_ms)

    def _points(self, standing: Standing, market: Market, until_ms: int) -> Iterator[Point]:
        rows = operations(market)
        order = rows.known_ms.argsort(kind="stable")
        known_ms = rows.known_ms[order]
        first, last = known_ms.searchsorted((standing.judged_ms, until_ms), "right")
        settled = standing.settled
        for row in order[first:last].tolist():
            day, usd = _day(int(rows.at_ms[row])), float(rows.value[row])
            told = settled if settled[:1].isdigit() else ""
            is_on = usd >= self.rules.amount_usd
            if told and day.isoformat() <= told and (not is_on or day.isoformat() == told):
                # Another window of the day that is told already, or one that came late.
                continue
            settled = day.isoformat() if is_on else Alarm.OFF
            state, reason = (Alarm.ON, "lent") if is_on else (Alarm.OFF, "little")
            worse = is_on and bool(told)
            yield Point(int(rows.known_ms[row]), state, settled, reason, _evidence(day, usd), worse=worse)


def _day(at_ms: int) -> date:
    return from_ms(at_ms).astimezone(NEW_YORK).date()


def _evidence(day: date, usd: float) -> Evidence:
    key = "month_end_dollars" if is_seasonal(day) else "repo_dollars"
    return {key: usd, "on_day": day.isoformat()}
