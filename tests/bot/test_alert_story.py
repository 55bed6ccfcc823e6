"""What follows an alert, over HTTP: the one that takes it back answers it, and its buttons do their work."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.playground.chats import Chat, ChatKind, Role
from bot.playground.faults import Mishap
from bot.playground.messages import Message
from bot.playground.refusals import too_many_requests
from bot.playground.users import User
from storage import chats, outbox
from tests.bot.whole_stage import HOSTILE, Stage, open_stage

ON, OFF = "⚠ BTC in the support zone", "○ BTC above the support zone"


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    async with open_stage() as stage:
        yield stage


async def subscribe(stage: Stage, chat: Chat, thread: int | None = None) -> None:
    """Alice lets a chat hear of the support zone, which BTC is above of."""
    stage.server.people.say(stage.cast.alice, chat, "/subscribe support", thread=thread)
    await stage.server.wait_for_message(chat, "This chat hears of")


async def alert(stage: Stage, chat: Chat | User, price: float, containing: str) -> Message:
    """The alert that a price brings."""
    stage.trades_at(price)
    return await stage.server.wait_for_message(chat, containing)


# Threads


async def test_that_a_warning_is_over_answers_the_warning_and_the_next_one_is_new(stage: Stage):
    async with stage.online():
        await subscribe(stage, stage.ticker)
        stage.say("/subscribe support", stage.cast.xiaolin, stage.cast.xiaolin)
        await stage.server.wait_for_message(stage.cast.xiaolin, "本聊天已订阅")
        await stage.sets_levels()
        on = await alert(stage, stage.ticker, 105_900, ON)
        on_zh = await stage.server.wait_for_message(stage.cast.xiaolin, "⚠ BTC 进入支撑区")
        off = await alert(stage, stage.ticker, 107_500, OFF)
        off_zh = await stage.server.wait_for_message(stage.cast.xiaolin, "○ BTC")
        assert (off.reply_to, off_zh.reply_to) == (on, on_zh)
        again = await alert(stage, stage.ticker, 105_800, f"{ON}: BTC 105,800")
        assert (on.reply_to, again.reply_to) == (None, None)


async def test_an_answer_finds_its_alert_after_a_restart_and_after_the_outbox_was_pruned(stage: Stage):
    async with stage.online():
        await subscribe(stage, stage.ticker)
        await stage.sets_levels()
        on = await alert(stage, stage.ticker, 105_900, ON)
    async with stage.online():
        off = await alert(stage, stage.ticker, 107_500, OFF)
        assert off.reply_to is on


async def test_each_topic_of_a_forum_answers_its_own_alert(stage: Stage):
    floor, topic = stage.cast.trading_floor, stage.cast.alerts.id
    async with stage.online():
        await subscribe(stage, floor, topic)
        await subscribe(stage, stage.ticker)
        await stage.sets_levels()
        on = await alert(stage, floor, 105_900, ON)
        await stage.server.wait_for_message(stage.ticker, ON)
        chats.subscribe(stage.desk.db, floor.id, "support", "sound")
        stage.trades_at(107_500)
        offs = await _both(stage, floor, OFF)
        answers = {message.thread_id: message.reply_to for message in offs}
        assert answers[topic] is on
        # General was told of nothing that could be taken back.
        assert answers[None] is None


async def test_an_alert_comes_alone_where_the_first_is_deleted_or_the_group_has_moved(stage: Stage):
    group = stage.server.telegram.create_chat(ChatKind.GROUP, HOSTILE, stage.cast.alice)
    stage.server.people.add_bot(group, stage.cast.alice, Role.ADMINISTRATOR)
    async with stage.online():
        await subscribe(stage, group)
        await subscribe(stage, stage.ticker)
        await stage.sets_levels()
        on = await alert(stage, stage.ticker, 105_900, ON)
        await stage.server.wait_for_message(group, ON)
        stage.server.telegram.erase(stage.ticker, on)
        new = stage.server.people.migrate(group)
        off = await alert(stage, stage.ticker, 107_500, OFF)
        moved = await stage.server.wait_for_message(new, OFF)
        assert (off.reply_to, moved.reply_to) == (None, None)
        assert outbox.count_by_state(stage.desk.db).get("failed", 0) == 0


# Somebody takes it


async def test_a_group_sees_who_took_an_alert_and_the_first_one_has_it(stage: Stage):
    cast, people = stage.cast, stage.server.people
    async with stage.online():
        await subscribe(stage, stage.ticker)
        await stage.sets_levels()
        on = await alert(stage, stage.ticker, 105_900, ON)
        text, buttons = on.text, [button["text"] for button in on.buttons]
        assert buttons == ["Why", "Chart", "Mute this kind", "I take it"]

        people.press(cast.bob, on, "I take it")
        await _shows(stage, on, "✋ Taken by \u2068Bob\u2069, 20:16 UTC")
        assert on.text.startswith(text)
        assert [button["text"] for button in on.buttons] == [*buttons[:3], "Give it back"]

        note = await _noted(stage, stage.cast.xiaolin, on, "Give it back")
        number = _number(on)
        assert note == f"{number}：\u2068Bob\u2069 已于 20:16 UTC 认领。"
        stage.say(f"/why {number}", stage.ticker)
        await stage.server.wait_for_message(stage.ticker, f"Alert {number}\n✋ Taken by \u2068Bob\u2069")
        stage.say("/history", stage.ticker)
        await stage.server.wait_for_message(stage.ticker, f"{number} · ✋ Taken by \u2068Bob\u2069")
        stage.say("/ack", stage.ticker)
        await stage.server.wait_for_message(stage.ticker, f"{number} \u2068Bob\u2069 · 3 Nov 20:16 UTC")

        assert await _noted(stage, cast.bob, on, "Give it back") == f"{number} is free again."
        await stage.server.wait_for(lambda: "✋" not in on.text or None)
        assert (on.text, [button["text"] for button in on.buttons]) == (text, buttons)


async def test_a_name_can_be_anything_and_an_anonymous_administrator_has_none(stage: Stage):
    cast, people = stage.cast, stage.server.people
    cast.bob.first_name = HOSTILE * 9
    people.promote(cast.xiaolin, stage.ticker, cast.alice)
    people.set_anonymous(cast.xiaolin, stage.ticker, is_anonymous=True)
    stage.say("/language zh", stage.ticker)
    async with stage.online():
        await subscribe_in_chinese(stage)
        await stage.sets_levels()
        on = await alert(stage, stage.ticker, 105_900, "⚠ BTC 进入支撑区")
        people.press(cast.bob, on, "我来跟进")
        await _shows(stage, on, "✋ \u2068<b>&amp; evil 🦈<b>&amp; evil")
        assert "\u202e" not in on.text
        await _noted(stage, cast.bob, on, "取消认领")
        await stage.server.wait_for(lambda: "✋" not in on.text or None)
        people.press(cast.xiaolin, on, "我来跟进")
        await _shows(stage, on, "✋ 一位匿名管理员 已认领")
        assert "小林" not in on.text


async def subscribe_in_chinese(stage: Stage) -> None:
    await stage.server.wait_for_message(stage.ticker, "中文")
    stage.say("/subscribe support", stage.ticker)
    await stage.server.wait_for_message(stage.ticker, "本聊天已订阅")


async def test_what_telegram_refuses_to_show_at_first_is_shown_after_a_restart(stage: Stage):
    async with stage.online():
        await subscribe(stage, stage.ticker)
        await stage.sets_levels()
        on = await alert(stage, stage.ticker, 105_900, ON)
        stage.server.faults.add(too_many_requests(30), method="editMessageText")
        assert await _noted(stage, stage.cast.bob, on, "I take it") == f"{_number(on)} is yours."
        await stage.server.wait_for_call("editMessageText", ok=False)
    assert "✋" not in on.text
    stage.clock.now += timedelta(minutes=1)
    async with stage.online():
        await _shows(stage, on, "✋ Taken by \u2068Bob\u2069, 20:16 UTC")


async def test_an_answer_that_is_lost_leaves_the_alert_as_it_should_be(stage: Stage):
    async with stage.online():
        await subscribe(stage, stage.ticker)
        await stage.sets_levels()
        on = await alert(stage, stage.ticker, 105_900, ON)
        stage.server.faults.add(Mishap.DROP_AFTER, method="editMessageText")
        stage.server.people.press(stage.cast.bob, on, "I take it")
        await _shows(stage, on, "✋ Taken by")
        await _asks_about_it(stage)
        stage.trades_at(105_900, minutes=2)
        # The same edit once more: "message is not modified" is as good as done.
        await stage.server.wait_for_call("editMessageText", ok=False)
    async with stage.online():
        await _asks_about_it(stage)
        assert stage.count("editMessageText") == 2


async def test_in_a_private_chat_nobody_has_to_be_told(stage: Stage):
    async with stage.online():
        stage.say("/subscribe support", stage.cast.alice)
        await stage.server.wait_for_message(stage.cast.alice, "This chat hears of")
        await stage.sets_levels()
        on = await alert(stage, stage.cast.alice, 105_900, ON)
        assert [button["text"] for button in on.buttons] == ["Why", "Chart", "Mute this kind"]
        stage.say("/ack A-1", stage.cast.alice)
        await stage.server.wait_for_message(stage.cast.alice, "In a group everybody sees")


# This kind, and no other


async def test_one_kind_of_alerts_is_muted_for_a_while_by_administrators_alone(stage: Stage):
    cast, people = stage.cast, stage.server.people
    async with stage.online():
        await subscribe(stage, stage.ticker)
        await stage.sets_levels()
        on = await alert(stage, stage.ticker, 105_900, ON)
        assert (await _noted(stage, cast.bob, on, "Mute this kind")).startswith("Only administrators")
        assert await _noted(stage, cast.alice, on, "Mute this kind") == "For how long? Choose below."
        offers = await stage.server.wait_for_message(stage.ticker, "Support zone: heard here with a sound")
        people.press(cast.alice, offers, "1 h")
        await _shows(stage, offers, "Support zone: muted until 3 Nov 21:16 UTC (1 h)")

        stage.trades_at(107_500)
        stage.clock.now += timedelta(hours=1)
        again = await alert(stage, stage.ticker, 105_800, f"{ON}: BTC 105,800")
        assert [m.text for m in stage.server.sent(stage.ticker) if OFF in m.text] == []
        # What the group was told last is that BTC is in the zone; that it is again takes nothing back.
        assert again.reply_to is None

        people.press(cast.alice, offers, "Not at all")
        await _shows(stage, offers, "Support zone: not heard here")
        people.press(cast.alice, offers, "No sound")
        await _shows(stage, offers, "Support zone: heard here silently")


async def _asks_about_it(stage: Stage) -> None:
    """A question and its answer: what the bot was doing before is done."""
    asked = len(stage.server.sent(stage.ticker))
    stage.say("/about", stage.ticker)
    await stage.server.wait_for(lambda: len(stage.server.sent(stage.ticker)) > asked or None)


def _number(alert: Message) -> str:
    found = re.search(r"A-\d+", alert.text)
    assert found
    return found[0]


async def _shows(stage: Stage, message: Message, containing: str) -> None:
    await stage.server.wait_for(lambda: containing in message.text or None)


async def _noted(stage: Stage, who: User, message: Message, button: str) -> str:
    """What pops up over a button."""
    query_id = stage.server.people.press(who, message, button)
    call = await stage.server.wait_for(
        lambda: next(
            (
                call
                for call in stage.server.calls
                if call.method == "answerCallbackQuery" and call.params["callback_query_id"] == query_id
            ),
            None,
        )
    )
    # The note comes before what it says is carried out.
    await asyncio.sleep(0)
    return str(call.params.get("text", ""))


async def _both(stage: Stage, chat: Chat, containing: str) -> list[Message]:
    def found() -> list[Message] | None:
        messages = [message for message in stage.server.sent(chat) if containing in message.text]
        return messages if len(messages) == 2 else None

    return await stage.server.wait_for(found)
