"""What the bot says of a shock: /shock, the board, alerts, the chart; and an alert's whole way over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from bot import charts
from bot.app import Bot
from bot.charts.scene import Scene
from bot.charts.shocks import shocks_in
from bot.charts.theme import DARK
from bot.commands.table import answer
from bot.desk import Desk
from bot.playground.cast import gather_cast
from bot.playground.markup import parse_html
from bot.playground.play import UNLIMITED
from bot.settings import Settings
from bot.words.compose import compose_alert
from signals.conditions import Change
from signals.engine import Outcome, first_standings, judge
from signals.facts import BINANCE_BTC
from signals.market import Track
from signals.moments import to_ms
from signals.shock import Shock
from storage.alerts import save_changes
from storage.database import open_database
from tests.bot.desks import ask_of, market_of_two_days, new_desk
from tests.bot.played import played
from tests.playground.stage import new_playground

BTC_BARS = Track(BINANCE_BTC, timedelta(minutes=5))
JUST_BEFORE = datetime(2025, 11, 3, 16, tzinfo=UTC)
EVENING = datetime(2025, 11, 3, 20, tzinfo=UTC)
LATER = datetime(2025, 11, 4, 22, tzinfo=UTC)


@cache
def outcome_by(now: datetime) -> Outcome:
    """What judging the built-in scenario comes to by a moment."""
    return judge(first_standings(), played().market, to_ms(now))


def judged(now: datetime) -> Iterator[Desk]:
    """A desk on the built-in scenario, with all that has happened by a moment."""
    with new_desk(played().market, now) as desk:
        outcome = outcome_by(now)
        desk.standings = outcome.standings
        save_changes(desk.db, outcome.changes)
        yield desk


@pytest.fixture(params=[EVENING])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    yield from judged(request.param)


at_calm = pytest.mark.parametrize("desk", [JUST_BEFORE], indirect=True)
at_deeper = pytest.mark.parametrize("desk", [LATER], indirect=True)


async def said(desk: Desk, name: str, *args: str, language: str = "en") -> list[str]:
    found = await answer(ask_of(desk, *args, language=language), name)
    return parse_html(found.text).text.splitlines()


async def test_an_open_shock_in_detail(desk: Desk):
    assert await said(desk, "shock") == [
        "⚠ Shock: open since 3 Nov 16:10 UTC (3 h 50 min)",
        "BTC 106,929 now, 30 % of the fall regained",
        "BTC 105,376 at its low on 3 Nov 15:05 UTC, −4.5 % from 110,387",
        "volume +103 % against the 24 h before (2 venues compared)",
        "ETH 3,629 at that moment, −10.0 % from 4,032: 2.2 times BTC's fall",
        "open interest −4.5 % over 24 h",
        "89 % of the liquidations were longs",
        "known: price, volume, open interest, side of the liquidations",
        "ETH/BTC 0.0365 before the fall, 0.0336 now",
        "Levels from here: support 105,000-107,000, a close below opens 103,000, rally zone 109,000-110,000",
        "Last 24 h: BTC −1.2 % from its high, volume +103 % against the 24 h before",
        "It is over when the verdict has been broken for 5 whole US sessions.",
        "Sources: Binance BTC/USDT 0 s · Binance ETH/USDT 0 s · as of 20:00 UTC",
    ]


async def test_an_open_shock_in_chinese(desk: Desk):
    lines = await said(desk, "shock", language="zh")
    assert lines[0] == "⚠ 冲击：未结束，自 11 月 3 日 16:10 UTC 起（3 小时 50 分钟）"
    assert lines[5:8] == [
        "24 小时未平仓合约 −4.5%",
        "爆仓中多头占 89%",
        "已知：价格、交易量、未平仓合约、爆仓方向",
    ]


@at_calm
async def test_where_there_was_none_the_rule_and_the_last_day_are_said(desk: Desk):
    lines = await said(desk, "shock")
    assert lines[0] == "○ Shock: none in the time that I know"
    assert lines[1].startswith("Last 24 h: BTC −")
    assert lines[2].startswith("A shock: BTC at least 4 % below its 24 h high, on at least 80 % more volume")


async def test_without_bars_nothing_is_claimed_of_the_last_day():
    with new_desk(market_of_two_days()) as desk:
        assert (await said(desk, "shock"))[1] == "Last 24 h: too few bars of Binance to compare volumes"


async def test_a_closed_shock_says_from_when_to_when():
    with new_desk(played().market, datetime(2025, 11, 21, tzinfo=UTC)) as desk:
        rules = Settings(_env_file=None, AFTERSHOCK_SHOCK_SESSIONS=2)  # type: ignore[call-arg]  # by their aliases
        held = Desk(desk.db, rules, desk.clock, desk.market)
        outcome = judge(first_standings(), held.market, to_ms(held.now), shock=Shock(held.rules.shock))
        held.standings = outcome.standings
        lines = await said(held, "shock")
    assert lines[0] == "○ Shock: none open, the last one from 3 Nov 16:10 UTC to 17 Nov 21:05 UTC"
    assert not [line for line in lines if line.startswith("Levels")]


async def test_the_board_has_a_line_for_it_and_keeps_to_twelve(desk: Desk):
    lines = await said(desk, "status")
    assert len(lines) <= 12
    assert "⚠ Shock of 3 Nov 16:10 UTC open: BTC −4.5 % to 105,376, 30 % regained · volume +103 %" in lines


@at_calm
async def test_the_board_says_nothing_of_calm(desk: Desk):
    assert not [line for line in await said(desk, "status") if "Shock" in line]


async def test_why_tells_what_it_was_opened_by(desk: Desk):
    lines = await said(desk, "why", "shock")
    assert lines[0] == "⚠ Forced deleveraging · Shock open on 3 Nov 16:10 UTC"
    assert lines[2] == "volume +80 % against the 24 h before (2 venues compared)"


def shock_changes() -> list[Change]:
    return [change for change in outcome_by(LATER).changes if change.id == "shock"]


@at_deeper
def test_alerts_tell_the_fall_on_their_first_line(desk: Desk):
    opened, deeper = (
        parse_html(compose_alert(ask_of(desk).words, 7, [change], desk.standings)[0]).text.splitlines()
        for change in shock_changes()
    )
    assert opened[0] == (
        "⚠ Forced deleveraging: BTC 105,376 at its low on 3 Nov 15:05 UTC, −4.5 % from 110,387"
        " · volume +80 % against the 24 h before (2 venues compared)"
    )
    assert opened[2].startswith("Levels from here: support 105,000-107,000")
    assert opened[-1] == "A-7 · 3 Nov 16:10 UTC"
    assert deeper[0].startswith("⚠ The shock goes deeper: BTC 102,123 at its low on 4 Nov 19:15 UTC, −7.5 %")


@at_deeper
async def test_a_chart_marks_the_moment_and_the_low(desk: Desk):
    words = charts.Words(title="BTC", no_data="", states={})
    scene = Scene(desk.known, shock_changes(), LATER - timedelta(days=7), LATER, words, DARK)
    [marked] = shocks_in(scene, BINANCE_BTC)
    assert marked.at_ms == to_ms(datetime(2025, 11, 3, 16, 10, tzinfo=UTC))
    assert marked.low_usd == min(
        played().market.known_by(to_ms(LATER)).since(marked.at_ms).bars[BTC_BARS].low
    )


async def test_a_shock_reaches_the_phones_of_those_who_asked_for_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    now = JUST_BEFORE
    db = open_database(":memory:")
    try:
        async with new_playground() as server:
            desk = Desk(db, Settings(_env_file=None), lambda: now, market=played().market)  # type: ignore[call-arg]  # pydantic's own
            cast, bot = gather_cast(server.people), Bot(desk, server.token, server.base_url, limits=UNLIMITED)
            bot.watch.resume()
            bot.watch.judge()
            async with bot.online():
                server.people.say(cast.alice, server.telegram.bot, "/subscribe shock")
                await server.wait_for_message(cast.alice, "This chat hears of")
                server.people.say(cast.xiaolin, server.telegram.bot, "/subscribe shock silent")
                await server.wait_for_message(cast.xiaolin, "已订阅")
                now = EVENING
                bot.watch.judge()
                alert = await server.wait_for_message(cast.alice, "Forced deleveraging")
                await server.wait_for_message(cast.xiaolin, "强制去杠杆")
                server.people.press(cast.alice, alert, "Why")
                await server.wait_for_message(cast.alice, "Alert A-1")
            assert server.violations == []
    finally:
        db.close()
