"""Watching the markets: fill the gap since the last run first, then look by the clock until the end.

What is heard before the gap is filled waits: the first states would be worked out from half of the facts.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from random import Random

from bot.desk import Desk
from bot.intake.backfill import Progress, fill_gap
from bot.intake.clockwork import Clockwork
from bot.intake.fetching import Collector
from bot.intake.schedule import Work, polled_every
from bot.intake.unfinished import put_down, take_up
from bot.settings import Settings
from bot.tasks import cancel, doing, ends_with
from bot.upkeep.old_rows import OURS
from bot.watching.pulse import beat
from bot.watching.watch import MARKET_SPAN, RELOAD_EVERY, Watch
from signals.facts import Fact
from signals.feeds.coins import CoinFeed
from signals.feeds.connections import Connections
from storage.database import StorageError
from storage.retention import Retention

_log = logging.getLogger(__name__)

COIN_QUOTES_KEPT = timedelta(hours=30)
"""Of coins that only own alerts look at: changes over a day are judged by quotes, longer ones by bars."""


def retention(settings: Settings) -> Retention:
    """How long things are kept."""
    return Retention(
        quotes=timedelta(days=settings.keep_quotes_days),
        candles=timedelta(days=settings.keep_candles_days),
        outbox=timedelta(days=settings.keep_outbox_days),
        gauges=timedelta(days=settings.keep_gauges_days),
        fine_candles=timedelta(days=settings.keep_fine_candles_days),
        passing_gauges=MARKET_SPAN,
        ours=OURS,
        coin_quotes=COIN_QUOTES_KEPT,
    )


@asynccontextmanager
async def watching(
    watch: Watch,
    desk: Desk,
    connections: Connections,
    *,
    make_briefs: Callable[[], Awaitable[None]],
    make_digests: Callable[[], bool],
) -> AsyncIterator[None]:
    """Watch while the block runs, and do what else is due by the clock."""
    settings, db = desk.settings, desk.db
    chance = Random()  # noqa: S311  # jitter, no secret
    collector = Collector(db, connections, chance, settings.quorum_tolerance)
    take_up(db, connections)
    desk.coins.feed = CoinFeed(connections.exchanges)
    starting = asyncio.create_task(_catch_up(watch, collector, settings), name="catch up")

    async def hear(facts: tuple[Fact, ...]) -> None:
        if starting.done():
            watch.see([*beat(db, settings, desk.now), *facts])
        else:
            desk.market = desk.market.add(facts)

    kept, coins = retention(settings), desk.coins.to_poll
    work = Work(collector, hear, kept, make_briefs, make_digests, coins_to_poll=coins)
    clockwork = Clockwork(work, polled_every(timedelta(seconds=settings.poll_seconds)))
    clockwork.start()
    # The last one pushed is the first step of ending.
    async with AsyncExitStack() as ending:
        ending.callback(put_down, db, connections)
        ending.push_async_callback(clockwork.stop)
        ending.push_async_callback(cancel, starting)
        await ending.enter_async_context(ends_with(starting))
        await ending.enter_async_context(doing(read_anew(watch)))
        yield


async def _catch_up(watch: Watch, collector: Collector, settings: Settings) -> None:
    """Fetch what was missed, then take it in and judge; without internet with what there is."""
    await fill_gap(collector, _tell_progress)
    beat(collector.db, settings, collector.now)
    await watch.reload_market()
    watch.judge()
    _log.info("caught up with the market")


async def read_anew(watch: Watch, every: timedelta = RELOAD_EVERY) -> None:
    """Read the market anew once a day; where it cannot be read it stays as it is until the next."""
    while True:
        await asyncio.sleep(every.total_seconds())
        try:
            await watch.reload_market()
        except StorageError as error:
            _log.warning("the market was not read anew: %s", error)
        except Exception:  # noqa: BLE001
            # The last resort: what is in memory does for another day.
            _log.exception("Bug: the market was not read anew")


def _tell_progress(progress: Progress) -> None:
    if progress.error:
        _log.warning("%s: not filled in: %s", progress.subject, progress.error)
    elif progress.share >= 1:
        _log.info("%s: %d facts filled in", progress.subject, progress.facts)
