"""A candidate: it stands by until nobody leads, and then leads until it is told to end or has lost the lead.

look twice a second -> stand by | end the old leader's connection | lead
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from datetime import timedelta
from typing import NamedTuple

from bot.lead.decision import Act, Decision, stand_by
from bot.lead.fence import CONFIRMED_FOR, TAKEN_OVER_AFTER, Fence
from bot.lead.keeper import Keeper
from bot.opening import opened
from bot.tasks import cancel
from storage.database import SharedDatabase, StorageError, open_shared
from storage.lease import is_leading, read_lease, renew_lease, take_lease
from storage.processes import forget_dead, is_gone, say_alive

_log = logging.getLogger(__name__)

LOOKS_EVERY = timedelta(seconds=0.5)


Meanwhile = Callable[[SharedDatabase], AbstractAsyncContextManager[None]]
"""What goes on beside standing by."""


class Lead(NamedTuple):
    """A lead that was taken.

    `db` is the connection that holds its lock and does all of its writing; `fence` is passed by every request
    to Telegram; `lost` is set to the reason once the lead is lost.
    """

    db: SharedDatabase
    fence: Fence
    lost: asyncio.Future[str]


@asynccontextmanager
async def leading(where: str, name: str, meanwhile: Meanwhile) -> AsyncIterator[Lead]:
    """Stand by for as long as it takes, in the block that `meanwhile` gives, and lead while the block runs.

    Raises:
        StorageError: the database cannot be opened, or was lost at the moment of taking the lead.
    """
    with closing(await opened(lambda: open_shared(where))) as db:
        async with meanwhile(db):
            await _stand_by(db, name)
        # From here on there is this one connection, or none.
        db.pin()
        before = read_lease(db)
        epoch = take_lease(db, name, db.backend)
        if before is not None:
            is_gone(db, before.holder)
        forget_dead(db)
        await asyncio.sleep(TAKEN_OVER_AFTER.total_seconds())
        with closing(db.another()) as own:
            async with _kept(db, own, name, epoch) as lead:
                _log.info("this process leads, as number %d", epoch)
                yield lead


async def _stand_by(db: SharedDatabase, name: str) -> None:
    """Return once the lock is ours. A database that is away is waited for, but not at the start."""
    before = ""
    while (decision := _look(db, name)).act is not Act.LEAD:
        ends_the_old = decision.act is Act.END_THE_OLD
        # How long the old leader has been silent is another number each time.
        present = decision.act if ends_the_old else decision.reason
        is_new, before = present != before, present
        if is_new:
            _log.info("%s: %s", decision.act, decision.reason)
        # Where the old connection was ended the lock is free; else somebody has it who does not lead.
        await asyncio.sleep(0 if ends_the_old and is_new else LOOKS_EVERY.total_seconds())


def _look(db: SharedDatabase, name: str) -> Decision:
    try:
        say_alive(db, name, "worker")
        has_lock = db.try_sole_use()
        lease = read_lease(db)
        decision = stand_by(lease, has_lock=has_lock)
        if decision.act is Act.END_THE_OLD and lease is not None:
            db.end_sole_use_of(lease.backend)
    except StorageError as error:
        # A lock that was taken a moment ago may be another's when the connection is made anew.
        db.give_up_sole_use()
        return Decision(Act.STAND_BY, str(error))
    return decision


@asynccontextmanager
async def _kept(db: SharedDatabase, own: SharedDatabase, name: str, epoch: int) -> AsyncIterator[Lead]:
    """Keep the lead while the block runs."""
    loop = asyncio.get_running_loop()
    lost: asyncio.Future[str] = loop.create_future()

    def note_lost(reason: str) -> None:
        if not lost.done():
            lost.set_result(reason)

    def renew() -> bool:
        say_alive(own, name, "worker")
        return renew_lease(own, epoch)

    async def confirm() -> None:
        while fence.confirm():  # noqa: ASYNC110  # it is the database that is asked
            await asyncio.sleep(CONFIRMED_FOR.total_seconds())
        note_lost("the connection that holds the lock is lost")

    fence = Fence(lambda: is_leading(db, epoch))

    def cut() -> None:
        db.cut()
        own.cut()

    def lose(reason: str) -> None:
        loop.call_soon_threadsafe(note_lost, reason)

    keeper = Keeper(fence, renew, cut, lose)
    confirming = asyncio.create_task(confirm(), name="confirm")
    keeper.start()
    try:
        yield Lead(db, fence, lost)
    finally:
        keeper.stop()
        await cancel(confirming)
        fence.close()
