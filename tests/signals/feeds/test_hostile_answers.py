"""Sources that lie: every shape with something else in it gives facts that can be kept, or a FeedError."""

import asyncio
import copy
import json
import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.facts import Quote
from signals.feeds.connections import Connections
from signals.feeds.failure import FeedError
from signals.feeds.feed import Feed
from signals.feeds.http import Http, _decoded
from signals.feeds.table import FEEDS
from signals.feeds.venue_client import VenueClient
from storage.database import Database, open_database
from storage.market import save_facts
from tests.signals.feeds.moments import NOW, Clock, context
from tests.venues import Venues

KEYS = {"SOSOVALUE_API_KEY": "k", "COINGLASS_API_KEY": "k"}
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1e308, -1e308, float("nan"), float("inf"), 10**30, -(10**30), 10**400, "", "x", "NaN",
    "Infinity", "1e999", "-1", "9" * 40, "9" * 5_000, [], {}, [[]], [None], {"": None}, "<b>", "\ud800", "\0",
    "１２", "2025-99-99", "9999-12-31T23:59:59Z", 253402300800000, "0",
)  # fmt: skip
"""What may stand in the place of anything."""
EXAMPLES = max(settings.default.max_examples // 10, 1) if settings.default else 10


class Liar:
    """Changes answers as its seed says; with None it tells the truth, and everything is remembered."""

    def __init__(self) -> None:
        self.chance: random.Random | None = None
        self.heard: dict[tuple[str, ...], str] = {}
        self.told = 0

    def tell(self, text: str) -> str:
        self.told += 1
        return text if self.chance is None else lie(text, self.chance)


def lie(text: str, chance: random.Random) -> str:
    """An answer with one to three things in it changed."""
    if chance.random() < 0.1:
        return text[: chance.randrange(len(text) + 1)]
    try:
        tree = {"": json.loads(text)}
    except ValueError:
        # A page: other letters here and there, or a cell with other content.
        cells = text.split("<td>")
        for _ in range(chance.randint(1, 3)):
            cells[chance.randrange(len(cells))] = f"{chance.choice(ODD)}</td>"
        return "<td>".join(cells)
    for _ in range(chance.randint(1, 3)):
        place, key = chance.choice([*_places(tree)])
        place[key] = copy.deepcopy(chance.choice(ODD))
    return json.dumps(tree[""])


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Everything in a tree that can be replaced."""
    keys = tree if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in keys:
        yield tree, key
        yield from _places(tree[key])


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def liar() -> Iterator[Liar]:
    liar = Liar()
    truth, connected = Http._text, VenueClient._connect
    told: Any = VenueClient._inspect

    async def text(self: Http, source: str, method: str, url: str, *args: Any, **request: Any) -> str:
        key = (source, method, url, json.dumps([request.get("params"), request.get("json")]))
        if key not in liar.heard:
            liar.heard[key] = await truth(self, source, method, url, *args, **request)
        return liar.tell(liar.heard[key])

    def inspect(self: VenueClient, status: int, *args: Any) -> str:
        *before, body, headers, sent = args
        return str(told(self, status, *before, liar.tell(body), headers, sent))

    def connect(self: VenueClient) -> Any:
        client = connected(self)
        client.enableRateLimit = False
        return client

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(VenueClient, "_connect", connect)
        patched.setattr(Http, "_text", text)
        patched.setattr(VenueClient, "_inspect", inspect)
        yield liar


@pytest.fixture(scope="module")
def connections(runner: asyncio.Runner, liar: Liar) -> Iterator[Connections]:
    del liar
    venues, clock = Venues(lambda: NOW), Clock()
    runner.run(venues.__aenter__())

    async def opened() -> Connections:
        return Connections(context(clock, venues.base_urls(), keys=KEYS))

    connections = runner.run(opened())
    yield connections
    runner.run(connections.close())
    runner.run(venues.__aexit__())


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    db = open_database(":memory:")
    yield db
    db.close()


def fetches() -> list[Any]:
    asked = [pytest.param(feed, feed.fetch, id=feed.name) for feed in FEEDS]
    filled = [pytest.param(feed, feed.fill, id=f"{feed.name}, the past") for feed in FEEDS if feed.fill]
    return asked + filled


@pytest.fixture(scope="module")
def brought(runner: asyncio.Runner, liar: Liar, connections: Connections) -> Callable[[Feed, Any, int], Any]:
    """What a source brings that lies as a seed says."""

    def bring(feed: Feed, fetch: Any, seed: int) -> Any:
        liar.chance = random.Random(seed)
        try:
            return runner.run(fetch(connections, NOW - 2 * feed.interval - feed.look_back))
        finally:
            liar.chance = None

    return bring


@pytest.mark.parametrize(("feed", "fetch"), fetches())
@settings(deadline=None, max_examples=EXAMPLES)
@given(seed=st.integers(0, 2**32))
def test_an_answer_with_anything_in_it_gives_facts_or_a_feed_error(
    brought: Callable[[Feed, Any, int], Any], db: Database, feed: Feed, fetch: Any, seed: int
) -> None:
    try:
        facts = brought(feed, fetch, seed)
    except FeedError:
        return
    # A quote may be without a number: the screen before the database rejects it.
    save_facts(db, [fact for fact in facts if not (isinstance(fact, Quote) and math.isnan(fact.mid))])


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 5_000, "", "{", "\ud800"], ids=len)
def test_what_is_no_json_that_can_be_read_is_malformed(text: str) -> None:
    with pytest.raises(FeedError, match="not JSON"):
        _decoded("farside", text)
