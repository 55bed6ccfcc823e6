"""From an Answer to calls of Telegram; what cannot be sent at once goes on by way of the outbox."""

import logging
from datetime import timedelta
from typing import Protocol

from telegram import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    MaybeInaccessibleMessage,
    Message,
)
from telegram.constants import MessageLimit, ParseMode
from telegram.error import TelegramError

from bot.delivery.errors import Trouble, classify
from bot.delivery.split import plain, utf16_units
from bot.desk import Desk
from bot.talk.asking import thread_of
from bot.words.answer import Answer, Buttons, Place
from bot.words.texts import Html
from storage.outbox import Delivery, enqueue

_log = logging.getLogger(__name__)

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_ANSWER_LIFETIME = timedelta(minutes=10)
"""An answer that comes later than that has been asked for again."""
_MOST_NOTE_LETTERS = 200

_DONE = {Trouble.UNCHANGED, Trouble.QUERY_TOO_OLD}
_PERHAPS_DONE = {Trouble.UNSURE, Trouble.GATEWAY}


class Sender(Protocol):
    """The part of `bot.delivery.deliver.Dispatcher` that answers need."""

    def wake(self) -> None:
        """Something was put into the outbox."""

    def note_reply(self, chat_id: int) -> None:
        """A message or an edit reached a chat on another way."""


class Replies:
    """Sends answers at once."""

    def __init__(self, desk: Desk, sender: Sender) -> None:
        self._desk = desk
        self._sender = sender

    async def reply(self, message: Message, answer: Answer, instead_of_file: Html) -> None:
        """Answer a message below it. `instead_of_file` is said where a picture or file cannot be sent."""
        try:
            await _send(message, answer)
        except TelegramError as error:
            self._keep(error, message, answer, instead_of_file)
        else:
            self._sender.note_reply(message.chat_id)

    async def press(self, query: CallbackQuery, answer: Answer, instead_of_file: Html) -> None:
        """Answer a press: the note pops up, the message goes where the answer wants it."""
        await self.pop_up(query, answer.note)
        if answer.place is Place.NOWHERE or query.message is None:
            return
        try:
            await _place(query, query.message, answer)
        except TelegramError as error:
            self._keep(error, query.message, answer, instead_of_file)
        else:
            self._sender.note_reply(query.message.chat.id)

    async def pop_up(self, query: CallbackQuery, note: str) -> None:
        """A short note over the button; it also ends the button's waiting."""
        try:
            await query.answer(note[:_MOST_NOTE_LETTERS] or None)
        except TelegramError as error:
            _log.info("A press was not answered: %s", classify(error).reason)

    def _keep(
        self, error: TelegramError, asked: MaybeInaccessibleMessage, answer: Answer, instead_of_file: Html
    ) -> None:
        """The outbox knows what to do about limits, moves and blocks, so it gets what did not arrive."""
        failure, chat_id = classify(error), asked.chat.id
        if failure.trouble in _DONE:
            return
        _log.warning("An answer in chat %d failed: %s", chat_id, failure.reason)
        if failure.trouble in _PERHAPS_DONE:
            return
        now = self._desk.now
        delivery = Delivery(
            chat_id=chat_id,
            thread_id=thread_of(asked),
            kind="answer",
            text=answer.text if answer.photo is None and answer.document is None else instead_of_file,
            buttons=[[button._asdict() for button in row] for row in answer.buttons],
            created_at=now,
            not_before=now + failure.retry_after if failure.retry_after else None,
            expires_at=now + _ANSWER_LIFETIME,
        )
        enqueue(self._desk.db, [delivery])
        self._sender.wake()


async def _send(message: Message, answer: Answer) -> None:
    keyboard = _keyboard(answer.buttons)
    if answer.photo is not None:
        await message.reply_photo(
            answer.photo,
            caption=answer.text,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            allow_sending_without_reply=True,
        )
    elif answer.document is not None:
        await message.reply_document(
            answer.document.content,
            filename=answer.document.name,
            caption=answer.text,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            allow_sending_without_reply=True,
        )
    else:
        await message.reply_text(
            answer.text,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            link_preview_options=_NO_PREVIEW,
            allow_sending_without_reply=True,
        )


async def _place(query: CallbackQuery, pressed: MaybeInaccessibleMessage, answer: Answer) -> None:
    """In place of the message if that is wanted and possible, else below it."""
    message = pressed if isinstance(pressed, Message) else None
    if message is not None and answer.place is Place.INSTEAD:
        if answer.photo is not None and message.photo:
            picture = InputMediaPhoto(answer.photo, caption=answer.text, parse_mode=ParseMode.HTML)
            await query.edit_message_media(picture, reply_markup=_keyboard(answer.buttons))
            return
        if answer.photo is None and answer.document is None and message.photo and _fits_beneath(answer):
            await query.edit_message_caption(
                answer.text, parse_mode=ParseMode.HTML, reply_markup=_keyboard(answer.buttons)
            )
            return
        if answer.photo is None and answer.document is None and message.text:
            await query.edit_message_text(
                answer.text,
                parse_mode=ParseMode.HTML,
                reply_markup=_keyboard(answer.buttons),
                link_preview_options=_NO_PREVIEW,
            )
            return
    # Of a message that is too old for Telegram only its place is left.
    await _send(message or _stand_in(query, pressed), answer)


def _fits_beneath(answer: Answer) -> bool:
    """Whether a text can stand under a picture."""
    return utf16_units(plain(answer.text)) <= MessageLimit.CAPTION_LENGTH


def _stand_in(query: CallbackQuery, pressed: MaybeInaccessibleMessage) -> Message:
    stand_in = Message(pressed.message_id, pressed.date, pressed.chat)
    stand_in.set_bot(query.get_bot())
    return stand_in


def _keyboard(buttons: Buttons) -> InlineKeyboardMarkup | None:
    if not buttons:
        return None
    rows = [
        [InlineKeyboardButton(button.text, callback_data=button.data) for button in row] for row in buttons
    ]
    return InlineKeyboardMarkup(rows)
