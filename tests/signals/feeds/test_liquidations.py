"""Liquidations over WebSockets: each venue's own words, and lines that break or talk nonsense."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.feeds import coinglass, liquidation_frames
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.http import Http
from signals.feeds.liquidation_frames import (
    STREAMS,
    Contract,
    Liquidation,
    RefusedError,
    Told,
    of_binance,
    of_bybit,
    of_okx,
)
from signals.feeds.liquidation_totals import STRETCH, Tally
from signals.feeds.liquidations import Listener
from signals.gauges import Gauge, Measure
from tests.feed_liquidations import CONTRACTS, binance_order
from tests.signals.feeds.moments import NOW, Clock, context
from tests.venues import Fault, Venues

BY_VENUE = {stream.venue: stream for stream in STREAMS}
SAMPLES = Path(__file__).parents[3] / "../shared/samples/bybit_allLiquidation_frames_trim.json"
OKX_CONTRACTS = {"BTC-USDT-SWAP": Contract("BTC", 0.01, False), "BTC-USD-SWAP": Contract("BTC", 100, True)}


def okx_order(contract: str, *details: tuple[str, str, str]) -> str:
    more = {"bkLoss": "0", "ccy": "", "posSide": "net", "ts": "1692266434010"}
    told = [{**more, "side": side, "sz": size, "bkPx": price} for side, size, price in details]
    arg = {"channel": "liquidation-orders", "instType": "SWAP"}
    return json.dumps({"arg": arg, "data": [{"details": told, "instId": contract, "instType": "SWAP"}]})


def bybit_orders(*orders: tuple[str, str, str, str]) -> str:
    data = [
        {"T": 1739502302929, "s": symbol, "S": side, "v": size, "p": price}
        for symbol, side, size, price in orders
    ]
    topic = f"allLiquidation.{orders[0][0]}"
    return json.dumps({"topic": topic, "type": "snapshot", "ts": 1739502303204, "data": data})


@pytest.mark.parametrize(
    ("side", "is_long"), [("SELL", True), ("BUY", False)], ids=["a sale closes a long", "a purchase a short"]
)
def test_binance_tells_the_side_of_the_order(side: str, *, is_long: bool) -> None:
    [found] = of_binance(json.dumps(binance_order(side, 0.014, 9_910)), {}).found
    assert found.is_long == is_long
    assert found.usd == pytest.approx(138.74)


@pytest.mark.parametrize(("side", "is_long"), [("Buy", True), ("Sell", False)])
def test_bybit_tells_the_side_of_the_position_and_several_at_once(side: str, *, is_long: bool) -> None:
    text = bybit_orders(("BTCUSDT", side, "0.5", "82000"), ("BTCUSDT", side, "0.25", "80000"))
    assert of_bybit(text, {}).found == (
        Liquidation("BTC", is_long, 41_000),
        Liquidation("BTC", is_long, 20_000),
    )


@pytest.mark.skipif(not SAMPLES.is_file(), reason="the recorded frames are not here")
def test_bybits_recorded_frames_are_read_to_the_last() -> None:
    def frames(node: Any) -> list[Any]:
        if isinstance(node, dict) and str(node.get("topic", "")).startswith("allLiquidation."):
            return [node]
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        return [frame for child in children for frame in frames(child)]

    recorded = frames(json.loads(SAMPLES.read_text(encoding="utf-8")))
    found = [of_bybit(json.dumps(frame), {}).found for frame in recorded]
    assert recorded
    assert [len(each) for each in found] == [len(frame["data"]) for frame in recorded]
    assert all(liquidation.usd > 0 for each in found for liquidation in each)


def test_okx_counts_contracts_and_several_details_are_all_read() -> None:
    text = okx_order("BTC-USDT-SWAP", ("sell", "13", "82000"), ("buy", "2", "82100"))
    assert of_okx(text, OKX_CONTRACTS).found == (
        Liquidation("BTC", True, 10_660),
        Liquidation("BTC", False, 1_642),
    )


def test_an_inverse_contract_of_okx_is_worth_its_dollars_whatever_the_price() -> None:
    text = okx_order("BTC-USD-SWAP", ("sell", "7", "82000"))
    assert of_okx(text, OKX_CONTRACTS).found == (Liquidation("BTC", True, 700),)


def test_a_contract_of_unknown_size_is_left_out_rather_than_guessed_and_counted() -> None:
    assert of_okx(okx_order("IOST-USDT-SWAP", ("buy", "13", "0.007831")), OKX_CONTRACTS) == Told(unreadable=1)


def test_a_contract_that_is_not_priced_in_dollars_is_left_out_without_a_word() -> None:
    assert of_okx(okx_order("BTC-EUR-SWAP", ("buy", "13", "82000")), OKX_CONTRACTS) == Told()


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (of_bybit, bybit_orders(("BTCUSDT", "Long", "1", "1"), ("BTCUSDT", "Buy", "1", "70"))),
        (of_bybit, bybit_orders(("BTCUSDT", "Buy", "-1", "1"), ("BTCUSDT", "Buy", "1", "70"))),
        (of_okx, okx_order("BTC-USDT-SWAP", ("sideways", "1", "1"), ("sell", "100", "70"))),
        (of_okx, okx_order("BTC-USDT-SWAP", ("sell", "", "1"), ("sell", "100", "70"))),
    ],
)
def test_an_order_that_cannot_be_read_takes_nothing_from_those_beside_it(read: Any, text: str) -> None:
    assert read(text, OKX_CONTRACTS) == Told((Liquidation("BTC", True, 70),), unreadable=1)


@pytest.mark.parametrize("symbol", ["ETHBTC", "BTCUSD_PERP"])
def test_what_is_not_priced_in_dollars_is_left_out(symbol: str) -> None:
    assert of_binance(json.dumps(binance_order("SELL", 1, 1, symbol)), {}) == Told()


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (of_binance, '{"e":"forceOrder","o":{"s":"BTCUSDT"'),
        (of_binance, '{"e":"forceOrder","o":{"s":"BTCUSDT","S":"SIDEWAYS","ap":"1","z":"1","q":"1"}}'),
        (of_binance, '{"e":"forceOrder","o":{"s":"BTCUSDT","S":"SELL","ap":"NaN","z":"1","q":"1"}}'),
        (of_binance, "[]"),
        (of_binance, '{"e":"forceOrder","o":{"s":"BTCUSDT","S":"SELL","ap":"-1","z":"1","q":"1"}}'),
        (of_bybit, '{"topic":"allLiquidation.BTCUSDT","data":7}'),
        (of_bybit, '{"topic":"allLiquidation.BTCUSDT"}'),
        (of_bybit, "<html>"),
        (of_okx, '{"arg":{"channel":"liquidation-orders"},"data":7}'),
        (of_okx, "7"),
    ],
)
def test_a_word_that_cannot_be_read_is_an_error_and_no_number(read: Any, text: str) -> None:
    with pytest.raises((ValueError, TypeError, LookupError, AttributeError)):
        read(text, OKX_CONTRACTS)


CONFIRMATIONS = [
    (of_bybit, '{"success":true,"ret_msg":"","conn_id":"x","op":"subscribe"}'),
    (of_okx, '{"event":"subscribe","arg":{"channel":"liquidation-orders","instType":"SWAP"},"connId":"a"}'),
]
REFUSALS = [
    (of_bybit, '{"success":false,"ret_msg":"error:handler not found","op":"subscribe"}'),
    (of_okx, '{"event":"error","code":"60012","msg":"Illegal request"}'),
]


@pytest.mark.parametrize(("read", "text"), CONFIRMATIONS)
def test_a_confirmation_is_told_from_a_liquidation(read: Any, text: str) -> None:
    assert read(text, {}) == Told(confirms=True)


@pytest.mark.parametrize(("read", "text"), REFUSALS)
def test_a_refusal_is_an_error_of_its_own(read: Any, text: str) -> None:
    with pytest.raises(RefusedError):
        read(text, {})


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (of_bybit, '{"success":true,"ret_msg":"pong","conn_id":"x","op":"ping"}'),
        (of_okx, "pong"),
        (of_okx, '{"event":"notice","code":"64008","msg":"The connection will soon be closed"}'),
        (of_binance, '{"result":null,"id":1}'),
    ],
)
def test_what_is_said_besides_is_no_liquidation(read: Any, text: str) -> None:
    assert read(text, {}) == Told()


def summed(gauges: tuple[Gauge, ...]) -> dict[tuple[str, Measure], float]:
    found: dict[tuple[str, Measure], float] = {}
    for gauge in gauges:
        key = gauge.series.subject, gauge.series.measure
        found[key] = found.get(key, 0.0) + gauge.value
    return found


HEARD = Measure.LIQUIDATIONS_HEARD_SECONDS
LONG, SHORT = Measure.LIQUIDATED_LONG_USD, Measure.LIQUIDATED_SHORT_USD


def listened(tally: Tally, first: datetime, last: datetime) -> None:
    """Signs of life every twenty seconds, from one moment to another."""
    while first <= last:
        tally.hears(first)
        first += timedelta(seconds=20)


def test_totals_are_given_once_their_stretch_is_over_and_only_once() -> None:
    tally, begins = Tally(), NOW.replace(minute=30, second=0)
    listened(tally, begins, begins + timedelta(minutes=7))
    tally.add(Liquidation("BTC", True, 100), begins + timedelta(minutes=1))
    tally.add(Liquidation("DOGE", False, 5), begins + timedelta(minutes=6))
    first = tally.take("okx", begins + timedelta(minutes=7))
    assert {gauge.at for gauge in first} == {begins + STRETCH}
    assert all(gauge.known_at >= gauge.at for gauge in first)
    assert summed(first) == {("ALL", HEARD): 300, ("ALL", LONG): 100, ("BTC", LONG): 100}
    listened(tally, begins + timedelta(minutes=7), begins + timedelta(minutes=10))
    assert summed(tally.take("okx", begins + timedelta(minutes=10))) == {
        ("ALL", HEARD): 300,
        ("ALL", SHORT): 5,
    }
    assert tally.take("okx", begins + timedelta(minutes=10)) == ()


@given(st.lists(st.tuples(st.integers(1, 200), st.booleans()), max_size=40))
def test_what_was_heard_is_the_time_that_passed_but_for_breaks_and_long_gaps(
    steps: list[tuple[int, bool]],
) -> None:
    tally, now, heard = Tally(), NOW, 0
    tally.hears(now)
    for seconds, breaks in steps:
        now += timedelta(seconds=seconds)
        if breaks:
            tally.deaf()
        elif seconds <= 90:
            heard += seconds
        tally.hears(now)
    later = now + STRETCH
    given_out = tally.take("okx", later)
    assert summed(given_out).get(("ALL", HEARD), 0) == pytest.approx(heard)
    assert all(gauge.value <= STRETCH.total_seconds() for gauge in given_out)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW.replace(minute=30, second=0))


@pytest.fixture
async def listen(venues: Venues, clock: Clock) -> AsyncIterator[Any]:
    opened: list[Listener] = []
    async with Http(context(clock, venues.base_urls())) as http:

        def start(venue: str, **changes: Any) -> Listener:
            listener = Listener(replace(BY_VENUE[venue], **changes), http.context, http)
            opened.append(listener)
            return listener

        yield start
        for listener in opened:
            await listener.close()


async def until(
    listener: Listener, clock: Clock, wanted: tuple[str, Measure]
) -> dict[tuple[str, Measure], float]:
    """The totals, once something is among them; each look is a stretch later."""
    found: dict[tuple[str, Measure], float] = {}
    while wanted not in found:
        clock.now += STRETCH
        for key, value in summed(await listener.totals()).items():
            found[key] = found.get(key, 0.0) + value
        await asyncio.sleep(0)
    return found


async def test_binances_orders_are_added_up_by_side(venues: Venues, listen: Any, clock: Clock) -> None:
    listener = listen("binance")
    assert await listener.totals() == ()
    await venues.liquidations.push(
        "binance_stream", binance_order("SELL", 2, 82_000), binance_order("BUY", 4, 2_500, "ETHUSDT")
    )
    found = await until(listener, clock, ("ETH", SHORT))
    assert found["BTC", LONG] == found["ALL", LONG] == 164_000
    assert found["ALL", SHORT] == 10_000
    assert venues["binance_stream"].requests == ["/market/ws/!forceOrder@arr"]


async def test_bybit_is_asked_for_its_contracts_and_pinged_as_it_wants(
    venues: Venues, listen: Any, clock: Clock
) -> None:
    listener = listen("bybit", ping_seconds=0.01)
    await listener.totals()
    while ("bybit_stream", '{"op":"ping"}') not in venues.liquidations.heard:
        await venues.liquidations.said.wait()
        venues.liquidations.said.clear()
    _, hello = venues.liquidations.heard[0]
    assert "allLiquidation.BTCUSDT" in json.loads(hello)["args"]
    await venues.liquidations.push("bybit_stream", bybit_orders(("ETHUSDT", "Buy", "10", "2500")))
    found = await until(listener, clock, ("ETH", LONG))
    assert found["ALL", LONG] == 25_000


async def test_okx_is_asked_for_the_sizes_of_its_contracts_first(
    venues: Venues, listen: Any, clock: Clock
) -> None:
    listener = listen("okx")
    await listener.totals()
    while not venues.adl.lines:  # noqa: ASYNC110  # it is filled in the same loop, a few turns later
        await asyncio.sleep(0)
    for line in venues.adl.lines:
        await line.send_str(okx_order("BTC-USDT-SWAP", ("sell", "100", "82000"), ("sell", "1", "82000")))
    found = await until(listener, clock, ("BTC", LONG))
    assert found["BTC", LONG] == pytest.approx(82_820)
    assert venues["okx"].requests == ["/api/v5/public/instruments?instType=SWAP"]


async def test_words_that_cannot_be_read_are_counted_and_stop_nothing(
    venues: Venues, listen: Any, clock: Clock
) -> None:
    listener = listen("binance")
    await listener.totals()
    nonsense = ('{"e":"forceOrder","o":{', "<html></html>", "[1,2]", "null")
    await venues.liquidations.push("binance_stream", *nonsense, binance_order("SELL", 1, 100))
    found = await until(listener, clock, ("ALL", LONG))
    assert found["ALL", LONG] == 100
    assert (listener.take_unreadable(), listener.take_unreadable()) == (4, 0)


async def test_a_line_that_is_hung_up_is_taken_up_again_by_itself(
    venues: Venues, listen: Any, clock: Clock
) -> None:
    listener = listen("binance")
    await listener.totals()
    await venues.liquidations.hang_up("binance_stream")
    await asyncio.wait_for(venues.liquidations.opened.wait(), 5)
    await venues.liquidations.push("binance_stream", binance_order("BUY", 1, 70))
    assert (await until(listener, clock, ("ALL", SHORT)))["ALL", SHORT] == 70
    assert len(venues["binance_stream"].requests) == 2
    assert clock.slept


async def test_a_line_that_is_dead_is_noticed_by_its_silence(
    venues: Venues, listen: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks open, but not even a ping comes back."""
    monkeypatch.setattr("signals.feeds.liquidations._HEARTBEAT_S", 0.05)
    venues.liquidations.is_deaf = True
    listener = listen("binance")
    await listener.totals()
    venues.liquidations.is_deaf = False
    venues.liquidations.lines.clear()
    venues.liquidations.opened.clear()
    await asyncio.wait_for(venues.liquidations.opened.wait(), 5)
    await venues.liquidations.push("binance_stream", binance_order("BUY", 1, 70))
    assert (await until(listener, clock, ("ALL", SHORT)))["ALL", SHORT] == 70


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.GEO_BLOCKED, FailureKind.GEO_BLOCKED),
        (Fault.CHALLENGE, FailureKind.GEO_BLOCKED),
        (Fault.HTML, FailureKind.TEMPORARY),
        (Fault.BROKEN, FailureKind.TEMPORARY),
        (Fault.CLOSED, FailureKind.TEMPORARY),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
