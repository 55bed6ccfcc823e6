"""From an Answer to calls of Telegram; what cannot be sent at once goes on by way of the outbox."""

import logging
from collections.abc import Sequence
from typing import Protocol

from telegram import (
    Bot,
    CallbackQuery,
    Chat,
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
from bot.talk.parts import in_parts, together
from bot.talk.picker import channel_picker
from bot.words.answer import Answer, Buttons, Place
from bot.words.texts import Html
from storage.chats import ChatRow, read_chat
from storage.moving import present_id
from storage.outbox import Delivery, enqueue

_log = logging.getLogger(__name__)

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
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
        await self._send_in_order(message, in_parts(answer), instead_of_file)

    async def tell(self, bot: Bot, chat: ChatRow, answer: Answer) -> None:
        """Say something in a chat unasked, in its General topic where it has topics."""
        try:
            await bot.send_message(
                chat.id,
                answer.text,
                ParseMode.HTML,
                reply_markup=_keyboard(answer.buttons),
                link_preview_options=_NO_PREVIEW,
            )
        except TelegramError as error:
            place = MaybeInaccessibleMessage(Chat(chat.id, chat.kind), 0, self._desk.now)
            self._goes_on(error, place, (answer,), answer.text)
        else:
            self._sender.note_reply(chat.id)

    async def press(self, query: CallbackQuery, answer: Answer, instead_of_file: Html) -> None:
        """Answer a press: the note pops up, the message goes where the answer wants it."""
        await self.pop_up(query, answer.note)
        if answer.place is Place.NOWHERE or query.message is None:
            # It may have left something to do all the same.
            self._sender.wake()
            return
        parts = in_parts(answer)
        try:
            await _place(query, query.message, parts[0])
        except TelegramError as error:
            if not self._goes_on(error, query.message, parts, instead_of_file):
                return
        else:
            self._sender.note_reply(query.message.chat.id)
        # What was edited in place may have outgrown one message: the rest goes below, with the buttons.
        below = _message_of(query, query.message)
        await self._send_in_order(below, parts[1:], instead_of_file)

    async def _send_in_order(self, message: Message, parts: Sequence[Answer], instead_of_file: Html) -> None:
        """Every part below a message; from the first one that fails on the outbox has them."""
        for number, part in enumerate(parts):
            try:
                await _send(message, part)
            except TelegramError as error:
                if not self._goes_on(error, message, parts[number:], instead_of_file):
                    return
            else:
                self._sender.note_reply(message.chat_id)

    async def pop_up(self, query: CallbackQuery, note: str) -> None:
        """A short note over the button; it also ends the button's waiting."""
        try:
            await query.answer(note[:_MOST_NOTE_LETTERS] or None)
        except TelegramError as error:
            _log.info("A press was not answered: %s", classify(error).reason)

    def _goes_on(
        self,
        error: TelegramError,
        asked: MaybeInaccessibleMessage,
        parts: Sequence[Answer],
        instead_of_file: Html,
    ) -> bool:
        """Whether the parts after the first one are still to be sent: not where it was there already.

        The outbox knows what to do about limits, moves and blocks, so it gets all parts of which the first
        one did not arrive.
        """
        failure, chat_id = classify(error), present_id(self._desk.db, asked.chat.id)
        if failure.trouble in _DONE:
            return False
        _log.warning("An answer in chat %d failed: %s", chat_id, failure.reason)
        if failure.trouble in _PERHAPS_DONE:
            return True
        # A chat that had itself forgotten is not known any more.
        if read_chat(self._desk.db, chat_id) is None:
            return False
        answer, now = together(parts), self._desk.now
        has_file = parts[0].photo is not None or parts[0].document is not None
        delivery = Delivery(
            chat_id=chat_id,
            thread_id=thread_of(asked),
            kind="answer",
            text=instead_of_file if has_file else answer.text,
            buttons=[[button._asdict() for button in row] for row in answer.buttons],
            created_at=now,
            not_before=now + failure.retry_after if failure.retry_after else None,
        )
        enqueue(self._desk.db, [delivery])
        self._sender.wake()
        return False


async def _send(message: Message, answer: Answer) -> None:
    picker = answer.channel_picker
    keyboard = channel_picker(picker) if picker else _keyboard(answer.buttons)
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
    await _send(_message_of(query, pressed), answer)


def _fits_beneath(answer: Answer) -> bool:
    """Whether a text can stand under a picture."""
    return utf16_units(plain(answer.text)) <= MessageLimit.CAPTION_LENGTH


def _message_of(query: CallbackQuery, pressed: MaybeInaccessibleMessage) -> Message:
    """The message that was pressed. Of one that is too old for Telegram only its place is left."""
    if isinstance(pressed, Message):
        return pressed
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
