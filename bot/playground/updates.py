"""The queue of updates that wait for the bot, with Telegram's rules for fetching them."""

import asyncio
from collections.abc import Iterable

from bot.playground.changes import Changes
from bot.playground.json_types import Json
from bot.playground.refusals import SECOND_POLLER, WEBHOOK_ACTIVE, RefusedError

MAX_TIMEOUT_S = 50
MAX_UPDATES = 100
# Sent only to those who name them in allowed_updates.
_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class UpdateQueue:
    """An update stays until a later call confirms it with a higher offset."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self.waiting: list[Json] = []
        self.webhook_url = ""
        self.webhook_secret = ""
        self.stirred = asyncio.Event()
        """There may be something to bring to the webhook."""
        self.allowed: frozenset[str] = frozenset()
        self._next_id = 1
        self._poll: asyncio.Future[None] | None = None

    @property
    def is_polled(self) -> bool:
        """Whether a call waits for updates at this moment."""
        return self._poll is not None and not self._poll.done()

    def add(self, kind: str, body: Json) -> None:
        """Keep an update for the bot, unless it is of a kind that the bot did not ask for."""
        if not self._wants(kind):
            return
        self.waiting.append({"update_id": self._next_id, kind: body})
        self._next_id += 1
        self._changes.publish("update")
        self.stirred.set()
        if self._poll and self.is_polled:
            self._poll.set_result(None)

    def set_webhook(self, url: str, secret: str = "") -> None:
        """Bring updates to an address from now on; to none where it is empty."""
        self.webhook_url, self.webhook_secret = url, secret
        self.stirred.set()

    def take_away(self, update: Json) -> None:
        """An update was taken by whoever it was brought to."""
        if update in self.waiting:
            self.waiting.remove(update)

    def allow(self, kinds: Iterable[str]) -> None:
        """The list holds until a call brings another one; an empty one is the default list."""
        self.allowed = frozenset(kinds)

    def _wants(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in _ON_REQUEST

    async def fetch(self, offset: int, limit: int, timeout_s: float) -> list[Json]:
        """Updates from `offset` on, waiting up to `timeout_s` for the first one.

        A negative offset counts from the end and forgets what lies before it.
        Raises: RefusedError, 409, here where a webhook is set, in an older call when this one begins.
        """
        if self.webhook_url:
            raise RefusedError(409, WEBHOOK_ACTIVE)
        self._end_other_poll()
        self._confirm(offset)
        if not self.waiting and timeout_s > 0:
            await self._wait(min(timeout_s, MAX_TIMEOUT_S))
        return self.waiting[: min(max(limit, 1), MAX_UPDATES)]

    def close(self) -> None:
        """Let a waiting call return empty-handed."""
        if self._poll and self.is_polled:
            self._poll.set_result(None)

    def _end_other_poll(self) -> None:
        if self._poll and self.is_polled:
            self._poll.set_exception(RefusedError(409, SECOND_POLLER))

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.waiting = self.waiting[offset:]
        else:
            self.waiting = [update for update in self.waiting if update["update_id"] >= offset]

    async def _wait(self, timeout_s: float) -> None:
        self._poll = poll = asyncio.get_running_loop().create_future()
        self._changes.publish("poll")
        try:
            async with asyncio.timeout(timeout_s):
                await poll
        except TimeoutError:
            return
        finally:
            if self._poll is poll:
                self._poll = None
