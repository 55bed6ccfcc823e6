"""The playground's server: Telegram for one bot, and a page for its people, on this machine.

    async with PlaygroundServer() as server:
        bot = telegram.Bot(server.token, base_url=server.bot_url, base_file_url=server.file_url)

People act through `server.people`, things go wrong through `server.faults`, what the bot did
stands in `server.calls`; `wait_for` waits for it without polling.
"""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web

from bot.playground.api import MAX_UPLOAD_BYTES, BotApi
from bot.playground.chats import Chat
from bot.playground.clock import Playback, real_clock
from bot.playground.faults import Faults
from bot.playground.guard import Guard, check_loopback
from bot.playground.journal import CallRecord
from bot.playground.messages import Message
from bot.playground.people import People
from bot.playground.spec import ApiSpec
from bot.playground.telegram import Telegram
from bot.playground.users import User
from bot.playground.web import Page
from bot.playground.webhook import call_webhook

_T = TypeVar("_T")
BOT_ID = 7_000_000_001
# Room for a form's other fields next to the largest file that Telegram takes.
_MAX_BODY_BYTES = MAX_UPLOAD_BYTES + 1024 * 1024


class PlaygroundServer:
    """`clock` dates all messages (aware UTC); `playback` steers it from the page, if given.

    `spec_path`: Telegram's API description as JSON; each call that does not match it is noted in
    `violations`. `token` is made up at each start unless given.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = real_clock,
        playback: Playback | None = None,
        spec_path: Path | None = None,
        token: str | None = None,
        bot_name: str = "Aftershock",
        bot_username: str = "aftershock_bot",
    ) -> None:
        self.token = token or f"{BOT_ID}:{secrets.token_urlsafe(26)}"
        self.telegram = Telegram(clock, User(BOT_ID, bot_name, bot_username, is_bot=True))
        self.people = People(self.telegram)
        self.faults = Faults()
        spec = ApiSpec.load(spec_path) if spec_path else None
        self._api = BotApi(self.telegram, self.token, self.faults, spec)
        self._guard = Guard()
        self._page = Page(self.people, self.faults, self._guard, playback)
        self._runner: web.AppRunner | None = None
        self._calling: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one. Raises: ValueError, OSError."""
        check_loopback(host)
        app = web.Application(middlewares=[self._guard.admit], client_max_size=_MAX_BODY_BYTES)
        app.add_routes([*self._api.routes(), *self._page.routes()])
        # No access log: it would hold the token, which is a part of each URL. Handlers end with
        # their connection, so that a poll whose bot went away is no second poller.
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self._guard.port = self._runner.addresses[0][1]
        self._calling = asyncio.create_task(call_webhook(self.telegram.updates), name="webhook")

    async def close(self) -> None:
        """Stop listening; waiting polls and the page's event streams end."""
        self.telegram.updates.close()
        self._page.close()
        if self._calling is not None:
            self._calling.cancel()
            await asyncio.gather(self._calling, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def base_url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self._guard.port}"

    @property
    def bot_url(self) -> str:
        """For the `base_url` of python-telegram-bot."""
        return f"{self.base_url}/bot"

    @property
    def file_url(self) -> str:
        """For the `base_file_url` of python-telegram-bot."""
        return f"{self.base_url}/file/bot"

    @property
    def calls(self) -> list[CallRecord]:
        """What the bot asked for so far, without its successful polls."""
        return self._api.journal.calls

    @property
    def violations(self) -> list[str]:
        """What in those calls Telegram's API description does not allow."""
        return self._api.violations

    @property
    def checks_spec(self) -> bool:
        """Whether calls are held against Telegram's description."""
        return self._api.spec is not None

    def sent(self, chat: Chat | User) -> list[Message]:
        """What the bot has written in `chat` (or to a user), as it stands now."""
        place = self.telegram.chats.get(chat.id)
        messages = place.messages.values() if place else ()
        by_bot = None if place and place.is_channel else self.telegram.bot
        return [message for message in messages if message.sender is by_bot]

    async def wait_for(self, look: Callable[[], _T | None], timeout_s: float = 60.0) -> _T:
        """The first truthy answer of `look`, asked now and after every change.

        Raises: TimeoutError.
        """
        return await self.telegram.changes.until(look, timeout_s)

    async def wait_for_message(
        self, chat: Chat | User, containing: str = "", *, timeout_s: float = 60.0
    ) -> Message:
        """The newest message of the bot in `chat` that contains the text, once there is one."""

        def newest() -> Message | None:
            fitting = [message for message in self.sent(chat) if containing in message.text]
            return fitting[-1] if fitting else None

        return await self.wait_for(newest, timeout_s)

    async def wait_for_call(
        self, method: str, *, ok: bool = True, number: int = 1, timeout_s: float = 60.0
    ) -> CallRecord:
        """The `number`-th call of `method` that went well (or, with `ok=False`, did not)."""

        def nth() -> CallRecord | None:
            fitting = [call for call in self.calls if call.method == method and call.ok is ok]
            return fitting[number - 1] if len(fitting) >= number else None

        return await self.wait_for(nth, timeout_s)
