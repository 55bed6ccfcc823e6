import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signals.calendar import session_on
from signals.feeds import sosovalue
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.http import Http
from tests.signals.feeds.moments import NOW, Clock, context
from tests.venues import Venues

RECORDED = Path(__file__).parents[3] / "../shared/samples/sosovalue_etf_v2_recorded.json"
LONG_AGO = date(2024, 1, 1)
THURSDAY = date(2026, 11, 19)
WEDNESDAY = THURSDAY - timedelta(days=1)
KEYS = {sosovalue.KEY: "key"}


def metrics(*, total: str = "30.0", on: date = THURSDAY, **funds: tuple[str, date, str]) -> dict[str, Any]:
    flows = funds or {"IBIT": ("10.0", on, "1"), "FBTC": ("20.0", on, "1")}
    return {
        "dailyNetInflow": {"value": total, "lastUpdateDate": on.isoformat(), "status": "1"},
        "list": [
            {
                "ticker": ticker,
                "dailyNetInflow": {"value": value, "lastUpdateDate": day.isoformat(), "status": status},
            }
            for ticker, (value, day, status) in flows.items()
        ],
    }


def chart(**totals: float) -> list[dict[str, Any]]:
    days = {"thursday": THURSDAY, "wednesday": WEDNESDAY, "friday": NOW.date()}
    return [{"date": days[day].isoformat(), "totalNetInflow": total} for day, total in totals.items()]


def is_complete(thursday: float, data: dict[str, Any]) -> bool:
    rows = chart(thursday=thursday)
    [flow] = sosovalue.read_chart(rows, "BTC", LONG_AGO, sosovalue.read_metrics(data), NOW)
    return flow.complete


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    if not RECORDED.is_file():
        pytest.skip("the recorded answers of SoSoValue are not here")
    data: dict[str, Any] = json.loads(RECORDED.read_text())["data"]
    return data


@pytest.mark.parametrize(
    ("asset", "kind", "newest_usd", "funds"),
    [("BTC", "us-btc-spot", -57_632_150.75, 13), ("ETH", "us-eth-spot", 0.0, 11)],
)
def test_the_recorded_answers_are_read_whole(
    asset: str, kind: str, newest_usd: float, funds: int, recorded: dict[str, Any]
) -> None:
    newest = sosovalue.read_metrics(recorded[f"{kind}/metrik"]["data"])
    flows = sosovalue.read_chart(recorded[f"{kind}/historis"]["data"], asset, LONG_AGO, newest, NOW)

    assert len(flows) == 300
    assert [flow.session for flow in flows] == sorted(flow.session for flow in flows)
    assert all(session_on(flow.session) for flow in flows)
    assert all(flow.complete for flow in flows)
    assert flows[-1].total_usd == newest_usd
    assert len(flows[-1].funds_usd) == funds
    assert sum(flows[-1].funds_usd.values()) == pytest.approx(newest_usd, abs=0.01)


def test_rows_that_come_unsorted_are_sorted() -> None:
    rows = chart(wednesday=1.0, thursday=2.0)

    flows = sosovalue.read_chart(rows, "BTC", LONG_AGO, None, NOW)

    assert [flow.total_usd for flow in flows] == [1.0, 2.0]


def test_both_shapes_of_a_chart_are_read() -> None:
    rows = chart(thursday=30.0)

    assert sosovalue.read_chart(rows, "BTC", LONG_AGO, None, NOW) == sosovalue.read_chart(
        {"list": rows}, "BTC", LONG_AGO, None, NOW
    )


def test_amounts_come_as_numbers_or_as_text() -> None:
    rows: list[dict[str, Any]] = [
        {"date": THURSDAY.isoformat(), "totalNetInflow": "-57632150.7500000000000000"}
    ]

    [flow] = sosovalue.read_chart(rows, "BTC", LONG_AGO, None, NOW)

    assert flow.total_usd == -57_632_150.75


def test_the_newest_session_is_complete_when_every_fund_has_reached_it() -> None:
    assert is_complete(30.0, metrics())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (
            metrics(IBIT=("30.0", THURSDAY, "1"), FBTC=("9.0", WEDNESDAY, "1")),
            "a fund still shows the day before",
        ),
        (
            metrics(IBIT=("30.0", THURSDAY, "1"), FBTC=("0.0", THURSDAY, "0")),
            "a fund's number is not marked updated",
        ),
        (metrics(total="20.0"), "the chart and the metrics disagree: one is behind"),
        (metrics(on=WEDNESDAY), "the metrics have not reached the session"),
    ],
)
def test_the_newest_session_is_not_complete(data: dict[str, Any], why: str) -> None:
    assert not is_complete(30.0, data), why


def test_a_fund_that_was_wound_up_is_not_waited_for() -> None:
    wound_up = THURSDAY - timedelta(days=90)

    assert is_complete(
        10.0, metrics(total="10.0", IBIT=("10.0", THURSDAY, "1"), DEFI=("-1.0", wound_up, "1"))
    )


