"""Filling in history: bars and flows of before, by request, or at start for the time when nobody was there.

Bars come in stretches that are saved one by one, so that a break costs a stretch and not the work.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.intake.collect import keep
from bot.intake.fetching import FARTHEST_BACK, Collector, answered, fetch, obstacle
from signals.facts import Candle, Fact, Instrument
from signals.feeds.failure import FeedError
from signals.feeds.feed import Brings, Feed
from signals.feeds.kinds import BAR
from signals.feeds.table import FEEDS
from signals.feeds.venues import VENUES
from signals.gauges import Gauge, Series
from signals.moments import next_open
from storage.database import Database
from storage.feed_runs import read_feeds
from storage.market import read_candles

_LATE = timedelta(days=4)
"""What begins less than that after it was asked for is whole: the Fed rests over weekends and holidays."""
FLOWS_BACK = timedelta(days=60)
"""Flows are few, and a run of outflows may be long: at least so much is asked for."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill has come with one subject: an instrument, or a feed.

    `share` goes from 0 to 1; `facts` counts what came so far. `error` says why the subject was given up,
    `begins` from when on there is anything, where a source does not reach back as far as it was asked to.
    """

    subject: str
    share: float
    facts: int = 0
    error: str | None = None
    begins: datetime | None = None

    def as_line(self) -> str:
        """For the terminal."""
        if self.error:
            return f"{self.subject}: {self.error}"
        reach = f", only from {self.begins:%Y-%m-%d} on" if self.begins else ""
        return f"{self.subject}: {self.facts:,} facts{reach}"


Tell = Callable[[Progress], None]


async def backfill(
    collector: Collector, since: datetime, tell: Tell, feeds: Sequence[Feed] = FEEDS
) -> tuple[Progress, ...]:
    """Fetch everything from `since` on, even what is there already; where each subject ended.

    Raises:
        StorageError: the database cannot do its work.
    """
    return await _fill(collector, since, lambda _: since, tell, feeds)


async def fill_gap(collector: Collector, tell: Tell, feeds: Sequence[Feed] = FEEDS) -> tuple[Progress, ...]:
    """Fetch what is missing of the days that the rules look back on; where each subject ended.

    Raises:
        StorageError: the database cannot do its work.
    """
    wanted = collector.now - FARTHEST_BACK
    return await _fill(
        collector, wanted, lambda i: first_missing(collector.db, i, wanted, collector.now), tell, feeds
    )


def first_missing(db: Database, instrument: Instrument, since: datetime, now: datetime) -> datetime:
    """When the first bar opened, or will open, that is not stored."""
    stored = {bar.opened_at for bar in read_candles(db, instrument, BAR, since, now)}
    opens = next_open(since, BAR)
    while opens in stored:
        opens += BAR
    return opens


async def _fill(
    collector: Collector,
    since: datetime,
    start: Callable[[Instrument], datetime],
    tell: Tell,
    feeds: Iterable[Feed],
) -> tuple[Progress, ...]:
    ready, ended = [], []
    health = read_feeds(collector.db)
    for feed in filter(_has_a_past, feeds):
        if reason := obstacle(feed, health.get(feed.name), collector):
            ended.append(_told(Progress(feed.name, 0, error=reason), tell))
        else:
            ready.append(feed)
    bars = [_fill_bars(feed, start, collector, tell) for feed in ready if feed.brings is Brings.CANDLES]
    flows = [feed for feed in ready if feed.brings is Brings.ETF_FLOWS]
    pasts = [_fill_past(feed, since, collector, tell) for feed in ready if feed.fill]
    filled = await asyncio.gather(*bars, *pasts, _fill_flows(flows, since, collector, tell))
    return (*ended, *(progress for part in filled for progress in part))


def _has_a_past(feed: Feed) -> bool:
    return feed.fill is not None or feed.brings in {Brings.CANDLES, Brings.ETF_FLOWS}


async def _fill_bars(
    feed: Feed, start: Callable[[Instrument], datetime], collector: Collector, tell: Tell
) -> list[Progress]:
    """One instrument of a venue after the other: together they would only queue at its rate limit."""
    instruments = VENUES[feed.source].market_ids
    return [await _fill_instrument(feed, i, start(i), collector, tell) for i in instruments]


async def _fill_instrument(
    feed: Feed, instrument: Instrument, since: datetime, collector: Collector, tell: Tell
) -> Progress:
    # Stretches have to meet where a bar opens, else the one across the border is in neither.
    since, until = next_open(since, BAR), collector.now
    progress, begins = Progress(str(instrument), 0), None
    for first, last in _stretches(since, until, VENUES[feed.source].page * BAR):
        request = partial(collector.connections.exchanges.fetch_candles, instrument, BAR, first, last)
        got = await answered(feed, collector, request)
        keep([got], collector)
        if got.failure:
            return _told(replace(progress, error=str(got.failure)), tell)
        share = (last - since) / (until - since)
        begins = begins or beginning(got.facts)
        progress = _told(Progress(progress.subject, share, progress.facts + len(got.facts)), tell)
    return replace(progress, share=1, begins=_late(begins, since))


async def _fill_past(feed: Feed, since: datetime, collector: Collector, tell: Tell) -> list[Progress]:
    assert feed.fill is not None
    answer = await answered(feed, collector, partial(feed.fill, collector.connections, since))
    keep([answer], collector)
    failed = answer.failure is not None
    late = _late(beginning(answer.facts), since)
    return [
        _told(Progress(feed.name, 0 if failed else 1, len(answer.facts), _text(answer.failure), late), tell)
    ]


def beginning(facts: Iterable[Fact]) -> datetime | None:
    """From when on there is something of everything in some facts; None where there is nothing at all."""
    first: dict[Series | Instrument, datetime] = {}
    for fact in facts:
        match fact:
            case Gauge(series=what, at=at) | Candle(instrument=what, at=at):
                first[what] = min(at, first.get(what, at))
    return max(first.values(), default=None)


def _late(begins: datetime | None, since: datetime) -> datetime | None:
    return begins if begins and begins - since >= _LATE else None


async def _fill_flows(
    feeds: Sequence[Feed], since: datetime, collector: Collector, tell: Tell
) -> list[Progress]:
    """All sources are saved together, for a zero of one of them is believed only with another's."""
    back = min(since, collector.now - FLOWS_BACK)
    answers = await asyncio.gather(*(fetch(feed, back, collector) for feed in feeds))
    keep(answers, collector)
    return [
        _told(Progress(a.feed.name, 0 if a.failure else 1, len(a.facts), _text(a.failure)), tell)
        for a in answers
    ]


def _stretches(since: datetime, until: datetime, length: timedelta) -> Iterator[tuple[datetime, datetime]]:
    first = since
    while first < until:
        last = min(first + length, until)
        yield first, last
        first = last


def _told(progress: Progress, tell: Tell) -> Progress:
    tell(progress)
    return progress


def _text(failure: FeedError | None) -> str | None:
    return None if failure is None else str(failure)
