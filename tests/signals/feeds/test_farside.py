from datetime import date, timedelta
from pathlib import Path

import pytest

from signals.facts import EtfFlow
from signals.feeds import farside
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.http import Http
from tests.flow_formats import Flows, farside_page
from tests.signals.feeds.moments import NOW, Clock, context
from tests.venues import Venues

RECORDED = Path(__file__).parents[3] / "../shared/samples/farside_btc_2026-07_portafolio_crypto.html"
LONG_AGO = date(2024, 1, 1)
DAYS = [date(2026, 11, day) for day in (9, 10, 11, 12, 13, 16, 17, 18, 19)]


def flows_of(page: str, asset: str = "BTC") -> list[EtfFlow]:
    return list(farside.complete_flows(farside.read_page(page), asset, LONG_AGO, NOW))


def week(**last: float | None) -> Flows:
    """Eight sessions in which both funds reported, and the last one as given."""
    flows: Flows = {day: {"IBIT": 10e6, "FBTC": -4.5e6} for day in DAYS[:-1]}
    flows[DAYS[-1]] = dict(last)
    return flows


PAGE = farside_page(week(IBIT=1e6, FBTC=2e6))


@pytest.fixture(scope="module")
def recorded() -> str:
    if not RECORDED.is_file():
        pytest.skip("the recorded page of Farside is not here")
    return RECORDED.read_text()


def test_the_recorded_page_is_read_whole(recorded: str) -> None:
    flows = flows_of(recorded)

    assert [flow.session.day for flow in flows] == [6, 7, 8, 9, 10, 13, 14, 15, 16, 17, 20, 21, 22]
    assert flows[0].total_usd == 265_700_000
    assert flows[0].funds_usd["GBTC"] == -44_500_000
    assert flows[5].total_usd == -424_700_000
    assert len(flows[0].funds_usd) == 12


def test_on_the_recorded_page_the_day_of_dashes_is_not_reported_though_its_total_says_zero(
    recorded: str,
) -> None:
    dashes = farside.read_page(recorded)[-1]

    assert (dashes.session, dashes.total) == (date(2026, 7, 23), 0.0)
    assert set(dashes.funds.values()) == {None}
    assert date(2026, 7, 23) not in {flow.session for flow in flows_of(recorded)}


def test_on_the_recorded_page_statistics_below_the_sessions_are_left_out(recorded: str) -> None:
    assert len(farside.read_page(recorded)) == 14


def test_columns_are_found_by_ticker_wherever_they_stand() -> None:
    swapped = {day: dict(reversed(list(funds.items()))) for day, funds in week(IBIT=1e6, FBTC=2e6).items()}

    assert flows_of(farside_page(swapped))[-1].funds_usd == {"FBTC": 2e6, "IBIT": 1e6}


def test_a_new_fund_is_a_new_column_with_dashes_before_its_launch() -> None:
    page = farside_page(week(IBIT=1e6, FBTC=2e6, MSBT=3e6))

    flows = flows_of(page)

    assert len(flows) == len(DAYS)
    assert (flows[-1].total_usd, flows[-1].funds_usd["MSBT"]) == (6e6, 3e6)
    assert "MSBT" not in flows[0].funds_usd


def test_the_total_is_withheld_until_every_fund_that_reported_lately_has_reported() -> None:
    assert len(flows_of(farside_page(week(IBIT=None, FBTC=31.7e6)))) == len(DAYS) - 1


def test_a_fund_that_has_not_reported_for_ten_sessions_is_not_waited_for() -> None:
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(20)]
    page = farside_page({day: {"IBIT": 1e6, "DEFI": 1e6 if day < days[9] else None} for day in days})

    flows = flows_of(page)

    assert flows[-1].session == days[-1]
    assert [day for day in days if day not in {flow.session for flow in flows}] == days[9:19]


def test_a_zero_is_a_report_and_a_dash_is_not() -> None:
    assert flows_of(farside_page(week(IBIT=0.0, FBTC=0.0)))[-1].total_usd == 0
    assert len(flows_of(farside_page(week(IBIT=None, FBTC=None)))) == len(DAYS) - 1


