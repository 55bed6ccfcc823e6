"""What all deeds of people share: who may, where it is done, and how it is written down."""

from bot.playground.chats import Chat, ChatKind
from bot.playground.formatting import MAX_TEXT_UNITS, format_text
from bot.playground.hearing import tell
from bot.playground.json_types import Json
from bot.playground.messages import Message
from bot.playground.telegram import Telegram
from bot.playground.users import User


class DeedError(ValueError):
    """Something that a person cannot do here; the text says why."""


class Crowd:
    """People in front of a Telegram; what they can do is told by those that build on this."""

    def __init__(self, telegram: Telegram) -> None:
        self.telegram = telegram

    def _place(self, user: User, chat: Chat | User) -> Chat:
        return self.telegram.private_chat(user) if isinstance(chat, User) else chat

    def _write(self, chat: Chat, message: Message) -> Message:
        """Put it into the chat, and let the bot hear it if it hears such."""
        self.telegram.write(chat, message)
        tell(self.telegram, chat, message)
        return message

    def _note(self, chat: Chat, by: User, service: Json) -> Message:
        """A service message, which a bot that is in the chat hears whatever its privacy mode."""
        message = self.telegram.note_service(chat, by, service)
        self._tell_note(chat, message)
        return message

    def _tell_note(self, chat: Chat, message: Message) -> None:
        """Let the bot hear a service message that stands in the chat already."""
        tell(self.telegram, chat, message)


def new_message(telegram: Telegram, sender: User | None, text: str) -> Message:
    """What somebody typed. Raises: DeedError for nothing, RefusedError for too much."""
    written = format_text(text, None, None, MAX_TEXT_UNITS)
    if not written.text:
        raise DeedError("there is nothing to send")
    return Message(telegram.clock(), sender, written, author=sender)


def check_member(user: User, chat: Chat) -> None:
    """Raises: DeedError."""
    if not chat.role(user).present:
        raise DeedError(f"{user.first_name} is not in this chat")
    if chat.migrated_to is not None:
        raise DeedError("this group has become a supergroup, and goes on there")


def check_right(user: User, chat: Chat, right: str, to: str) -> None:
    """Raises: DeedError, where `user` lacks an administrator's right."""
    check_member(user, chat)
    # In a private chat with the bot everybody is their own master.
    if chat.kind is not ChatKind.PRIVATE and not chat.may(user, right):
        raise DeedError(f"{user.first_name} may not {to} here")