async def test_a_line_that_does_not_come_about_says_why(
    venues: Venues, listen: Any, fault: Fault, kind: FailureKind
) -> None:
    venues["bybit_stream"].fault = fault
    with pytest.raises(FeedError) as raised:
        await listen("bybit").totals()
    assert raised.value.kind is kind


async def test_waits_between_tries_double_up_to_a_minute(venues: Venues, listen: Any, clock: Clock) -> None:
    venues["binance_stream"].fault = Fault.BROKEN
    listener = listen("binance")
    with pytest.raises(FeedError):
        await listener.totals()
    while len(clock.slept) < 9:  # noqa: ASYNC110  # it is filled in the same loop, a few turns later
        await asyncio.sleep(0)
    await listener.close()
    assert all(wait <= 90 for wait in clock.slept)
    assert clock.slept[6] > 30
    assert clock.slept[0] <= 3


async def test_coinglass_says_what_all_exchanges_saw(venues: Venues, clock: Clock) -> None:
    async with Http(context(clock, venues.base_urls(), keys={coinglass.KEY: "a-key"})) as http:
        found = summed(await coinglass.fetch_liquidations(http))
    assert found == {
        ("ALL", Measure.LIQUIDATED_24H_LONG_USD): 1.14e9,
        ("ALL", Measure.LIQUIDATED_24H_SHORT_USD): 0.13e9,
    }


