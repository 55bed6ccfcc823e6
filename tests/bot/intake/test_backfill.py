from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from bot.intake.backfill import FLOWS_BACK, Progress, backfill, fill_gap, first_missing
from bot.intake.collect import collect
from bot.intake.fetching import FARTHEST_BACK, Collector
from signals.facts import (
    BINANCE_BTC,
    BINANCE_ETH,
    COINBASE_BTC,
    COINBASE_USDT,
    KRAKEN_BTC,
    KRAKEN_USDT,
    Candle,
    Instrument,
)
from signals.feeds.exchange import Exchanges
from signals.feeds.kinds import BAR
from signals.feeds.table import FEEDS
from storage.database import Database
from storage.market import load_market, read_candles, save_facts
from tests.bot.intake.round import CANDLES, FLOWS, health, later, named, new_collector
from tests.signals.feeds.moments import NOW, Clock
from tests.venues import Fault, Venues

THURSDAY = date(2026, 11, 19)


@pytest.fixture
async def venues(clock: Clock) -> AsyncIterator[Venues]:
    async with Venues(clock) as venues:
        for back in range(1, 40):
            venues.publish("BTC", NOW.date() - timedelta(days=back), {"IBIT": -back * 1e6, "FBTC": 0.5e6})
        yield venues


class Told(list[Progress]):
    """What a backfill told."""

    def __call__(self, progress: Progress) -> None:
        self.append(progress)

    def of(self, subject: str) -> list[Progress]:
        return [progress for progress in self if progress.subject == subject]


async def test_the_first_start_brings_what_the_rules_look_back_on(collector: Collector) -> None:
    ended = await fill_gap(collector, Told())

    assert not [progress for progress in ended if progress.error and "ETH" not in progress.subject]
    for instrument in (COINBASE_BTC, COINBASE_USDT, BINANCE_BTC, BINANCE_ETH):
        bars = read_candles(collector.db, instrument, BAR)
        assert len(bars) == FARTHEST_BACK / BAR - 1
        assert NOW - bars[-1].at < BAR
    for instrument in (KRAKEN_BTC, KRAKEN_USDT):
        assert 719 <= len(read_candles(collector.db, instrument, BAR)) <= 720
    assert len({flow.session for flow in load_market(collector.db).flows["BTC"]}) >= 25


async def test_a_restart_fetches_only_what_came_since(
    collector: Collector, venues: Venues, clock: Clock
) -> None:
    binance = named("binance candles")
    await fill_gap(collector, Told(), binance)
    venues.quiet()
    later(clock, hours=3)

    await fill_gap(collector, Told(), binance)

    assert len(venues["binance"].requests) == 2
    bars = read_candles(collector.db, BINANCE_BTC, BAR)
    assert (bars[-1].at - bars[0].at) / BAR == len(bars) - 1
    assert clock.now - bars[-1].at < BAR


async def test_a_hole_amid_the_history_is_filled_at_the_next_start(collector: Collector) -> None:
    binance = named("binance candles")
    await fill_gap(collector, Told(), binance)
    hole = read_candles(collector.db, BINANCE_BTC, BAR)[1000].opened_at
    collector.db.execute("DELETE FROM candles WHERE opened_at = ?", (int(hole.timestamp() * 1000),))
    assert first_missing(collector.db, BINANCE_BTC, NOW - FARTHEST_BACK, NOW) == hole

    await fill_gap(collector, Told(), binance)

    assert hole in {bar.opened_at for bar in read_candles(collector.db, BINANCE_BTC, BAR)}


async def test_a_backfill_goes_as_far_back_as_it_is_told(collector: Collector) -> None:
    since = NOW - timedelta(days=20)

    await backfill(collector, since, Told(), named("coinbaseexchange candles"))

    bars = read_candles(collector.db, COINBASE_BTC, BAR)
    assert since <= bars[0].opened_at < since + BAR
    assert len(bars) == 20 * 24 * 12 - 1


async def test_progress_grows_to_the_whole(collector: Collector) -> None:
    told = Told()

    ended = await backfill(collector, NOW - timedelta(days=9), told, named("coinbaseexchange candles"))

    shares = [progress.share for progress in told.of("coinbaseexchange BTC/USD")]
    assert shares == sorted(shares)
    assert len(shares) == 9
    assert shares[-1] == 1
    assert {progress.subject: progress.facts for progress in ended} == {
        "coinbaseexchange BTC/USD": 9 * 24 * 12 - 1,
        "coinbaseexchange USDT/USD": 9 * 24 * 12 - 1,
        "coinbaseexchange ETH/USD": 9 * 24 * 12 - 1,
    }


