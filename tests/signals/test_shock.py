"""Episodes: how a shock opens one, what becomes of it, and that time may be cut in any way."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.conditions import Change, Kind, Standing, Verdict
from signals.episode import Episode
from signals.facts import BINANCE_BTC, BINANCE_ETH
from signals.market import Bars, Market, Track
from signals.moments import DAY_MS, HOUR_MS, from_ms, iso, to_ms
from signals.shock import NO_SHOCK_YET, Course, Shock, ShockRules
from tests.signals.markets import START, START_MS, moments
from tests.signals.plain_rules import shocks

HOUR = timedelta(hours=1)
UNTIL_MS = START_MS + 14 * DAY_MS
slow = settings(max_examples=150, deadline=None)
CALM = (100.0, 1.0)
BUSY = 2.5
DAYS = [CALM] * 48
FRAGILE = Standing(state=Verdict.FRAGILE, since_ms=START_MS)
BROKEN = Standing(state=Verdict.BROKEN, since_ms=START_MS)


def market(hours: Sequence[tuple[float, float]], eth_of: float = 1.0) -> Market:
    """Hourly bars of (price, volume) from START on; ETH falls `eth_of` times as far from 100 as BTC."""
    ends = [START_MS + (place + 1) * HOUR_MS for place in range(len(hours))]
    btc = [(at, at, price, price, volume) for at, (price, volume) in zip(ends, hours, strict=True)]
    fallen = [(100 - eth_of * (100 - price)) / 25 for price, _ in hours]
    eth = [(at, at, price, price, 1.0) for at, price in zip(ends, fallen, strict=True)]
    return Market(
        bars={Track(i, HOUR): Bars.of(rows) for i, rows in ((BINANCE_BTC, btc), (BINANCE_ETH, eth))}
    )


def judge(
    of: Market,
    verdict: Standing = FRAGILE,
    turns: Sequence[Change] = (),
    rules: ShockRules | None = None,
    standing: Standing = NO_SHOCK_YET,
) -> Course:
    return Shock(rules or ShockRules()).judge(standing, of, verdict, turns, UNTIL_MS)


def told(course: Course) -> list[tuple[int, str, str]]:
    """Hours after START, the new state and the reason."""
    return [((c.at_ms - START_MS) // HOUR_MS, c.to_state, c.reason) for c in course.changes]


def episode(course: Course) -> Episode:
    found = Episode.of(course.standing.evidence)
    assert found is not None
    return found


def turn(at: datetime, state: Verdict) -> Change:
    return Change(to_ms(at), Kind.VERDICT, "verdict", "", state, "", {})


CRASH = [*DAYS, *[(100.0, BUSY)] * 20, (95.0, BUSY), (93.0, BUSY), (94.0, BUSY)]


def test_a_shock_opens_an_episode_with_the_prices_of_before():
    course = judge(market(CRASH, eth_of=2.0))
    assert told(course) == [(69, "open", "deleveraging")]
    [change] = course.changes
    assert change.kind == "shock"
    assert change.evidence["opened_at"] == iso(START_MS + 69 * HOUR_MS)
    assert (change.evidence["btc_usd"], change.evidence["eth_usd"], change.evidence["eth_btc"]) == (
        100,
        4,
        0.04,
    )
    assert (change.evidence["low_usd"], change.evidence["fall_pct"]) == (95.0, 5.0)
    assert change.evidence["volume_change"] == pytest.approx((21 * BUSY + 3) / 24 - 1)


def test_it_says_what_was_known():
    assert judge(market(CRASH)).changes[0].evidence["known"] == ["price", "volume"]


def test_the_low_and_its_moment_are_followed_without_a_word():
    last = episode(judge(market(CRASH)))
    assert (last.low.btc_usd, last.low.at_ms) == (93.0, START_MS + 70 * HOUR_MS)


def test_the_beta_is_ethers_fall_over_bitcoins_from_the_references_to_the_low():
    assert episode(judge(market(CRASH, eth_of=2.0))).beta == pytest.approx(2.0)


def test_without_ether_there_is_no_beta_and_the_shock_is_found_all_the_same():
    bitcoin = {track: rows for track, rows in market(CRASH).bars.items() if track.instrument == BINANCE_BTC}
    last = episode(judge(Market(bars=bitcoin)))
    assert (last.eth_usd, last.eth_btc, last.beta) == (None, None, None)


def test_how_much_is_regained():
    last = episode(judge(market(CRASH)))
    assert (last.regained(93.0), last.regained(96.5), last.regained(101.4)) == pytest.approx((0, 0.5, 1.2))


@pytest.mark.parametrize(("low", "again"), [(92.2, []), (92.1, [(80, "open", "deeper")])])
def test_a_low_three_percent_below_the_one_told_is_told_again(low: float, again: list[tuple[int, str, str]]):
    hours = [*CRASH, *[(94.0, BUSY)] * 8, (low, BUSY)]
    assert told(judge(market(hours)))[1:] == again


def test_a_low_crept_up_to_is_measured_from_the_one_that_was_told():
    lows = [95.0, 94.0, 93.0, 92.5, 92.0, 91.5]
    hours = [*DAYS, *[(100.0, BUSY)] * 20, *((low, BUSY) for low in lows)]
    assert told(judge(market(hours))) == [(69, "open", "deleveraging"), (73, "open", "deeper")]


def test_a_deeper_low_long_after_the_fall_is_told_too():
    hours = [*CRASH, *[(94.0, 1.0)] * 72, (90.0, 0.5)]
    assert told(judge(market(hours)))[1:] == [(144, "open", "deeper")]


AFTERSHOCK = [*CRASH, *[(97.0, 1.0)] * 60, *[(97.0, BUSY)] * 20, (92.9, BUSY)]


def test_another_fall_after_a_day_of_quiet_is_an_aftershock_with_references_of_its_own():
    course = judge(market(AFTERSHOCK))
    assert told(course)[1:] == [(152, "open", "aftershock")]
    last = episode(course)
    assert (last.btc_usd, last.low.btc_usd, last.number) == (97.0, 92.9, 2)
    assert last.chain_ms == course.changes[0].at_ms


def test_a_fall_that_goes_on_after_hours_of_quiet_is_the_same():
    hours = [*CRASH, *[(97.0, BUSY)] * 10, (93.5, BUSY)]
    assert len(judge(market(hours)).changes) == 1


LONG = [*CRASH, *[(95.0, 1.0)] * (24 * 9)]
"""START is a Monday; the shock is on Wednesday at 21:00 UTC, and Thursday is Thanksgiving."""


def test_it_closes_after_five_whole_sessions_of_a_broken_verdict():
    fifth_close = datetime(2025, 12, 4, 21, tzinfo=UTC)
    course = judge(market(LONG), BROKEN)
    assert told(course)[1:] == [((to_ms(fifth_close) - START_MS) // HOUR_MS + 1, "calm", "verdict_held")]
    assert course.standing.state == "calm"
    assert episode(course).low.btc_usd == 93.0


def test_the_sessions_count_from_when_the_verdict_broke():
    in_session = datetime(2025, 11, 28, 15, tzinfo=UTC)
    course = judge(market(LONG), FRAGILE, [turn(in_session, Verdict.BROKEN)])
    assert from_ms(course.changes[-1].at_ms) == datetime(2025, 12, 5, 22, tzinfo=UTC)


@pytest.mark.parametrize("lost", [Verdict.FRAGILE, Verdict.UNKNOWN])
def test_a_verdict_that_turns_meanwhile_begins_anew(lost: Verdict):
    turns = [turn(START + timedelta(days=9), lost), turn(START + timedelta(days=9, hours=1), Verdict.BROKEN)]
    assert told(judge(market(LONG), BROKEN, turns))[1:] == []


def test_a_verdict_that_turns_at_the_last_close_does_not_close_it():
    turns = [turn(datetime(2025, 12, 4, 21, tzinfo=UTC), Verdict.FRAGILE)]
    assert told(judge(market(LONG), BROKEN, turns))[1:] == []


def test_after_an_episode_the_next_shock_is_the_first_again():
    rules = ShockRules(held_sessions=1)
    course = judge(
        market([*CRASH, *[(97.0, 1.0)] * 60, *[(97.0, BUSY)] * 20, (92.9, BUSY)]), BROKEN, rules=rules
    )
    assert [reason for _, _, reason in told(course)] == ["deleveraging", "verdict_held", "deleveraging"]
    assert episode(course).number == 1


def test_a_calm_market_says_nothing():
    course = judge(market(DAYS))
    assert course == Course(
        (), replace(NO_SHOCK_YET, judged_ms=UNTIL_MS, seen_ms=START_MS + 48 * HOUR_MS), ()
    )


@st.composite
def storms(draw: st.DrawFn) -> Market:
    """Days of hourly bars that swing far, on some of which much more is traded, with bars missing."""
    days, random = draw(st.integers(4, 13)), np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    price = 100 * np.exp(np.cumsum(random.normal(0, 0.008, days * 24)))
    volume = random.uniform(0.8, 1.2, days * 24) * np.repeat(random.choice([1, 1, 3], days), 24)
    there = random.random(days * 24) >= draw(st.sampled_from((0.0, 0.04)))
    hourly = market(list(zip(price.tolist(), volume.tolist(), strict=True)))
    return Market(bars={track: bars.rows(there) for track, bars in hourly.bars.items()})


def judge_at(of: Market, ends: Sequence[int], verdict: Standing = BROKEN) -> tuple[list[Change], Standing]:
    standing, changes = NO_SHOCK_YET, list[Change]()
    for until_ms in ends:
        course = Shock(ShockRules(held_sessions=2)).judge(standing, of, verdict, (), until_ms)
        standing = course.standing
        changes += course.changes
    return changes, standing


@slow
@given(storms(), moments())
def test_bars_in_chunks_of_any_size_give_the_same_episodes_as_all_at_once(of: Market, ends: list[int]):
    assert judge_at(of, ends) == judge_at(of, [UNTIL_MS])


@pytest.mark.parametrize("hours", [CRASH, AFTERSHOCK, LONG, [*CRASH, *[(94.0, 1.0)] * 72, (90.0, 0.5)]])
def test_one_bar_at_a_time_gives_the_same_episodes_as_all_at_once(hours: list[tuple[float, float]]):
    of = market(hours)
    ends = [START_MS + hour * HOUR_MS for hour in range(1, len(hours) + 1)]
    assert judge_at(of, [*ends, UNTIL_MS]) == judge_at(of, [UNTIL_MS])


def test_bars_that_come_seconds_after_their_close_are_judged_all_the_same():
    of, standing, changes = market(AFTERSHOCK), NO_SHOCK_YET, list[Change]()
    for hour in range(1, len(AFTERSHOCK) + 1):
        close_ms = START_MS + hour * HOUR_MS
        for until_ms, known_ms in ((close_ms, close_ms - 1), (close_ms + 5_000, close_ms)):
            course = Shock().judge(standing, of.known_by(known_ms), FRAGILE, (), until_ms)
            standing = course.standing
            changes += course.changes
    assert changes == list(judge(of).changes)


@slow
@given(storms(), moments())
def test_no_bar_is_used_before_it_was_known(of: Market, ends: list[int]):
    for until_ms in ends:
        blind, seeing = (
            Shock().judge(NO_SHOCK_YET, m, FRAGILE, (), until_ms) for m in (of.known_by(until_ms), of)
        )
        assert blind == seeing


@slow
@given(storms())
def test_a_plain_loop_over_the_bars_finds_the_same_shocks(of: Market):
    columns = of.bars[Track(BINANCE_BTC, HOUR)].columns()
    bars = list(zip(*(column.tolist() for column in columns), strict=True))
    found = [(c.at_ms, c.reason) for c in judge(of).changes if c.reason != "deeper"]
    assert found == list(shocks(bars, HOUR_MS))
