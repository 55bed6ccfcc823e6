"""Levels as people type them, `/levels`, who may set them, and what warnings look like on a phone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands.levels_line import parse_levels
from bot.commands.mistakes import Misunderstood
from bot.commands.table import answer
from bot.desk import Desk
from bot.playground.markup import parse_html
from bot.words.answer import Answer
from bot.words.compose import compose_alert
from bot.words.subjects import WARNING_IDS
from signals.conditions import Alarm, Change, Kind, Standing
from signals.levels import Band, Levels, LevelsSet, Origin
from signals.moments import to_ms
from storage import chats
from storage.alerts import raise_alert
from storage.levels import read_levels
from tests.bot.desks import FRAGILE, HELD_SESSION, NOW, ask_of, market_of_two_days, new_desk

ARTICLE = Levels(Band(105_000, 107_000), 103_000, Band(109_000, 111_000))
LINE = "set support 105000-107000 break 103000 rally 109000-111000"

ENTERED = Change(
    to_ms(NOW),
    Kind.WARNING,
    "support",
    Alarm.OFF,
    Alarm.ON,
    "entered",
    {"price_usd": 106_928.0, "zone_low_usd": 105_000, "zone_high_usd": 107_000, "next_usd": 103_000},
)
CLOSED_BELOW = replace(
    ENTERED,
    from_state=Alarm.ON,
    reason="closed_below",
    evidence={
        "session_close_usd": 104_900.0,
        "next_usd": 103_000,
        "price_usd": 104_900.0,
        "zone_low_usd": 105_000,
        "zone_high_usd": 107_000,
        "closed_at": "2025-11-03T21:00:00Z",
    },
)
RALLY = replace(
    ENTERED,
    id="rally_zone",
    evidence={"price_usd": 109_120.0, "zone_low_usd": 109_000, "zone_high_usd": 111_000},
)
FALLS = replace(
    ENTERED,
    id="eth_beta",
    reason="eth_falls_farther",
    evidence={"times": 3.1, "eth_change_pct": -9.0, "btc_change_pct": -2.9},
)


@pytest.fixture
def desk():
    with new_desk(market_of_two_days()) as desk:
        desk.settings = desk.settings.model_copy(update={"owner_ids": frozenset({1001})})
        desk.standings = FRAGILE
        yield desk


def shown(said: Answer) -> str:
    return parse_html(said.text).text


async def ask(desk: Desk, line: str, language: str = "en") -> str:
    name, *args = line.split()
    return shown(await answer(ask_of(desk, *args, language=language), name))


@pytest.mark.parametrize(
    "line",
    [
        "support 105000-107000 break 103000 rally 109000-111000",
        "RALLY 109k-111k Support 105,000–107,000 break 103.0k",
        "break 103000.00 support 105k~107K rally 109,000.00-111000",
    ],
)
def test_levels_are_read_in_any_order_and_writing(line: str):
    assert parse_levels(line.split()) == ARTICLE


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("support 105000 break 103000 rally 109000-111000", "105000"),
        ("support 105000-107000 break soon rally 109000-111000", "soon"),
        ("support 105000-107000 break -5 rally 109000-111000", "-5"),
        ("support 105000-107000 breaks 103000 rally 109000-111000", "breaks"),
        ("support 1-2-3 break 103000 rally 109000-111000", "1-2-3"),
        ("support 105000-107000 break 103000", "support 105000-107000 break 103000"),
        ("support 1-2 support 1-2 break 103000 rally 3-4", "support 1-2 support 1-2 break 103000 rally 3-4"),
        ("support 105000-107000 break 103000 rally", "support 105000-107000 break 103000 rally"),
        ("support 1e5-2e5 break 103000 rally 3e5-4e5", "1e5-2e5"),
        ("support nan-inf break 103000 rally 109000-111000", "nan-inf"),
    ],
)
def test_what_is_no_level_is_pointed_at(line: str, word: str):
    with pytest.raises(Misunderstood) as error:
        parse_levels(line.split())
    assert error.value.word in {word, *word.split("-")}


async def test_without_levels_and_without_a_shock_it_says_so(desk: Desk):
    said = await ask(desk, "levels")
    assert said.startswith("BTC 106,928 0.0 % 24 h\nNo levels are set, and no open shock is known")


async def test_the_operator_sets_levels_and_they_are_stored_with_who_and_when(desk: Desk):
    said = (await ask(desk, f"levels {LINE}")).splitlines()
    assert said[:-1] == [
        "BTC 106,928 0.0 % 24 h · in the support zone",
        "Rally zone 109,000-111,000 · +1.9 % from here",
        "Support zone 105,000-107,000 · BTC is in it",
        "Break level 103,000 · −3.7 % from here",
        "Daily close 106,928 on 3 Nov 00:00 UTC: in the support zone",
        "Set by the operator · since 3 Nov 20:14 UTC (0 s)",
    ]
    assert read_levels(desk.db) == desk.market.levels == (LevelsSet(ARTICLE, NOW, set_by=1001),)


async def test_the_answer_in_chinese(desk: Desk):
    said = (await ask(desk, f"levels {LINE}", "zh")).splitlines()
    assert said[0] == "BTC 106,928，24 小时涨跌 0.0% · 在支撑区内"
    assert said[1] == "反弹区 109,000-111,000 · 距现价 +1.9%"


async def test_levels_that_are_taken_back_stay_on_record(desk: Desk):
    await ask(desk, f"levels {LINE}")
    desk.clock = lambda: NOW + timedelta(hours=1)
    assert "No levels are set" in await ask(desk, "levels clear")
    assert [fact.levels for fact in read_levels(desk.db)] == [ARTICLE, None]


@pytest.mark.parametrize("line", [f"levels {LINE}", "levels clear"])
async def test_nobody_else_sets_levels_and_nobody_in_a_group(desk: Desk, line: str):
    desk.settings = desk.settings.model_copy(update={"owner_ids": frozenset({7})})
    assert "Only the operator" in await ask(desk, line)
    desk.settings = desk.settings.model_copy(update={"owner_ids": frozenset({7, 1001, -5})})
    group = replace(ask_of(desk), chat=chats.ensure_chat(desk.db, -5, "group", "Desk", NOW))
    name, *args = line.split()
    assert "Only the operator" in shown(await answer(group.with_args(tuple(args)), name))
    assert read_levels(desk.db) == ()


@pytest.mark.parametrize("word", ["levels up", "levels set", "levels clear all", "levels set support"])
async def test_a_wrong_word_is_answered_with_an_example(desk: Desk, word: str):
    assert "for example /levels set support" in await ask(desk, word)


async def test_levels_that_do_not_rise_are_refused(desk: Desk):
    said = await ask(desk, "levels set support 105000-107000 break 106000 rally 109000-111000")
    assert said == "These levels do not lie one above the other. From below: break, support, rally."
    assert read_levels(desk.db) == ()


async def test_levels_of_a_shock_say_so(desk: Desk):
    desk.market = desk.market.add([LevelsSet(ARTICLE, NOW, Origin.SHOCK)])
    assert "Derived from the open shock" in await ask(desk, "levels")


def on(reason: str) -> Standing:
    return Standing(Alarm.ON, since_ms=to_ms(NOW - timedelta(hours=2)), reason=reason)


async def test_status_names_the_warnings_that_are_on_within_its_twelve_lines(desk: Desk):
    on_all = {
        "support": on("closed_below"),
        "rally_zone": on("entered"),
        "eth_beta": on("eth_falls_farther"),
        "adl": on("high"),
    }
    desk.standings = {**FRAGILE, **on_all}
    said = (await ask(desk, "status")).splitlines()
    assert len(said) <= 12
    assert (
        "⚠ BTC up into the rally zone, market fragile · BTC closed below the support zone"
        " · ETH falls much farther than BTC · ADL risk is high, or ADL under way" in said
    )
    assert not [line for line in (await ask(desk, "levels")).splitlines() if "eth" in line.lower()]


async def test_a_reason_of_another_version_is_told_by_its_state(desk: Desk):
    desk.standings = {**FRAGILE, "support": on("of_tomorrow")}
    assert "⚠ Support zone: raised" in await ask(desk, "status")


async def test_why_and_history_tell_a_warning(desk: Desk):
    raise_alert(desk.db, NOW, NOW, [CLOSED_BELOW])
    for line in ("why support", "why A-1"):
        said = await ask(desk, line)
        assert "⚠ BTC closed below the support zone" in said
        assert "session close 104,900" in said
    assert "⚠ BTC closed below the support zone · Support zone raised on 3 Nov 20:14 UTC · A-1" in await ask(
        desk, "history"
    )


async def test_subscribing_to_warnings_is_to_all_of_them(desk: Desk):
    await ask(desk, "subscribe warnings silent")
    heard = chats.read_subscriptions(desk.db, 1001)
    assert heard == dict.fromkeys(sorted(WARNING_IDS), "silent")
    await ask(desk, "unsubscribe support")
    assert set(chats.read_subscriptions(desk.db, 1001)) == set(WARNING_IDS) - {"support"}
    await ask(desk, "unsubscribe warnings")
    assert chats.read_subscriptions(desk.db, 1001) == {}


@pytest.mark.parametrize(
    ("hears", "button"),
    [
        ("", "⚠ Warnings: 0 of 11 ›"),
        ("support", "⚠ Warnings: 1 of 11 ›"),
        ("warnings", "⚠ Warnings: 11 of 11 ›"),
        ("all", "⚠ Warnings: 11 of 11 ›"),
    ],
)
async def test_warnings_share_one_row_of_buttons(desk: Desk, hears: str, button: str):
    await answer(ask_of(desk, *hears.split()), "subscribe")
    said = await answer(ask_of(desk), "subscribe")
    assert button in [row[0].text for row in said.buttons]


@pytest.mark.parametrize(
    ("change", "first", "meaning"),
    [
        (RALLY, "⚠ BTC up into the rally zone, market fragile: BTC 109,120 · zone 109,000-111,000", "shorts"),
        (ENTERED, "⚠ BTC in the support zone: BTC 106,928 · zone 105,000-107,000", "closes below it"),
        (
            CLOSED_BELOW,
            "⚠ BTC closed below the support zone: session close 104,900 · next level below: 103,000",
            "longs wait to be liquidated",
        ),
        (FALLS, "⚠ ETH falls much farther than BTC: 3.1 times BTC's fall · ETH −9.0 % in 24 h", "tail risk"),
    ],
    ids=lambda value: value.id if isinstance(value, Change) else "",
)
def test_an_alert_about_a_warning(desk: Desk, change: Change, first: str, meaning: str):
    html, [row] = compose_alert(ask_of(desk).words, 7, [change], FRAGILE)
    said = parse_html(html).text.splitlines()
    assert said[0] == first
    assert meaning in "\n".join(said)
    assert "🔴 Verdict fragile: 0 of 3 met · open: US premium, ETF flows, ETH/BTC" in said
    assert said[-1] == "A-7 · 3 Nov 20:14 UTC"
    assert [button.data for button in row] == ["why:A-7", f"chart:{change.id}", f"mute:{change.id}"]


def test_a_condition_that_turned_at_the_same_moment_is_the_news(desk: Desk):
    html, [row] = compose_alert(ask_of(desk).words, 7, [HELD_SESSION, ENTERED], FRAGILE)
    said = parse_html(html).text.splitlines()
    assert said[0].startswith("✓ US premium held a session")
    assert "⚠ BTC in the support zone: BTC 106,928 · zone 105,000-107,000" in said
    assert [button.data for button in row] == ["why:A-7", "chart:premium", "mute:premium"]


async def test_the_charts_of_the_buttons_can_be_drawn(desk: Desk):
    await ask(desk, f"levels {LINE}")
    for warning in ("support", "rally_zone", "eth_beta", "adl"):
        assert (await answer(ask_of(desk, warning), "chart")).photo


def test_an_alert_that_a_warning_is_over_means_nothing_more(desk: Desk):
    over = replace(ENTERED, from_state=Alarm.ON, to_state=Alarm.OFF, reason="recovered")
    html, _ = compose_alert(ask_of(desk).words, 7, [over], FRAGILE)
    assert parse_html(html).text.splitlines()[0].startswith("○ BTC above the support zone: BTC 106,928")
    assert "<i>" not in html
