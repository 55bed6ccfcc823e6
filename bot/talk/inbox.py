"""The inbox: every update is stored before Telegram may forget it, and handled once, in order in each chat.

    stored -> read by the library -> handled when those before it in its chat are -> done

Killed at any moment nothing is lost: what was stored and not done is handled at the next start, or by another
process on the same database within seconds. What the library cannot read, or what ended the program again and
again, is set aside and holds up nobody.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from telegram import Bot, Update

from bot.lasting import Lasting
from bot.talk.line import is_number
from bot.talk.receive import ChatOrder, Turn
from storage import inbox
from storage.database import Database, StorageError
from storage.inbox import Received
from storage.processes import ALIVE_FOR

_log = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
"""An update whose handling ended the program so often is not tried again. Whoever kills the program hits all
that are under way, so a few ends say nothing yet about one of them."""
MOST_IN_MEMORY = 500
"""With more than that under way no more are fetched: Telegram and the database keep them better."""
_LONGEST_FINISH = timedelta(seconds=7)
_STORAGE_RETRY = timedelta(seconds=1)
_TURN_LOOK = timedelta(seconds=0.1)
"""So often it is looked whether another process is done with what came before."""
_CARES_EVERY = timedelta(seconds=1)
_TIMES_TO_BE_SEEN = ALIVE_FOR // _CARES_EVERY

Handle = Callable[[Update], Awaitable[None]]
"""Does what an update asks for."""


class Inbox:
    """Takes updates in and has them handled. All of it lives in one event loop.

    `name` is that of the process among those on the same database; without one it is made up.
    """

    def __init__(
        self, db: Database, clock: Callable[[], datetime], bot: Bot, handle: Handle, name: str | None = None
    ) -> None:
        self._db = db
        self._name = name or uuid4().hex
        self._clock = clock
        self._bot = bot
        self._handle = handle
        self._order = ChatOrder()
        self._unwritten = Lasting(_log, "The inbox cannot be written", over="The inbox can be written again")
        self._untaken = Lasting(
            _log, "What dead processes left cannot be taken up", over="It is taken up again"
        )
        self._under_way: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()
        self._room.set()

    def take_up(self) -> None:
        """Handle what the last run, or a process that has died since, stored and did not finish.

        Raises:
            StorageError: the database cannot be used.
        """
        left = inbox.take_over(self._db, self._name)
        if left:
            _log.warning("%d updates were not answered when the bot ended; they are now", len(left))
        self._start_all(left)

    async def care(self) -> None:
        """Again and again take up what processes leave behind that die."""
        answers = _TIMES_TO_BE_SEEN
        while True:
            await asyncio.sleep(_CARES_EVERY.total_seconds())
            try:
                # While the database was away nobody could say that it is there: all seem to be dead.
                if answers < _TIMES_TO_BE_SEEN:
                    inbox.newest(self._db)
                else:
                    self.take_up()
                self._untaken.is_well()
            except StorageError as error:
                self._untaken.complain(error)
                answers = 0
            else:
                answers += 1

    def take(self, updates: Iterable[Any]) -> None:
        """Store updates as Telegram sent them, and start on those that are new. Then they may be confirmed.

        Raises:
            StorageError: none was stored.
        """
        received = [Received(each["update_id"], _as_text(each), queue_of(each)) for each in updates]
        if received:
            self._start_all(inbox.receive(self._db, received, self._clock(), self._name))

    @property
    def has_room(self) -> bool:
        """Whether there is room for more."""
        return self._room.is_set()

    async def room(self) -> None:
        """Wait until there is room for more."""
        await self._room.wait()

    async def finish(self) -> None:
        """Let what is under way end, within 7 s; the rest is handled at the next start."""
        if not self._under_way:
            return
        _, late = await asyncio.wait(self._under_way, timeout=_LONGEST_FINISH.total_seconds())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def give_up(self) -> None:
        """Let go of what is under way: another process handles it."""
        for task in self._under_way:
            task.cancel()

    def _start_all(self, updates: Sequence[Received]) -> None:
        for received in updates:
            task = asyncio.create_task(self._settled(received), name=f"update {received.update_id}")
            self._under_way.add(task)
            task.add_done_callback(self._end)
        self._measure()

    def _end(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._measure()
        if not task.cancelled() and (bug := task.exception()):
            _log.error("Bug: %s cannot be settled", task.get_name(), exc_info=bug)

    def _measure(self) -> None:
        if len(self._under_way) < MOST_IN_MEMORY:
            self._room.set()
        else:
            self._room.clear()

    def _settled(self, received: Received) -> Coroutine[Any, Any, None]:
        """One update from its place in the inbox to its end; its turn is fixed by when this is called."""
        update = read_update(received, self._bot)
        if isinstance(update, str):
            return self._set_aside(received.update_id, update)
        chat = update.effective_chat
        chat_id = chat.id if chat else None
        return self._handled(update, chat_id, self._order.queue(chat_id))

    async def _handled(self, update: Update, chat_id: int | None, turn: Turn) -> None:
        while not await self._handled_in(turn, update):
            # What came before in the chat is in the hands of another process, or comes to us from a dead one:
            # that one needs the place that would be held here.
            await asyncio.sleep(_TURN_LOOK.total_seconds())
            turn = self._order.queue(chat_id)

    async def _handled_in(self, turn: Turn, update: Update) -> bool:
        """Whether it was its turn."""
        async with turn():
            attempts = await self._stored(lambda: inbox.begin(self._db, update.update_id, self._name))
            if attempts > MOST_ATTEMPTS:
                reason = f"the program ended {MOST_ATTEMPTS} times while it was handled"
                await self._set_aside(update.update_id, reason)
            elif attempts > 0:
                await self._handle(update)
                await self._stored(lambda: inbox.finish(self._db, update.update_id))
        return attempts != inbox.NOT_YET  # type: ignore[no-any-return]

    async def _set_aside(self, update_id: int, reason: str) -> None:
        _log.error("Update %d is set aside: %s", update_id, reason)
        await self._stored(lambda: inbox.set_aside(self._db, update_id, reason))

    async def _stored(self, write: Callable[[], Any]) -> Any:
        """Write down what became of an update, again and again if need be."""
        while True:
            try:
                written = write()
            except StorageError as error:
                self._unwritten.complain(error)
                await asyncio.sleep(_STORAGE_RETRY.total_seconds())
            else:
                self._unwritten.is_well()
                return written


def queue_of(update: Any) -> int | None:
    """The chat in whose order an update as Telegram sent it is handled; None where it names none."""
    for content in update.values():
        about = content.get("message", content) if isinstance(content, dict) else None
        chat = about.get("chat") if isinstance(about, dict) else None
        if isinstance(chat, dict) and is_number(chat.get("id")):
            return int(chat["id"])
    return None


def _as_text(update: Any) -> str:
    """An update as text that can be stored: half a character, which JSON can name, becomes a "?"."""
    return json.dumps(update, ensure_ascii=False).encode(errors="replace").decode()


def read_update(received: Received, bot: Bot) -> Update | str:
    """The update as the library reads it, or why it cannot."""
    try:
        return Update.de_json(json.loads(received.body), bot)
    except Exception as error:  # noqa: BLE001
        # The last resort: one update that the library cannot read would keep all others from coming.
        return f"unreadable: {type(error).__name__}"
