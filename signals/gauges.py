"""Gauges: numbers that a source says of something at a moment, and that are neither prices nor flows.

Each measure names its unit. What a source gives in another unit, or per both sides, its feed has turned into
this one: rules never ask who said it how.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from signals.rows import Floats, Ints, Rows, columns_of


class Measure(StrEnum):
    """What is measured, with its unit."""

    OPEN_INTEREST_USD = "open_interest_usd"
    """Open interest of a perpetual, one side, in dollars."""
    FUNDING_8H = "funding_8h"
    """Funding as a fraction per eight hours, whatever the interval at which it is paid."""
    LIQUIDATED_LONG_USD = "liquidated_long_usd"
    """Long positions liquidated in the five minutes that end at the moment, as far as the source told."""
    LIQUIDATED_SHORT_USD = "liquidated_short_usd"
    """The same of short positions."""
    LIQUIDATIONS_HEARD_SECONDS = "liquidations_heard_seconds"
    """For how many seconds of those five minutes the source could be heard."""
    LIQUIDATED_24H_LONG_USD = "liquidated_24h_long_usd"
    """What a source that adds up all exchanges says of the last 24 hours."""
    LIQUIDATED_24H_SHORT_USD = "liquidated_24h_short_usd"
    """The same of short positions."""
    ADL_RISK = "adl_risk"
    """Auto-deleveraging: 0 none, 1 raised, 2 high or under way."""
    ANNOUNCEMENTS_SEEN = "announcements_seen"
    """How many announcements a source showed when it was asked, of whatever kind: that it could be heard."""
    DEPTH_1PCT_USD = "depth_1pct_usd"
    """Bids and asks within 1 % of the middle, in dollars; only where the book reached that far."""
    DEPTH_2PCT_USD = "depth_2pct_usd"
    """The same within 2 %."""
    DEPTH_COVERED_PCT = "depth_covered_pct"
    """How far from the middle, in percent, the shorter side of the book reached."""
    DEPTH_SEEN_USD = "depth_seen_usd"
    """Bids and asks as far as the book reached, 2 % at most, in dollars."""
    REPO_USD = "repo_usd"
    """What the Fed lent in repo operations of a day, in dollars."""
    SOFR_PCT = "sofr_pct"
    """The secured overnight financing rate, percent a year."""
    LOOKED = "looked"
    """1 at each moment at which a list was read that may well have held nothing new."""
    DISPUTED = "disputed"
    """1 while venues contradict each other about the price of a coin, 0 once they no longer do."""
    UNWATCHED_SECONDS = "unwatched_seconds"
    """For how long before the moment nothing was watched: the bot did not run, or stood still."""
    TVL_USD = "tvl_usd"
    """Total value locked in a protocol, in dollars."""


class Series(NamedTuple):
    """Whose numbers (a ccxt id, a feed's source), what they are about (BTC, a protocol), and the measure."""

    source: str
    subject: str
    measure: Measure

    def __str__(self) -> str:
        return f"{self.source} {self.subject} {self.measure}"


@dataclass(frozen=True, slots=True)
class Gauge:
    """One number of a series."""

    series: Series
    at: datetime
    value: float
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Gauges(Rows):
    """Columns of the numbers of one series."""

    value: Floats

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, float]]) -> Self:
        """Columns from rows of (at_ms, known_ms, value) in any order; at one moment the last row stays."""
        return cls(*columns_of(rows, 1))

    def columns(self) -> tuple[Ints, Ints, Floats]:
        """See `Rows`."""
        return self.at_ms, self.known_ms, self.value

    def last_known(self, moment_ms: int) -> tuple[int, float] | None:
        """The newest number about a moment or before, and known by then, as (at_ms, value)."""
        row = self.last_known_row(moment_ms)
        return None if row is None else (int(self.at_ms[row]), float(self.value[row]))


NO_GAUGES = Gauges.of(())

_EIGHT_HOURS = timedelta(hours=8)


def funding_8h(rate: float, interval: timedelta) -> float:
    """A rate per interval as one per eight hours: venues pay every hour, every four or every eight."""
    return rate * (_EIGHT_HOURS / interval)
