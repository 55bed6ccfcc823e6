"""The whole way over HTTP: what is chosen on a phone decides what rings, what waits, and what comes later."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.app import Bot
from bot.desk import Desk
from bot.playground.cast import Cast, gather_cast
from bot.playground.messages import Message
from bot.playground.play import UNLIMITED
from bot.playground.server import PlaygroundServer
from bot.settings import Settings
from bot.words.texts import every_language
from signals.facts import BINANCE_BTC, Quote
from storage.database import open_database
from storage.standings import save_standings
from tests.bot.desks import FRAGILE, NOW, market_of_two_days
from tests.bot.watched import LEVELS
from tests.playground.stage import new_playground

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
INSIDE, ABOVE = 105_900.0, 107_200.0


class Stage:
    """A bot that can be killed and started again on the same file, before the same Telegram."""

    def __init__(self, server: PlaygroundServer, cast: Cast, path: Path) -> None:
        self.server, self.cast, self.path = server, cast, path
        self.now = NOW
        self.bot: Bot
        self._running = AsyncExitStack()

    async def start(self) -> None:
        db = open_database(self.path)
        self._running.callback(db.close)
        options = {"owner_ids": frozenset({self.cast.alice.id})}
        settings = Settings(_env_file=None).model_copy(update=options)  # type: ignore[call-arg]  # pydantic's own
        desk = Desk(db, settings, lambda: self.now, market_of_two_days())
        if self.now == NOW:
            save_standings(db, FRAGILE)
        self.bot = Bot(desk, self.server.token, self.server.base_url, limits=UNLIMITED)
        self.bot.watch.resume()
        before = sum(call.method == "setMyShortDescription" for call in self.server.calls)
        await self._running.enter_async_context(self.bot.online())
        await self.server.wait_for_call(
            "setMyShortDescription", number=before + len(every_language()), timeout_s=30
        )

    async def stop(self) -> None:
        await self._running.aclose()

    def say(self, text: str, who: str = "alice") -> None:
        self.server.people.say(getattr(self.cast, who), self.server.telegram.bot, text)

    async def hears(self, containing: str, who: str = "alice") -> Message:
        return await self.server.wait_for_message(getattr(self.cast, who), containing)

    def trades_at(self, *prices: float) -> None:
        """BTC trades at each price for a minute."""
        for price in prices:
            self.now += MINUTE
            self.bot.watch.see([Quote(BINANCE_BTC, self.now, price, price, self.now)])

    def passes(self, until: datetime) -> None:
        """Time goes by, and the job that makes digests runs once it has."""
        self.now = until
        self.bot.make_digests()

    def alerts(self, who: str = "alice") -> list[tuple[str, bool]]:
        """The first line of each message with alerts, and whether it made no sound."""
        chat_id = getattr(self.cast, who).id
        return [
            (str(call.params["text"]).split("\n")[0], bool(call.params.get("disable_notification")))
            for call in self.server.calls
            if call.method == "sendMessage"
            and call.params["chat_id"] == chat_id
            and "A-" in str(call.params["text"])
        ]


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Stage]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    async with new_playground() as server:
        stage = Stage(server, gather_cast(server.people), tmp_path / "bot.db")
        await stage.start()
        try:
            stage.say(LEVELS)
            await stage.hears("Set by the operator")
            stage.trades_at(106_500.0)
            yield stage
        finally:
            await stage.stop()
        assert server.violations == []


async def test_a_menu_pressed_on_a_phone_decides_what_is_heard(stage: Stage):
    stage.say("/subscribe")
    menu = await stage.hears("hears of nothing yet")
    for button, then in (
        ("here:settings:warnings", "hears of nothing yet"),
        ("here:subscribe:support", "🔔 warning: BTC in its support zone"),
        ("here:subscribe:support:silent", "🔕 warning: BTC in its support zone"),
        ("here:subscribe", "⚠ 1 of 11 warnings"),
        ("here:settings", "Settings of this chat"),
        ("here:quiet", "No quiet hours"),
    ):
        edits = sum(call.method == "editMessageText" for call in stage.server.calls)
        stage.server.people.press(stage.cast.alice, menu, button)
        await stage.server.wait_for_call("editMessageText", number=edits + 1)
        assert then in menu.text
    stage.trades_at(INSIDE)
    await stage.hears("⚠ BTC in the support zone")
    assert [silent for _, silent in stage.alerts()] == [True]


async def test_a_night_is_quiet_and_ends_with_one_message_though_the_bot_is_killed_in_it(stage: Stage):
    stage.say("/subscribe warnings")
    stage.say("/subscribe warnings", "xiaolin")
    # It is 20:14 UTC, a quarter past four in the morning in Shanghai.
    stage.say("/timezone 北京", "xiaolin")
    stage.say("/quiet 00:00-07:00", "xiaolin")
    await stage.hears("免打扰时段：00:00-07:00（Asia/Shanghai）", "xiaolin")
    stage.say("/quiet 20:00-23:00")
    await stage.hears("Quiet hours: 20:00-23:00 (UTC)")
    stage.trades_at(INSIDE, INSIDE, ABOVE, ABOVE, INSIDE)
    await stage.stop()
    await stage.start()
    stage.passes(NOW.replace(hour=22, minute=59, second=59))
    assert stage.alerts() == []
    stage.passes(NOW.replace(hour=23, minute=0, second=5))
    digest = await stage.hears("Missed in quiet hours")
    chinese = await stage.hears("免打扰期间错过", "xiaolin")
    assert digest.text.startswith(
        "Missed in quiet hours: 3 alerts · now 🔴 fragile\n⚠ BTC in the support zone"
    )
    assert chinese.text.startswith("免打扰期间错过 3 条提醒 · 目前 🔴 脆弱\n⚠ BTC 进入支撑区")
    assert digest.text.splitlines()[1].endswith("A-2, A-3, A-4")
    stage.passes(NOW.replace(hour=23, minute=59))
    assert [len(stage.alerts(who)) for who in ("alice", "xiaolin")] == [1, 1]


async def test_unmuting_brings_what_was_missed_at_once(stage: Stage):
    stage.say("/subscribe support", "xiaolin")
    stage.say("/mute 2h", "xiaolin")
    await stage.hears("已静音至", "xiaolin")
    stage.trades_at(INSIDE)
    stage.say("/settings", "xiaolin")
    await stage.hears("目前有 1 条提醒暂缓发送", "xiaolin")
    stage.say("/mute off", "xiaolin")
    missed = await stage.hears("静音期间错过 1 条提醒", "xiaolin")
    assert "⚠ BTC 进入支撑区" in missed.text
    assert stage.alerts("xiaolin") == [("<b>静音期间错过 1 条提醒</b> · 目前 🔴 脆弱", False)]


async def test_the_cap_is_said_once_and_the_next_day_brings_the_rest(stage: Stage):
    # Here trades one venue and no other, of which `blind` would tell as well.
    stage.say("/subscribe support")
    await stage.hears("This chat hears of")
    stage.say("/cap 1")
    await stage.hears("At most 1 alert a day, 0 so far today")
    stage.trades_at(INSIDE)
    await stage.hears("That was the daily cap of 1 alert")
    stage.now += HOUR
    stage.trades_at(ABOVE)
    stage.passes(NOW.replace(hour=23, minute=59))
    assert len(stage.alerts()) == 1
    stage.passes(NOW.replace(hour=0) + timedelta(days=1))
    rest = await stage.hears("Held back by the daily cap: 1 alert")
    assert "○ BTC above the support zone" in rest.text