async def test_coinglass_without_a_good_key_is_a_failure_that_stays(venues: Venues, clock: Clock) -> None:
    async with Http(context(clock, venues.base_urls(), keys={coinglass.KEY: "wrong"})) as http:
        with pytest.raises(FeedError) as raised:
            await coinglass.fetch_liquidations(http)
    assert raised.value.kind is FailureKind.PERMANENT
    assert "wrong" not in str(raised.value)


async def test_okx_s_contracts_are_read_with_their_sizes(venues: Venues, clock: Clock) -> None:
    venues.liquidations.contracts.append({**CONTRACTS[0], "instId": "FOO-EUR-SWAP"})
    async with Http(context(clock, venues.base_urls())) as http:
        found = await liquidation_frames.fetch_contracts(http)
    assert found == {
        "BTC-USDT-SWAP": Contract("BTC", 0.01, False),
        "ETH-USDT-SWAP": Contract("ETH", 0.1, False),
        "BTC-USD-SWAP": Contract("BTC", 100, True),
    }


def test_a_machine_that_slept_for_an_hour_did_not_hear_it() -> None:
    tally, begins = Tally(), NOW.replace(minute=30, second=0)
    listened(tally, begins, begins + timedelta(minutes=1))
    listened(tally, begins + timedelta(hours=1), begins + timedelta(hours=1, minutes=5))
    assert summed(tally.take("okx", begins + timedelta(hours=2)))["ALL", HEARD] == 60 + 300


