"""Old rows: what is older than it is kept for goes, quotes once an hour; once a day old bars become coarser.

A little at a time, and the loop is free in between: nobody waits for an answer because of it.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from signals.facts import Candle
from signals.feeds.venues import VENUES
from signals.thinning import Thinning, Why
from storage.database import Database
from storage.retention import Retention, prune_in_steps, prune_quotes_in_steps
from storage.thinning import thin_candles

_log = logging.getLogger(__name__)

OURS = frozenset(i for venue in VENUES.values() for i in venue.market_ids)
"""What rules of the bot's own rest on; the others are coins of people's own rules, or were imported."""

THINNING = Thinning(ours=OURS)

_PAUSE_S = 0.01
"""About as long as a step takes: whatever else is to be done gets half of the time at least."""


async def forget(db: Database, retention: Retention, now: datetime) -> None:
    """Delete what is older than it is kept for.

    Raises:
        StorageError: what was deleted until then stays deleted.
    """
    _log.info("forgot %d old rows", await _step_by_step(prune_in_steps(db, retention, now)))


async def forget_quotes(db: Database, retention: Retention, now: datetime) -> None:
    """Delete old quotes, of which so many come that a day's would take as much room as months of bars.

    Raises:
        StorageError: what was deleted until then stays deleted.
    """
    _log.debug("forgot %d old quotes", await _step_by_step(prune_quotes_in_steps(db, retention, now)))


async def thin(db: Database, retention: Retention, now: datetime, thinning: Thinning = THINNING) -> None:
    """Make old bars coarser where no rule needs them one by one, and none where they are to stay.

    Raises:
        StorageError: what was made coarser until then stays so.
    """
    if retention.fine_candles is None:
        return
    fates: Counter[Why] = Counter()

    def choose(candles: Sequence[Candle]) -> Sequence[Candle]:
        decided = list(thinning.decide(candles))
        for fate in decided:
            fates[fate.why] += fate.count
        return [fate.coarser for fate in decided if fate.coarser]

    steps = thin_candles(db, now - retention.fine_candles, thinning.step_of, choose)
    replaced = await _step_by_step(steps)
    _log.info("%d old bars became coarser, %d stay: one is missing", replaced, fates[Why.INCOMPLETE])


async def _step_by_step(steps: Iterator[int]) -> int:
    """The rows of all steps together."""
    rows = 0
    for changed in steps:
        rows += changed
        await asyncio.sleep(_PAUSE_S)
    return rows
