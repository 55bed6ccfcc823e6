"""What people ask and what they get, without a word of Telegram's own types."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple, Self

from bot.desk import Desk
from bot.words.texts import Html
from bot.words.wording import Wording
from storage.chats import ChatRow


class Button(NamedTuple):
    """A button below a message. `data` says what it does (see `bot.commands.buttons`), at most 64 bytes."""

    text: str
    data: str


Buttons = tuple[tuple[Button, ...], ...]
"""Rows of buttons."""


class Asker(NamedTuple):
    """Who asks: their id at Telegram and the name that they show."""

    id: int
    name: str


class Document(NamedTuple):
    """A file that goes with an answer, its text as the caption."""

    name: str
    content: bytes


class Place(StrEnum):
    """Where an answer goes when a button was pressed."""

    BELOW = "below"
    """A new message."""
    INSTEAD = "instead"
    """In place of the message that the button is on."""
    NOWHERE = "nowhere"
    """Only the short note that pops up counts."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: who asks, in which words to answer, and what was said after the command."""

    chat: ChatRow
    words: Wording
    desk: Desk
    args: tuple[str, ...] = ()
    told_language: str | None = None
    """What the app of the person who asks says its language is."""
    thread_id: int = 0
    """The topic of a forum in which it is asked; 0: in the chat itself."""
    asker: Asker | None = None
    """None where nobody is named: a channel's post, an anonymous administrator, the terminal."""
    afar: bool = False
    """Whether an administrator of the chat asks about it from their private chat with the bot."""
    written: Html = field(default_factory=Html)
    """What stands after a typed command as it was written, with its line ends and formatting."""

    def with_args(self, args: tuple[str, ...]) -> Self:
        """The same question with other words after the command."""
        return replace(self, args=args)


@dataclass(frozen=True, slots=True)
class Answer:
    """One message: text, or a photo (PNG) or document with the text as its caption.

    `note` pops up over a button. `channel_picker` is the label of a key by which people choose one of their
    channels; it is for private chats, and stands instead of buttons.
    """

    text: Html
    buttons: Buttons = ()
    photo: bytes | None = None
    place: Place = Place.BELOW
    note: str = ""
    document: Document | None = None
    channel_picker: str = ""
