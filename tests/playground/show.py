"""A page in a real browser, on a playground with the cast and a bot that answers."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.playground.cast import Cast, gather_cast
from bot.playground.chats import Chat
from bot.playground.clock import PlaybackState
from bot.playground.messages import Message
from bot.playground.server import PlaygroundServer
from tests.browser import Browser, Page
from tests.playground.stage import AnyApplication, AnyHandler, new_playground, polling_bot


class PlayedClock:
    """A scenario of nine days that stands still until it is steered."""

    def __init__(self) -> None:
        start = datetime(2025, 10, 30, tzinfo=UTC)
        self._state = PlaybackState(
            now=start + timedelta(days=4, hours=20),
            since=start,
            until=start + timedelta(days=9),
            speed=600.0,
            paused=False,
            notice="The crash of 3 November 2025",
            ended=False,
        )

    def state(self) -> PlaybackState:
        return self._state

    async def set_speed(self, speed: float) -> None:
        self._state = replace(self._state, speed=speed)

    async def pause(self) -> None:
        self._state = replace(self._state, paused=True)

    async def resume(self) -> None:
        self._state = replace(self._state, paused=False)

    async def jump_to_next_alert(self) -> None:
        self._state = replace(self._state, now=self._state.now + timedelta(hours=3))


@dataclass
class Show:
    """What a test of the page does, in the words of the one who sits before it."""

    server: PlaygroundServer
    cast: Cast
    clock: PlayedClock
    application: AnyApplication
    page: Page

    async def say(self, text: str) -> None:
        """Write and send, as a person does."""
        await self.page.click("#text")
        await self.page.write(text)
        await self.page.press("Enter")

    async def start(self) -> None:
        """Begin the private chat and wait for the bot's greeting."""
        await self.page.click("#instead")
        await self.page.wait_for_text("Fragile", "#log")

    async def key(self, label: str) -> None:
        """Press the inline button with this label."""
        await self._press_named(".key", label)

    async def play(self, number: int) -> None:
        """Be the person of this number, counted from 1 in the order of the cast."""
        await self.page.click(f".user:nth-child({number})")

    async def open(self, chat: Chat) -> None:
        """Open a chat from the list."""
        await self.page.click(f".chat[data-chat='{chat.id}']")
        await self.page.wait_for_text(chat.title, "#chat-title")

    async def topic(self, thread: int) -> None:
        """Open a topic of the forum that is shown."""
        await self.page.click(f".topic[data-topic='{thread}']")
        await self.page.wait_for(
            f"document.querySelector('.topic[aria-selected=true]').dataset.topic === '{thread}'"
        )

    async def menu(self, label: str) -> None:
        """Choose from the menu of the open chat."""
        await self.page.click("#open-chat-menu")
        await self._press_named("#chat-menu button", label)

    async def message_menu(self, text: str, label: str) -> None:
        """Choose from the menu of the message that says this."""
        found = (
            f"[...document.querySelectorAll('.message')].find(m => m.innerText.includes({json.dumps(text)}))"
        )
        await self.page.wait_for(f"{found}?.querySelector('.more')")
        await self.page.evaluate(f"{found}.querySelector('.more').click()")
        await self._press_named("#message-menu button", label)

    async def pick(self, title: str) -> None:
        """Pick a chat in the dialog that asks for one."""
        await self._press_named("#pick .choice", title)

    async def answer(self, text: str) -> None:
        """Write a line into the dialog that asks for one."""
        await self.page.wait_for("document.querySelector('#ask').open")
        await self.page.evaluate("document.querySelector('#ask-text').value = ''")
        await self.page.write(text)
        await self.page.press("Enter")

    async def choose(self, selector: str, value: str) -> None:
        """Choose in a drop-down list."""
        await self.page.wait_for(f"document.querySelector({json.dumps(selector)})?.offsetParent")
        await self.page.evaluate(
            f"(() => {{ const list = document.querySelector({json.dumps(selector)});"
            f" list.value = {json.dumps(value)}; list.dispatchEvent(new Event('change')); }})()"
        )

    async def said(self, chat: Chat, begins: str) -> Message:
        """The newest message of anybody in `chat` that begins so, once it is there."""

        def newest() -> Message | None:
            return next((m for m in reversed(chat.messages.values()) if m.text.startswith(begins)), None)

        return await self.server.wait_for(newest)

    async def _press_named(self, selector: str, label: str) -> None:
        named = (
            f"[...document.querySelectorAll({json.dumps(selector)})]"
            f".find(one => one.offsetParent && one.innerText.includes({json.dumps(label)}))"
        )
        await self.page.wait_for(f"Boolean({named})")
        await self.page.evaluate(f"{named}.click()")


@asynccontextmanager
async def open_show(browser: Browser, *handlers: AnyHandler) -> AsyncIterator[Show]:
    """A page on a new playground, whose bot answers through `handlers`; Alice sits before it."""
    clock = PlayedClock()
    async with new_playground(clock=lambda: clock.state().now, playback=clock) as server:
        cast = gather_cast(server.people)
        async with polling_bot(server, *handlers) as application:
            await application.bot.set_my_commands([("status", "The verdict"), ("chart", "A chart")])
            await application.bot.set_my_commands([("status", "当前判断")], language_code="zh")
            page = await browser.open(server.base_url)
            await page.wait_for("document.querySelector('#instead').offsetParent")
            yield Show(server, cast, clock, application, page)
            assert page.errors == []
            assert server.violations == []
            await page.close()
