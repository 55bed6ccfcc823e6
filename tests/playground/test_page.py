"""The page in a real browser, with a real bot behind it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, CommandHandler

from bot.playground.cast import gather_cast
from tests.browser import CHROMIUM, Browser, open_browser
from tests.playground.show import Show, open_show
from tests.playground.stage import new_playground, picture

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    # One browser for all tests of this file: its start costs more than they do.
    pytest.mark.asyncio(loop_scope="module"),
]

KEYS = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("Why", callback_data="why"),
            InlineKeyboardButton("Alert", callback_data="alert"),
            InlineKeyboardButton("Edit", callback_data="edit"),
        ]
    ]
)
STATUS = (
    "<b>Fragile</b>: <i>0 of 3</i> <code>a &lt; b</code>\n"
    '<a href="https://a.example/">the article</a> /why\n'
    "<blockquote expandable>" + "one line\n" * 12 + "the last line</blockquote>"
)


async def _greet(update: Update, _context: Any) -> None:
    assert update.effective_message is not None
    await update.effective_message.reply_html(STATUS, reply_markup=KEYS)


async def _press(update: Update, _context: Any) -> None:
    query = update.callback_query
    assert query is not None
    if query.data == "edit":
        await query.answer()
        await query.edit_message_text("Edited in place")
    else:
        await query.answer(f"You pressed {query.data}", show_alert=query.data == "alert")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def show(browser: Browser) -> AsyncIterator[Show]:
    handlers = (CommandHandler(["start", "status"], _greet), CallbackQueryHandler(_press))
    async with open_show(browser, *handlers) as show:
        yield show


async def test_a_newcomer_starts_the_bot_and_reads_its_answer(show: Show) -> None:
    await show.start()
    text = "document.querySelector('.theirs .text')"
    assert await show.page.evaluate(f"{text}.querySelector('strong').innerText") == "Fragile"
    assert await show.page.evaluate(f"{text}.querySelector('em').innerText") == "0 of 3"
    assert await show.page.evaluate(f"{text}.querySelector('code').innerText") == "a < b"
    assert await show.page.evaluate(f"{text}.querySelector('a').href") == "https://a.example/"
    assert await show.page.evaluate(f"{text}.querySelector('.command').innerText") == "/why"


async def test_an_expandable_quote_unfolds(show: Show) -> None:
    await show.start()
    folded = await show.page.evaluate("document.querySelector('.folded').clientHeight")
    await show.page.click(".unfold")
    await show.page.wait_for("document.querySelector('.unfold').innerText === 'Show less'")
    unfolded = await show.page.evaluate("document.querySelector('.expandable div').clientHeight")
    assert unfolded > 3 * folded


async def test_a_pressed_button_answers_with_a_toast_an_alert_or_an_edit(show: Show) -> None:
    await show.start()
    await show.key("Why")
    await show.page.wait_for_text("You pressed why", ".toasts")
    await show.key("Alert")
    await show.page.wait_for("document.querySelector('#alert').open")
    assert await show.page.evaluate("document.querySelector('#alert-text').innerText") == "You pressed alert"
    await show.page.press("Escape")
    await show.page.wait_for("!document.querySelector('#alert').open")
    await show.key("Edit")
    await show.page.wait_for_text("Edited in place", "#log")
    await show.page.wait_for("document.querySelector('.edited').innerText === 'edited'")


async def test_the_command_menu_opens_with_a_slash_in_the_users_language(show: Show) -> None:
    await show.start()
    await show.page.click("#text")
    await show.page.write("/")
    await show.page.wait_for_text("/chart", "#commands")
    await show.page.press("ArrowDown")
    await show.page.wait_for(
        "document.querySelector('#commands [aria-selected=true]').innerText.includes('/chart')"
    )
    await show.page.press("Escape")
    await show.page.wait_for("document.querySelector('#commands').hidden")
    await show.page.click(".user:nth-child(2)")
    await show.start()
    await show.page.click("#menu-button")
    await show.page.wait_for_text("当前判断", "#commands")
    await show.page.click("#commands li")
    call = await show.server.wait_for_call("sendMessage", number=3)
    assert call.params["chat_id"] == show.cast.xiaolin.id


async def test_what_is_written_is_only_ever_text(show: Show) -> None:
    await show.start()
    await show.say("<img src=x onerror=alert(1)>")
    await show.page.wait_for_text("<img src=x onerror=alert(1)>", "#log")
    assert await show.page.evaluate("document.querySelector('.mine img')") is None


async def test_a_link_that_is_no_web_address_is_not_one_on_the_page(show: Show) -> None:
    await show.start()
    text = '<a href="javascript:alert(1)">click</a>'
    await show.application.bot.send_message(show.cast.alice.id, text, parse_mode="HTML")
    await show.page.wait_for_text("click", "#log .message:last-child")
    assert await show.page.evaluate("document.querySelector('#log a[href^=javascript]')") is None


async def test_an_alert_elsewhere_counts_as_unread_until_it_is_read(show: Show) -> None:
    await show.application.bot.send_message(show.cast.channel.id, "An alert", disable_notification=True)
    badge = f".chat[data-chat='{show.cast.channel.id}'] .badge"
    await show.page.wait_for(f"document.querySelector(\"{badge}\")?.innerText === '1'")
    await show.page.click(f".chat[data-chat='{show.cast.channel.id}']")
    await show.page.wait_for_text("An alert", "#log")
    await show.page.wait_for(
        "document.querySelector('.silent').getAttribute('aria-label') === 'sent silently'"
    )
    await show.page.wait_for(f'!document.querySelector("{badge}")')


async def test_a_photo_is_enlarged_and_closed(show: Show) -> None:
    await show.start()
    await show.application.bot.send_photo(show.cast.alice.id, picture(80, 40), caption="A chart")
    await show.page.wait_for("document.querySelector('.photo img')?.naturalWidth === 80")
    await show.page.click(".photo")
    await show.page.wait_for("document.querySelector('#lightbox').open")
    await show.page.press("Escape")
    await show.page.wait_for("!document.querySelector('#lightbox').open")


async def test_a_pinned_message_stands_above_and_leads_to_itself(show: Show) -> None:
    await show.start()
    await show.application.bot.pin_chat_message(show.cast.alice.id, show.server.sent(show.cast.alice)[0].id)
    await show.page.wait_for_text("Fragile: 0 of 3", "#pinned")
    await show.page.wait_for_text("Aftershock pinned", "#log")
    await show.page.click("#pinned")
    await show.page.wait_for("document.activeElement.matches('.message')")


async def test_a_reply_carries_its_quote(show: Show) -> None:
    await show.start()
    await show.page.evaluate("document.querySelector('.theirs .reply').click()")
    await show.page.wait_for_text("Reply to Aftershock", "#replying")
    await show.say("what does it mean?")
    await show.page.wait_for_text("Fragile", ".mine .quote")
    said = list(show.server.telegram.chats[show.cast.alice.id].messages.values())[-1]
    assert said.reply_to is show.server.sent(show.cast.alice)[0]


async def test_a_group_shows_who_said_what_and_a_channel_is_read_only_to_readers(show: Show) -> None:
    show.server.people.say(show.cast.xiaolin, show.cast.night_desk, "大家好")
    await show.page.click(f".chat[data-chat='{show.cast.night_desk.id}']")
    await show.page.wait_for_text("小林", ".theirs .author")
    assert await show.page.evaluate("document.querySelector('.theirs .bubble').lang") == "zh-Hans"
    await show.page.click(".user:nth-child(2)")
    await show.page.click(f".chat[data-chat='{show.cast.channel.id}']")
    await show.page.wait_for("document.querySelector('#read-only').offsetParent")


async def test_a_blocked_bot_can_be_unblocked(show: Show) -> None:
    await show.start()
    await show.page.click("#open-chat-menu")
    await show.page.click("#chat-menu button")
    await show.page.wait_for("document.querySelector('#instead').innerText === 'UNBLOCK'")
    chat = show.server.telegram.chats[show.cast.alice.id]
    assert not chat.role(show.server.telegram.bot).present
    await show.page.click("#instead")
    await show.page.wait_for("document.querySelector('#composer').offsetParent")
    assert chat.role(show.server.telegram.bot).present


async def test_a_fault_is_ordered_met_and_told(show: Show) -> None:
    await show.start()
    await show.page.click("#open-faults")
    await show.page.click("#fault-buttons button:nth-child(4)")
    await show.page.wait_for_text("drop before accepting", "#queued")
    await show.page.press("Escape")
    await show.key("Why")
    await show.page.wait_for_text("answerCallbackQuery met: drop before accepting", ".toasts")
    await show.page.wait_for("document.querySelector('#fault-count').hidden")


async def test_the_clock_is_steered(show: Show) -> None:
    await show.page.wait_for_text("3 Nov 2025, 20:00 UTC", "#now")
    await show.page.wait_for_text("The crash of 3 November 2025", "#notice")
    await show.page.click("#jump")
    await show.page.wait_for_text("3 Nov 2025, 23:00 UTC", "#now")
    await show.page.click("#pause")
    await show.page.wait_for(
        "document.querySelector('#pause').getAttribute('aria-label') === 'Let the clock run'"
    )
    assert show.clock.state().paused
    await show.page.click("#pause")
    await show.page.wait_for(
        "document.querySelector('#pause').getAttribute('aria-label') === 'Pause the clock'"
    )
    await show.page.evaluate(
        "(() => { const speed = document.querySelector('#speed'); speed.value = '3600';"
        " speed.dispatchEvent(new Event('change')); })()"
    )
    await show.page.wait_for(
        "document.querySelector('#speed').selectedOptions[0].textContent.startsWith('3600')"
    )
    assert show.clock.state().speed == 3600


async def test_a_phone_shows_one_pane_with_a_way_back(show: Show) -> None:
    await show.page.resize(390, 800)
    await show.page.wait_for(
        "document.querySelector('.sidebar').offsetParent && !document.querySelector('#log').offsetParent"
    )
    await show.page.click(".chat")
    await show.page.wait_for(
        "!document.querySelector('.sidebar').offsetParent && document.querySelector('#log').offsetParent"
    )
    await show.start()
    assert await show.page.evaluate("document.documentElement.scrollWidth") == 390
    await show.page.press("Escape")
    await show.page.wait_for("document.querySelector('.sidebar').offsetParent")


async def test_light_and_dark_follow_the_system_until_one_is_chosen(show: Show) -> None:
    theme = "document.documentElement.dataset.theme"
    await show.page.prefer("dark")
    await show.page.wait_for(f"{theme} === 'dark'")
    await show.page.prefer("light")
    await show.page.wait_for(f"{theme} === 'light'")
    await show.page.click("#theme")
    await show.page.wait_for(f"{theme} === 'dark'")


async def test_everything_that_can_be_pressed_has_a_name(show: Show) -> None:
    await show.start()
    nameless = await show.page.evaluate(
        "[...document.querySelectorAll('button, a, select, textarea, input')]"
        ".filter(one => !(one.innerText.trim() || one.getAttribute('aria-label') || one.labels?.length))"
        ".filter(one => one.offsetParent).map(one => one.outerHTML)"
    )
    assert nameless == []


async def test_a_server_that_is_gone_is_said_and_its_return_noticed(browser: Browser) -> None:
    server = new_playground()
    gather_cast(server.people)
    await server.start()
    port = int(server.base_url.rsplit(":", 1)[1])
    page = await browser.open(server.base_url)
    await page.wait_for("document.querySelector('.chat')")
    await page.evaluate("window.isOld = true")
    await server.close()
    await page.wait_for_text("cannot be reached", "#offline")
    another = new_playground()
    gather_cast(another.people)
    await another.start(port=port)
    try:
        # A new server has a new token; a page of the old one must load anew to be of use.
        await page.wait_for("!window.isOld && document.querySelector('#instead')?.offsetParent")
        await page.click("#instead")
        await another.wait_for(lambda: another.telegram.updates.waiting[-1].get("message"))
    finally:
        await another.close()
    await page.close()


async def test_two_pages_see_the_same(show: Show, browser: Browser) -> None:
    other = await browser.open(show.server.base_url)
    await other.wait_for("document.querySelector('.chat')")
    await asyncio.gather(show.start(), other.wait_for_text("Fragile", "#log"))
    await other.close()
