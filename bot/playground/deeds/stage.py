"""What the page's deeds act on, and how they find what the page names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from bot.playground.chats import Chat, Role
from bot.playground.clock import Playback
from bot.playground.faults import Faults
from bot.playground.json_types import Json
from bot.playground.messages import Message
from bot.playground.people import DeedError, People
from bot.playground.users import User


@dataclass(frozen=True)
class Stage:
    """Everybody, what goes wrong, and the clock."""

    people: People
    faults: Faults
    playback: Playback | None

    def user(self, asked: Json) -> User:
        """The person one plays. Raises: DeedError."""
        user = self.people.telegram.users.get(number(asked, "user"))
        if user is None or user.is_bot:
            raise DeedError("no such user")
        return user

    def chat(self, asked: Json, name: str = "chat") -> Chat:
        """A chat that this person can see; their private one begins here. Raises: DeedError."""
        chat_id = number(asked, name)
        if chat_id == asked.get("user"):
            return self.people.telegram.private_chat(self.user(asked))
        chat = self.people.telegram.chats.get(chat_id)
        if chat is None or chat.user is not None:
            raise DeedError("no such chat")
        return chat

    def message(self, asked: Json, name: str = "message") -> Message:
        """Raises: DeedError."""
        message = self.chat(asked).messages.get(number(asked, name))
        if message is None:
            raise DeedError("this message is gone")
        return message

    def administered(self, asked: Json) -> Chat:
        """A group or channel that this person administers. Raises: DeedError."""
        chat = self.chat(asked)
        if chat.user is not None or not chat.role(self.user(asked)).administers:
            raise DeedError("only administrators of a group or channel can do this")
        return chat

    def owner(self, chat: Chat) -> User:
        """In whose name the page gives parts away: one should be able to try each."""
        return next(user for user, role in self.people.telegram.members(chat) if role is Role.OWNER)

    def running(self) -> Playback:
        """Raises: DeedError."""
        if self.playback is None:
            raise DeedError("no scenario is being played")
        return self.playback

    def show_clock(self) -> None:
        """Tell every page that the clock runs in another way now."""
        self.people.telegram.changes.publish("clock")


def number(asked: Json, name: str) -> int:
    """Raises: DeedError."""
    value = asked.get(name)
    if not isinstance(value, int):
        raise DeedError(f"{name} is missing")
    return value


def thread(asked: Json) -> int | None:
    """The topic that the page shows, if it shows one."""
    return number(asked, "thread") if asked.get("thread") else None


# Any: an answer for the page or nothing, at once or to be awaited.
Deed: TypeAlias = Callable[[Stage, Json], Any]
