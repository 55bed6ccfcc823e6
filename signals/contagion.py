"""Contagion and macro, for people to look at: the last exploits, what the Fed lent, and SOFR."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from signals.calendar import NEW_YORK
from signals.exploit import exploits
from signals.gauges import Measure, Series
from signals.market import Market
from signals.moments import from_ms, to_ms
from signals.notices import Notice
from signals.readings import Source
from signals.repo import FED, SOURCE, RepoDay, operations, repo_days

_SHOWN = 6
_DAYS_SHOWN = 5
_WINDOWS = (time(8, 15), time(13, 30))
"""When the Fed's windows open, New York time."""
LLAMA = "defillama"
LOOKED = Series(LLAMA, "exploits", Measure.LOOKED)
"""When the list of exploits was last read."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An exploit: what it took in dollars, and how what is locked there changed since the first look."""

    day: date
    title: str
    amount_usd: float | None
    url: str
    locked_change: float | None


@dataclass(frozen=True, slots=True)
class ExploitsReading:
    """The newest exploits, newest first; without sources the list was never read."""

    at: datetime
    sources: tuple[Source, ...]
    hits: tuple[Hit, ...]


def read_exploits(market: Market, now: datetime) -> ExploitsReading:
    """What is known of exploits at a moment."""
    now_ms = to_ms(now)
    looked = market.gauges.get(LOOKED)
    last = looked.last_known(now_ms) if looked is not None else None
    known = exploits(market, now_ms)
    sources = (Source(LLAMA, now - from_ms(last[0])),) if last else ()
    if not sources and known:
        sources = (Source(known[-1].source, None),)
    return ExploitsReading(now, sources, tuple(_hit(market, n, now_ms) for n in known[-_SHOWN:][::-1]))


def _hit(market: Market, notice: Notice, now_ms: int) -> Hit:
    name = notice.key.partition(" ")[2]
    rows = market.gauge(LLAMA, name, Measure.TVL_USD).known_by(now_ms)
    change = float(rows.value[-1] / rows.value[0] - 1) if len(rows) > 1 else None
    return Hit(notice.at.date(), notice.title, notice.amount_usd, notice.url, change)


@dataclass(frozen=True, slots=True)
class Sofr:
    """The rate of a day in percent a year, and its change against the day before in percentage points."""

    day: date
    rate_pct: float
    change_pct: float | None


@dataclass(frozen=True, slots=True)
class MacroReading:
    """The last days of repo operations, newest first; `next_windows` are the next two to open."""

    at: datetime
    sources: tuple[Source, ...]
    days: tuple[RepoDay, ...]
    sofr: Sofr | None
    next_windows: tuple[datetime, datetime]


def read_macro(market: Market, now: datetime) -> MacroReading:
    """What is known of repo operations and SOFR at a moment."""
    now_ms = to_ms(now)
    last = operations(market).last_known(now_ms)
    sources = (Source(SOURCE, now - from_ms(last[0])),) if last else ()
    days = tuple(repo_days(market, now_ms)[-_DAYS_SHOWN:][::-1])
    return MacroReading(now, sources, days, _sofr(market, now_ms), _next_windows(now))


def _sofr(market: Market, now_ms: int) -> Sofr | None:
    rows = market.gauge(SOURCE, FED, Measure.SOFR_PCT).known_by(now_ms)
    if not len(rows):
        return None
    change = float(rows.value[-1] - rows.value[-2]) if len(rows) > 1 else None
    day = from_ms(int(rows.at_ms[-1])).astimezone(NEW_YORK).date()
    return Sofr(day, float(rows.value[-1]), change)


def _next_windows(now: datetime) -> tuple[datetime, datetime]:
    """The next two, weekends left out; holidays are not known of here."""
    day = now.astimezone(NEW_YORK).date()
    found: list[datetime] = []
    while len(found) < 2:  # noqa: PLR2004  # two
        opens = [datetime.combine(day, at, NEW_YORK) for at in _WINDOWS]
        if day.weekday() < 5:  # noqa: PLR2004  # Saturday
            found += [moment for moment in opens if moment > now]
        day += timedelta(days=1)
    return found[0], found[1]
