from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from signals.feeds import coinmarketcap
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.http import Http
from tests.signals.feeds.moments import NOW, Clock, context
from tests.venues import Venues

LONG_AGO = date(2024, 1, 1)


def answer(points: Any, **more: Any) -> dict[str, Any]:
    return {"data": {"points": points, "aggregation": "daily", **more}, "status": {"error_code": "0"}}


def point(day: date, value: Any) -> dict[str, Any]:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return {"value": value, "timestamp": str(int(midnight.timestamp() * 1000))}


def read(data: Any) -> list[tuple[date, float]]:
    return [(f.session, f.total_usd) for f in coinmarketcap.read_chart(data, "BTC", LONG_AGO, NOW)]


def test_a_point_is_the_total_of_the_session_whose_day_it_begins() -> None:
    documented = {"value": 433_900_000, "cryptoPrice": 1, "timestamp": "1750032000000"}

    assert read(answer([documented])) == [(date(2025, 6, 16), 433_900_000.0)]


def test_weekends_and_holidays_are_padding() -> None:
    days = [date(2025, 11, day) for day in range(26, 32) if day <= 30]

    assert [day.day for day, _ in read(answer([point(day, 5) for day in days]))] == [26, 28]


def test_a_session_without_a_value_is_not_reported_yet() -> None:
    assert read(answer([point(date(2025, 11, 3), None), point(date(2025, 11, 4), -1)])) == [
        (date(2025, 11, 4), -1.0)
    ]


def test_nothing_from_it_counts_as_complete() -> None:
    [flow] = coinmarketcap.read_chart(answer([point(date(2025, 11, 3), 1)]), "BTC", LONG_AGO, NOW)

    assert not flow.complete


def test_a_busy_system_is_asked_again() -> None:
    busy = {"status": {"error_code": "500", "error_message": "The system is busy, please try again later"}}

    with pytest.raises(FeedError) as caught:
        read(busy)

    assert caught.value.kind is FailureKind.TEMPORARY


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"status": {"error_code": "0"}},
        answer(None),
        answer([]),
        answer([{"value": 1}]),
        answer([{"value": 1, "timestamp": "noon"}]),
        answer([{"value": 1, "timestamp": "9" * 30}]),
        answer([point(date(2025, 11, 3), "much")]),
        answer([point(date(2025, 11, 3), [])]),
        answer([point(date(2025, 11, 3), 1)], aggregation="weekly"),
    ],
)
def test_another_shape_is_malformed(data: Any) -> None:
    with pytest.raises(FeedError) as caught:
        read(data)

    assert caught.value.kind is FailureKind.MALFORMED


@pytest.mark.parametrize(("days", "span"), [(9, "30d"), (60, "90d"), (400, "90d")])
async def test_no_more_is_asked_for_than_is_wanted(
    days: int, span: str, venues: Venues, clock: Clock
) -> None:
    venues.publish("ETH", date(2026, 11, 19), {"ETHA": 2e6, "FETH": -5e6})
    async with Http(context(clock, venues.base_urls())) as http:
        [flow] = await coinmarketcap.fetch_flows(http, "ETH", NOW.date() - timedelta(days=days))

    assert (flow.asset, flow.session, flow.total_usd) == ("ETH", date(2026, 11, 19), -3e6)
    [request] = venues["coinmarketcap"].requests
    assert f"category=eth&range={span}" in request