@pytest.mark.parametrize(
    ("total", "withheld"), [("5.5", False), ("5.6", False), ("5.7", True), ("11.0", True)]
)
def test_a_total_that_is_not_the_sum_of_its_funds_is_withheld(total: str, withheld: bool) -> None:  # noqa: FBT001
    page = farside_page(week(IBIT=10e6, FBTC=-4.5e6))
    before, _, after = page.rpartition('">  5.5<')

    assert len(flows_of(f'{before}">  {total}<{after}')) == len(DAYS) - withheld


def test_a_page_on_which_no_total_adds_up_has_lost_a_column_and_is_refused() -> None:
    page = farside_page(week(IBIT=10e6, FBTC=-4.5e6)).replace(">  5.5<", ">  15.5<")

    with pytest.raises(FeedError) as caught:
        flows_of(page)

    assert caught.value.kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("cell", "usd"),
    [
        ("1,119.9", 1_119_900_000),
        ("(44.5)", -44_500_000),
        ("-44.5", -44_500_000),
        ("0.0", 0),
        ("(1,113.7)", -1_113_700_000),
    ],
)
def test_amounts_are_millions_and_parentheses_are_outflows(cell: str, usd: float) -> None:
    page = farside_page({DAYS[0]: {"IBIT": 7e6, "FBTC": 0.0}}).replace(">  7.0<", f">  {cell}<")

    [flow] = flows_of(page)

    assert flow.funds_usd["IBIT"] == usd
    assert flow.total_usd == usd


def test_rows_from_before_the_launch_are_dropped() -> None:
    days = [date(2024, 1, 10), date(2024, 1, 11), date(2024, 7, 22), date(2024, 7, 23)]
    page = farside_page({day: {"ONE": 1e6, "TWO": 1e6} for day in days})

    assert [flow.session for flow in flows_of(page)] == days[1:]
    assert [flow.session for flow in flows_of(page, "ETH")] == days[3:]


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("", "nothing"),
        ("<html><body>Just a moment...</body></html>", "a challenge with status 200"),
        ("<table><tr><td>Date</td><td>Price</td></tr></table>", "another table"),
        ("<table><td>Date</td><td>IBIT</td></table>", "cells without a row"),
        (PAGE.replace("FBTC", "IBIT"), "a ticker twice"),
        (PAGE.replace("09 Nov 2026", "09 Nov 2026</td><td>1.0"), "a cell too many"),
        (PAGE.replace("09 Nov 2026", "31 Nov 2026"), "a date that is none"),
        (PAGE.replace(">  10.0<", ">  ten<"), "an amount in words"),
    ],
)
def test_a_page_of_another_shape_is_refused(page: str, why: str) -> None:
    with pytest.raises(FeedError) as caught:
        flows_of(page)

    assert caught.value.kind is FailureKind.MALFORMED, why


@pytest.mark.parametrize(
    ("asset", "days", "path"),
    [
        ("BTC", 9, "/btc/"),
        ("ETH", 9, "/eth/"),
        ("BTC", 60, "/bitcoin-etf-flow-all-data/"),
        ("ETH", 60, "/ethereum-etf-flow-all-data/"),
    ],
)
async def test_the_short_page_is_asked_where_it_reaches_far_enough(
    asset: str, days: int, path: str, venues: Venues, clock: Clock
) -> None:
    for day in DAYS:
        venues.publish(asset, day, {"ONE": 1e6, "TWO": -2.5e6})
    async with Http(context(clock, venues.base_urls())) as http:
        flows = await farside.fetch_flows(http, asset, NOW.date() - timedelta(days=days))

    assert venues["farside"].requests == [path]
    assert {(flow.asset, flow.source, flow.total_usd) for flow in flows} == {(asset, "farside", -1.5e6)}
    assert flows[0].session >= NOW.date() - timedelta(days=days)
