from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.intake.collect import collect
from bot.intake.fetching import FARTHEST_BACK, Collector, blocked_until
from signals.conditions import Standing
from signals.disputes import series_of
from signals.etf_final import known_as_history
from signals.facts import (
    BINANCE_BTC,
    BINANCE_ETH,
    COINBASE_BTC,
    KRAKEN_BTC,
    KRAKEN_USDT,
    Candle,
    EtfFlow,
    Fact,
    Quote,
)
from signals.feeds.connections import Connections
from signals.feeds.failure import GEO_BLOCK, FailureKind, FeedError
from signals.feeds.kinds import BAR
from signals.moments import to_ms
from storage.database import Database
from storage.feed_runs import read_feeds
from storage.market import load_market, read_candles, read_flow_observations
from storage.standings import save_standings
from tests.bot.intake.round import CANDLES, FLOWS, QUOTES, feed, health, later, named, new_collector
from tests.signals.feeds.moments import NOW, Clock
from tests.venues import FLOW_SOURCES, Fault, Venues

THURSDAY = date(2026, 11, 19)
"""The session before `NOW`."""


def instruments(facts: tuple[Fact, ...]) -> set[object]:
    return {fact.instrument for fact in facts if isinstance(fact, (Quote, Candle))}


def flows(facts: tuple[Fact, ...]) -> dict[str, EtfFlow]:
    return {fact.source: fact for fact in facts if isinstance(fact, EtfFlow)}


async def test_a_round_of_quotes_is_returned_stored_and_on_record(collector: Collector) -> None:
    facts = await collect(QUOTES, collector)

    assert len(instruments(facts)) == 8
    assert {fact.at for fact in facts if isinstance(fact, Quote)} == {NOW}
    assert load_market(collector.db).track(COINBASE_BTC).price.tolist() == pytest.approx(
        [106_900.53], abs=0.1
    )
    for venue in QUOTES:
        assert health(collector, venue.name).last_ok_at == NOW
        assert health(collector, venue.name).error is None


async def test_a_venue_that_fails_stops_no_other(collector: Collector, venues: Venues) -> None:
    venues["kraken"].fault = Fault.BROKEN

    facts = await collect(QUOTES, collector)

    assert len(instruments(facts)) == 5
    assert health(collector, "kraken quotes").error == 'kraken: HTTP 500: {"message":"Internal server error"}'
    assert health(collector, "kraken quotes").failures_in_a_row == 1
    assert health(collector, "binance quotes").failures_in_a_row == 0


async def test_a_slow_venue_is_given_up_within_its_time(collector: Collector, venues: Venues) -> None:
    venues["kraken"].fault = Fault.SLOW
    hasty = [replace(feed, within=timedelta(seconds=1)) for feed in QUOTES]

    facts = await collect(hasty, collector)

    assert len(instruments(facts)) == 5
    assert health(collector, "kraken quotes").error == "kraken: no answer within 1 s"


