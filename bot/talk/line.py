"""The line to Telegram: the library's application as this bot needs it, and polling that does not give up."""

import logging
from typing import Any, TypeAlias

from telegram import Update
from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder, ExtBot
from telegram.request import HTTPXRequest

from bot.talk.receive import ChatOrder

log = logging.getLogger(__name__)

# Any: the library's generic parameters for data that this bot keeps in its database instead.
AnyApplication: TypeAlias = Application[Any, Any, Any, Any, Any, Any]

_OFFICIAL = "https://api.telegram.org"


class _Bot(ExtBot[None]):
    """The library's bot, but for one thing."""

    async def get_updates(self, *args: Any, **options: Any) -> tuple[Update, ...]:
        """As the library does it; a refused token is an error that passes.

        The library would end polling for good and tell nobody, and could not be stopped in order any more. A
        proxy or a server that is being restarted answers 404 for a moment, which is the same to it.
        """
        try:
            return await super().get_updates(*args, **options)
        except InvalidToken as error:
            raise TelegramError("the token is refused") from error


def new_application(token: str, api_url: str | None, proxy: str | None) -> AnyApplication:
    """An application that is not connected yet. `api_url` is that of a self-hosted Bot API server."""
    base = api_url or _OFFICIAL
    bot = _Bot(
        token,
        f"{base}/bot",
        f"{base}/file/bot",
        request=HTTPXRequest(connection_pool_size=32, proxy=proxy, pool_timeout=10),
        get_updates_request=HTTPXRequest(connection_pool_size=2, proxy=proxy),
        # The library's own limiter freezes every chat when one is limited, so pacing is the dispatcher's.
        rate_limiter=None,
    )
    builder: Any = ApplicationBuilder()
    return (  # type: ignore[no-any-return]  # the builder's own generics fit no annotation
        builder.bot(bot).job_queue(None).concurrent_updates(ChatOrder()).build()
    )


def log_polling_error(error: TelegramError) -> None:
    """The library would log a whole traceback every few seconds while there is no internet."""
    if isinstance(error, Conflict):
        log.error("another program is polling with the same token: stop it, or this bot hears only half")
    elif isinstance(error.__cause__, InvalidToken):
        log.error("Telegram refuses TELEGRAM_BOT_TOKEN: the bot hears nothing while it does")
    else:
        log.warning("polling Telegram failed: %s", type(error).__name__)
