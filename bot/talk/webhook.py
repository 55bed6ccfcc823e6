"""Webhook: Telegram brings the updates, instead of being asked for them.

    POST /telegram -> secret checked -> stored -> 200

Telegram brings an update again, for a day, until it is answered with 200; so nothing is answered so before it
is in the inbox.
"""

import asyncio
import contextlib
import hmac
import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from aiohttp import web
from telegram import WebhookInfo
from telegram.error import BadRequest, TelegramError

from bot.delivery.errors import classify
from bot.health import Hearing
from bot.talk.inbox import Inbox
from bot.talk.line import LineBot, is_number
from storage.database import StorageError

_log = logging.getLogger(__name__)

PATH = "/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  a header's name
_TAKEN_AWAY = "another program with the same token took the webhook away; it is set again"
_STILL_FAILING = timedelta(minutes=2)
_LONGEST_UPDATE_BYTES = 1024 * 1024
_MOST_CONNECTIONS = 40
_ASKS_EVERY = timedelta(seconds=45)
"""So often Telegram is asked how it gets on: that nothing is brought may mean that nobody writes."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=1)


class Address(NamedTuple):
    """Where Telegram brings updates to (`url`, https), where we listen, and the secret between the two."""

    url: str
    host: str
    port: int
    secret: str


class WebhookRefusedError(Exception):
    """Nothing can be brought there: Telegram does not take the address, or we cannot listen; it says why."""


class Webhook:
    """`run` listens until it is cancelled. `heard_at` is when Telegram last brought something, or could."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        bot: LineBot,
        *,
        box: Inbox,
        kinds: Sequence[str],
        address: Address,
    ) -> None:
        self.heard_at: datetime | None = None
        self.trouble: str | None = None
        """What is wrong at present, in one line; None: nothing."""
        self._clock = clock
        self._bot = bot
        self._inbox = box
        self._kinds = list(kinds)
        self._address = address

    def health(self) -> Hearing:
        """How Telegram is heard."""
        return Hearing("webhook", self.heard_at, self.trouble)

    async def run(self) -> None:
        """Listen and let Telegram know where.

        Raises:
            WebhookRefusedError: Telegram does not take the address.
        """
        app = web.Application(client_max_size=_LONGEST_UPDATE_BYTES)
        app.add_routes([web.post(PATH, self.receive)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        try:
            await self._listen(runner)
            await self._announce()
            while True:
                await asyncio.sleep(_ASKS_EVERY.total_seconds())
                await self._ask()
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        host, port = self._address.host, self._address.port
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise WebhookRefusedError(
                f"PORT: {host}:{port} cannot be listened on: {error.strerror}."
            ) from error

    async def receive(self, request: web.Request) -> web.Response:
        """One update. Whoever does not know the secret learns nothing, not even whether it was read."""
        # The server reads bytes of a header that are no text as surrogates.
        given = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, self._address.secret.encode()):
            return web.Response(status=403)
        update = _object(await request.read())
        if update is None:
            return web.Response(status=400)
        if not self._inbox.has_room:
            return web.Response(status=503)
        try:
            self._inbox.take([update])
        except StorageError as error:
            self.trouble = f"updates cannot be stored: {error}"
            _log.error("%s", self.trouble)
            return web.Response(status=503)
        self.heard_at, self.trouble = self._clock(), None
        return web.Response()

    async def _announce(self) -> None:
        """Tell Telegram the address, again and again while it cannot be reached."""
        wait = _FIRST_WAIT
        while not await self._announced():
            await asyncio.sleep(wait.total_seconds())
            wait = min(wait * 2, _LONGEST_WAIT)
        _log.info("Telegram brings updates to %s", self._address.url)

    async def _announced(self) -> bool:
        try:
            await self._bot.set_webhook(
                self._address.url + PATH,
                secret_token=self._address.secret,
                allowed_updates=self._kinds,
                max_connections=_MOST_CONNECTIONS,
            )
        except BadRequest as error:
            raise WebhookRefusedError(
                f"AFTERSHOCK_WEBHOOK_URL: Telegram does not take {self._address.url}: {error.message}"
            ) from error
        except TelegramError as error:
            self.trouble = f"the webhook is not set yet: {classify(error).reason}"
            _log.warning("%s", self.trouble)
            return False
        self.heard_at, self.trouble = self._clock(), None
        return True

    async def _ask(self) -> None:
        """Ask Telegram whether it can bring updates; a webhook that was taken away is set again."""
        try:
            info = await self._bot.get_webhook_info()
        except TelegramError as error:
            trouble: str | None = classify(error).reason
        else:
            trouble = why_not_brought(info, self._address.url + PATH, self._clock())
        if trouble and trouble != self.trouble:
            _log.warning("webhook: %s", trouble)
        self.trouble = trouble
        if trouble is None:
            self.heard_at = self._clock()
        elif trouble == _TAKEN_AWAY:
            await self._announce()


def why_not_brought(info: WebhookInfo, url: str, now: datetime) -> str | None:
    """Why Telegram cannot bring updates at present, as it says itself; None: it can."""
    if info.url != url:
        return _TAKEN_AWAY
    failed_at = info.last_error_date
    if info.pending_update_count and failed_at and now - failed_at < _STILL_FAILING:
        return f"Telegram cannot bring updates: {info.last_error_message}"
    return None


def _object(body: bytes) -> dict[str, object] | None:
    """The update in a body; None where there is none that could be kept."""
    with contextlib.suppress(ValueError, RecursionError):
        update = json.loads(body)
        if isinstance(update, dict) and is_number(update.get("update_id")):
            return update
    return None
