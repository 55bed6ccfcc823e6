"""A chat that is asked about from a private one: any command's answer, shown there with its buttons.

`at:<chat>:` stands before a button's data. That somebody may change the chat is checked at every press, never
taken from the data.
"""

import logging
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from bot.words.answer import Answer, Button, Buttons, Place
from bot.words.texts import Html
from bot.words.wording import Wording
from storage.chats import ChatRow

_log = logging.getLogger(__name__)

SETTINGS = "here:channel"
"""What shows the settings of the other chat."""

_AT = "at"
_DIGITS = 36
"""A chat's id takes 8 or 9 letters in this base, which leaves 50 of a button's 64 bytes."""
_MOST_BYTES = 64


class Afar(NamedTuple):
    """What a button asks about another chat: which one, and the data of the button as it is there."""

    chat_id: int
    data: str


def short_id(chat_id: int) -> str:
    """A chat's id, as short as buttons need it."""
    return np.base_repr(chat_id, _DIGITS).lower()


def long_id(short: str) -> int | None:
    """The id that `short_id` made short; None where it did not."""
    try:
        return int(short, _DIGITS)
    except ValueError:
        return None


def at(chat_id: int, data: str) -> str:
    """The data of a button that asks about another chat."""
    return f"{_AT}:{short_id(chat_id)}:{data}"


def afar_of(data: str) -> Afar | None:
    """What a button asks about another chat; None where it asks about its own."""
    prefix, _, rest = data.partition(":")
    short, _, asked = rest.partition(":")
    chat_id = long_id(short) if prefix == _AT else None
    return None if chat_id is None or not asked else Afar(chat_id, asked)


def shown_afar(words: Wording, answer: Answer, chat: ChatRow) -> Answer:
    """An answer about a chat, as it stands in somebody's private chat: it says which, and leads back."""
    if answer.place is Place.NOWHERE:
        return answer
    text = Html(f"{words('afar.about', title=chat.title)}\n{answer.text}")
    back = Button(words.plain("button.of_chat"), at(chat.id, SETTINGS))
    return replace(answer, text=text, buttons=(*_rewritten(answer.buttons, chat.id), (back,)))


def _rewritten(buttons: Buttons, chat_id: int) -> Buttons:
    rows = (
        tuple(Button(button.text, at(chat_id, button.data)) for button in row if _fits(button, chat_id))
        for row in buttons
    )
    return tuple(row for row in rows if row)


def _fits(button: Button, chat_id: int) -> bool:
    fits = len(at(chat_id, button.data).encode()) <= _MOST_BYTES
    if not fits:
        # Telegram would refuse the whole message for it.
        _log.error("Bug: the button %s is too long to be shown in another chat", button.data)
    return fits
