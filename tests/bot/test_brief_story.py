"""The whole way of a brief, over HTTP: chosen on a phone, made at its hour, sent once with its picture."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.app import Bot
from bot.playground.cast import gather_cast
from bot.playground.play import UNLIMITED
from bot.words.texts import every_language
from storage.standings import save_standings
from tests.bot.desks import FRAGILE, NOW, market_of_two_days, new_desk
from tests.bot.watched import Clock, Stage
from tests.playground.stage import new_playground


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    async with new_playground() as server:
        with new_desk(market_of_two_days()) as desk:
            cast, clock = gather_cast(server.people), Clock()
            desk.clock = clock
            save_standings(desk.db, FRAGILE)
            bot = Bot(desk, server.token, server.base_url, limits=UNLIMITED)
            bot.watch.resume()
            async with bot.online():
                await server.wait_for_call("setMyShortDescription", number=len(every_language()))
                yield Stage(server, cast, bot, clock)
        assert server.violations == []


def just_after(hour_utc: int) -> datetime:
    """The next time that clocks in UTC show an hour."""
    today = NOW.replace(hour=hour_utc, minute=0, second=20, microsecond=0)
    return today if today > NOW else today + timedelta(days=1)


async def test_a_brief_comes_once_a_day_at_the_hour_of_the_chats_own_zone(stage: Stage):
    stage.say("/timezone 北京", "xiaolin")
    await stage.hears("时区已改为 Asia/Shanghai", "xiaolin")
    stage.say("/brief on 09:00", "xiaolin")
    await stage.hears("每天 09:00（Asia/Shanghai）发送简报", "xiaolin")

    stage.clock.now = just_after(1) - timedelta(minutes=1)
    await stage.bot.make_briefs()
    stage.clock.now = just_after(1)
    for _ in range(3):
        await stage.bot.make_briefs()

    # Its chart takes long on a busy machine.
    await stage.server.wait_for_call("sendPhoto", number=1, timeout_s=60)
    message = await stage.hears("简报 · ", "xiaolin")
    assert "结论" in message.text or "脆弱" in message.text
    stage.say("/brief off", "xiaolin")
    await stage.hears("已停止每日简报", "xiaolin")
    assert sum(call.method == "sendPhoto" for call in stage.server.calls) == 1
