"""What all jobs together ask of each source, measured a round at a time, against what the source allows."""

from collections import Counter
from datetime import timedelta
from itertools import product
from math import ceil

import pytest

from bot.intake.schedule import JOBS, Work, polled_every
from signals.facts import Fact
from storage.database import open_database
from storage.market import Retention
from tests.bot.intake.round import new_collector
from tests.signals.feeds.moments import NOW, Clock
from tests.venues import SOURCES, Fault, Venues, leave_at_once

RETENTION = Retention(timedelta(days=3), timedelta(days=400), timedelta(days=30), timedelta(days=90))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

WEIGHTS = {
    "/api/v3/ticker/bookTicker": 4,
    "/api/v3/klines": 2,
    "/api/v3/depth": 250,
    "/fapi/v1/depth": 20,
}
"""Binance counts by weight: developers.binance.com, market data endpoints of the spot REST API."""

ALLOWED = {
    # docs.cdp.coinbase.com/exchange: public endpoints, 10 requests a second for an address
    "coinbaseexchange": (600, MINUTE),
    "binance": (6000, MINUTE),
    "binance_vision": (6000, MINUTE),
    # support.kraken.com: public calls, about one a second for an address
    "kraken": (60, MINUTE),
    "sosovalue": (20, MINUTE),
    # Nothing is published: a visitor who leaves the page open causes more.
    "coinmarketcap": (60, HOUR),
    # A page an hour for each of the two assets.
    "farside": (2, HOUR),
    # developers.binance.com: 2,400 of weight a minute for the futures; a rating weighs one
    "binanceusdm": (2400, MINUTE),
    # bybit-exchange.github.io/docs/v5/rate-limit: 600 requests in five seconds for an address
    "bybit": (600, timedelta(seconds=5)),
    # www.okx.com/docs-v5: each kind of request is counted by itself; announcements may be asked for five
    # times in two seconds, market data ten times and more; three connections a second
    "okx /api/v5/support/announcements": (5, timedelta(seconds=2)),
    "okx": (10, timedelta(seconds=2)),
    "okx_stream": (3, timedelta(seconds=1)),
    # Binance allows 300 connections in five minutes, Bybit 500; one that breaks is taken up again in a second
    # at the soonest, and then ever more slowly.
    "binance_stream": (300, 5 * MINUTE),
    "bybit_stream": (500, 5 * MINUTE),
    # Nothing is published: as a visitor who looks every hour, and at a protocol that was hit.
    "defillama": (12, HOUR),
    # Nothing is published: operations and rates, four times an hour, tried twice.
    "newyorkfed": (16, HOUR),
    # docs.coinglass.com: 30 requests a minute on the smallest plan
    "coinglass": (30, MINUTE),
    # Nothing is published: as a visitor who looks every few minutes, and at both addresses.
    "binance_announcements": (12, HOUR),
}


@pytest.fixture(autouse=True)
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_at_once(monkeypatch)


async def hear(_: tuple[Fact, ...]) -> None:
    """Nobody listens."""


def weighed(source: str, path: str) -> dict[str, int]:
    """By what name a request is counted, and how much it weighs."""
    by_path = f"{source} {path}"
    return {by_path if by_path in ALLOWED else source: WEIGHTS.get(path, 1)}


async def asked_in_a_round(fault: Fault | None) -> dict[str, Counter[str]]:
    """The weight of what each job asks of each source in one round, on the day after a session."""
    asked: dict[str, Counter[str]] = {}
    for job in JOBS:
        clock, db = Clock(), open_database(":memory:")
        async with Venues(clock) as venues, (collector := new_collector(db, clock, venues)).connections:
            for asset in ("BTC", "ETH"):
                venues.publish(asset, (NOW - DAY).date(), {"ONE": 1e6, "TWO": 2e6})
            for source in SOURCES:
                venues[source].fault = fault
            await job.run(Work(collector, hear, RETENTION))
            asked[job.name] = Counter()
            for source in SOURCES:
                for path in venues[source].requests:
                    asked[job.name].update(weighed(source, path.partition("?")[0]))
        db.close()
    return asked


@pytest.mark.parametrize("fault", [None, Fault.BROKEN, Fault.GEO_BLOCKED], ids=["whole", "broken", "blocked"])
async def test_all_jobs_together_stay_within_what_each_source_allows(fault: Fault | None) -> None:
    asked = await asked_in_a_round(fault)

    for poll_s, (source, (allowed, span)) in product((10, 3), ALLOWED.items()):
        jobs = polled_every(timedelta(seconds=poll_s))
        worst = sum(asked[job.name][source] * ceil(span / job.interval) for job in jobs)
        assert worst <= allowed, f"{source}: {worst} in {span}, polled every {poll_s} s"
    assert sum(asked["quotes"].values()) > 0


async def test_sosovalues_monthly_allowance_lasts() -> None:
    asked = await asked_in_a_round(None)
    [job] = [job for job in JOBS if job.name == "etf_flows"]

    assert asked["etf_flows"]["sosovalue"] == 4
    assert asked["etf_flows"]["sosovalue"] * (DAY / job.interval) * 31 < 100_000
