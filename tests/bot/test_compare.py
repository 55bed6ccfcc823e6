"""`/compare`: now against the end of a day, a number of days ago or the last shock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands.buttons import press
from bot.commands.table import answer
from bot.desk import Desk
from bot.playground.markup import parse_html
from bot.settings import Settings
from signals.conditions import Change, Kind, State, Verdict
from signals.facts import BINANCE_BTC, Candle
from signals.gauges import Gauge, Measure, Series
from signals.moments import to_ms
from storage.alerts import save_changes
from storage.database import open_database
from storage.market import save_facts
from tests.bot.desks import FRAGILE, NOW, ask_of, market_of_two_days, new_desk
from tests.bot.recorded import needs_recorded_weeks, recorded_market

END = datetime(2025, 11, 3, tzinfo=UTC)
"""Of the day before the desk's."""


async def said(desk: Desk, *args: str, language: str = "en") -> list[str]:
    found = await answer(ask_of(desk, *args, language=language), "compare")
    return parse_html(found.text).text.splitlines()


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk(market_of_two_days()) as desk:
        desk.standings = FRAGILE
        yield desk


def change(subject: str, before: str, after: str, at: datetime) -> Change:
    kind = Kind.VERDICT if subject == "verdict" else Kind.CONDITION
    return Change(to_ms(at), kind, subject, before, after, "session_negative", {})


async def test_verdict_and_conditions_are_those_on_record_at_the_end_of_the_day(desk: Desk):
    hour = timedelta(hours=1)
    save_changes(
        desk.db,
        [
            change("verdict", Verdict.UNKNOWN, Verdict.BROKEN, END - 9 * hour),
            change("premium", State.NO_DATA, State.UNMET, END - 9 * hour),
            change("premium", State.UNMET, State.MET, END),
            change("premium", State.MET, State.UNMET, END + hour),
            change("verdict", Verdict.BROKEN, Verdict.FRAGILE, END + hour),
        ],
    )
    lines = await said(desk, "2025-11-02")
    assert lines[0] == "2 Nov → now: 🟢 broken → 🔴 fragile"
    assert lines[1] == "as it stood at the end of that day, 24:00 UTC"
    assert lines[2] == "US premium: ✓ met → ✗ not met"
    # Of it nothing was on record by then.
    assert lines[3] == "ETF flows: ? no data → ✗ not met"
    assert not any("worked out" in line for line in lines)
    assert lines[5] == "BTC: 106,928 → 106,928 (0.0 %)"


async def test_what_is_known_of_neither_moment_is_named(desk: Desk):
    assert (await said(desk, "1d"))[-2] == (
        "? No data of either moment: Premium, session mean, ETF flows ETH, BTC open interest,"
        " Funding per 8 h, Liquidated in 24 h"
    )


async def test_what_is_known_of_one_moment_only_is_missing_for_the_other(desk: Desk):
    rate = Gauge(Series("okx", "BTC", Measure.FUNDING_8H), NOW, 0.0001, NOW)
    desk.market = desk.market.add([rate])
    assert "Funding per 8 h: no data → +0.0100 %" in await said(desk, "1d")


async def test_open_interest_is_compared_over_the_same_venues(desk: Desk):
    series = [Series(venue, "BTC", Measure.OPEN_INTEREST_USD) for venue in ("binance", "okx")]
    desk.market = desk.market.add(
        [Gauge(series[0], END, 8e9, END), Gauge(series[0], NOW, 9e9, NOW), Gauge(series[1], NOW, 3e9, NOW)]
    )
    assert "BTC open interest, Binance: $8.00 bn → $9.00 bn (+12.5 %)" in await said(desk, "1d")


async def test_the_flow_of_the_day_counts_though_it_became_final_after_it():
    """The session of 31 October, a Friday, was final on 1 November at 13:30."""
    with new_desk(market_of_two_days(NOW - timedelta(days=2))) as desk:
        desk.standings = FRAGILE
        lines = await said(desk, "2025-10-31")
    assert "ETF flows BTC: −$191.6 m (31 Oct) → −$191.6 m (31 Oct)" in lines


@pytest.mark.parametrize("word", ["2025-11-03", "2025-11-04", "2099-01-01", "0d"])
async def test_a_day_that_is_not_over_is_refused_with_an_example(desk: Desk, word: str):
    [line] = await said(desk, word)
    assert line.startswith("That day is not over yet (UTC)")
    assert "/compare 7d" in line


@pytest.mark.parametrize(
    "word", ["x", "2025-13-01", "2025-02-30", "0001-01-01", "1999-12-31", "-3d", "9999999d", "²d", "btc"]
)
async def test_what_is_no_moment_is_pointed_at(desk: Desk, word: str):
    [line] = await said(desk, word)
    assert line.startswith(f"I did not understand {word}. ")
    assert "/compare 30d" in line


async def test_a_day_of_which_nothing_is_stored_is_said_to_be_one(desk: Desk):
    lines = await said(desk, "2024-01-01")
    assert lines[0] == "1 Jan 2024 → now: ⚪ unknown → 🔴 fragile"
    assert lines[2].startswith("Nothing is stored about that time")
    assert len(lines) == 4


async def test_without_a_shock_that_is_said(desk: Desk):
    assert (await said(desk, "shock"))[0].startswith("No shock is on record yet.")


async def test_refresh_compares_with_the_same_day(desk: Desk):
    first = await answer(ask_of(desk, "1d"), "compare")
    data = first.buttons[0][0].data
    assert data == "here:compare:2025-11-02"
    assert (await press(ask_of(desk), data)).text == first.text


async def test_a_day_that_memory_does_not_reach_is_read_from_the_file(tmp_path: Path):
    day, hour = datetime(2025, 6, 2, tzinfo=UTC), timedelta(hours=1)
    candles = [
        Candle(BINANCE_BTC, hour, day + n * hour, 104_000, 104_000, 104_000, 104_000, 1.0) for n in range(48)
    ]
    db = open_database(tmp_path / "a.db")
    save_facts(db, candles)
    desk = Desk(db, Settings(_env_file=None), lambda: NOW, market_of_two_days())  # type: ignore[call-arg]  # pydantic's own
    desk.standings = FRAGILE
    lines = await said(desk, "2025-06-03")
    db.close()
    assert "BTC: 104,000 → 106,928 (+2.8 %)" in lines
    assert any(line.startswith("Nothing was on record by then") for line in lines)


async def test_in_chinese(desk: Desk):
    lines = await said(desk, "1d", language="zh")
    assert lines[0] == "11 月 2 日 → 现在：⚪ 未知 → 🔴 脆弱"
    assert "BTC：106,928 → 106,928（0.0%）" in lines


@needs_recorded_weeks
async def test_the_tenth_of_october_as_it_was():
    now = datetime(2025, 11, 3, 20, 14, tzinfo=UTC)
    with new_desk(recorded_market(), now) as desk:
        desk.standings = desk.judged(recorded_market().known_by(to_ms(now)), now).standings
        lines = await said(desk, "2025/10/10")
        shock = await said(desk)
    assert lines[0] == "10 Oct → now: 🔴 fragile → 🔴 fragile"
    assert lines[2:5] == [
        "US premium: ✓ met → ✗ not met",
        "ETF flows: ✓ met → ✗ not met",
        "ETH/BTC: ✗ not met → ✗ not met",
    ]
    assert "ETF flows BTC: −$4.5 m (10 Oct) → −$191.6 m (31 Oct)" in lines
    assert "Premium, session mean: +0.018 % (10 Oct) → −0.066 % (31 Oct)" in lines
    assert shock[0].startswith("3 Nov 16:15 UTC → now")
