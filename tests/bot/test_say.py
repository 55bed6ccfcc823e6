"""A command in the terminal."""

import pytest

from bot.verbs.say import say
from storage.chats import read_chat
from tests.bot.desks import FRAGILE, market_of_two_days, new_desk


@pytest.mark.parametrize("line", ["/status", "status", "/STATUS"])
async def test_a_command_is_answered_without_markup_and_with_its_buttons(line: str):
    with new_desk(market_of_two_days()) as desk:
        desk.standings = FRAGILE
        said = (await say(desk, line)).splitlines()
    assert said[0] == "🔴 Fragile: 0 of 3 break conditions met · since 30 Oct 20:14 UTC (4 d)"
    assert said[-2:] == ["[Refresh] [Why] [Chart]", "[US premium] [ETF flows] [ETH/BTC]"]


async def test_the_language_is_the_one_that_is_asked_for():
    with new_desk() as desk:
        assert (await say(desk, "/status", "zh")).startswith("⚪ 未知：")


async def test_a_chart_is_told_by_its_size():
    with new_desk() as desk:
        said = (await say(desk, "/chart btc 1d")).splitlines()
    assert said[0].startswith("[PNG, ")
    assert said[1] == "BTC and the verdict over 1 d"


@pytest.mark.parametrize("line", ["/mute 2h", "/subscribe all", "/unsubscribe all", "/language zh"])
async def test_settings_are_left_alone_because_there_is_no_chat(line: str):
    with new_desk() as desk:
        assert "there is no chat here" in await say(desk, line)
        assert read_chat(desk.db, 0) is None


async def test_nothing_said_is_answered_with_help():
    with new_desk() as desk:
        assert (await say(desk, "/")).startswith("Commands: ask")
