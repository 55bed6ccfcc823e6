"""The bot while it is online: connecting for as long as it takes, hearing and sending, and ending in order.

    connect -> take up what was left -> hear | send -> told to end -> finish what is under way -> disconnect

Whatever goes wrong in one step of ending, the steps after it are still taken.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import NamedTuple, Protocol

from telegram.error import Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.talk.inbox import Inbox
from bot.talk.line import AnyApplication
from bot.talk.menus import set_menus
from bot.tasks import cancel, ends_with

_log = logging.getLogger(__name__)

_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=1)
_REFUSALS, _ASKS_AGAIN_AFTER = 3, timedelta(seconds=1)
"""A proxy may say 404 once, as Telegram does to a token that it does not know; Telegram does not stop to."""


class TelegramRefusedError(Exception):
    """Telegram does not accept the bot: the sentence says what to do."""


class Hears(Protocol):
    """Brings updates into the inbox: `Poller`, `Webhook`, or in their place `HeardElsewhere`."""

    async def run(self) -> None:
        """Hear until cancelled."""


class Sends(Protocol):
    """Takes care of the outbox: `Dispatcher`, or `Messenger` where another process sends."""

    def wake(self) -> None:
        """There may be something to send."""

    async def run(self) -> None:
        """Go on until `stop`."""

    async def stop(self) -> None:
        """Finish what is under way."""


class Line(NamedTuple):
    """The two directions of the line to Telegram, and whose menus it sets."""

    application: AnyApplication
    hearing: Hears
    inbox: Inbox
    dispatcher: Sends
    owner_ids: Iterable[int]


@asynccontextmanager
async def online(line: Line, close: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Hear and send while the block runs; `close` is called when nothing is under way any more."""
    hearing = asyncio.create_task(_connect(line), name="connect")
    sending = asyncio.create_task(line.dispatcher.run(), name="dispatcher")
    # The last one pushed is the first step of ending.
    async with AsyncExitStack() as ending:
        ending.push_async_callback(close)
        # An application that never got through leaves the connections of its bot open.
        ending.push_async_callback(line.application.bot.shutdown)
        ending.push_async_callback(line.application.shutdown)
        ending.push_async_callback(_finish, line, sending)
        ending.push_async_callback(cancel, hearing)
        await ending.enter_async_context(ends_with(hearing, sending))
        yield


async def _finish(line: Line, sending: asyncio.Task[None]) -> None:
    """Let answers and alerts that are under way end, side by side: each has its own time for that."""
    results = await asyncio.gather(line.inbox.finish(), line.dispatcher.stop(), return_exceptions=True)
    await asyncio.gather(sending, return_exceptions=True)
    for error in results:
        if error is not None:
            raise error


async def _connect(line: Line) -> None:
    """Take up the line to Telegram, however long there is none, and hear what is said on it.

    Raises:
        TelegramRefusedError: the token is not one of a bot.
    """
    wait = _FIRST_WAIT
    while not await _connected(line.application):
        await asyncio.sleep(wait.total_seconds())
        wait = min(wait * 2, _LONGEST_WAIT)
    _log.info("on Telegram as @%s", line.application.bot.username)
    line.inbox.take_up()
    line.dispatcher.wake()
    menus = asyncio.create_task(_set_menus(line), name="menus")
    try:
        await line.hearing.run()
    finally:
        await cancel(menus)


async def _set_menus(line: Line) -> None:
    with contextlib.suppress(TelegramError):
        # The menus are as they were if this fails, and the next start sets them again.
        await set_menus(line.application.bot, line.owner_ids)


async def _connected(application: AnyApplication) -> bool:
    try:
        await _initialized(application)
    except (InvalidToken, Forbidden) as error:
        raise TelegramRefusedError(
            "TELEGRAM_BOT_TOKEN: Telegram does not know this token; @BotFather shows the right one."
        ) from error
    except (NetworkError, RetryAfter) as error:
        _log.warning("Telegram cannot be reached, trying again: %s", type(error).__name__)
        return False
    return True


async def _initialized(application: AnyApplication) -> None:
    """Let the library ask who the bot is; a refusal is believed when it comes again."""
    for _ in range(_REFUSALS - 1):
        try:
            await application.initialize()
        except (InvalidToken, Forbidden):
            _log.warning("Telegram does not know the token, asking again")
            await asyncio.sleep(_ASKS_AGAIN_AFTER.total_seconds())
        else:
            return
    await application.initialize()
