"""/leverage in both languages, with all, some and no numbers."""

from datetime import timedelta

import pytest

from bot.commands.table import answer
from bot.playground.markup import parse_html
from signals.gauges import Gauge, Measure, Series
from signals.market import Market
from tests.bot.desks import NOW, ask_of, new_desk


def positions(**venues: tuple[float, float, float]) -> Market:
    """Open interest a day ago and now in billions, and funding in percent, of BTC."""
    day, minute = timedelta(days=1), timedelta(minutes=2)
    return Market().add(
        Gauge(Series(venue, "BTC", measure), at, value, at)
        for venue, (before, now, rate) in venues.items()
        for measure, at, value in (
            (Measure.OPEN_INTEREST_USD, NOW - day - minute, before * 1e9),
            (Measure.OPEN_INTEREST_USD, NOW - minute, now * 1e9),
            (Measure.FUNDING_8H, NOW - minute, rate / 100),
        )
    )


async def said(market: Market, language: str = "en") -> list[str]:
    with new_desk(market, NOW) as desk:
        found = await answer(ask_of(desk, language=language), "leverage")
    return parse_html(found.text).text.splitlines()


ALL = positions(binance=(8.0, 8.4, 0.01), okx=(3.0, 3.0, 0.006), bybit=(5.0, 4.9, -0.0012))


async def test_every_venue_and_the_total_in_detail():
    assert (await said(ALL))[:6] == [
        "◔ Leverage: neither healthy nor rebuilt",
        "BTC: open interest $16.30 bn · +1.9 % in 24 h · funding +0.0059 % per 8 h (weighted)",
        "  Binance: $8.40 bn · +5.0 % in 24 h · funding +0.0100 %",
        "  OKX: $3.00 bn · 0.0 % in 24 h · funding +0.0060 %",
        "  Bybit: $4.90 bn · −2.0 % in 24 h · funding −0.0012 %",
        "ETH: no venue says anything now",
    ]


async def test_in_chinese():
    lines = await said(ALL, "zh")
    assert lines[1] == "BTC：未平仓合约 163.0 亿美元 · 24 小时 +1.9% · 资金费率每 8 小时 +0.0059%（加权）"


async def test_a_venue_that_is_silent_is_said_to_be_and_changes_no_comparison():
    lines = await said(positions(binance=(8.0, 8.4, 0.01)))
    assert lines[1] == (
        "BTC: open interest $8.40 bn · without OKX, Bybit · +5.0 % in 24 h"
        " · funding +0.0100 % per 8 h (weighted)"
    )
    assert lines[3:5] == ["  OKX: nothing now", "  Bybit: nothing now"]


async def test_a_venue_that_came_back_is_in_the_total_and_not_in_the_comparison():
    back = Gauge(Series("okx", "BTC", Measure.OPEN_INTEREST_USD), NOW, 3e9, NOW)
    lines = await said(positions(binance=(8.0, 8.4, 0.01)).add([back]))
    assert lines[1] == (
        "BTC: open interest $11.40 bn · without Bybit · +5.0 % (Binance alone) in 24 h"
        " · funding +0.0100 % per 8 h (weighted)"
    )
    assert lines[3] == "  OKX: $3.00 bn · funding not known"


@pytest.mark.parametrize(
    ("language", "line"),
    [("en", "? Leverage: too little is known to say"), ("zh", "? 杠杆：数据不足，无法判断")],
)
async def test_without_numbers_that_is_said(language, line):
    assert (await said(Market(), language))[0] == line
