"""One delivery, one message: what fits into it, plain text to fall back on, a picture if there is one."""

import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import MessageLimit, ParseMode
from telegram.error import BadRequest

from bot.delivery.errors import Trouble, classify
from bot.delivery.split import MAX_UNITS, cut, plain, utf16_units
from storage.chats import GENERAL
from storage.letters import Buttons
from storage.outbox import Delivery

_log = logging.getLogger(__name__)
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class _Text(NamedTuple):
    """A text, and how it is marked up."""

    text: str
    parse_mode: str | None


class Sent(NamedTuple):
    """What arrived, and the text (HTML) that did not fit and is still to be sent: "" as a rule."""

    message_id: int
    rest: str


Draw = Callable[[Delivery], Awaitable[bytes]]
"""Draws the picture that goes with a delivery."""


class Manner(NamedTuple):
    """How a delivery is sent, beside what it is.

    `answers` is the message of its chat that it answers; where that is gone it is sent all the same. `note`
    (HTML) stands below what is sent, where there is room. `is_paid`: beyond what is free Telegram is paid.
    """

    answers: int | None = None
    note: str = ""
    is_paid: bool = False


PLAIN = Manner()


async def send(bot: Bot, delivery: Delivery, draw: Draw | None = None, manner: Manner = PLAIN) -> Sent:
    """Send the first 4,096 UTF-16 units of a delivery; the buttons stand under its last part.

    Raises:
        TelegramError: it did not arrive, or no answer came; `bot.delivery.errors.classify` tells which.
    """
    if draw is not None and (picture := await _picture(delivery, draw)):
        caption = _with_note(delivery.text, manner.note, MessageLimit.CAPTION_LENGTH)
        return Sent(await _send_photo(bot, delivery, picture, caption, manner), "")
    part, rest = cut(delivery.text)
    part = _with_note(part, manner.note, MAX_UNITS)
    buttons = None if rest else keyboard(delivery.buttons)
    try:
        message_id = await _send_text(bot, delivery, _Text(part, ParseMode.HTML), buttons, manner)
    except BadRequest as error:
        failure = classify(error)
        if failure.trouble not in {Trouble.BAD_MARKUP, Trouble.TOO_LONG}:
            raise
        # Without its bold type an alert is worth as much; unsent it is worth nothing.
        _log.error("Bug in the text of delivery %d (%s): %s", delivery.id, delivery.kind, failure.reason)
        message_id = await _send_text(bot, delivery, _Text(plain(part), None), buttons, manner)
    return Sent(message_id, rest)


def _with_note(text: str, note: str, most_units: int) -> str:
    with_note = f"{text}\n\n{note}"
    return with_note if note and utf16_units(plain(with_note)) <= most_units else text


async def _picture(delivery: Delivery, draw: Draw) -> bytes | None:
    """The picture of a delivery whose text fits beneath one. Without it the text goes alone."""
    if delivery.chart is None or utf16_units(plain(delivery.text)) > MessageLimit.CAPTION_LENGTH:
        return None
    try:
        return await draw(delivery)
    except Exception:  # noqa: BLE001
        # The last resort: whatever is wrong with a picture, the words are worth sending.
        _log.exception("Bug: the picture of delivery %d cannot be drawn", delivery.id)
        return None


async def _send_photo(bot: Bot, delivery: Delivery, picture: bytes, caption: str, manner: Manner) -> int:
    message = await bot.send_photo(
        chat_id=delivery.chat_id,
        message_thread_id=_topic(delivery),
        photo=picture,
        caption=caption,
        parse_mode=ParseMode.HTML,
        disable_notification=delivery.silent,
        reply_markup=keyboard(delivery.buttons),
        reply_parameters=_answering(manner.answers),
        allow_paid_broadcast=manner.is_paid or None,
    )
    return message.message_id


async def _send_text(
    bot: Bot, delivery: Delivery, text: _Text, buttons: InlineKeyboardMarkup | None, manner: Manner
) -> int:
    # `send_message` would read the whole answer back into objects, at a fifth of what sending costs.
    answer = await bot._post(  # noqa: SLF001
        "sendMessage",
        {
            "chat_id": delivery.chat_id,
            "message_thread_id": _topic(delivery),
            "text": text.text,
            "parse_mode": text.parse_mode,
            "disable_notification": delivery.silent,
            "reply_markup": buttons,
            "reply_parameters": _answering(manner.answers),
            "link_preview_options": NO_PREVIEW,
            "allow_paid_broadcast": manner.is_paid or None,
        },
    )
    return int(answer["message_id"])


def _topic(delivery: Delivery) -> int | None:
    """The General topic of a forum has the number 1, by which Telegram does not know it."""
    return delivery.thread_id if delivery.thread_id > GENERAL else None


def _answering(message_id: int | None) -> ReplyParameters | None:
    """An alert is worth sending even where the message that it answers was deleted."""
    return ReplyParameters(message_id, allow_sending_without_reply=True) if message_id else None


def keyboard(buttons: Buttons) -> InlineKeyboardMarkup | None:
    """The buttons under a message, as Telegram takes them."""
    if not buttons:
        return None
    rows = [
        [InlineKeyboardButton(button["text"], callback_data=button["data"]) for button in row]
        for row in buttons
    ]
    return InlineKeyboardMarkup(rows)
