"""Inline queries: from what somebody types in any chat to results, in the language of whoever types."""

import logging

from telegram import (
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    User,
)
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.commands.inline import Offered, offered
from bot.delivery.errors import classify
from bot.desk import Desk
from bot.words.answer import Ask
from bot.words.wording import wording_for
from storage.chats import DEFAULT_TIMEZONE, ChatRow, read_chat

_log = logging.getLogger(__name__)

_CACHE_SECONDS = 10
"""Telegram gives the same results again for so long: people type a letter and take it back."""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def answer_inline(query: InlineQuery, desk: Desk) -> None:
    """Offer what was asked for."""
    ask = _ask_of(query.from_user, desk)
    try:
        results = await offered(ask, query.query, query.get_bot().username)
    except Exception:  # noqa: BLE001
        # The last resort, as for other questions; here nothing can be said to whoever types.
        _log.exception("An inline query could not be answered")
        results = []
    try:
        await query.answer(
            [_article(each) for each in results],
            cache_time=_CACHE_SECONDS,
            is_personal=True,
            button=InlineQueryResultsButton(ask.words.plain("inline.more"), start_parameter="help"),
        )
    except TelegramError as error:
        # Whoever types on asks anew.
        _log.info("An inline query was not answered: %s", classify(error).reason)


def _ask_of(user: User, desk: Desk) -> Ask:
    """As in the private chat of whoever asks; of the chat where it is typed nothing is known, nor stored."""
    row = read_chat(desk.db, user.id) or ChatRow(
        user.id, "private", "", None, DEFAULT_TIMEZONE, "active", None, None, desk.now, None
    )
    return Ask(row, wording_for(row, desk.now, user.language_code), desk, told_language=user.language_code)


def _article(result: Offered) -> InlineQueryResultArticle:
    content = InputTextMessageContent(
        result.text, parse_mode=ParseMode.HTML, link_preview_options=_NO_PREVIEW
    )
    return InlineQueryResultArticle(result.line, result.title, content, description=result.description)