def test_a_clock_that_is_set_back_makes_no_stretch_longer_than_it_is() -> None:
    tally, begins = Tally(), NOW.replace(minute=30, second=0)
    listened(tally, begins, begins + timedelta(minutes=4))
    listened(tally, begins, begins + timedelta(minutes=5))
    assert summed(tally.take("okx", begins + STRETCH))["ALL", HEARD] == 300


@given(st.lists(st.integers(1, 80), min_size=1, max_size=12), st.integers(0, 11))
def test_a_restart_anywhere_loses_nothing_and_counts_nothing_twice(waits: list[int], place: int) -> None:
    """But for the time in between, which is none here."""
    begins = NOW.replace(minute=30, second=0)
    whole, before, after = Tally(), Tally(), Tally()
    kept: dict[Any, Gauge] = {}
    running, now = before, begins
    whole.hears(now)
    running.hears(now)
    for n, seconds in enumerate(waits):
        if n == place:
            kept |= {(g.series, g.at): g for g in before.rest("okx", now)}
            after.resume(g for g in kept.values() if g.at > now)
            running = after
            running.hears(now)
        now += timedelta(seconds=seconds)
        for tally in (whole, running):
            tally.hears(now)
            tally.add(Liquidation("BTC", n % 2 == 0, 2.0**n), now)
    kept |= {(g.series, g.at): g for g in running.rest("okx", now)}
    wanted = {(g.series, g.at): g.value for g in whole.rest("okx", now)}
    assert {key: gauge.value for key, gauge in kept.items()} == pytest.approx(wanted)


