"""What the page may ask for: one row a deed. Each takes the page's JSON and changes the stage."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from bot.playground.chats import Chat, Role
from bot.playground.clock import Playback
from bot.playground.faults import Faults, Mishap
from bot.playground.json_types import Json
from bot.playground.messages import Message
from bot.playground.people import DeedError, People
from bot.playground.refusals import RefusedError, too_many_requests
from bot.playground.users import User

# What the faults panel offers, for the bot's next call.
_FAULTS: dict[str, RefusedError | Mishap] = {
    "429": too_many_requests(5),
    "500": RefusedError(500, "restart"),
    "502": Mishap.BAD_GATEWAY,
    "drop": Mishap.DROP_BEFORE,
    "drop_after": Mishap.DROP_AFTER,
}
_MAX_SPEED = 100_000.0


@dataclass(frozen=True)
class Stage:
    """What the page's deeds act on."""

    people: People
    faults: Faults
    playback: Playback | None

    def user(self, asked: Json) -> User:
        """Raises: DeedError."""
        user = self.people.telegram.users.get(_number(asked, "user"))
        if user is None or user.is_bot:
            raise DeedError("no such user")
        return user

    def chat(self, asked: Json) -> Chat:
        """Raises: DeedError."""
        chat_id = _number(asked, "chat")
        chat = self.people.telegram.chats.get(chat_id)
        if chat is None or (chat.user is not None and chat.id != _number(asked, "user")):
            raise DeedError("no such chat")
        return chat

    def message(self, asked: Json, name: str = "message") -> Message:
        """Raises: DeedError."""
        message = self.chat(asked).messages.get(_number(asked, name))
        if message is None:
            raise DeedError("this message is gone")
        return message

    def running(self) -> Playback:
        """Raises: DeedError."""
        if self.playback is None:
            raise DeedError("no scenario is being played")
        return self.playback

    def show_clock(self) -> None:
        """Tell every page that the clock runs in another way now."""
        self.people.telegram.changes.publish("clock")


def _say(stage: Stage, asked: Json) -> None:
    user = stage.user(asked)
    if asked.get("chat") == user.id:
        stage.people.telegram.private_chat(user)
    chat = stage.chat(asked)
    text = str(asked.get("text", ""))
    if chat.is_channel:
        if not chat.role(user).administers:
            raise DeedError("only administrators post in a channel")
        stage.people.post(chat, text)
        return
    reply_to = stage.message(asked, "reply_to") if asked.get("reply_to") else None
    stage.people.say(user, chat, text, reply_to=reply_to)


def _press(stage: Stage, asked: Json) -> Json:
    query = stage.people.press(stage.user(asked), stage.message(asked), str(asked.get("data", "")))
    return {"query": query}


def _block(stage: Stage, asked: Json) -> None:
    stage.people.block(stage.user(asked))


def _unblock(stage: Stage, asked: Json) -> None:
    stage.people.unblock(stage.user(asked))


def _set_language(stage: Stage, asked: Json) -> None:
    stage.people.set_language(stage.user(asked), str(asked.get("language", "en")))


def _add_bot(stage: Stage, asked: Json) -> None:
    chat = _administered(stage, asked)
    role = Role.ADMINISTRATOR if chat.is_channel or asked.get("admin") else Role.MEMBER
    stage.people.add_bot(chat, stage.user(asked), role)


def _remove_bot(stage: Stage, asked: Json) -> None:
    stage.people.remove_bot(_administered(stage, asked), stage.user(asked))


def _administered(stage: Stage, asked: Json) -> Chat:
    chat = stage.chat(asked)
    if chat.user is not None or not chat.role(stage.user(asked)).administers:
        raise DeedError("only administrators of a group or channel can do this")
    return chat


def _add_fault(stage: Stage, asked: Json) -> None:
    what = _FAULTS.get(str(asked.get("fault")))
    if what is None:
        raise DeedError("no such fault")
    stage.faults.add(what)
    stage.people.telegram.changes.publish("faults")


def _clear_faults(stage: Stage, _asked: Json) -> None:
    stage.faults.queued.clear()
    stage.people.telegram.changes.publish("faults")


async def _pause(stage: Stage, _asked: Json) -> None:
    await stage.running().pause()
    stage.show_clock()


async def _resume(stage: Stage, _asked: Json) -> None:
    await stage.running().resume()
    stage.show_clock()


async def _set_speed(stage: Stage, asked: Json) -> None:
    speed = asked.get("speed")
    if not isinstance(speed, int | float) or not 0 < speed <= _MAX_SPEED:
        raise DeedError(f"the speed is a number above 0 and up to {_MAX_SPEED:g}")
    await stage.running().set_speed(float(speed))
    stage.show_clock()


async def _jump(stage: Stage, _asked: Json) -> None:
    await stage.running().jump_to_next_alert()
    stage.show_clock()


def _number(asked: Json, name: str) -> int:
    value = asked.get(name)
    if not isinstance(value, int):
        raise DeedError(f"{name} is missing")
    return value


# Any: an answer for the page or nothing, at once or to be awaited.
Deed: TypeAlias = Callable[[Stage, Json], Any]

DEEDS: dict[str, Deed] = {
    "say": _say,
    "press": _press,
    "block": _block,
    "unblock": _unblock,
    "language": _set_language,
    "add-bot": _add_bot,
    "remove-bot": _remove_bot,
    "fault": _add_fault,
    "clear-faults": _clear_faults,
    "pause": _pause,
    "resume": _resume,
    "speed": _set_speed,
    "jump": _jump,
}
