"""The pinned board over HTTP: sent, pinned, edited in place, found again after whatever happens to it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest

from bot.playground.chats import Chat, ChatKind, Role
from bot.playground.messages import Message
from storage.boards import read_board
from tests.bot.watched import LEVELS
from tests.bot.whole_stage import HOSTILE, Stage, open_stage

ETH_BTC_ABOVE = "ETH/BTC above 0.0336 with its low 3 d old"


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    async with open_stage() as stage:
        yield stage


async def test_a_board_is_pinned_without_a_sound_and_edited_only_when_it_says_something_new(stage: Stage):
    async with stage.online():
        stage.say("/board", stage.ticker)
        board = await stage.board(stage.ticker)
        await stage.pinned(stage.ticker, board)
        assert board.text.split("\n") == [
            "🔴 Fragile: 0 of 3 break conditions met · since 30 Oct 20:14 UTC",
            "BTC ≈ 107,000 · ETH ≈ 3,600",
            "✗ US premium: not met · −0.03 %",
            "✗ ETF flows: not met · −$191.6 m on 31 Oct (final) · 3 sessions out, −$1.15 bn",
            "◔ ETH/BTC: holding · 0.0336 · low of 1 Nov 21:00 UTC, 100 % of the fall regained",
            f"Breaks when: one US session above 0 · two ETF sessions without outflow · {ETH_BTC_ABOVE}",
            "as of 20:14 UTC · Not investment advice",
        ]
        assert [button["text"] for button in board.buttons] == ["Why", "Status now", "Subscribe"]
        assert board.is_silent
        pinning = await stage.server.wait_for_call("pinChatMessage")
        assert pinning.params["disable_notification"]

        stage.trades_at(106_950, minutes=5)
        stage.trades_at(110_000)
        await stage.server.wait_for(lambda: "BTC ≈ 110,000" in board.text or None)
        assert "as of 20:20 UTC" in board.text
        assert (stage.count("editMessageText"), stage.count("pinChatMessage")) == (1, 1)


async def test_a_warning_stands_on_the_board_in_the_language_of_its_chat(stage: Stage):
    stage.server.telegram.private_chat(stage.cast.xiaolin)
    async with stage.online():
        stage.say("/board", stage.cast.xiaolin, stage.cast.xiaolin)
        board = await stage.board(stage.cast.xiaolin, "截至")
        assert board.text.startswith("🔴 脆弱：3 项打破条件满足 0 项 · 自 10 月 30 日 20:14 UTC 起")
        stage.say(LEVELS, stage.cast.alice)
        await stage.server.wait_for_message(stage.cast.alice, "Set by the operator")
        stage.trades_at(106_500)
        stage.trades_at(105_900)
        await stage.server.wait_for(lambda: "⚠ BTC 进入支撑区" in board.text or None)
        stage.say("/language en", stage.cast.xiaolin, stage.cast.xiaolin)
        await stage.server.wait_for_message(stage.cast.xiaolin, "I speak English")
        stage.trades_at(105_900)
        await stage.server.wait_for(lambda: "⚠ BTC in the support zone" in board.text or None)


async def test_a_deleted_board_comes_once_more_and_is_pinned_again(stage: Stage):
    async with stage.online():
        stage.say("/board", stage.ticker)
        board = await stage.board(stage.ticker)
        await stage.pinned(stage.ticker, board)
        stage.server.telegram.erase(stage.ticker, board)
        stage.trades_at(110_000, minutes=2)
        again = await stage.board(stage.ticker, "BTC ≈ 110,000")
        await stage.pinned(stage.ticker, again)
        stage.trades_at(110_000, minutes=10)
        stage.say("/status", stage.ticker)
        await stage.server.wait_for_message(stage.ticker, "Breaks when")
        assert len(_boards(stage, stage.ticker)) == 1


async def test_who_unpins_a_board_is_not_fought_until_it_is_asked_for_again(stage: Stage):
    async with stage.online():
        stage.say("/board", stage.ticker)
        board = await stage.board(stage.ticker)
        await stage.pinned(stage.ticker, board)
        stage.ticker.pinned.clear()
        stage.trades_at(110_000)
        await stage.server.wait_for(lambda: "BTC ≈ 110,000" in board.text or None)
        assert stage.ticker.pinned == []
        stage.say("/board", stage.ticker)
        await stage.server.wait_for_message(stage.ticker, "There is a board already")
        await stage.pinned(stage.ticker, board)
        assert len(_boards(stage, stage.ticker)) == 1


async def test_without_the_right_to_pin_it_says_so_and_stays_current(stage: Stage):
    group = stage.server.telegram.create_chat(ChatKind.SUPERGROUP, HOSTILE, stage.cast.alice)
    stage.server.people.add_bot(group, stage.cast.alice)
    async with stage.online():
        stage.say("/board", group)
        board = await stage.board(group)
        notice = await stage.server.wait_for_message(group, "I may not pin messages here")
        assert notice.is_silent
        stage.trades_at(110_000)
        await stage.server.wait_for(lambda: "BTC ≈ 110,000" in board.text or None)
        assert stage.count("pinChatMessage") == 1


async def test_off_unpins_and_forgets(stage: Stage):
    async with stage.online():
        stage.say("/board off", stage.ticker)
        await stage.server.wait_for_message(stage.ticker, "There is no board here")
        stage.say("/board", stage.ticker)
        comes = await stage.server.wait_for_message(stage.ticker, "The board comes")
        board = await stage.board(stage.ticker)
        await stage.pinned(stage.ticker, board)
        stage.server.people.press(stage.cast.alice, comes, "End the board")
        await stage.server.wait_for_call("unpinChatMessage")
        stage.trades_at(110_000, minutes=2)
        stage.say("/about", stage.ticker)
        await stage.server.wait_for_message(stage.ticker, "Aftershock answers one question")
    assert "110,000" not in board.text
    assert read_board(stage.desk.db, stage.ticker.id, 0) is None


async def test_only_administrators_bring_a_board_and_end_it(stage: Stage):
    async with stage.online():
        stage.say("/board", stage.ticker, stage.cast.xiaolin)
        await stage.server.wait_for_message(stage.ticker, "只有管理员")
        assert read_board(stage.desk.db, stage.ticker.id, 0) is None


async def test_several_commands_at_once_make_one_board(stage: Stage):
    async with stage.online():
        for _ in range(3):
            stage.say("/board", stage.ticker)
        board = await stage.board(stage.ticker)
        await stage.pinned(stage.ticker, board)
        await stage.server.wait_for(partial(_has_said, stage, "There is a board already", 2))
        stage.trades_at(110_000)
        await stage.server.wait_for(lambda: "BTC ≈ 110,000" in board.text or None)
        assert len(_boards(stage, stage.ticker)) == 1


async def test_a_board_is_the_same_message_after_a_restart(stage: Stage):
    async with stage.online():
        stage.say("/board", stage.ticker)
        board = await stage.board(stage.ticker)
        await stage.pinned(stage.ticker, board)
    stage.clock.now += timedelta(hours=1)
    async with stage.online():
        stage.trades_at(110_000)
        await stage.server.wait_for(lambda: "BTC ≈ 110,000" in board.text or None)
        assert (len(_boards(stage, stage.ticker)), stage.count("pinChatMessage")) == (1, 1)


async def test_a_group_that_moves_gets_its_board_anew(stage: Stage):
    group = stage.server.telegram.create_chat(ChatKind.GROUP, HOSTILE, stage.cast.alice)
    stage.server.people.add_bot(group, stage.cast.alice, Role.ADMINISTRATOR)
    async with stage.online():
        stage.say("/board", group)
        await stage.pinned(group, await stage.board(group))
        new = stage.server.people.migrate(group)
        stage.trades_at(110_000, minutes=2)
        board = await stage.board(new, "BTC ≈ 110,000")
        await stage.pinned(new, board)
        assert read_board(stage.desk.db, group.id, 0) is None


async def test_a_chat_that_blocks_the_bot_gets_no_edits_and_a_muted_one_does(stage: Stage):
    stage.server.telegram.private_chat(stage.cast.xiaolin)
    async with stage.online():
        for who, comes in ((stage.cast.alice, "as of"), (stage.cast.xiaolin, "截至")):
            stage.say("/board", who, who)
            await stage.board(who, comes)
        stage.say("/mute 8h", stage.cast.alice)
        await stage.server.wait_for_message(stage.cast.alice, "Muted until")
        stage.server.people.block(stage.cast.xiaolin)
        stage.trades_at(110_000, minutes=2)
        await stage.board(stage.cast.alice, "BTC ≈ 110,000")
        stage.server.people.unblock(stage.cast.xiaolin)
        stage.say("/about", stage.cast.xiaolin, stage.cast.xiaolin)
        await stage.board(stage.cast.xiaolin, "BTC ≈ 110,000")
        assert all(call.ok for call in stage.server.calls if call.method == "editMessageText")


async def test_each_topic_has_its_own_board_and_a_deleted_topic_takes_it_along(stage: Stage):
    floor, topic, people = stage.cast.trading_floor, stage.cast.alerts.id, stage.server.people
    people.add_bot(floor, stage.cast.alice, Role.ADMINISTRATOR)
    async with stage.online():
        people.say(stage.cast.alice, floor, "/board", thread=topic)
        board = await stage.board(floor)
        await stage.pinned(floor, board)
        assert board.thread_id == topic
        people.say(stage.cast.alice, floor, "/board", anonymous=True)
        await stage.server.wait_for(lambda: len(_boards(stage, floor)) == 2 or None)
        in_topics = {message.thread_id: message for message in _boards(stage, floor)}
        assert set(in_topics) == {topic, None}
        await stage.pinned(floor, in_topics[None])
        people.delete_topic(stage.cast.alice, floor, topic)
        stage.trades_at(110_000, minutes=2)
        await stage.server.wait_for_call("sendMessage", ok=False)
        [general] = _boards(stage, floor)
        await stage.server.wait_for(lambda: "BTC ≈ 110,000" in general.text or None)
    assert read_board(stage.desk.db, floor.id, topic) is None
    assert read_board(stage.desk.db, floor.id, 0) is not None


def _boards(stage: Stage, chat: Chat) -> list[Message]:
    return [message for message in stage.server.sent(chat) if "as of" in message.text and "≈" in message.text]


def _has_said(stage: Stage, text: str, times: int) -> bool | None:
    return sum(text in message.text for message in stage.server.sent(stage.ticker)) == times or None
