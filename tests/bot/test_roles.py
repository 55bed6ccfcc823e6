"""Who may change what a chat hears: every command and every button, for everybody who might try."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from telegram import ChatMember, Update, User
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError, TimedOut

from bot.commands.table import COMMANDS, answer
from bot.desk import Desk
from bot.talk.asking import ask_of, thread_of
from bot.talk.guard import Guard
from bot.talk.roles import Authority, Roles
from bot.words.answer import Place
from tests.bot import desks
from tests.bot.desks import FRAGILE, market_of_two_days, new_desk

OPERATOR = 1001
PRIVATE = {"id": OPERATOR, "type": "private", "first_name": "Alice"}
GROUP = {"id": -100123, "type": "supergroup", "title": "Desk"}
CHANNEL = {"id": -100456, "type": "channel", "title": "News"}
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
TELEGRAM = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
AS_CHANNEL = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}

CHANGES = {
    "subscribe": "with words",
    "unsubscribe": "with words",
    "brief": "with words",
    "mute": "with words",
    "timezone": "with words",
    "language": "with words",
    **dict.fromkeys(("here", "stop", "export", "forget"), "always"),
    **dict.fromkeys(
        ("status", "premium", "etf", "eth", "shock", "levels", "leverage", "liquidations"), "never"
    ),
    **dict.fromkeys(
        ("depth", "adl", "exploits", "macro", "playbook", "why", "history", "scorecard"), "never"
    ),
    **dict.fromkeys(("ack", "chart", "channel", "compare", "settings", "about", "help"), "never"),
    **dict.fromkeys(("quiet", "cap", "alert", "alerts"), "with words"),
    "board": "always",
    "start": "by link",
}
"""When each command changes what its chat hears: said here once more, so that a row says it on purpose."""


def changes(name: str, words: Sequence[str]) -> bool:
    match CHANGES[name]:
        case "always":
            return True
        case "with words":
            return bool(words)
        case "by link":
            return bool(words) and words[0].startswith("subscribe_")
    return False


@dataclass
class FakeBot:
    """Answers what Telegram would, and counts how often it is asked."""

    status: str = ChatMember.MEMBER
    error: TelegramError | None = None
    administrators: tuple[int, ...] = ()
    asked: int = 0
    asked_for_all: int = 0
    seconds: float = 0.0
    members: dict[int, str] = field(default_factory=dict)

    async def get_chat_member(self, _chat_id: int, user_id: int) -> ChatMember:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return ChatMember(_user(user_id), self.members.get(user_id, self.status))

    async def get_chat_administrators(self, _chat_id: int) -> tuple[ChatMember, ...]:
        self.asked_for_all += 1
        return tuple(ChatMember(_user(each), ChatMember.ADMINISTRATOR) for each in self.administrators)


def _user(user_id: int) -> User:
    return User(user_id, "Somebody", is_bot=False)


@dataclass(frozen=True)
class Part:
    """Somebody, as updates show them: where, from whom, in whose name; and what Telegram says of them."""

    name: str
    chat: dict[str, Any]
    sender: dict[str, Any] | None
    sender_chat: dict[str, Any] | None = None
    status: str | None = ChatMember.MEMBER
    """None: Telegram knows of no such member."""
    may: bool = False
    may_press: bool | None = None
    """Where it is something else than `may`."""

    def update(self, bot: FakeBot, text: str = "", data: str | None = None) -> Update:
        message = {"message_id": 5, "date": 0, "chat": self.chat, "text": text}
        if data is not None:
            query = {"id": "1", "from": self.sender, "chat_instance": "1", "message": message, "data": data}
            content: dict[str, Any] = {"callback_query": query}
        else:
            named = {"from": self.sender, "sender_chat": self.sender_chat}
            said = message | {key: value for key, value in named.items() if value}
            content = {"channel_post" if self.chat is CHANNEL else "message": said}
        update = Update.de_json({"update_id": 1, **content}, bot)  # type: ignore[arg-type]  # plays one
        assert update is not None
        return update

    @contextmanager
    def at_telegram(self) -> Iterator[FakeBot]:
        error = None if self.status else BadRequest("Participant_id_invalid")
        yield FakeBot(self.status or "", error)


def _person(user_id: int) -> dict[str, Any]:
    return {"id": user_id, "is_bot": False, "first_name": "Alice"}


PARTS = [
    Part("a private user", PRIVATE, _person(OPERATOR), may=True),
    Part("a member", GROUP, _person(7)),
    Part("an administrator", GROUP, _person(7), status=ChatMember.ADMINISTRATOR, may=True),
    Part("the owner", GROUP, _person(7), status=ChatMember.OWNER, may=True),
    # A press comes under the own name, and Telegram says of it what it says of anybody.
    Part("an anonymous administrator", GROUP, ANONYMOUS, GROUP, may=True, may_press=False),
    Part("a member who is restricted", GROUP, _person(7), status=ChatMember.RESTRICTED),
    Part("one who left", GROUP, _person(7), status=ChatMember.LEFT),
    Part("one who was banned", GROUP, _person(7), status=ChatMember.BANNED),
    Part("one whom nobody knows", GROUP, _person(7), status=None),
    Part("the linked channel's forwarder", GROUP, TELEGRAM, CHANNEL, status=None),
    Part("a member as their channel", GROUP, AS_CHANNEL, CHANNEL, status=None),
    Part("the operator as a member", GROUP, _person(OPERATOR)),
    Part("a channel's post", CHANNEL, None, CHANNEL, may=True, may_press=False),
    Part("a channel's reader", CHANNEL, _person(7), CHANNEL, may=True, may_press=False),
    Part("a channel's administrator", CHANNEL, _person(7), CHANNEL, ChatMember.ADMINISTRATOR, may=True),
]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with new_desk(market_of_two_days()) as desk:
        desk.standings = FRAGILE
        yield desk


def test_of_every_command_it_is_said_when_it_changes_settings() -> None:
    assert {command.name: CHANGES.get(command.name) for command in COMMANDS} == CHANGES


@pytest.mark.parametrize(
    "words", [(), ("verdict",), ("subscribe_verdict",)], ids=["alone", "with a word", "by a link"]
)
@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
async def test_a_command_is_refused_exactly_where_it_changes_settings_of_a_chat_that_is_not_theirs(
    desk: Desk, part: Part, command: str, words: tuple[str, ...]
) -> None:
    with part.at_telegram() as bot:
        update = part.update(bot, f"/{command}")
        refusal = await Guard(Roles()).command(update, ask_of(update, desk, words), command)
    assert (refusal is None) == (part.may or not changes(command, words))


async def buttons_of_all_answers(desk: Desk) -> set[str]:
    """What every button does that stands under the answer of a command."""
    answers = [await answer(desks.ask_of(desk), command.name) for command in COMMANDS]
    return {button.data for said in answers for row in said.buttons for button in row}


@pytest.mark.parametrize("part", [part for part in PARTS if part.sender], ids=lambda part: part.name)
async def test_a_press_is_refused_where_it_changes_settings_and_in_channels(desk: Desk, part: Part) -> None:
    may = part.may if part.may_press is None else part.may_press
    seen = await buttons_of_all_answers(desk)
    assert {"here:mute:8h", "here:subscribe:verdict", "status", "here:brief:on"} <= seen
    for data in sorted(seen):
        name, *words = data.removeprefix("here:").split(":")
        with part.at_telegram() as bot:
            update = part.update(bot, data=data)
            refusal = await Guard(Roles()).press(update, ask_of(update, desk), data)
        is_guarded = changes(name, words) or part.chat is CHANNEL
        assert (refusal is None) == (may or not is_guarded), data
        if refusal is not None:
            assert refusal.place is Place.NOWHERE
            assert refusal.note.startswith("Only administrators")


# What is remembered


def roles_of(bot: FakeBot) -> Roles:
    return Roles(lambda: bot.seconds)


@pytest.mark.parametrize(
    ("status", "length_s"), [(ChatMember.ADMINISTRATOR, 60), (ChatMember.MEMBER, 10)], ids=["yes", "no"]
)
async def test_an_answer_of_telegrams_is_remembered_for_so_long(status: str, length_s: float) -> None:
    bot = FakeBot(status)
    roles = roles_of(bot)
    for seconds, asked in [(0, 1), (length_s - 0.1, 1), (length_s, 2)]:
        bot.seconds = seconds
        expected = Authority.GIVEN if status == ChatMember.ADMINISTRATOR else Authority.NONE
        assert await roles.of_user(bot, -5, 7) is expected  # type: ignore[arg-type]  # plays one
        assert bot.asked == asked


async def test_chats_and_people_are_kept_apart_and_a_fresh_answer_is_one_of_now() -> None:
    bot = FakeBot(members={7: ChatMember.OWNER})
    roles = roles_of(bot)
    assert await roles.of_user(bot, -5, 7) is Authority.GIVEN  # type: ignore[arg-type]
    assert await roles.of_user(bot, -5, 8) is Authority.NONE  # type: ignore[arg-type]
    bot.members.clear()
    assert await roles.of_user(bot, -6, 7) is Authority.NONE  # type: ignore[arg-type]
    assert await roles.of_user(bot, -5, 7) is Authority.GIVEN  # type: ignore[arg-type]
    assert await roles.of_user(bot, -5, 7, fresh=True) is Authority.NONE  # type: ignore[arg-type]
    assert await roles.of_user(bot, -5, 7) is Authority.NONE  # type: ignore[arg-type]


async def test_what_telegram_tells_counts_at_once() -> None:
    bot = FakeBot()
    roles = roles_of(bot)
    roles.note(-5, 7, ChatMember.ADMINISTRATOR)
    assert await roles.of_user(bot, -5, 7) is Authority.GIVEN  # type: ignore[arg-type]
    roles.note(-5, 7, ChatMember.LEFT)
    assert await roles.of_user(bot, -5, 7) is Authority.NONE  # type: ignore[arg-type]
    assert bot.asked == 0
    roles.forget(-5)
    await roles.of_user(bot, -5, 7)  # type: ignore[arg-type]
    assert bot.asked == 1


@pytest.mark.parametrize(
    "error",
    [
        TimedOut(),
        NetworkError("away"),
        Forbidden("Forbidden: bot was kicked from the supergroup chat"),
        BadRequest("Chat not found"),
        BadRequest("Not enough rights"),
    ],
    ids=str,
)
async def test_where_telegram_does_not_answer_nobody_has_authority_and_nothing_is_remembered(
    error: TelegramError,
) -> None:
    bot = FakeBot(ChatMember.OWNER, error)
    roles = roles_of(bot)
    assert await roles.of_user(bot, -5, 7) is Authority.UNKNOWN  # type: ignore[arg-type]
    bot.error = None
    assert await roles.of_user(bot, -5, 7) is Authority.GIVEN  # type: ignore[arg-type]


@pytest.mark.parametrize(("user_id", "authority"), [(7, Authority.GIVEN), (8, Authority.NONE)])
async def test_where_members_are_hidden_the_list_of_administrators_tells(
    user_id: int, authority: Authority
) -> None:
    bot = FakeBot(error=BadRequest("Member list is inaccessible"), administrators=(7,))
    assert await roles_of(bot).of_user(bot, -5, user_id) is authority  # type: ignore[arg-type]
    assert bot.asked_for_all == 1


async def test_the_present_id_of_a_moved_group_is_asked_about() -> None:
    bot = FakeBot(members={7: ChatMember.OWNER})
    update = Part("x", GROUP, _person(7)).update(bot, data="here:mute:off")
    assert await Roles().of(update, -999) is Authority.GIVEN


# Which topic


@pytest.mark.parametrize(
    ("marks", "thread_id"),
    [
        ({"message_thread_id": 17, "is_topic_message": True}, 17),
        ({"message_thread_id": 1, "is_topic_message": True}, 0),
        ({"message_thread_id": 17}, 0),
        ({}, 0),
    ],
    ids=["a topic", "General by its number", "a chain of answers", "none"],
)
def test_the_topic_of_a_message(marks: dict[str, Any], thread_id: int) -> None:
    message = {"message_id": 5, "date": 0, "chat": GROUP, "text": "/here", **marks}
    update = Update.de_json({"update_id": 1, "message": message}, None)
    assert update is not None
    assert thread_of(update.effective_message) == thread_id
