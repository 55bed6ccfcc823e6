"""Long polling, with Telegram's rules for what is confirmed and who may poll."""

import asyncio

import pytest
from telegram import Bot
from telegram.error import Conflict

from bot.playground.cast import Cast
from bot.playground.server import PlaygroundServer
from tests.playground.stage import new_bot


@pytest.fixture
def talk(playground: PlaygroundServer, cast: Cast) -> list[int]:
    """Three updates wait; their ids."""
    playground.telegram.updates.waiting.clear()
    for text in ("one", "two", "three"):
        playground.people.say(cast.alice, playground.telegram.bot, text)
    return [update["update_id"] for update in playground.telegram.updates.waiting]


async def _texts(bot: Bot, offset: int = 0, limit: int = 100, timeout_s: int = 0) -> list[str | None]:
    updates = await bot.get_updates(offset, limit, timeout_s)
    return [update.message.text for update in updates if update.message]


async def test_an_update_comes_again_until_a_higher_offset_confirms_it(bot: Bot, talk: list[int]) -> None:
    assert await _texts(bot) == ["one", "two", "three"]
    assert await _texts(bot, offset=talk[0]) == ["one", "two", "three"]
    assert await _texts(bot, offset=talk[0] + 1) == ["two", "three"]
    assert await _texts(bot) == ["two", "three"]


@pytest.mark.usefixtures("talk")
async def test_a_limit_and_a_negative_offset(bot: Bot) -> None:
    assert await _texts(bot, limit=2) == ["one", "two"]
    assert await _texts(bot, offset=-1) == ["three"]
    assert await _texts(bot) == ["three"], "what lies before a negative offset is forgotten"


async def test_a_poll_waits_for_what_comes(bot: Bot, cast: Cast, playground: PlaygroundServer) -> None:
    playground.telegram.updates.waiting.clear()
    poll = asyncio.create_task(_texts(bot, timeout_s=20))
    await playground.wait_for(lambda: playground.telegram.updates.is_polled)
    playground.people.say(cast.alice, playground.telegram.bot, "now")
    assert await poll == ["now"]


async def test_a_poll_ends_empty_after_its_timeout(bot: Bot) -> None:
    assert await bot.get_updates(timeout=1) == ()


async def test_a_second_poller_ends_the_first(bot: Bot, playground: PlaygroundServer, cast: Cast) -> None:
    playground.telegram.updates.waiting.clear()
    first = asyncio.create_task(bot.get_updates(timeout=20))
    await playground.wait_for(lambda: playground.telegram.updates.is_polled)
    async with new_bot(playground) as other:
        second = asyncio.create_task(_texts(other, timeout_s=20))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await first
        playground.people.say(cast.alice, playground.telegram.bot, "for the second")
        assert await second == ["for the second"]


async def test_polling_is_refused_while_a_webhook_is_set(bot: Bot) -> None:
    await bot.set_webhook("https://bot.example/hook")
    assert (await bot.get_webhook_info()).url == "https://bot.example/hook"
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()


async def test_members_are_told_of_only_to_those_who_ask(
    bot: Bot, playground: PlaygroundServer, cast: Cast
) -> None:
    playground.telegram.updates.waiting.clear()
    playground.people.leave(cast.xiaolin, cast.channel)
    assert await bot.get_updates(allowed_updates=["chat_member"]) == ()
    playground.people.join(cast.xiaolin, cast.channel)
    playground.people.say(cast.alice, playground.telegram.bot, "not asked for")
    updates = await bot.get_updates()
    assert [update.chat_member is not None for update in updates] == [True]
