"""The way of a rule about another coin: found at a venue, tried on its past, polled, fired, left alone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from bot.charts.picture import Drawable
from bot.commands.table import answer
from bot.delivery.split import plain
from bot.desk import Desk
from bot.intake.schedule import Work, look_at_coins
from bot.own.alerts import OwnAlerts
from bot.settings import Settings
from bot.words.answer import Answer
from signals.facts import Fact
from signals.feeds.coins import CoinFeed
from signals.own.grammar import parse
from storage.database import open_database
from storage.market import load_market
from tests.bot.desks import ask_of
from tests.bot.intake.round import new_collector
from tests.bot.test_source_limits import RETENTION
from tests.signals.feeds.moments import NOW, Clock
from tests.venues import Fault, Venues, leave_at_once

DIP = NOW - timedelta(days=10)


def dipped(price: float, at: datetime) -> float:
    """It was a tenth lower for a day, ten days ago."""
    return price * 0.9 if DIP <= at < DIP + timedelta(days=1) else price


@dataclass
class Place:
    venues: Venues
    desk: Desk
    own: OwnAlerts
    clock: Clock
    work: Work

    async def ask(self, line: str, language: str = "en") -> Answer:
        name, *args = line.removeprefix("/").split()
        return await answer(ask_of(self.desk, *args, language=language), name)

    async def says(self, line: str, language: str = "en") -> str:
        return plain((await self.ask(line, language)).text)

    async def trades_at(self, price: float) -> None:
        self.clock.now += timedelta(seconds=15)
        self.venues.coins.trade("binance", "SOLUSDT", price)
        self.venues.quiet()
        await look_at_coins(self.work)

    def told(self) -> list[str]:
        rows = self.desk.db.rows("SELECT text FROM deliveries ORDER BY id")
        return [plain(text).splitlines()[0] for (text,) in rows]


@pytest.fixture
async def place(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    leave_at_once(monkeypatch)
    clock, db = Clock(), open_database(":memory:")
    async with Venues(clock) as venues, (collector := new_collector(db, clock, venues)).connections:
        venues.coins.past = dipped
        venues.coins.trade("binance", "SOLUSDT", 160.0)
        venues.coins.trade("binance", "DOGEUSDT", 0.15)
        desk = Desk(db, Settings(_env_file=None), clock)  # type: ignore[call-arg]  # pydantic's own
        desk.coins.feed = CoinFeed(collector.connections.exchanges)

        async def draw(_: Drawable) -> bytes:
            return b"PNG"

        desk.draw = draw
        own = OwnAlerts(desk, lambda: None)

        async def hear(facts: tuple[Fact, ...]) -> None:
            desk.market = desk.market.add(facts)
            own.look()

        work = Work(collector, hear, RETENTION, coins_to_poll=desk.coins.to_poll)
        yield Place(venues, desk, own, clock, work)
    db.close()


async def test_a_rule_about_any_coin_is_tried_on_its_past_polled_and_fired(place: Place):
    preview = await place.ask("/alert sol < 150")
    said = plain(preview.text)
    assert "tell this chat when SOL is below 150" in said
    assert "it would have fired once: 10 Nov 14:45 UTC" in said
    assert "There is data for" not in said
    assert preview.photo
    await place.trades_at(140.0)
    assert place.venues.asked() == 0, "a draft is polled"
    place.venues.coins.trade("binance", "SOLUSDT", 160.0)
    await place.ask("/alerts save 1")
    place.own.look()
    for price in (159.0, 151.0, 149.5):
        await place.trades_at(price)
        assert place.venues.asked() == 1
    assert place.told() == ["🔔 SOL below 150: 149.50 now"]
    await place.trades_at(140.0)
    assert place.venues.asked() == 0, "a rule that is done is polled"


async def test_after_a_restart_the_coin_is_polled_again_and_its_past_is_there(place: Place):
    await place.ask("/alert sol new low 20d")
    await place.ask("/alerts save 1")
    place.own.look()
    again = Desk(place.desk.db, place.desk.settings, place.clock, market=load_market(place.desk.db))
    own = OwnAlerts(again, lambda: None)
    own.look()
    assert again.coins.to_poll() == place.desk.coins.to_poll() != []
    assert [track.instrument.symbol for track in again.market.prices] == ["SOL/USDT"]


async def test_why_a_coin_cannot_be_used_is_said_in_both_languages(place: Place):
    assert await place.says("/alert dogge < 1") == (
        "None of the venues that I ask trades DOGGE. Did you mean DOGE?"
    )
    assert await place.says("/alert dogge < 1", "zh") == "所查询的交易所都没有 DOGGE。您是指 DOGE 吗？"
    place.venues["bybit"].fault = Fault.BROKEN
    assert "not every venue answered" in await place.says("/alert xyz < 1")
    assert place.desk.db.rows("SELECT * FROM own_alerts") == []


async def test_a_past_that_cannot_be_had_is_said_and_the_rule_runs_all_the_same(place: Place):
    await place.desk.coins.settle(parse("sol < 150", NOW).refs, place.desk.market)
    place.venues["binance"].fault = Fault.BROKEN
    said = await place.says("/alert sol < 150")
    assert "There is no data of the last 30 days" in said
    await place.ask("/alerts save 1")
    place.own.look()
    place.venues["binance"].fault = None
    for price in (160.0, 149.0):
        await place.trades_at(price)
    assert place.told() == ["🔔 SOL below 150: 149.00 now"]
