"""Whose requests are granted, and what is said to the others: with a clock, and over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.commands.buttons import draws
from bot.commands.conversation import draws_picture
from bot.playground.cast import Cast, gather_cast
from bot.playground.messages import Message
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from bot.talk.allowance import CHARTS_PER_CHAT, PER_GROUP, PER_PERSON
from bot.talk.handlers import add_handlers
from bot.talk.requests import Requests
from tests.bot.answered import NotedSender
from tests.bot.desks import FRAGILE, NOW, market_of_two_days, new_desk
from tests.bot.watched import Clock
from tests.playground.stage import new_playground, polling_bot

ANN, BOB, BOSS, DESK, OTHER_DESK = 1, 2, 3, -4, -5


def refused(requests: Requests, person: int, chat: int, *, draws: bool = False) -> str | None:
    found = requests.refuse(person, chat, draws=draws)
    return found.text if found else None


def test_the_people_of_a_group_share_what_alerts_leave_of_its_limit() -> None:
    requests = Requests(lambda: NOW, {BOSS})
    asked = [refused(requests, 10 + person, DESK) for person in range(PER_GROUP.requests + 1)]
    assert asked == [*[None] * PER_GROUP.requests, "limit.group"]
    assert refused(requests, ANN, OTHER_DESK) is None
    assert refused(requests, ANN, ANN) is None
    assert refused(requests, BOSS, DESK) is None


def test_a_person_is_counted_over_all_chats_and_nobody_else_with_them() -> None:
    requests = Requests(Clock())
    asked = [refused(requests, ANN, (DESK, OTHER_DESK, ANN)[n % 3]) for n in range(PER_PERSON.requests + 1)]
    assert asked == [*[None] * PER_PERSON.requests, "limit.requests"]
    assert refused(requests, BOB, DESK) is None


def test_charts_are_counted_by_chat_whoever_asks_for_them() -> None:
    requests = Requests(Clock())
    asked = [refused(requests, 100 + n, DESK, draws=True) for n in range(CHARTS_PER_CHAT.requests + 1)]
    assert asked == [*[None] * CHARTS_PER_CHAT.requests, "limit.charts"]
    assert refused(requests, ANN, OTHER_DESK, draws=True) is None
    assert refused(requests, ANN, DESK) is None


@pytest.mark.parametrize(
    ("data", "is_drawn"),
    [
        ("chart:R-3", True),
        ("here:alerts:up:3", True),
        ("here:alerts:down:3", True),
        ("here:alerts:edit:3", False),
        ("here:alerts:save:3", False),
        ("here:alerts", False),
        ("alert:btc:<:5", True),
        ("alert:btc:<<:5", False),
        ("alert:btc", False),
        ("alert", False),
        ("start:chart_premium", True),
        ("start:subscribe_premium", False),
    ],
)
def test_a_press_that_is_answered_with_a_picture_counts_as_one(data: str, is_drawn: bool) -> None:  # noqa: FBT001
    assert draws(data) is is_drawn


@pytest.mark.parametrize(
    ("text", "is_drawn"),
    [
        ("tell me when bitcoin falls below 100k", True),
        ("比特币跌破10万提醒我", True),
        ("tell me when bitcoin falls", False),
        ("chart of the premium", True),
        ("how is the premium?", False),
    ],
)
def test_a_sentence_counts_as_a_chart_where_it_gets_one(text: str, is_drawn: bool) -> None:  # noqa: FBT001
    assert draws_picture(text, NOW.date()) is is_drawn


def test_operators_ask_as_much_as_they_like() -> None:
    requests = Requests(Clock(), {BOSS})
    assert {refused(requests, BOSS, DESK, draws=True) for _ in range(500)} == {None}


def test_a_refusal_is_told_once_and_passes() -> None:
    clock = Clock()
    requests = Requests(clock)
    for _ in range(PER_PERSON.requests):
        requests.refuse(ANN, ANN, draws=False)
    first, second = (requests.refuse(ANN, ANN, draws=False) for _ in range(2))
    assert first is not None
    assert second is not None
    assert (first.is_told, second.is_told, first.wait) == (True, False, PER_PERSON.one_every)
    clock.now += PER_PERSON.one_every
    assert refused(requests, ANN, ANN) is None


@dataclass
class Stage:
    server: PlaygroundServer
    cast: Cast
    clock: Clock

    async def floods(self, who: User, line: str, times: int) -> None:
        """Says the same again and again, then waits until the bot has heard all of it."""
        for _ in range(times):
            self.server.people.say(who, self.server.telegram.bot, line)
        witness = self.server.telegram.add_user(User(9_000 + len(self.server.calls), "Witness"))
        self.server.people.say(witness, self.server.telegram.bot, "/about")
        await self.server.wait_for_message(witness, "Aftershock")

    async def hears(self, containing: str, who: User) -> Message:
        return await self.server.wait_for_message(who, containing)


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    async with new_playground() as server:
        with new_desk(market_of_two_days()) as desk:
            desk.standings = FRAGILE
            cast, clock = gather_cast(server.people), Clock()
            requests = Requests(clock, {cast.alice.id})
            async with polling_bot(server) as application:
                add_handlers(application, desk, NotedSender(), requests)
                yield Stage(server, cast, clock)
        assert server.violations == []


async def test_a_flood_is_answered_once_too_much_and_then_met_with_silence(stage: Stage) -> None:
    lin = stage.cast.xiaolin
    await stage.floods(lin, "/mute", 30)
    await stage.hears("一分钟内请求过多，3 秒后恢复", lin)
    assert len(stage.server.sent(lin)) == PER_PERSON.requests + 1
    stage.clock.now += timedelta(seconds=3)
    stage.server.people.say(lin, stage.server.telegram.bot, "/about")
    await stage.hears("Aftershock", lin)
    assert len(stage.server.sent(lin)) == PER_PERSON.requests + 2


async def test_words_are_counted_like_commands(stage: Stage) -> None:
    lin = stage.cast.xiaolin
    await stage.floods(lin, "hello?", 30)
    assert len(stage.server.sent(lin)) == PER_PERSON.requests + 1


async def test_presses_too_many_are_told_in_a_note_that_pops_up(stage: Stage) -> None:
    lin, people = stage.cast.xiaolin, stage.server.people
    people.say(lin, stage.server.telegram.bot, "/status")
    board = await stage.hears("脆弱", lin)
    for _ in range(PER_PERSON.requests + 2):
        people.press(lin, board, "here:status")
    presses = PER_PERSON.requests + 2
    await stage.server.wait_for_call("answerCallbackQuery", number=presses)
    notes = [call.params.get("text") for call in stage.server.calls if call.method == "answerCallbackQuery"]
    assert notes[-3:] == ["一分钟内请求过多，3 秒后恢复。", None, None]
    assert str(notes[-4]).startswith("截至")


async def test_charts_too_many_are_refused_and_other_answers_are_not(stage: Stage) -> None:
    lin = stage.cast.xiaolin
    await stage.floods(lin, "/chart premium 1d", CHARTS_PER_CHAT.requests + 2)
    await stage.server.wait_for_call("sendPhoto", number=CHARTS_PER_CHAT.requests, timeout_s=60)
    await stage.hears("这里每分钟最多 6 张图，10 秒后可继续", lin)
    stage.server.people.say(lin, stage.server.telegram.bot, "/premium")
    await stage.hears("美国溢价：", lin)


async def test_an_operator_is_not_limited(stage: Stage) -> None:
    await stage.floods(stage.cast.alice, "/mute", 30)
    await stage.server.wait_for(lambda: len(stage.server.sent(stage.cast.alice)) >= 30)
    assert stage.clock.now == NOW
