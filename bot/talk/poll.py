"""Polling: asks Telegram for updates, for as long as the bot runs, whatever comes in between.

    ask -> store -> ask with the next offset, which confirms what was stored

The library's own polling confirms updates before they are handled, stops at one that it cannot read, and
hangs where a connection dies silently (github.com/python-telegram-bot/python-telegram-bot/issues/4405).
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.delivery.errors import classify
from bot.health import Hearing
from bot.talk.inbox import Inbox
from bot.talk.line import LineBot
from storage import inbox
from storage.database import Database, StorageError

_log = logging.getLogger(__name__)

LONG_POLL = timedelta(seconds=25)
"""How long Telegram may keep us waiting for the next update."""
HANGS_AFTER = timedelta(seconds=45)
"""A request that is not over by then is given up and made anew."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(seconds=30)
_OFFSET_HOLDS = timedelta(days=6)
"""After a week without updates Telegram begins to count anew; an old offset would skip what comes."""


class Poller:
    """`run` polls until it is cancelled. `heard_at` is when Telegram last answered."""

    def __init__(
        self,
        db: Database,
        clock: Callable[[], datetime],
        bot: LineBot,
        *,
        box: Inbox,
        kinds: Sequence[str],
        hangs_after: timedelta = HANGS_AFTER,
    ) -> None:
        self.heard_at: datetime | None = None
        self.trouble: str | None = None
        """What is wrong at present, in one line; None: nothing."""
        self._db = db
        self._clock = clock
        self._bot = bot
        self._inbox = box
        self._kinds = list(kinds)
        self._hangs_after = hangs_after
        self._offset: int | None = None
        self._wait = _FIRST_WAIT

    def health(self) -> Hearing:
        """How Telegram is heard."""
        return Hearing("polling", self.heard_at, self.trouble)

    async def run(self) -> None:
        """Poll for ever. Raises StorageError: where receiving stands cannot be read at the start."""
        self._offset = next_offset(inbox.newest(self._db), self._clock())
        while True:
            try:
                await self._inbox.room()
                await self._ask()
            except RetryAfter as error:
                await self._rest(classify(error).reason, classify(error).retry_after)
            except TelegramError as error:
                await self._rest(told(error))
                if isinstance(error, Conflict) and "webhook" in error.message.lower():
                    await self._bot.leave_webhook()
            except TimeoutError:
                await self._rest("a request hung and is made anew", timedelta(0))
            except StorageError as error:
                await self._rest(f"updates cannot be stored: {error}")
            except Exception as error:  # noqa: BLE001
                # The last resort: a bot that does not hear any more would say so to nobody.
                _log.error("Bug: polling failed", exc_info=error)
                await self._rest(f"bug: {type(error).__name__}")

    async def _ask(self) -> None:
        async with asyncio.timeout(self._hangs_after.total_seconds()):
            updates = await self._bot.raw_updates(self._offset, LONG_POLL, self._kinds)
        self._inbox.take(updates)
        if updates:
            self._offset = max(int(update["update_id"]) for update in updates) + 1
        self.heard_at, self._wait = self._clock(), _FIRST_WAIT
        if self.trouble:
            _log.info("Telegram is heard again")
            self.trouble = None

    async def _rest(self, trouble: str, wait: timedelta | None = None) -> None:
        """Say what is wrong, once for as long as it stays the same, and wait a while."""
        if trouble != self.trouble:
            _log.warning("polling Telegram: %s", trouble)
        self.trouble = trouble
        pause = self._wait if wait is None else min(wait, _LONGEST_WAIT)
        self._wait = min(self._wait * 1.5, _LONGEST_WAIT)
        await asyncio.sleep(pause.total_seconds())


def next_offset(newest: inbox.Newest | None, now: datetime) -> int | None:
    """From which update on to ask at a start; None: from the first that Telegram has kept."""
    if newest is None or now - newest.at > _OFFSET_HOLDS:
        return None
    return newest.update_id + 1


def told(error: TelegramError) -> str:
    """What a failure of polling means, for whoever runs the bot."""
    if isinstance(error, Conflict) and "webhook" in error.message.lower():
        return "a webhook was set for this token; it is taken away"
    if isinstance(error, Conflict):
        return "another program is polling with the same token: stop it, or this bot hears only half"
    if isinstance(error, InvalidToken):
        return "Telegram refuses TELEGRAM_BOT_TOKEN: the bot hears nothing while it does"
    return classify(error).reason
