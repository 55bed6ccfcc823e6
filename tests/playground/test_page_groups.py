"""Groups on the page: topics, parts that people play, what becomes of a group, one message's menu."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from telegram import Update
from telegram.ext import MessageHandler, filters

from bot.playground.chats import ChatKind, Role
from bot.playground.messages import Message
from bot.playground.users import ANONYMOUS
from tests.browser import CHROMIUM, Browser, open_browser
from tests.playground.show import Show, open_show

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.asyncio(loop_scope="module"),
]


async def _echo(update: Update, _context: Any) -> None:
    message = update.effective_message
    assert message is not None
    thread = message.message_thread_id if message.is_topic_message else None
    await message.get_bot().send_message(
        message.chat_id, f"heard {message.text}", message_thread_id=thread, disable_notification=True
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def show(browser: Browser) -> AsyncIterator[Show]:
    async with open_show(browser, MessageHandler(filters.COMMAND, _echo)) as show:
        yield show


async def test_each_topic_has_its_own_conversation(show: Show) -> None:
    floor, alerts, chatter = show.cast.trading_floor, show.cast.alerts.id, show.cast.chatter.id
    await show.open(floor)
    await show.topic(alerts)
    await show.say("/status")
    await show.page.wait_for_text("heard /status", "#log")
    assert (await show.said(floor, "heard")).thread_id == alerts
    await show.page.wait_for("document.querySelector('#log .theirs .silent')")
    await show.topic(chatter)
    assert "heard" not in await show.page.evaluate("document.querySelector('#log').innerText")
    await show.application.bot.send_message(floor.id, "an alert", message_thread_id=alerts)
    await show.page.wait_for(
        f"document.querySelector('.topic[data-topic=\"{alerts}\"] .badge')?.innerText === '1'"
    )
    await show.topic(alerts)
    await show.page.wait_for_text("an alert", "#log")
    # Nothing is quoted: the answer to a topic's first message is none to a reader.
    assert await show.page.evaluate("document.querySelector('#log .quote')") is None


async def test_a_topic_is_opened_closed_renamed_and_deleted(show: Show) -> None:
    floor = show.cast.trading_floor
    await show.open(floor)
    await show.page.click(".add-topic")
    await show.answer("ETF flows")
    await show.page.wait_for_text("ETF flows", ".topic[aria-selected=true]")
    thread = max(floor.topics)
    await show.menu("Close “ETF flows”")
    await show.page.wait_for_text("Alice closed the topic", "#log")
    await show.play(3)
    await show.topic(thread)
    await show.page.wait_for_text("This topic is closed", "#read-only")
    await show.play(1)
    await show.menu("Rename “ETF flows”")
    await show.answer("Flows")
    await show.page.wait_for_text("Flows", ".topic[aria-selected=true]")
    await show.menu("Delete “Flows”")
    await show.page.wait_for_text("General", ".topic[aria-selected=true]")
    assert thread not in floor.topics


async def test_one_switches_ones_own_part(show: Show) -> None:
    desk = show.cast.night_desk
    await show.play(3)
    await show.open(desk)
    assert await show.page.evaluate("document.querySelector('#my-part').value") == "member"
    await show.choose("#my-part", "anonymous")
    await show.server.wait_for(lambda: show.cast.bob.id in desk.anonymous)
    await show.page.wait_for("document.querySelector('#my-part').value === 'anonymous'")
    await show.say("/mute 2h")
    said = await show.said(desk, "/mute 2h")
    assert (said.sender, said.author) == (ANONYMOUS, show.cast.bob)
    await show.page.wait_for_text("/mute 2h", "#log .mine")
    await show.play(1)
    await show.page.wait_for_text("Night desk", "#log .theirs .author")
    await show.play(3)
    await show.choose("#my-part", "member")
    await show.server.wait_for(lambda: desk.role(show.cast.bob) is Role.MEMBER)
    assert show.cast.bob.id not in desk.anonymous


async def test_parts_are_given_to_others_and_to_the_bot(show: Show) -> None:
    desk, bot = show.cast.night_desk, show.server.telegram.bot
    await show.open(desk)
    await show.menu("Members and rights")
    await show.choose("#member-list li:nth-child(2) select", "administrator")
    await show.server.wait_for(lambda: desk.role(show.cast.xiaolin) is Role.ADMINISTRATOR)
    await show.choose("#member-list li:nth-child(4) select", "no-pin")
    await show.server.wait_for(lambda: desk.role(bot) is Role.ADMINISTRATOR)
    assert not desk.may(bot, "can_pin_messages")
    await show.choose("#member-list li:nth-child(4) select", "left")
    await show.server.wait_for(lambda: not desk.role(bot).present)
    await show.page.press("Escape")
    await show.page.wait_for_text("Alice removed Aftershock", "#log")
    await show.menu("Add the bot")
    await show.page.wait_for_text("Alice added Aftershock", "#log")


async def test_a_small_group_becomes_a_supergroup_and_then_a_forum(show: Show) -> None:
    await show.page.click("#new-group")
    await show.answer("Small desk")
    await show.page.wait_for_text("small group", "#chat-subtitle")
    await show.menu("Add the bot")
    await show.page.wait_for_text("Alice added Aftershock", "#log")
    await show.menu("Upgrade to a supergroup")
    await show.page.wait_for_text("This group was upgraded", "#log")
    await show.menu("Turn topics on")
    await show.page.wait_for_text("General", "#topics")
    new = next(c for c in show.server.telegram.chats.values() if c.title == "Small desk" and c.is_forum)
    assert new.kind is ChatKind.SUPERGROUP
    assert new.role(show.server.telegram.bot) is Role.MEMBER


async def test_what_one_began_is_done_by_oneself_whoever_is_played_when_it_is_named(show: Show) -> None:
    await show.open(show.cast.trading_floor)
    await show.menu("New topic …")
    await show.page.wait_for("document.querySelector('#ask').open")
    await show.page.evaluate("document.querySelector('.user:nth-child(3)').click()")
    await show.page.wait_for_text("Trading floor")
    await show.page.evaluate("document.querySelector('#ask-text').focus()")
    await show.page.write("ETF flows")
    await show.page.press("Enter")
    await show.page.wait_for_text("Alice opened the topic “ETF flows”", "#log")


async def test_a_quiet_group_is_read_only_to_members(show: Show) -> None:
    await show.open(show.cast.night_desk)
    await show.menu("Let only administrators write")
    # A page may take its time, and what is not done yet would be done by whoever is played next.
    await show.server.wait_for(lambda: "can_send_messages" in show.cast.night_desk.forbidden)
    await show.play(3)
    await show.page.wait_for_text("Only administrators write in this group", "#read-only")
    await show.play(1)
    await show.menu("Let members write")
    await show.server.wait_for(lambda: "can_send_messages" not in show.cast.night_desk.forbidden)
    await show.play(3)
    await show.page.wait_for("document.querySelector('#composer').offsetParent")


async def test_a_message_is_pinned_unpinned_forwarded_and_deleted(show: Show) -> None:
    desk = show.cast.night_desk
    board = await _sent(show, "the board")
    await show.open(desk)
    await show.message_menu("the board", "Pin")
    await show.page.wait_for_text("the board", "#pinned")
    await show.message_menu("the board", "Unpin")
    await show.page.wait_for("document.querySelector('#pinned').hidden")
    await show.message_menu("the board", "Forward")
    await show.pick("Trading floor")
    copy = await show.said(show.cast.trading_floor, "the board")
    assert copy.marks["forward_origin"]["type"] == "user"
    await show.message_menu("the board", "Delete")
    await show.server.wait_for(lambda: board.id not in desk.messages)
    await show.open(show.cast.trading_floor)
    await show.page.wait_for_text("Forwarded from Aftershock", "#log .origin")


async def test_what_is_answered_is_found_again(show: Show) -> None:
    first = await _sent(show, "the first alert")
    for number in range(30):
        await _sent(show, f"line {number}\n" * 4)
    await show.open(show.cast.night_desk)
    await show.application.bot.send_message(first.chat_id, "it turned back", reply_to_message_id=first.id)
    await show.page.wait_for_text("the first alert", "#log .quote")
    await show.page.evaluate("document.querySelector('#log .quote').click()")
    await show.page.wait_for(f"document.activeElement.dataset.id === '{first.id}'")


async def test_a_post_shows_its_author_and_comes_into_the_discussion(show: Show) -> None:
    channel, desk = show.cast.channel, show.cast.night_desk
    show.server.people.sign_posts(channel, signs=True)
    await show.open(channel)
    await show.menu("Add a discussion group")
    await show.pick("Night desk")
    await show.server.wait_for(lambda: channel.linked_to == desk.id)
    await show.say("fragile")
    await show.page.wait_for_text("Alice", "#log .meta")
    await show.open(desk)
    await show.page.wait_for_text("Aftershock alerts", "#log .author")


async def test_a_phone_holds_topics_parts_and_members(show: Show) -> None:
    await show.page.resize(390, 800)
    await show.open(show.cast.trading_floor)
    await show.topic(show.cast.chatter.id)
    await show.menu("Members and rights")
    await show.page.wait_for("document.querySelector('#members').open")
    assert await show.page.evaluate("document.documentElement.scrollWidth") == 390
    overflow = "(e => e.scrollWidth - e.clientWidth)(document.querySelector('#members'))"
    assert await show.page.evaluate(overflow) == 0
    nameless = await show.page.evaluate(
        "[...document.querySelectorAll('button, select, input')].filter(one => one.offsetParent)"
        ".filter(one => !(one.innerText.trim() || one.getAttribute('aria-label') || one.labels?.length))"
        ".map(one => one.outerHTML)"
    )
    assert nameless == []


async def _sent(show: Show, text: str) -> Message:
    desk = show.cast.night_desk
    return desk.messages[(await show.application.bot.send_message(desk.id, text)).message_id]
