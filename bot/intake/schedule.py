"""The job table: what is done when. `bot/intake/clockwork.py` runs it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from bot.intake.collect import collect
from bot.intake.fetching import Collector
from bot.upkeep import old_rows
from signals.calendar import NEW_YORK, session_on
from signals.coins import Coin
from signals.facts import Fact
from signals.feeds import farside
from signals.feeds.coin_table import BARS_EVERY, POLLED_EVERY, coin_bar_feeds, coin_feeds, is_coin_feed
from signals.feeds.feed import Brings, Feed
from signals.feeds.kinds import BAR
from signals.feeds.table import FEEDS
from storage.feed_runs import forget_feeds, read_feeds
from storage.retention import Retention

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_LAST_FLOWS = time(20, 30)
_DIGEST_STEPS = 7  # of 250 threads: the sender sends 28 a second
_MACRO_FROM, _MACRO_UNTIL = time(8, 0), time(15, 0)


async def _nobody() -> None:
    """Nobody wants anything."""


@dataclass(frozen=True, slots=True)
class Work:
    """What jobs work with. `hear` is told each round's new facts, even if there are none: time passes too.

    `coins_to_poll`: the coins that people's own rules need, besides those of the feeds.
    """

    collector: Collector
    hear: Callable[[tuple[Fact, ...]], Awaitable[None]]
    retention: Retention
    make_briefs: Callable[[], Awaitable[None]] = _nobody
    make_digests: Callable[[], bool] = lambda: False
    feeds: Sequence[Feed] = FEEDS
    coins_to_poll: Callable[[], Sequence[Coin]] = tuple


@dataclass(frozen=True, slots=True)
class Job:
    """One job: every `interval` of the clock, `offset` after it, run if it starts at most `grace` late."""

    name: str
    interval: timedelta
    grace: timedelta
    run: Callable[[Work], Awaitable[None]]
    offset: timedelta = timedelta(0)


async def look_at_quotes(work: Work) -> None:
    """All venues at once: the pair that the premium is made of has to be of one moment."""
    await _collect(work, lambda feed: feed.brings is Brings.QUOTES)


async def look_at_coins(work: Work) -> None:
    """The coins that only people's own rules are about; nobody is asked where no rule needs one."""
    coins, db = work.coins_to_poll(), work.collector.db
    # What is not asked for any more neither fails nor is late.
    asked = {feed.name for feed in (*coin_feeds(coins), *coin_bar_feeds(coins))}
    forget_feeds(db, [name for name in read_feeds(db) if is_coin_feed(name) and name not in asked])
    if coins:
        await work.hear(await collect(coin_feeds(coins), work.collector))


async def look_at_coin_bars(work: Work) -> None:
    """The bars of these coins that closed since."""
    if coins := work.coins_to_poll():
        await work.hear(await collect(coin_bar_feeds(coins), work.collector))


async def look_at_candles(work: Work) -> None:
    """The bars that closed since."""
    await _collect(work, lambda feed: feed.brings is Brings.CANDLES)


async def look_at_flows(work: Work) -> None:
    """The sources of ETF flows that may be asked often."""
    await _collect_flows(work, lambda feed: feed.source != farside.SOURCE)


async def look_at_farside(work: Work) -> None:
    """The pages that are asked once an hour at most."""
    await _collect_flows(work, lambda feed: feed.source == farside.SOURCE)


async def look_at_adl_states(work: Work) -> None:
    """How near auto-deleveraging is, by every exchange that says so."""
    await _collect(work, lambda feed: feed.brings is Brings.ADL_STATES)


async def look_at_announcements(work: Work) -> None:
    """What the exchanges announced since."""
    await _collect(work, lambda feed: feed.brings is Brings.ANNOUNCEMENTS)


async def look_at_books(work: Work) -> None:
    """How deep the books are."""
    await _collect(work, lambda feed: feed.brings is Brings.DEPTH)


async def look_at_leverage(work: Work) -> None:
    """Open interest and funding."""
    await _collect(work, lambda feed: feed.brings is Brings.LEVERAGE)


async def look_at_liquidations(work: Work) -> None:
    """What was heard of liquidations; the first look opens the lines."""
    await _collect(work, lambda feed: feed.brings is Brings.LIQUIDATIONS)


async def look_at_exploits(work: Work) -> None:
    """What was taken from whom."""
    await _collect(work, lambda feed: feed.brings is Brings.EXPLOITS)


