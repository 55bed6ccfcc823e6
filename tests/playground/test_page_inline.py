"""Inline mode, the bot's own keyboard, links to it and its files, on the page."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from telegram import (
    ChatAdministratorRights,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    KeyboardButton,
    KeyboardButtonRequestChat,
    ReplyKeyboardMarkup,
    Update,
)
from telegram.ext import CommandHandler, InlineQueryHandler, MessageHandler, filters

from bot.playground.chats import Role
from tests.browser import CHROMIUM, Browser, open_browser
from tests.playground.show import Show, open_show

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.asyncio(loop_scope="module"),
]

RIGHTS = ChatAdministratorRights(
    **{**dict.fromkeys(ChatAdministratorRights.__slots__, False), "can_post_messages": True}  # type: ignore[arg-type]  # all are flags
)
PICK = KeyboardButton(
    "Pick a channel",
    request_chat=KeyboardButtonRequestChat(
        3,
        chat_is_channel=True,
        bot_administrator_rights=RIGHTS,
        user_administrator_rights=RIGHTS,
        request_title=True,
    ),
)
SHARE = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("Ask here", switch_inline_query_current_chat="premium"),
            InlineKeyboardButton("Ask elsewhere", switch_inline_query="premium"),
            InlineKeyboardButton("Link", url="https://t.me/aftershock_bot?start=board"),
        ]
    ]
)


async def _offer(update: Update, _context: Any) -> None:
    query = update.inline_query
    assert query is not None
    first = int(query.offset or 0)
    results = [
        InlineQueryResultArticle(
            str(number),
            f"{query.query} {number}",
            InputTextMessageContent(f"<b>{query.query}</b> {number}", "HTML"),
        )
        for number in range(first, first + 3)
    ]
    button = InlineQueryResultsButton("Set up the bot", start_parameter="setup")
    await query.answer(results, cache_time=0, next_offset="" if first else "3", button=button)


async def _answer(update: Update, _context: Any) -> None:
    message = update.effective_message
    assert message is not None
    if message.chat_shared:
        await message.reply_text(f"I post in {message.chat_shared.title}")
    elif message.text == "/pick":
        keys = ReplyKeyboardMarkup([[PICK, "Never mind"]], one_time_keyboard=True)
        await message.reply_text("Where?", reply_markup=keys)
    elif message.text == "/ask":
        await message.reply_text("What is it?", reply_markup=ForceReply())
    elif message.text == "/export":
        await message.reply_document(b'{"chat": 1001}\n', filename="export.json")
    else:
        await message.reply_text(f"heard {message.text}", reply_markup=SHARE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def show(browser: Browser) -> AsyncIterator[Show]:
    handlers = (
        InlineQueryHandler(_offer),
        MessageHandler(filters.ChatType.PRIVATE, _answer),
        CommandHandler("start", _answer),
    )
    async with open_show(browser, *handlers) as show:
        yield show


async def _begin(show: Show) -> None:
    await show.page.click("#instead")
    await show.page.wait_for_text("heard /start", "#log")


async def _type(show: Show, text: str) -> None:
    await show.page.click("#text")
    await show.page.write(text)


async def test_the_bot_is_asked_from_a_group_and_a_result_is_picked(show: Show) -> None:
    await show.open(show.cast.trading_floor)
    await show.topic(show.cast.chatter.id)
    await _type(show, "@aftershock_bot premium")
    await show.page.wait_for_text("premium 0", "#offers")
    # The bot's own button comes first, then the results.
    await show.page.press("ArrowDown")
    await show.page.press("ArrowDown")
    await show.page.press("Enter")
    said = await show.said(show.cast.trading_floor, "premium 1")
    assert (said.sender, said.thread_id) == (show.cast.alice, show.cast.chatter.id)
    await show.page.wait_for_text("via @aftershock_bot", "#log .mine .origin")
    assert await show.page.evaluate("document.querySelector('#text').value") == ""


async def test_more_results_come_on_demand_and_escape_closes_them(show: Show) -> None:
    await show.open(show.cast.night_desk)
    await _type(show, "@aftershock_bot etf")
    await show.page.click(".more-offers")
    await show.page.wait_for_text("etf 5", "#offers")
    assert await show.page.evaluate("document.querySelector('.more-offers')") is None
    await show.page.press("Escape")
    await show.page.wait_for("document.querySelector('#offers').hidden")


async def test_the_bots_own_button_leads_to_the_private_chat(show: Show) -> None:
    await show.open(show.cast.night_desk)
    await _type(show, "@aftershock_bot x")
    await show.page.click(".start-offer")
    await show.page.wait_for_text("heard /start setup", "#log")


async def test_buttons_begin_a_question_here_or_elsewhere(show: Show) -> None:
    await _begin(show)
    await show.key("Ask here")
    await show.page.wait_for("document.querySelector('#text').value === '@aftershock_bot premium'")
    await show.page.wait_for_text("premium 2", "#offers")
    await show.key("Ask elsewhere")
    await show.pick("Night desk")
    await show.page.wait_for_text("Night desk", "#chat-title")
    await show.page.wait_for_text("premium 2", "#offers")


async def test_links_to_the_bot_are_followed_on_the_page(show: Show) -> None:
    await _begin(show)
    await show.key("Link")
    await show.page.wait_for_text("heard /start board", "#log")
    await show.page.click("#open-link")
    await show.answer("t.me/aftershock_bot?startgroup=board&admin=pin_messages")
    await show.pick("Night desk")
    await show.page.wait_for_text("Night desk", "#chat-title")
    await show.page.wait_for_text("heard /start@aftershock_bot board", "#log")
    assert show.cast.night_desk.role(show.server.telegram.bot) is Role.ADMINISTRATOR


async def test_a_link_that_leads_nowhere_says_so(show: Show) -> None:
    await show.page.click("#open-link")
    await show.answer("t.me/another_bot?start=x")
    await show.page.wait_for_text("no link to @aftershock_bot", ".toasts")
    # The browser itself notes each answer that is a refusal.
    assert [error for error in show.page.errors if "400" not in error] == []
    show.page.errors.clear()


async def test_a_key_asks_for_a_channel_and_the_bot_comes_there(show: Show) -> None:
    await show.page.click("#new-channel")
    await show.answer("Desk notes")
    await show.page.wait_for_text("channel", "#chat-subtitle")
    await show.page.click(f".chat[data-chat='{show.cast.alice.id}']")
    await _begin(show)
    await show.say("/pick")
    await show.page.wait_for_text("Pick a channel", "#keys")
    await show.page.click(".reply-key")
    await show.page.wait_for("document.querySelector('#pick').open")
    assert await show.page.evaluate("document.querySelectorAll('.choice:disabled small').length") == 2
    await show.pick("Desk notes")
    await show.page.wait_for_text("I post in Desk notes", "#log")
    await show.page.wait_for_text("Alice shared Desk notes with the bot", "#log")
    await show.page.wait_for("document.querySelector('#keys').hidden")


async def test_a_plain_key_says_what_stands_on_it(show: Show) -> None:
    await _begin(show)
    await show.say("/pick")
    await show.page.click(".reply-key:nth-child(2)")
    await show.page.wait_for_text("heard Never mind", "#log")


async def test_a_question_that_wants_an_answer_is_answered(show: Show) -> None:
    await _begin(show)
    await show.say("/ask")
    await show.page.wait_for_text("Reply to Aftershock", "#replying")


async def test_a_file_can_be_downloaded(show: Show) -> None:
    await _begin(show)
    await show.say("/export")
    await show.page.wait_for_text("export.json", "#log .document")
    got = await show.page.evaluate(
        "fetch(document.querySelector('#log .document').href).then(async (answer) => "
        "[await answer.text(), answer.headers.get('Content-Disposition')])"
    )
    assert got == ['{"chat": 1001}\n', "attachment"]
    assert await show.page.evaluate("document.querySelector('#log .document').download") == "export.json"
