"""Exploits and repo operations in their sources' own formats, whole and broken, over HTTP."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signals.feeds import defillama, newyorkfed
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.http import Http
from signals.gauges import Gauge, Measure
from tests.feed_contagion import hack, operation
from tests.signals.feeds.faults import with_faults
from tests.signals.feeds.moments import NOW, Clock, context
from tests.venues import Fault, Venues

BN = 1e9


@pytest.fixture
async def http(venues: Venues) -> AsyncIterator[Http]:
    async with Http(context(Clock(), venues.base_urls())) as opened:
        yield opened


async def test_exploits_of_the_last_months_with_what_is_known_of_them(venues: Venues, http: Http) -> None:
    venues.contagion.hacks = [
        hack("2026-11-18", "Balancer V2", 128e6, technique="Rounding Error", source="https://x.example/1"),
        hack("2026-11-19", "Nobody Knows", None),
        hack("2026-05-01", "Long Ago", 90e6),
    ]
    first, second = await defillama.fetch_exploits(http)
    assert (first.title, first.amount_usd, first.url) == (
        "Balancer V2 (Rounding Error)",
        128e6,
        "https://x.example/1",
    )
    assert (first.at, first.known_at) == (datetime(2026, 11, 18, tzinfo=UTC), NOW)
    assert (second.title, second.amount_usd, second.url) == ("Nobody Knows (Protocol Logic)", None, "")


async def test_an_exploit_is_named_by_its_day_and_name_whatever_its_amount(
    venues: Venues, http: Http
) -> None:
    venues.contagion.hacks = [hack("2026-11-18", "Balancer V2", 70e6)]
    [before] = await defillama.fetch_exploits(http)
    venues.contagion.hacks = [hack("2026-11-18", "Balancer V2", 128e6)]
    [after] = await defillama.fetch_exploits(http)
    assert before.key == after.key
    assert not before.says_the_same(after)


@pytest.mark.parametrize(
    "row",
    [
        None,
        [],
        {"name": "x"},
        {"date": "soon", "name": "x"},
        {"date": 1e300, "name": "x"},
        hack("2026-11-18", "", 1),
    ],
)
async def test_a_row_that_cannot_be_read_takes_nothing_from_the_others(
    venues: Venues, http: Http, row: Any
) -> None:
    venues.contagion.hacks = [row, hack("2026-11-18", "Balancer V2", 128e6)]
    assert len(await defillama.fetch_exploits(http)) == 1


async def test_hostile_names_stay_text_of_bearable_length(venues: Venues, http: Http) -> None:
    venues.contagion.hacks = [hack("2026-11-18", "<b>&\u202e" * 500, 1e6, source="javascript:alert(1)")]
    [found] = await defillama.fetch_exploits(http)
    assert len(found.title) <= 200
    assert found.url == ""


async def test_what_is_locked_is_asked_only_of_what_was_hit_lately_and_hard(
    venues: Venues, http: Http
) -> None:
    venues.contagion.hacks = [
        hack("2026-11-18", "Balancer V2", 128e6),
        hack("2026-11-18", "By Another Name", 60e6),
        hack("2026-11-18", "Small", 1e6),
        hack("2026-11-01", "Weeks Ago", 90e6),
    ]
    venues.contagion.locked = {"balancer-v2": 345e6, "small": 1.0, "weeks-ago": 1.0}
    found = await defillama.fetch_locked(http, await defillama.fetch_exploits(http))
    assert [(gauge.series.subject, gauge.value) for gauge in found] == [("Balancer V2", 345e6)]
    assert [path for path in venues["defillama"].requests if "tvl" in path] == [
        "/tvl/balancer-v2",
        "/tvl/by-another-name",
    ]


def sums(gauges: tuple[Gauge, ...]) -> list[tuple[str, float]]:
    return [(f"{g.at:%d %H:%M}", g.value / BN) for g in gauges if g.series.measure is Measure.REPO_USD]


async def test_both_windows_of_a_day_are_added_up_one_after_the_other(venues: Venues, http: Http) -> None:
    """The first window's sum stays what was known until the second closed. 08:30 in New York is 13:30 UTC."""
    venues.contagion.operations = [
        operation("2026-11-19", "13:45", 21.4 * BN),
        operation("2026-11-19", "08:30", 8 * BN, operationMethod="Multiple Price"),
    ]
    found = await newyorkfed.fetch_macro(http, NOW - timedelta(days=5))
    assert sums(found) == [("19 13:30", 8.0), ("19 18:45", pytest.approx(29.4))]
    assert all(gauge.known_at >= gauge.at for gauge in found)


@pytest.mark.parametrize(
    "changes",
    [
        {"operationType": "Reverse Repo"},
        {"note": "Small Value Exercise"},
        {"auctionStatus": "Announced"},
    ],
    ids=["reverse", "an exercise", "not held yet"],
)
async def test_what_is_no_lending_is_left_out(venues: Venues, http: Http, changes: dict[str, str]) -> None:
    venues.contagion.operations = [
        operation("2026-11-19", "13:45", 2 * BN),
        operation("2026-11-19", "13:45", 90 * BN, **changes),
    ]
    assert sums(await newyorkfed.fetch_macro(http, NOW - timedelta(days=5))) == [("19 18:45", 2.0)]


async def test_a_weekend_without_operations_is_nothing_wrong(http: Http) -> None:
    assert await newyorkfed.fetch_macro(http, NOW - timedelta(days=2)) == ()


async def test_sofr_of_friday_is_known_on_monday_morning(venues: Venues, http: Http) -> None:
    venues.contagion.rates = [("2026-11-13", 3.53), ("2026-11-19", 3.61)]
    friday, thursday = await newyorkfed.fetch_macro(http, NOW - timedelta(days=9))
    found = {gauge.at.day: (gauge.value, gauge.known_at) for gauge in (friday, thursday)}
    assert found[13] == (3.53, datetime(2026, 11, 16, 13, tzinfo=UTC))
    assert found[19] == (3.61, datetime(2026, 11, 20, 13, tzinfo=UTC))


@with_faults(Fault.FORBIDDEN)
@pytest.mark.parametrize("source", ["defillama", "newyorkfed"])
async def test_what_goes_wrong_is_told_by_its_kind(
    venues: Venues, http: Http, source: str, fault: Fault, kind: FailureKind
) -> None:
    venues[source].fault = fault
    asked = defillama.fetch_exploits(http) if source == "defillama" else newyorkfed.fetch_macro(http, NOW)
    with pytest.raises(FeedError) as raised:
        await asked
    assert raised.value.kind is kind