def test_sessions_before_the_newest_are_complete_and_those_after_it_are_not() -> None:
    newest = sosovalue.read_metrics(metrics())
    rows = chart(wednesday=1.0, thursday=30.0, friday=2.0)

    flows = sosovalue.read_chart(rows, "BTC", LONG_AGO, newest, NOW)

    assert [flow.complete for flow in flows] == [True, True, False]


def test_without_a_total_in_the_metrics_nothing_counts_as_complete() -> None:
    data = metrics()
    data["dailyNetInflow"] = {"value": None, "lastUpdateDate": None, "status": "0"}

    assert sosovalue.read_metrics(data) is None
    assert not is_complete(30.0, data)


def test_rows_from_before_the_launch_are_dropped() -> None:
    rows = [
        {"date": day, "totalNetInflow": 1.0}
        for day in ("2024-01-10", "2024-01-11", "2024-07-22", "2024-07-23")
    ]

    btc = sosovalue.read_chart(rows, "BTC", LONG_AGO, None, NOW)
    eth = sosovalue.read_chart(rows, "ETH", LONG_AGO, None, NOW)

    assert (len(btc), len(eth)) == (3, 1)


def without(data: Any, *path: str | int) -> Any:
    broken = deepcopy(data)
    inner = broken
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return broken


@pytest.mark.parametrize(
    "read",
    [
        lambda: sosovalue.read_metrics(None),
        lambda: sosovalue.read_metrics([]),
        lambda: sosovalue.read_metrics(without(metrics(), "list")),
        lambda: sosovalue.read_metrics(without(metrics(), "list", 0, "ticker")),
        lambda: sosovalue.read_metrics(without(metrics(), "dailyNetInflow", "value")),
        lambda: sosovalue.read_metrics(metrics(total="much")),
        lambda: sosovalue.read_metrics(metrics(total="nan")),
        lambda: sosovalue.read_chart(None, "BTC", LONG_AGO, None, NOW),
        lambda: sosovalue.read_chart([], "BTC", LONG_AGO, None, NOW),
        lambda: sosovalue.read_chart({"list": 7}, "BTC", LONG_AGO, None, NOW),
        lambda: sosovalue.read_chart(["row"], "BTC", LONG_AGO, None, NOW),
        lambda: sosovalue.read_chart(without(chart(thursday=1.0), 0, "date"), "BTC", LONG_AGO, None, NOW),
        lambda: sosovalue.read_chart([{"date": "soon", "totalNetInflow": 1}], "BTC", LONG_AGO, None, NOW),
        lambda: sosovalue.read_chart(
            [{"date": "2026-11-19", "totalNetInflow": None}], "BTC", LONG_AGO, None, NOW
        ),
        lambda: sosovalue.read_chart(
            [{"date": "2026-11-19", "totalNetInflow": True}], "BTC", LONG_AGO, None, NOW
        ),
    ],
)
def test_another_shape_is_malformed(read: Callable[[], object]) -> None:
    with pytest.raises(FeedError) as caught:
        read()

    assert caught.value.kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"code":42901,"message":"Rate limit exceeded"}', FailureKind.RATE_LIMITED),
        ('{"code":402901,"msg":"too many"}', FailureKind.RATE_LIMITED),
        ('{"code":40101,"msg":"no such key"}', FailureKind.PERMANENT),
        ('{"data":[]}', FailureKind.MALFORMED),
        ("[1]", FailureKind.MALFORMED),
    ],
)
async def test_an_error_with_status_200_is_an_error(
    body: str, kind: FailureKind, venues: Venues, clock: Clock
) -> None:
    venues["sosovalue"].body = body
    async with Http(context(clock, venues.base_urls(), keys=KEYS)) as http:
        with pytest.raises(FeedError) as caught:
            await sosovalue.fetch_flows(http, "BTC", LONG_AGO)

    assert caught.value.kind is kind


async def test_without_a_key_nothing_is_asked(venues: Venues, clock: Clock) -> None:
    async with Http(context(clock, venues.base_urls())) as http:
        with pytest.raises(FeedError) as caught:
            await sosovalue.fetch_flows(http, "BTC", LONG_AGO)

    assert caught.value.kind is FailureKind.PERMANENT
    assert sosovalue.KEY in str(caught.value)
    assert venues["sosovalue"].requests == []


async def test_totals_funds_and_completeness_come_together(venues: Venues, clock: Clock) -> None:
    for back in range(1, 6):
        venues.publish("ETH", NOW.date() - timedelta(days=back), {"ETHA": back * 1e6, "FETH": -2e6})
    async with Http(context(clock, venues.base_urls(), keys=KEYS)) as http:
        flows = await sosovalue.fetch_flows(http, "ETH", THURSDAY - timedelta(days=2))

    assert [flow.total_usd for flow in flows] == [1e6, 0.0, -1e6]
    assert flows[-1].funds_usd == {"ETHA": 1e6, "FETH": -2e6}
    assert {(flow.source, flow.asset, flow.final_at) for flow in flows} == {("sosovalue", "ETH", None)}
    assert flows[-1].known_at == datetime(2026, 11, 20, 14, 32, 13, 500_000, UTC)
