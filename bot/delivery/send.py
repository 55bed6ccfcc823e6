"""One delivery, one call of sendMessage: what fits into a message, with plain text to fall back on."""

import logging
from typing import NamedTuple

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.delivery.errors import Trouble, classify
from bot.delivery.split import cut, plain
from storage.outbox import Delivery

_log = logging.getLogger(__name__)
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Sent(NamedTuple):
    """What arrived, and the text (HTML) that did not fit and is still to be sent: "" as a rule."""

    message_id: int
    rest: str


async def send(bot: Bot, delivery: Delivery) -> Sent:
    """Send the first 4,096 UTF-16 units of a delivery; the buttons stand under its last part.

    Raises:
        TelegramError: it did not arrive, or no answer came; `bot.delivery.errors.classify` tells which.
    """
    part, rest = cut(delivery.text)
    buttons = None if rest else _keyboard(delivery)
    try:
        message_id = await _send_text(bot, delivery, part, ParseMode.HTML, buttons)
    except BadRequest as error:
        failure = classify(error)
        if failure.trouble not in {Trouble.BAD_MARKUP, Trouble.TOO_LONG}:
            raise
        # Without its bold type an alert is worth as much; unsent it is worth nothing.
        _log.error("Bug in the text of delivery %d (%s): %s", delivery.id, delivery.kind, failure.reason)
        message_id = await _send_text(bot, delivery, plain(part), None, buttons)
    return Sent(message_id, rest)


async def _send_text(
    bot: Bot, delivery: Delivery, text: str, parse_mode: str | None, buttons: InlineKeyboardMarkup | None
) -> int:
    message = await bot.send_message(
        chat_id=delivery.chat_id,
        text=text,
        parse_mode=parse_mode,
        disable_notification=delivery.silent,
        reply_markup=buttons,
        link_preview_options=_NO_PREVIEW,
    )
    return message.message_id


def _keyboard(delivery: Delivery) -> InlineKeyboardMarkup | None:
    if not delivery.buttons:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(button["text"], callback_data=button["data"]) for button in row]
            for row in delivery.buttons
        ]
    )