async def test_a_venue_that_refuses_what_is_asked_for_was_not_heard(
    venues: Venues, listen: Any, clock: Clock
) -> None:
    """A line that is open tells nothing as long as nothing is subscribed to: its silence is not none."""
    refusal = {"success": False, "ret_msg": "error:handler not found", "op": "subscribe"}
    venues.liquidations.confirmation = refusal
    listener = listen("bybit")
    for _ in range(3):
        with pytest.raises(FeedError, match="refused: error:handler not found"):
            await listener.totals()
        clock.now += STRETCH


async def test_a_venue_that_does_not_confirm_was_not_heard(venues: Venues, listen: Any) -> None:
    venues.liquidations.confirmation = {"success": True, "ret_msg": "pong", "op": "ping"}
    with pytest.raises(FeedError, match="not confirmed"):
        await listen("bybit", ping_seconds=0.02).totals()


async def test_a_line_that_breaks_as_soon_as_it_stands_is_not_tried_every_second(
    venues: Venues, listen: Any, clock: Clock
) -> None:
    venues.liquidations.hangs_up_at_once = True
    listener = listen("binance")
    with contextlib.suppress(FeedError):
        await listener.totals()
    while len(clock.slept) < 7:  # noqa: ASYNC110  # it is filled in the same loop, a few turns later
        await asyncio.sleep(0)
    assert clock.slept[6] > 20


async def test_hanging_up_does_not_wait_for_a_venue_that_has_gone_silent(venues: Venues, listen: Any) -> None:
    venues.liquidations.is_deaf = True
    listener = listen("binance")
    await listener.totals()
    async with asyncio.timeout(1):
        await listener.close()
