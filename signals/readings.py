"""Readings: numbers worked out from facts at a moment, for people to look at. No rule reads them back.

Every reading says how far it can be trusted (`quality`), whose facts it rests on and how old each was.
Percentages are percent, not fractions (`_pct`); shares and coverages are fractions of one.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from signals.calendar import Session


class Quality(StrEnum):
    """How far a reading can be trusted."""

    OK = "ok"
    STALE = "stale"
    DISPUTED = "disputed"
    MISSING = "missing"


class Source(NamedTuple):
    """Whose facts a reading rests on, and how old the newest was; no age where there were none."""

    name: str
    age: timedelta | None


class SessionFlow(NamedTuple):
    """The net ETF flow of one session in dollars, and whether the number is final."""

    session: date
    total_usd: float
    final: bool


@dataclass(frozen=True, slots=True)
class PremiumReading:
    """What Coinbase pays above Binance, now and over the US session of today, or else the last one.

    `gap_usd` goes with the adjusted number, or with the raw one where no USDT/USD is known.
    Streaks count finished sessions of one sign in a row, the newest first.
    """

    at: datetime
    quality: Quality
    sources: tuple[Source, ...] = ()
    adjusted_pct: float | None = None
    raw_pct: float | None = None
    gap_usd: float | None = None
    usdt_usd: float | None = None
    session: Session | None = None
    session_share_positive: float | None = None
    session_mean_pct: float | None = None
    session_coverage: float = 0.0
    in_session: bool = False
    negative_streak: int = 0
    positive_streak: int = 0


@dataclass(frozen=True, slots=True)
class EtfReading:
    """The newest session's net flow of all US spot funds of one asset, and the run of sessions it belongs to.

    `streak` counts the sessions of the newest one's sign in a row; `last` holds up to ten, the newest first.
    """

    asset: str
    quality: Quality
    sources: tuple[Source, ...] = ()
    session: date | None = None
    total_usd: float | None = None
    final: bool = False
    source: str | None = None
    streak: int = 0
    streak_total_usd: float = 0.0
    last: tuple[SessionFlow, ...] = ()


@dataclass(frozen=True, slots=True)
class EthBtcReading:
    """ETH priced in BTC, and how much of its fall over the trailing window it has regained.

    `regained` is a fraction of the way from `low` back to `peak`; `target_ratio` lies half of that way up.
    `beta` is ETH's to BTC's falls.
    """

    at: datetime
    quality: Quality
    sources: tuple[Source, ...] = ()
    ratio: float | None = None
    low: float | None = None
    low_at: datetime | None = None
    low_age: timedelta | None = None
    peak: float | None = None
    regained: float | None = None
    target_ratio: float | None = None
    beta: float | None = None
    window_coverage: float = 0.0


@dataclass(frozen=True, slots=True)
class PriceReading:
    """The price of one coin in dollars and what it did over the last 24 hours."""

    asset: str
    at: datetime
    quality: Quality
    sources: tuple[Source, ...] = ()
    price: float | None = None
    change_24h_pct: float | None = None
