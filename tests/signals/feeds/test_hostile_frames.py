"""Streams of liquidations that lie: no word stops the listening or spoils a sum, and each is counted."""

import json
import math
import random
from typing import Any

import pytest
from aiohttp import web
from hypothesis import example, given, settings
from hypothesis import strategies as st

from signals.feeds.http import Http
from signals.feeds.liquidation_frames import STREAMS, Contract, RefusedError, Stream
from signals.feeds.liquidations import Listener
from tests.feed_liquidations import binance_order
from tests.signals.feeds.moments import Clock, context
from tests.signals.feeds.test_hostile_answers import ODD, lie
from tests.signals.feeds.test_liquidations import LONG, bybit_orders, okx_order, until
from tests.venues import Venues, leave_at_once

BINANCE = json.dumps(binance_order("SELL", 2, 82_000))
HONEST = {
    "binance": BINANCE,
    "bybit": bybit_orders(("BTCUSDT", "Buy", "2", "82000"), ("ETHUSDT", "Sell", "3", "2500")),
    "okx": okx_order("BTC-USDT-SWAP", ("sell", "100", "82000"), ("buy", "1", "82000")),
}
CONTRACTS = {"BTC-USDT-SWAP": Contract("BTC", 0.01, is_inverse=False)}
DEEP = "[" * 100_000 + "]" * 100_000
READ_BY_NOBODY = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""What the listener takes for a word that cannot be read."""
HOSTILE = (
    "", "null", "1", "[]", '"x"', "NaN", "Infinity", "{", DEEP, '{"e":' + DEEP + "}", '{"o":' * 5_000,
    "\0", "\ud7ff",
    '{"e":"forceOrder"}', '{"e":"forceOrder","o":[]}', '{"e":"forceOrder","o":{"s":1}}',
    BINANCE.replace("82000", "NaN"), BINANCE.replace("82000", "1e999"), BINANCE.replace('"2"', '"1e305"'),
    BINANCE.replace('"2"', "9" * 5_000), BINANCE.replace("SELL", "sideways"), "x" * 900_000,
)  # fmt: skip


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.venue)
@settings(max_examples=30, deadline=None)
@example(seed=0, text=DEEP)
@given(seed=st.integers(0, 2**32 - 1), text=st.none() | st.text(max_size=30) | st.sampled_from(HOSTILE))
def test_a_word_gives_sums_that_can_be_kept_or_an_error_that_is_counted(
    stream: Stream, seed: int, text: str | None
) -> None:
    word = lie(HONEST[stream.venue], random.Random(seed)) if text is None else text
    try:
        told = stream.read(word, CONTRACTS)
    except (RefusedError, *READ_BY_NOBODY):
        return
    assert all(0 < found.usd < 1e13 and isinstance(found.coin, str) for found in told.found)
    assert told.unreadable >= 0


@pytest.mark.parametrize("venue", ["bybit", "okx"])
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_what_is_odd_takes_nothing_from_what_stands_beside_it(venue: str, odd: Any) -> None:
    [stream] = [stream for stream in STREAMS if stream.venue == venue]
    word = json.loads(HONEST[venue])
    honest = stream.read(HONEST[venue], CONTRACTS).found
    word["data"] = [odd, *word["data"], odd]
    told = stream.read(json.dumps(word), CONTRACTS)
    assert (told.found, told.unreadable) == (honest, 2)


async def test_hostile_words_are_counted_and_the_line_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them, some in bytes, on one line, which is never hung up; then what is true is heard."""
    leave_at_once(monkeypatch)
    clock = Clock()
    [stream] = [stream for stream in STREAMS if stream.venue == "binance"]
    async with Venues(clock) as venues, Http(context(clock, venues.base_urls())) as http:
        listener = Listener(stream, http.context, http)
        await listener.totals()
        [line] = venues.liquidations.lines["binance_stream"]
        for word in HOSTILE:
            await _say(line, word)
        await _say(line, BINANCE)
        found = await until(listener, clock, ("BTC", LONG))
        assert found["BTC", LONG] == found["ALL", LONG] == 164_000
        assert all(math.isfinite(value) for value in found.values())
        # A `forceOrder` without an order and what is no `forceOrder` at all are told apart: each counts once.
        assert listener.take_unreadable() >= 2 * (len(HOSTILE) - 3)
        assert venues["binance_stream"].requests == ["/market/ws/!forceOrder@arr"]
        await listener.close()


async def _say(line: web.WebSocketResponse, word: str) -> None:
    await line.send_str(word)
    await line.send_bytes(word.encode("utf-8", "surrogatepass"))