async def test_a_venue_that_fails_midway_keeps_what_came_and_stops_no_other(
    collector: Collector, venues: Venues
) -> None:
    told = Told()

    def fail_after_two(progress: Progress) -> None:
        told(progress)
        if len(told.of("coinbaseexchange BTC/USD")) == 2:
            venues["coinbaseexchange"].fault = Fault.BROKEN

    ended = {
        p.subject: p for p in await backfill(collector, NOW - timedelta(days=9), fail_after_two, CANDLES)
    }

    failed = ended["coinbaseexchange BTC/USD"]
    assert 0 < failed.share < 0.5
    assert failed.error == 'coinbaseexchange: HTTP 500: {"message":"Internal server error"}'
    assert len(read_candles(collector.db, COINBASE_BTC, BAR)) == failed.facts > 0
    assert ended["binance BTC/USDT"] == Progress("binance BTC/USDT", 1, 9 * 24 * 12 - 1)
    assert health(collector, "coinbaseexchange candles").failures_in_a_row > 0


async def test_a_mistake_of_ours_in_one_venue_stops_neither_the_others_nor_the_start(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fetch = Exchanges.fetch_candles

    async def stumble(to: Exchanges, instrument: Instrument, *span: Any) -> tuple[Candle, ...]:
        if instrument == COINBASE_BTC:
            raise ZeroDivisionError
        return await fetch(to, instrument, *span)

    monkeypatch.setattr(Exchanges, "fetch_candles", stumble)
    ended = {p.subject: p for p in await fill_gap(collector, Told(), CANDLES)}

    assert ended["coinbaseexchange BTC/USD"].error == "coinbaseexchange: ZeroDivisionError"
    assert ended["coinbaseexchange USDT/USD"].error is None
    assert "Traceback" in caplog.text


async def test_flows_are_asked_for_sixty_days_at_least(collector: Collector) -> None:
    told = Told()

    await backfill(collector, NOW - timedelta(days=2), told, FLOWS)

    flows = load_market(collector.db).flows["BTC"]
    assert {flow.source for flow in flows} == {"sosovalue", "coinmarketcap", "farside"}
    assert min(flow.session for flow in flows) < NOW.date() - timedelta(days=30)
    assert timedelta(days=60) <= FLOWS_BACK
    [btc] = told.of("farside BTC flows")
    assert (btc.share, btc.error) == (1, None)
    [eth] = told.of("coinmarketcap ETH flows")
    assert (eth.share, eth.error) == (0, "coinmarketcap: a chart without points")


async def test_a_zero_of_before_is_believed_when_two_sources_bring_it_together(
    collector: Collector, venues: Venues
) -> None:
    monday = THURSDAY - timedelta(days=3)
    venues.publish("BTC", monday, {"IBIT": 0.0, "FBTC": 0.0})

    await backfill(
        collector, NOW - timedelta(days=20), Told(), named("sosovalue BTC flows", "farside BTC flows")
    )

    finals = {f.source for f in load_market(collector.db).flows["BTC"] if f.session == monday and f.final_at}
    assert finals == {"sosovalue", "farside"}


async def test_feeds_that_may_not_be_asked_now_say_why(db: Database, clock: Clock, venues: Venues) -> None:
    collector = new_collector(db, clock, venues, with_key=False)
    async with collector.connections:
        await collect(named("farside BTC flows"), collector)
        venues["kraken"].fault = Fault.GEO_BLOCKED
        await collect(named("kraken candles"), collector)
        later(clock, minutes=2)
        asked = named("sosovalue BTC flows", "farside BTC flows", "kraken candles")

        ended = await backfill(collector, NOW - timedelta(days=1), Told(), asked)

    assert {progress.subject: progress.error for progress in ended} == {
        "sosovalue BTC flows": "SOSOVALUE_API_KEY is not set",
        "farside BTC flows": "asked at 14:32 UTC already",
        "kraken candles": "left alone until 2026-11-20 20:32 UTC",
    }


async def test_quotes_have_no_history_to_fill(collector: Collector, venues: Venues) -> None:
    await fill_gap(collector, Told(), [feed for feed in FEEDS if feed.name.endswith("quotes")])

    assert not [venue for venue in ("binance", "kraken", "coinbaseexchange") if venues[venue].requests]


def test_the_first_missing_bar_of_an_empty_history_is_where_it_should_begin(db: Database) -> None:
    since = NOW.replace(minute=31)

    assert first_missing(db, BINANCE_BTC, since, NOW) == since.replace(minute=35, second=0)


def test_the_first_missing_bar_of_a_whole_history_is_the_one_that_is_open(db: Database) -> None:
    opens = NOW.replace(minute=0, second=0)
    save_facts(db, [Candle(BINANCE_BTC, BAR, opens + n * BAR, 1, 1, 1, 1, 1) for n in range(6)])

    assert first_missing(db, BINANCE_BTC, opens, NOW) == NOW.replace(minute=30, second=0)


@pytest.mark.parametrize(("days", "short"), [(40, True), (20, False)])
async def test_what_does_not_reach_back_as_far_as_it_was_asked_to_is_said(
    collector: Collector, days: int, *, short: bool
) -> None:
    """Of Binance's open interest there is a month."""
    told = Told()
    [ended] = await backfill(collector, NOW - timedelta(days=days), told, named("binance leverage"))

    assert (ended.begins is not None) is short
    assert (f", only from {NOW - timedelta(days=29):%Y-%m-%d} on" in ended.as_line()) is short
