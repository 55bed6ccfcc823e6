"""The sender's part in a process that does not send: what waits in the outbox is the leader's affair."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from bot.delivery.pace import Pace
from storage import outbox
from storage.database import Database, StorageError
from storage.nudges import nudge

_log = logging.getLogger(__name__)


class Messenger:
    """Lets the leader know. `pace` counts what this process says itself, as it answers.

    `said`: how many messages that were since the start.
    """

    def __init__(self, db: Database, clock: Callable[[], datetime], pace: Pace | None = None) -> None:
        self._db = db
        self._clock = clock
        self._pace = pace or Pace()
        self.said = 0
        self._stopped = asyncio.Event()

    def wake(self) -> None:
        """Something was committed to the outbox, or is to be edited: the leader looks in half a second."""
        try:
            nudge(self._db, "work")
        except StorageError as error:
            # It looks anyway, whenever it has looked at the market.
            _log.warning("the leader could not be nudged: %s", error)

    def note_reply(self, chat_id: int) -> None:
        """A message or an edit reached a chat; it counts for the chat's limit, whoever writes there next."""
        self.said += 1
        outbox.hold_chat(self._db, chat_id, self._pace.count(chat_id, self._clock()))

    async def run(self) -> None:
        """There is nothing to do until `stop`."""
        await self._stopped.wait()

    async def stop(self) -> None:
        """Let `run` return."""
        self._stopped.set()
