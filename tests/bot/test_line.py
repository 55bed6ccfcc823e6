"""The line to Telegram: a real bot in front of the playground, which refuses what the test tells it to."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot import online
from bot.app import Bot
from bot.delivery.pace import TELEGRAM
from bot.playground.cast import Cast, gather_cast
from bot.playground.faults import Mishap
from bot.playground.refusals import RefusedError
from bot.playground.server import PlaygroundServer
from bot.talk.line import LineBot
from bot.talk.receive import MOST_AT_ONCE
from bot.talk.request import Request
from storage.database import StorageError
from tests.bot.desks import market_of_two_days, new_desk
from tests.playground.stage import new_playground


@dataclass(frozen=True)
class Stage:
    server: PlaygroundServer
    cast: Cast
    bot: Bot

    def say(self, text: str) -> None:
        self.server.people.say(self.cast.alice, self.server.telegram.bot, text)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with new_playground() as server:
        with new_desk(market_of_two_days()) as desk:
            yield Stage(server, gather_cast(server.people), Bot(desk, server.token, server.base_url))


@pytest.mark.parametrize("status", [401, 404, 409, 500])
async def test_polling_goes_on_after_a_refusal_even_of_the_token(stage: Stage, status: int, caplog):
    stage.server.faults.add(RefusedError(status), "getUpdates")
    async with stage.bot.online():
        await stage.server.wait_for_call("getUpdates", ok=False)
        stage.say("/about")
        await stage.server.wait_for_message(stage.cast.alice, "Aftershock answers one question")
    assert stage.server.token.split(":")[1] not in caplog.text


@pytest.mark.parametrize(("refusals", "comes_through"), [(2, True), (3, False)])
async def test_one_odd_404_at_the_start_does_not_end_the_program(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, refusals: int, *, comes_through: bool
):
    monkeypatch.setattr(online, "_ASKS_AGAIN_AFTER", timedelta(0))
    stage.server.faults.add(RefusedError(404), "getMe", times=refusals)

    async def be_online() -> None:
        async with stage.bot.online():
            stage.say("/about")
            await stage.server.wait_for_message(stage.cast.alice, "Aftershock answers one question")

    if comes_through:
        await be_online()
    else:
        with pytest.raises(online.TelegramRefusedError, match="does not know this token"):
            await be_online()


async def test_a_bot_whose_token_was_revoked_says_so_and_still_ends_in_order(stage: Stage, caplog):
    async with stage.bot.online():
        stage.say("/about")
        await stage.server.wait_for_message(stage.cast.alice, "Aftershock answers one question")
        stage.server.faults.add(RefusedError(401), "getUpdates", times=10_000)
        stage.say("/status")
        await stage.server.wait_for_call("getUpdates", number=2, ok=False)
    left = {task.get_name() for task in asyncio.all_tasks()}
    assert not left & {"dispatcher", "connect"}
    assert not stage.bot.application.running
    assert "TELEGRAM_BOT_TOKEN" in caplog.text


async def test_a_step_of_ending_that_fails_keeps_none_of_the_others_from_being_taken(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    async def full() -> None:
        raise StorageError("bot.db: the disk is full")

    monkeypatch.setattr(stage.bot.inbox, "finish", full)
    workers = []

    async def be_online() -> None:
        async with stage.bot.online():
            stage.say("/about")
            await stage.server.wait_for_message(stage.cast.alice, "Aftershock answers one question")
            workers.append(await stage.bot.workshop._worker())

    with pytest.raises(StorageError, match="the disk is full"):
        await be_online()
    assert not {task.get_name() for task in asyncio.all_tasks()} & {"dispatcher", "connect"}
    assert [worker.returncode is not None for worker in workers] == [True]
    assert not stage.bot.application._initialized


async def test_who_wants_to_say_something_when_the_lead_is_lost_is_cancelled_and_nothing_leaves(stage: Stage):
    leads = True
    line = stage.bot.application.bot
    line.speak_only_while(lambda: leads)
    async with stage.bot.online():
        stage.say("/about")
        await stage.server.wait_for_message(stage.cast.alice, "Aftershock answers one question")
        leads = False
        saying = asyncio.create_task(line.send_message(stage.cast.alice.id, "still here"))
        await asyncio.wait((saying,))
        assert saying.cancelled()
        said = [call.params.get("text") for call in stage.server.calls]
        assert "still here" not in said


async def test_what_waits_for_a_connection_does_not_leave_where_the_lead_is_lost_meanwhile(stage: Stage):
    """Asked before it began to wait it might leave long after another process has begun to send."""
    leads, alice = True, stage.cast.alice.id
    stage.say("/start")
    base = f"{stage.server.base_url}/bot"
    one_connection = Request(connection_pool_size=1, pool_timeout=30)
    line = LineBot(stage.server.token, base, request=one_connection, get_updates_request=Request())
    line.speak_only_while(lambda: leads)
    async with line:
        stage.server.faults.add(Mishap.SLOW, "sendMessage", delay_s=0.3)
        first = asyncio.create_task(line.send_message(alice, "it has left"))
        await stage.server.wait_for_call("sendMessage")
        waiting = [
            asyncio.create_task(line.send_message(alice, "it waits")),
            asyncio.create_task(line.send_photo(alice, b"a picture that waits")),
        ]
        await asyncio.sleep(0)
        leads = False
        await asyncio.wait((first, *waiting))
        assert (first.cancelled(), [each.cancelled() for each in waiting]) == (False, [True, True])
        assert [call.method for call in stage.server.calls].count("sendMessage") == 1
        assert "sendPhoto" not in [call.method for call in stage.server.calls]


async def test_hands_full_of_bulk_and_replies_leave_a_connection_for_one_more(stage: Stage) -> None:
    """Nothing of a reply's way is used up by alerts: neither a slot nor a connection."""
    line, alice = stage.bot.application.bot, stage.cast.alice.id
    stage.say("/start")
    under_way = TELEGRAM.under_way + MOST_AT_ONCE - 1
    stage.server.faults.add(Mishap.SLOW, "sendMessage", times=under_way, delay_s=30)
    async with line:
        slow = [asyncio.create_task(line.send_message(alice, "bulk")) for _ in range(under_way)]
        await stage.server.wait_for_call("sendMessage", number=under_way)
        async with asyncio.timeout(2):
            await line.send_message(alice, "reply")
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
