"""The line to Telegram: the library's application as this bot needs it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

from telegram.error import NetworkError, TelegramError
from telegram.ext import Application, ApplicationBuilder, ExtBot

from bot.delivery.pace import PAID, TELEGRAM
from bot.talk.receive import MOST_AT_ONCE
from bot.talk.request import Request

# Any: the library's generic parameters for data that this bot keeps in its database instead.
AnyApplication: TypeAlias = Application[Any, Any, Any, Any, Any, Any]

_OFFICIAL = "https://api.telegram.org"

# One for each delivery under way, and two for each update that is being handled (the answer, and the end of
# the button's waiting): no reply waits for a connection because a thousand alerts are being sent.
_CONNECTIONS = TELEGRAM.under_way + PAID.under_way + 2 * MOST_AT_ONCE

_MOST_UPDATE_ID = 2**63


class LineBot(ExtBot[None]):
    """The library's bot, with updates as Telegram sends them, that says nothing where it must not."""

    _may_speak: Callable[[], bool] = staticmethod(lambda: True)

    def speak_only_while(self, may_speak: Callable[[], bool]) -> None:
        """Ask before every request. Where the answer is no, whoever wants to make it is cancelled.

        To be called before the bot is connected.
        """
        self._may_speak = may_speak
        for request in self._request:
            assert isinstance(request, Request)
            request.leave_only_while(may_speak)

    async def _do_post(self, endpoint: str, data: dict[str, Any], **timeouts: Any) -> Any:
        await self._end_who_may_not_speak()
        try:
            return await super()._do_post(endpoint, data, **timeouts)
        except NetworkError:
            # It may be that it was not let out any more, after it had waited for a connection.
            await self._end_who_may_not_speak()
            raise

    async def _end_who_may_not_speak(self) -> None:
        if not self._may_speak() and (speaker := asyncio.current_task()):
            # The process steps down: an error would only be tried again.
            speaker.cancel()
            await asyncio.sleep(0)

    async def raw_updates(self, offset: int | None, wait: timedelta, kinds: Sequence[str]) -> list[Any]:
        """Updates as JSON: `get_updates` would read them all at once, and give none where one is unreadable.

        `wait` is how long Telegram may keep us waiting for the first one.

        Raises:
            TelegramError: no answer, or a refusal.
        """
        seconds = int(wait.total_seconds())
        updates = await self._post(
            "getUpdates",
            {"offset": offset, "timeout": seconds, "allowed_updates": list(kinds)},
            read_timeout=seconds + 10,
        )
        if not isinstance(updates, list):
            raise TelegramError("the answer is no list of updates")
        # Without its number an update can be neither kept nor confirmed.
        return [each for each in updates if isinstance(each, dict) and is_number(each.get("update_id"))]

    async def leave_webhook(self) -> None:
        """Take a webhook away; while there is one, polling is refused. That it fails will be seen there."""
        try:
            await self.delete_webhook()
        except TelegramError:
            return


def is_number(update_id: Any) -> bool:
    """Whether it can be the number of an update: Telegram counts in 32 bits, the database takes 64."""
    return type(update_id) is int and abs(update_id) < _MOST_UPDATE_ID


def new_application(token: str, api_url: str | None, proxy: str | None) -> AnyApplication:
    """An application that is not connected yet. `api_url` is that of a self-hosted Bot API server."""
    base = api_url or _OFFICIAL
    bot = LineBot(
        token,
        f"{base}/bot",
        f"{base}/file/bot",
        request=Request(connection_pool_size=_CONNECTIONS, proxy=proxy, pool_timeout=10),
        get_updates_request=Request(connection_pool_size=2, proxy=proxy),
        # The library's own limiter freezes every chat when one is limited, so pacing is the dispatcher's.
        rate_limiter=None,
    )
    builder: Any = ApplicationBuilder()
    # Updates come by way of the inbox, which keeps them until they are handled.
    return builder.bot(bot).job_queue(None).updater(None).build()  # type: ignore[no-any-return]  # the builder's own generics fit no annotation
