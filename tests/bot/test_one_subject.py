"""`/status` of one subject: price, change, levels, its part in the conditions, the warnings on it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands.buttons import press
from bot.commands.table import answer
from bot.desk import Desk
from bot.playground.markup import parse_html
from bot.words.answer import Place
from signals.conditions import Alarm, Standing, State
from signals.levels import Band, Levels, LevelsSet
from signals.moments import to_ms
from tests.bot.desks import FRAGILE, NOW, ask_of, market_of_two_days, new_desk

LEVELS = LevelsSet(Levels(Band(105_000, 107_000), 103_000, Band(109_000, 111_000)), NOW, set_by=1)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk(market_of_two_days().add([LEVELS])) as desk:
        desk.standings = FRAGILE
        yield desk


async def said(desk: Desk, *args: str, language: str = "en") -> list[str]:
    found = await answer(ask_of(desk, *args, language=language), "status")
    return parse_html(found.text).text.splitlines()


async def test_bitcoin_is_told_by_price_change_levels_and_warnings(desk: Desk):
    desk.standings = {
        **FRAGILE,
        "support": Standing(Alarm.ON, since_ms=to_ms(NOW - timedelta(hours=2)), reason="entered"),
    }
    lines = await said(desk, "btc")
    assert lines[0] == "BTC 106,928 0.0 % 24 h · in the support zone"
    assert lines[1] == "Support zone 105,000-107,000 · Break level 103,000 · Rally zone 109,000-111,000"
    assert lines[2] == "BTC's price is no break condition by itself; ETH is measured against it."
    assert lines[3].startswith("⚠ ")
    assert lines[4] == "Not raised: Rally zone"
    assert lines[5].startswith("🔴 Fragile: 0 of 3")
    assert lines[6].startswith("Sources: Binance BTC/USDT")


async def test_without_levels_that_is_said(desk: Desk):
    desk.market = market_of_two_days()
    assert (await said(desk, "bitcoin"))[1] == "No levels: none are set, and no open shock gives any."


async def test_a_condition_says_what_it_needs_or_what_would_turn_it_back(desk: Desk):
    lines = await said(desk, "premium")
    assert lines[0].startswith("✗ US premium: not met")
    assert lines[1].startswith("−0.026 % (−$28)")
    assert lines[2] == "Met when: one US session above 0"
    assert lines[3] == "Not raised: Releveraging"
    desk.standings = {**FRAGILE, "premium": replace(FRAGILE["premium"], state=State.MET)}
    assert (await said(desk, "premium"))[2] == "Turns back if: a US session below 0"


async def test_eth_is_told_with_its_price_and_its_ratio(desk: Desk):
    lines = await said(desk, "eth")
    assert lines[0] == "ETH 3,596 0.0 % 24 h"
    assert lines[1].startswith("◔ ETH/BTC: holding")
    assert lines[3].startswith("Met when: ETH/BTC above")


async def test_flows_of_both_coins(desk: Desk):
    assert (await said(desk, "etf"))[1].startswith("BTC funds: −$191.6 m on 31 Oct (final)")


async def test_where_nothing_is_known_it_waits_for_what_it_needs():
    with new_desk() as desk:
        lines = await said(desk, "premium")
    assert lines[2].startswith("Waits for: one US session")
    assert lines[3] == "? No data for: Releveraging"


@pytest.mark.parametrize("words", [("比特币",), ("大饼",), ("bitcoin", "price")])
async def test_people_use_their_own_words(desk: Desk, words: tuple[str, ...]):
    assert (await said(desk, *words, language="zh"))[0] == "BTC 106,928，24 小时涨跌 0.0% · 在支撑区内"


@pytest.mark.parametrize(
    ("word", "command"),
    [("oi", "leverage"), ("爆仓", "liquidations"), ("shock", "shock"), ("verdict", "status")],
)
async def test_what_has_a_command_of_its_own_is_told_by_that(desk: Desk, word: str, command: str):
    assert (await answer(ask_of(desk, word), "status")).text == (await answer(ask_of(desk), command)).text


async def test_refresh_under_a_subject_gives_the_same_subject(desk: Desk):
    first = await answer(ask_of(desk, "btc"), "status")
    again = await press(ask_of(desk), first.buttons[0][0].data)
    assert (again.text, again.place) == (first.text, Place.INSTEAD)


async def test_a_word_for_nothing_is_pointed_at(desk: Desk):
    assert (await said(desk, "doge"))[0].startswith("I did not understand doge.")
