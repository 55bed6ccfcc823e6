"""/depth in both languages, and the warning's whole way from venues to a phone."""

from datetime import timedelta

import pytest

from bot.commands.table import answer
from bot.playground.markup import parse_html
from bot.words.warned import warning_statements
from signals.conditions import Alarm, Standing
from signals.gauges import Gauge, Measure, Series
from signals.market import Market
from signals.moments import to_ms
from tests.bot.desks import NOW, ask_of, new_desk

MILLION = 1e6


def a_look(venue: str, age: timedelta, **numbers: float) -> list[Gauge]:
    at = NOW - age
    return [
        Gauge(Series(venue, "BTC", Measure[name.upper()]), at, value, at) for name, value in numbers.items()
    ]


def seen() -> Market:
    minutes = timedelta(minutes=4)
    weeks = [
        gauge
        for quarter in range(1, 300)
        for gauge in a_look("binance", minutes + quarter * timedelta(minutes=15), depth_1pct_usd=40 * MILLION)
    ]
    return Market().add(
        [
            *weeks,
            *a_look(
                "binance",
                minutes,
                depth_1pct_usd=18 * MILLION,
                depth_2pct_usd=31.5 * MILLION,
                depth_covered_pct=2.6,
                depth_seen_usd=31.5 * MILLION,
            ),
            *a_look("bybit", minutes, depth_covered_pct=0.41, depth_seen_usd=12.25 * MILLION),
            *a_look("okx", timedelta(hours=5), depth_covered_pct=0.7, depth_seen_usd=9 * MILLION),
            *a_look("binance", minutes, open_interest_usd=7.2e9),
        ]
    )


OFF = Standing(Alarm.OFF, settled=Alarm.OFF)


async def said(market: Market, language: str = "en", standing: Standing = OFF) -> list[str]:
    with new_desk(market, NOW) as desk:
        desk.standings = {**desk.standings, "thin_book": standing}
        found = await answer(ask_of(desk, language=language), "depth")
    return parse_html(found.text).text.splitlines()


async def test_every_venue_says_what_stands_near_the_price_or_how_far_it_was_seen():
    assert (await said(seen()))[:-2] == [
        "○ BTC books: as usual",
        "Binance: $18.0 m within 1 % · $31.5 m within 2 % · 45 % of its usual",
        "OKX: at least $9.0 m, book seen to 0.70 % · 5 h old, not counted",
        "Bybit: at least $12.2 m, book seen to 0.41 %",
        "Open interest (Binance) is 400 times what stands within 1 % (Binance)",
    ]


async def test_in_chinese():
    lines = await said(seen(), "zh")
    assert lines[1] == "Binance：1% 以内 1,800 万美元 · 2% 以内 3,150 万美元 · 为平时的 45%"
    assert lines[3] == "Bybit：至少 1,225 万美元（盘口仅可见至 0.41%）"


async def test_a_warning_that_is_on_stands_above_the_books():
    on = Standing(Alarm.ON, settled=Alarm.ON, since_ms=to_ms(NOW - timedelta(hours=2)), reason="thin")
    lines = await said(seen(), standing=on)
    assert lines[:2] == [
        "⚠ BTC books: thin",
        f"⚠ Books have become thin · since {(NOW - timedelta(hours=2)):%-d %b %H:%M} UTC (2 h)",
    ]


@pytest.mark.parametrize(
    ("language", "line"), [("en", "? BTC books: none seen yet"), ("zh", "? BTC 盘口：暂无数据")]
)
async def test_without_books_that_is_said(language, line):
    lines = await said(Market(), language)
    assert lines[0] == line


def test_a_list_with_nothing_in_it_is_not_said():
    evidence = {"median_share": 0.6, "judged": 2, "thin_venues": []}
    with new_desk() as desk:
        said = list(warning_statements(ask_of(desk).words, "thin_book", evidence))
    assert said == ["depth within 1 % at 60 % of its usual (the middle of 2 venues)"]
