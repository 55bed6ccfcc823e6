"""The whole way of a warning, over HTTP: levels from the operator, a price, alerts loud or silent."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.playground.cast import gather_cast
from bot.playground.play import UNLIMITED
from bot.words.texts import every_language
from signals.conditions import Kind
from signals.moments import from_ms
from storage.alerts import read_changes
from storage.standings import save_standings
from tests.bot.desks import FRAGILE, NOW, market_of_two_days, new_desk
from tests.bot.watched import LEVELS, Clock, Stage
from tests.playground.stage import new_playground


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    async with new_playground() as server:
        with new_desk(market_of_two_days()) as desk:
            cast, clock = gather_cast(server.people), Clock()
            desk.clock = clock
            desk.settings = desk.settings.model_copy(update={"owner_ids": frozenset({cast.alice.id})})
            save_standings(desk.db, FRAGILE)
            bot = Bot(desk, server.token, server.base_url, limits=UNLIMITED)
            bot.watch.resume()
            bot.watch.judge()
            async with bot.online():
                await server.wait_for_call("setMyShortDescription", number=len(every_language()))
                yield Stage(server, cast, bot, clock)
        assert server.violations == []


async def test_levels_set_on_a_phone_warn_everybody_who_asked_for_it(stage: Stage):
    stage.say("/subscribe warnings")
    await stage.hears("This chat hears of")
    stage.say("/subscribe warnings", "xiaolin")
    await stage.hears("本聊天已订阅", "xiaolin")
    stage.say(LEVELS)
    await stage.hears("Support zone 105,000-106,000")
    stage.trades_at(106_500)
    stage.trades_at(105_900)
    entered = await stage.hears("⚠ BTC in the support zone: BTC 105,900 · zone 105,000-106,000")
    assert "Verdict fragile" in entered.text
    await stage.hears("⚠ BTC 进入支撑区", "xiaolin")
    stage.say("/status")
    assert "⚠ BTC in the support zone" in (await stage.hears("Breaks when")).text
    stage.say("/why support")
    await stage.hears("next level below: 103,000")


async def test_flapping_at_the_border_rings_once_and_the_end_comes_late_and_silent(
    stage: Stage,
):
    stage.say("/subscribe support")
    await stage.hears("This chat hears of")
    stage.say(LEVELS)
    await stage.hears("Set by the operator")
    for price in (105_900, 106_100, 105_900, 106_800, 105_990, 107_200):
        stage.trades_at(price)
    await stage.hears("⚠ BTC in the support zone")
    stage.clock.now += timedelta(minutes=24)
    stage.bot.make_digests()
    assert len(stage.alerts()) == 1
    stage.clock.now += timedelta(minutes=2)
    stage.bot.make_digests()
    await stage.hears("○ BTC above the support zone")
    assert stage.alerts() == [
        ("⚠ <b>BTC in the support zone</b>", False),
        ("○ <b>BTC above the support zone</b>", True),
    ]


async def test_a_session_that_closes_below_is_told_as_something_worse(stage: Stage):
    stage.say("/subscribe support")
    await stage.hears("This chat hears of")
    stage.say(LEVELS)
    await stage.hears("Set by the operator")
    # It is 20:14; the session closes at 21:00 UTC.
    stage.trades_at(104_800, minutes=46)
    worse = await stage.hears("⚠ BTC closed below the support zone: session close 104,800")
    assert "next level below: 103,000" in worse.text
    assert stage.bot.desk.now == NOW + timedelta(minutes=46)
    stage.say("/history")
    await stage.hears("BTC below the support zone")


async def test_that_levels_can_be_judged_is_recorded_and_no_alert(stage: Stage):
    stage.say("/subscribe warnings")
    await stage.hears("This chat hears of")
    stage.say(LEVELS)
    await stage.hears("Set by the operator")
    stage.trades_at(107_500)
    saved = [s for s in read_changes(stage.bot.desk.db, limit=9) if s.change.kind is Kind.WARNING]
    assert {(s.change.id, s.change.to_state, s.alert_id) for s in saved} >= {("support", "off", None)}


async def test_a_warning_that_came_with_a_new_version_tells_nothing_of_before(stage: Stage):
    desk = stage.bot.desk
    desk.db.execute("DELETE FROM standings WHERE id IN ('rally_zone', 'support', 'eth_beta', 'adl')")
    stage.bot.watch.resume()
    verdict_ms = desk.standings["verdict"].judged_ms
    assert desk.standings["support"].judged_ms == verdict_ms
    assert from_ms(verdict_ms) == NOW