async def look_at_macro(work: Work) -> None:
    """What the Fed lent, and SOFR."""
    if macro_is_due(work.collector.now):
        await _collect(work, lambda feed: feed.brings is Brings.MACRO)


def macro_is_due(now: datetime) -> bool:
    """Whether the New York Fed may have news: on working days, from SOFR to the end of the second window."""
    local = now.astimezone(NEW_YORK)
    return local.weekday() < 5 and _MACRO_FROM <= local.time() <= _MACRO_UNTIL  # noqa: PLR2004  # Saturday


async def make_briefs(work: Work) -> None:
    """The briefs that are due."""
    await work.make_briefs()


async def make_digests(work: Work) -> None:
    """What was held back from chats until now, as much as can be sent in a minute or so.

    Quiet hours end for thousands at once; whoever asks something meanwhile is answered.
    """
    for _ in range(_DIGEST_STEPS):
        if not work.make_digests():
            return
        await asyncio.sleep(0)


async def forget_quotes(work: Work) -> None:
    """Delete the quotes that are older than they are kept for."""
    await old_rows.forget_quotes(work.collector.db, work.retention, work.collector.now)


async def forget(work: Work) -> None:
    """Delete what is older than it is kept for, and make old bars coarser."""
    db, now = work.collector.db, work.collector.now
    await old_rows.forget(db, work.retention, now)
    await old_rows.thin(db, work.retention, now)


def flows_are_due(now: datetime) -> bool:
    """Whether there may be news of ETF flows: on the day after a session, until all funds have reported."""
    return session_on((now - _DAY).date()) is not None and now.time() <= _LAST_FLOWS


async def _collect(work: Work, chosen: Callable[[Feed], bool]) -> None:
    await work.hear(await collect([feed for feed in work.feeds if chosen(feed)], work.collector))


async def _collect_flows(work: Work, chosen: Callable[[Feed], bool]) -> None:
    if flows_are_due(work.collector.now):
        await _collect(work, lambda feed: feed.brings is Brings.ETF_FLOWS and chosen(feed))


JOBS: tuple[Job, ...] = (
    Job("quotes", timedelta(seconds=10), timedelta(seconds=10), look_at_quotes),
    Job("coins", POLLED_EVERY, POLLED_EVERY, look_at_coins, offset=timedelta(seconds=7)),
    Job("coin_bars", BARS_EVERY, BARS_EVERY, look_at_coin_bars, offset=timedelta(seconds=39)),
    # Five seconds after the bar, for the venue has to write it, and between two looks at the quotes.
    Job("candles", BAR, BAR, look_at_candles, offset=timedelta(seconds=5)),
    Job("etf_flows", _HOUR / 4, _HOUR / 4, look_at_flows, offset=timedelta(seconds=15)),
    Job("farside", _HOUR, _HOUR, look_at_farside, offset=timedelta(minutes=7)),
    Job("adl_states", _MINUTE, _MINUTE, look_at_adl_states, offset=timedelta(seconds=33)),
    Job(
        "announcements",
        10 * _MINUTE,
        10 * _MINUTE,
        look_at_announcements,
        offset=timedelta(minutes=3, seconds=24),
    ),
    Job("depth", _HOUR / 4, _HOUR / 4, look_at_books, offset=timedelta(minutes=1, seconds=47)),
    Job("leverage", BAR, BAR, look_at_leverage, offset=timedelta(seconds=52)),
    Job("liquidations", _MINUTE, _MINUTE, look_at_liquidations, offset=timedelta(seconds=12)),
    Job("exploits", _HOUR, _HOUR, look_at_exploits, offset=timedelta(minutes=11)),
    Job("macro", _HOUR / 4, _HOUR / 4, look_at_macro, offset=timedelta(minutes=4, seconds=37)),
    Job("briefs", _MINUTE, _MINUTE, make_briefs, offset=timedelta(seconds=3)),
    Job("digests", _MINUTE, _MINUTE, make_digests, offset=timedelta(seconds=2)),
    Job("old_quotes", _HOUR, _HOUR, forget_quotes, offset=timedelta(minutes=23, seconds=20)),
    Job("prune", _DAY, _DAY, forget, offset=timedelta(hours=4, minutes=10)),
)


def polled_every(poll: timedelta, jobs: Sequence[Job] = JOBS) -> tuple[Job, ...]:
    """The jobs with quotes at another interval."""
    return tuple(replace(job, interval=poll, grace=poll) if job.name == "quotes" else job for job in jobs)
