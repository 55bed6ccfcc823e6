"""/liquidations in both languages, heard in part, and with CoinGlass's number beside."""

from datetime import timedelta

from bot.commands.table import answer
from bot.playground.markup import parse_html
from signals.conditions import Alarm, Standing
from signals.gauges import Gauge, Measure, Series
from signals.market import Market
from tests.bot.desks import NOW, ask_of, new_desk

OFF = Standing(Alarm.OFF, settled=Alarm.OFF)


def told(source: str, subject: str, measure: Measure, value: float, minutes: int = 5) -> Gauge:
    at = NOW - timedelta(minutes=minutes)
    return Gauge(Series(source, subject, measure), at, value, at)


HEARD = Market().add(
    [
        *(told("bybit", "ALL", Measure.LIQUIDATIONS_HEARD_SECONDS, 300, 5 * n) for n in range(1, 13)),
        told("bybit", "ALL", Measure.LIQUIDATED_LONG_USD, 30e6),
        told("bybit", "ALL", Measure.LIQUIDATED_SHORT_USD, 10e6),
        told("bybit", "BTC", Measure.LIQUIDATED_LONG_USD, 21.5e6),
    ]
)
EVERYWHERE = HEARD.add(
    [
        told("coinglass", "ALL", Measure.LIQUIDATED_24H_LONG_USD, 1.14e9),
        told("coinglass", "ALL", Measure.LIQUIDATED_24H_SHORT_USD, 0.13e9),
    ]
)


async def said(market: Market, language: str = "en") -> list[str]:
    with new_desk(market, NOW) as desk:
        desk.standings = {**desk.standings, "liquidations": OFF}
        found = await answer(ask_of(desk, language=language), "liquidations")
    return parse_html(found.text).text.splitlines()


async def test_by_side_coin_and_venue_with_how_much_of_the_day_was_heard():
    lines = await said(EVERYWHERE)
    assert lines[:6] == [
        "○ Liquidated in 24 h: at least $40.0 m, 75 % of it longs",
        "BTC: longs $21.5 m, shorts $0",
        "ETH: longs $0, shorts $0",
        "Binance: not heard in 24 h",
        "Bybit: longs $30.0 m, shorts $10.0 m · heard 1 h of 24 h",
        "OKX: not heard in 24 h",
    ]
    assert lines[7] == "All exchanges, by CoinGlass: longs $1.14 bn, shorts $130.0 m"
    assert lines[8].startswith("A lower bound:")


async def test_in_chinese():
    lines = await said(HEARD, "zh")
    assert lines[0] == "○ 24 小时爆仓：至少 4,000 万美元，多头占 75%"
    assert lines[4] == "Bybit：多头 3,000 万美元，空头 1,000 万美元 · 覆盖 1 小时"


async def test_without_anything_heard_that_is_said():
    assert (await said(Market()))[0] == "? Liquidations: nothing heard yet"