async def test_a_mistake_of_ours_in_one_feed_stops_no_other(
    collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    async def stumble(to: Connections, since: object) -> tuple[Fact, ...]:
        raise ZeroDivisionError((to, since))

    facts = await collect([replace(feed("kraken quotes"), fetch=stumble), *QUOTES[:2]], collector)

    assert len(instruments(facts)) == 5
    assert health(collector, "kraken quotes").error == "kraken: ZeroDivisionError"
    assert "Traceback" in caplog.text


async def test_bad_ticks_are_neither_returned_nor_stored_but_counted(
    collector: Collector, venues: Venues
) -> None:
    venues.price(KRAKEN_BTC, 107_000.0, 106_000.0)
    venues.price(BINANCE_BTC, 10_695.0, 10_695.5)
    venues.price(KRAKEN_USDT, 0, 0)

    facts = await collect(QUOTES, collector)

    assert instruments(facts) & {KRAKEN_BTC, KRAKEN_USDT} == set()
    assert len(load_market(collector.db).track(KRAKEN_BTC)) == 0
    assert health(collector, "kraken quotes").rejected_count == 2
    assert health(collector, "kraken quotes").error is None
    assert (health(collector, "binance quotes").last_rejected or "").startswith("disputed binance BTC/USDT")


async def test_a_dispute_is_written_down_as_it_begins_and_as_it_ends(
    collector: Collector, venues: Venues, clock: Clock
) -> None:
    def written() -> list[float]:
        return [float(value) for value in load_market(collector.db).gauge(*series_of("BTC")).value]

    venues.price(BINANCE_BTC, 120_000.0, 120_001.0)
    venues.price(KRAKEN_BTC, 90_000.0, 90_001.0)
    facts = await collect(QUOTES, collector)
    assert instruments(facts) & {COINBASE_BTC, BINANCE_BTC, KRAKEN_BTC} == set()
    assert written() == [1.0]

    venues.price(BINANCE_BTC, 106_950.0, 106_951.0)
    later(clock, seconds=10)
    await collect(QUOTES, collector)
    later(clock, seconds=10)
    await collect(QUOTES, collector)
    assert written() == [1.0, 0.0]


async def test_bars_far_off_the_other_venues_are_neither_returned_nor_stored_but_counted(
    collector: Collector, venues: Venues
) -> None:
    venues.price(BINANCE_BTC, 80_000.0, 80_001.0)
    facts = await collect(CANDLES, collector)
    assert BINANCE_BTC not in instruments(facts)
    assert {COINBASE_BTC, BINANCE_ETH} <= instruments(facts)
    assert BINANCE_BTC not in {track.instrument for track in load_market(collector.db).prices}
    health = read_feeds(collector.db)["binance candles"]
    assert health.rejected_count > 0
    assert "far off" in str(health.last_rejected)


async def test_of_two_venues_the_one_that_leaves_its_last_good_price_is_not_believed(
    collector: Collector, venues: Venues, clock: Clock
) -> None:
    two = named("coinbaseexchange quotes", "binance quotes")
    await collect(two, collector)
    venues.price(BINANCE_BTC, 10_695.0, 10_695.5)
    later(clock, seconds=10)

    facts = await collect(two, collector)

    assert BINANCE_BTC not in instruments(facts)
    assert COINBASE_BTC in instruments(facts)
    assert (health(collector, "binance quotes").last_rejected or "").startswith("jumped binance BTC/USDT")


async def test_what_may_pass_is_tried_again_with_growing_waits_that_are_never_the_same(
    collector: Collector, venues: Venues, clock: Clock
) -> None:
    venues["binance"].fault = Fault.BROKEN

    await collect(named("binance candles"), collector)

    assert len(venues["binance"].requests) == 4
    first, second, third = clock.slept
    assert 1 <= first <= 3
    assert 2 <= second <= 6
    assert 4 <= third <= 12
    assert health(collector, "binance candles").failures_in_a_row == 1


async def test_a_feed_that_recovers_while_it_is_tried_again_has_not_failed(
    collector: Collector, venues: Venues, clock: Clock
) -> None:
    venues["binance"].fault = Fault.BROKEN
    sleep = clock.sleep

    async def recover(seconds: float) -> None:
        venues["binance"].fault = None
        await sleep(seconds)

    to = replace(collector.connections.context, sleep=recover)
    async with Connections(to) as connections:
        facts = await collect(named("binance candles"), replace(collector, connections=connections))

    assert facts
    assert health(collector, "binance candles").failures_in_a_row == 0


@pytest.mark.parametrize("fault", [Fault.FORBIDDEN, Fault.WRONG_TYPES, Fault.RATE_LIMITED, Fault.GEO_BLOCKED])
async def test_what_will_not_pass_by_itself_is_not_tried_again(
    fault: Fault, collector: Collector, venues: Venues, clock: Clock
) -> None:
    venues["kraken"].fault = fault

    await collect(named("kraken candles"), collector)

    assert len(venues["kraken"].requests) == 1
    assert clock.slept == []


async def test_a_geo_blocked_feed_waits_for_hours_and_is_asked_again_then(
    db: Database, clock: Clock, venues: Venues
) -> None:
    venues["kraken"].fault = Fault.GEO_BLOCKED
    kraken = named("kraken quotes")
    async with (first := new_collector(db, clock, venues)).connections:
        await collect(kraken, first)
        assert health(first, "kraken quotes").blocked_until == NOW + GEO_BLOCK
    venues["kraken"].fault = None

    # A restart does not forget it.
    async with (second := new_collector(db, clock, venues)).connections:
        later(clock, hours=6, seconds=-1)
        assert await collect(kraken, second) == ()
        assert len(venues["kraken"].requests) == 1
        later(clock, seconds=1)
        assert len(await collect(kraken, second)) == 3
        assert health(second, "kraken quotes").blocked_until is None


async def test_a_rate_limited_feed_waits_for_as_long_as_it_was_told(
    collector: Collector, venues: Venues
) -> None:
    venues["kraken"].fault = Fault.RATE_LIMITED

    await collect(named("kraken quotes"), collector)

    assert health(collector, "kraken quotes").blocked_until == NOW + timedelta(seconds=45)


def test_a_rate_limit_that_says_nothing_is_waited_out_for_longer_each_time() -> None:
    silent = FeedError("kraken", FailureKind.RATE_LIMITED, "too many requests")

    waits = [(blocked_until(silent, failures, NOW) or NOW) - NOW for failures in range(8)]

    assert [wait / timedelta(minutes=1) for wait in waits] == [1, 2, 4, 8, 16, 32, 60, 60]


async def test_a_feed_without_its_key_is_off(db: Database, clock: Clock, venues: Venues) -> None:
    collector = new_collector(db, clock, venues, with_key=False)
    async with collector.connections:
        await collect(named("sosovalue BTC flows"), collector)

    assert venues["sosovalue"].requests == []
    assert read_feeds(db) == {}


async def test_candles_fill_the_gap_since_the_last_good_answer(
    collector: Collector, venues: Venues, clock: Clock
) -> None:
    binance = named("binance candles")
    await collect(binance, collector)
    assert len(read_candles(collector.db, BINANCE_BTC, BAR)) == 5
    venues["binance"].fault = venues["binance_vision"].fault = Fault.BROKEN
    for _ in range(5):
        later(clock, hours=1)
        await collect(binance, collector)
    venues["binance"].fault = None
    later(clock, hours=1)

    await collect(binance, collector)

    bars = read_candles(collector.db, BINANCE_BTC, BAR)
    assert (bars[-1].opened_at - bars[0].opened_at) / BAR == len(bars) - 1
    assert clock.now - bars[-1].at < BAR
    assert bars[0].at < NOW


async def test_a_gap_is_filled_no_farther_back_than_the_rules_look(
    collector: Collector, clock: Clock
) -> None:
    await collect(named("binance candles"), collector)
    later(clock, days=60)

    facts = await collect(named("binance candles"), collector)

    oldest = min(fact.opened_at for fact in facts if isinstance(fact, Candle))
    assert clock.now - FARTHEST_BACK <= oldest < clock.now - FARTHEST_BACK + BAR


async def test_the_bar_that_is_open_is_not_kept(collector: Collector, clock: Clock) -> None:
    facts = await collect(CANDLES, collector)

    assert len(instruments(facts)) == 8
    assert max(fact.at for fact in facts if isinstance(fact, Candle)) <= clock.now


async def test_a_flow_is_preliminary_then_final_an_hour_later_and_no_news_after(
    collector: Collector, venues: Venues, clock: Clock
) -> None:
    venues.publish("BTC", THURSDAY, {"IBIT": -50e6, "FBTC": -7.6e6}, by=("sosovalue",))
    sosovalue = named("sosovalue BTC flows")

    first = flows(await collect(sosovalue, collector))["sosovalue"]
    assert (first.total_usd, first.complete, first.final_at) == (-57.6e6, True, None)
    later(clock, minutes=45)
    assert await collect(sosovalue, collector) == ()
    later(clock, minutes=15)
    final = flows(await collect(sosovalue, collector))["sosovalue"]
    assert final.final_at == clock.now
    later(clock, minutes=15)

    assert await collect(sosovalue, collector) == ()
    [stored] = read_flow_observations(collector.db, "BTC", THURSDAY)
    assert stored.flow.known_at == first.known_at
    assert stored.flow.final_at == final.final_at
    assert stored.last_seen_at == clock.now


async def test_a_partial_sum_is_shown_but_not_final_until_the_last_fund_has_reported(
    collector: Collector, venues: Venues, clock: Clock
) -> None:
    sosovalue = named("sosovalue BTC flows")
    venues.publish("BTC", THURSDAY - timedelta(days=1), {"IBIT": 1e6, "FBTC": 1e6})
    venues.publish("BTC", THURSDAY, {"IBIT": None, "FBTC": 31.7e6})
    await collect(sosovalue, collector)
    later(clock, hours=2)
    assert await collect(sosovalue, collector) == ()

    venues.publish("BTC", THURSDAY, {"IBIT": 158.2e6, "FBTC": 31.7e6})
    later(clock, minutes=15)
    whole = flows(await collect(sosovalue, collector))["sosovalue"]
    assert (whole.total_usd, whole.final_at) == (189.9e6, None)
    later(clock, hours=1)

    assert flows(await collect(sosovalue, collector))["sosovalue"].final_at == clock.now


async def test_a_zero_is_final_once_another_source_says_so_too(
    collector: Collector, venues: Venues, clock: Clock
) -> None:
    clock.now = known_as_history(THURSDAY) + timedelta(days=1)
    venues.publish("ETH", THURSDAY, {"ETHA": 0.0, "FETH": 0.0}, by=("sosovalue",))
    alone = flows(await collect(FLOWS, collector))["sosovalue"]
    assert alone.final_at is None

    venues.publish("ETH", THURSDAY, {"ETHA": 0.0, "FETH": 0.0}, by=("farside",))
    later(clock, hours=1)

    assert {f.source for f in flows(await collect(FLOWS, collector)).values() if f.final_at} == {
        "sosovalue",
        "farside",
    }


async def test_every_source_keeps_its_own_number(collector: Collector, venues: Venues) -> None:
    for number, source in enumerate(FLOW_SOURCES):
        venues.publish("BTC", THURSDAY, {"IBIT": 10e6, "FBTC": number * 1e6}, by=(source,))

    assert {s: f.total_usd for s, f in flows(await collect(FLOWS, collector)).items()} == {
        "sosovalue": 10e6,
        "coinmarketcap": 11e6,
        "farside": 12e6,
    }


async def test_flows_from_before_are_known_since_the_morning_after(
    collector: Collector, venues: Venues
) -> None:
    monday = THURSDAY - timedelta(days=3)
    venues.publish("BTC", monday, {"IBIT": 1e6, "FBTC": 1e6}, by=("farside",))

    [flow] = await collect(named("farside BTC flows"), collector)

    assert isinstance(flow, EtfFlow)
    assert flow.known_at == flow.final_at == known_as_history(monday)


async def test_the_newest_flow_is_not_dated_back_behind_what_was_judged(
    collector: Collector, venues: Venues, clock: Clock
) -> None:
    clock.now = known_as_history(THURSDAY) + timedelta(hours=6, minutes=45)
    save_standings(collector.db, {"etf_flow": Standing(judged_ms=to_ms(clock.now))})
    venues.publish("BTC", THURSDAY, {"IBIT": 1e6, "FBTC": 1e6}, by=("farside",))

    [flow] = await collect(named("farside BTC flows"), collector)

    assert isinstance(flow, EtfFlow)
    assert flow.known_at == flow.final_at == clock.now


async def test_a_number_of_a_session_that_is_not_over_is_rejected(
    collector: Collector, venues: Venues
) -> None:
    venues.publish("BTC", NOW.date(), {"IBIT": 0.0, "FBTC": 0.0}, by=("farside",))

    assert await collect(named("farside BTC flows"), collector) == ()
    assert health(collector, "farside BTC flows").last_rejected == "2026-11-20 not_over"


async def test_farside_is_asked_once_an_hour_even_after_restarts(
    db: Database, clock: Clock, venues: Venues
) -> None:
    venues.publish("BTC", THURSDAY, {"IBIT": 1e6, "FBTC": 1e6})
    for _ in range(6):
        async with (collector := new_collector(db, clock, venues)).connections:
            await collect(named("farside BTC flows"), collector)
        later(clock, minutes=10)

    assert len(venues["farside"].requests) == 1


async def test_a_clock_that_was_set_back_does_not_silence_a_feed(
    collector: Collector, venues: Venues, clock: Clock
) -> None:
    venues.publish("BTC", THURSDAY, {"IBIT": 1e6, "FBTC": 1e6})
    await collect(named("farside BTC flows"), collector)
    later(clock, hours=-5)

    await collect(named("farside BTC flows"), collector)

    assert len(venues["farside"].requests) == 2


async def test_no_secret_is_stored_or_logged(
    collector: Collector, venues: Venues, caplog: pytest.LogCaptureFixture
) -> None:
    venues["sosovalue"].fault = Fault.UNAUTHORIZED

    await collect(named("sosovalue BTC flows"), collector)

    error = health(collector, "sosovalue BTC flows").error
    assert error == 'sosovalue: HTTP 401: {"code": 40101, "msg": "unknown key ***"}'
    assert "soso-secret-key" not in caplog.text


async def test_a_failure_that_stays_the_same_is_logged_once(
    collector: Collector, venues: Venues, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    venues["binance"].fault = Fault.BROKEN
    for _ in range(3):
        await collect(named("binance quotes"), collector)
        later(clock, minutes=1)
    assert sum("binance" in record.message for record in caplog.records if record.levelname == "WARNING") == 1
    assert health(collector, "binance quotes").failures_in_a_row == 3
