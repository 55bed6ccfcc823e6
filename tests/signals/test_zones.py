"""The warnings about levels: tables of prices, the verdict of each moment, and what is told."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from signals.conditions import Change, Standing, Verdict
from signals.facts import BINANCE_BTC
from signals.levels import Band, Levels, LevelsSet
from signals.market import Market
from signals.moments import MINUTE_MS, iso, to_ms
from signals.rally_zone import RallyZone
from signals.support import Support
from signals.warnings import Backdrop, Verdicts, WarningRule
from tests.signals.markets import START, START_MS, bars, joined

ARTICLE = Levels(Band(105_000, 107_000), 103_000, Band(109_000, 111_000))
LOWER = Levels(Band(95_000, 97_000), 93_000, Band(99_000, 101_000))
EVER = datetime(2025, 1, 1, tzinfo=UTC)
STEP = 5
FRAGILE = Verdicts((0,), (Verdict.FRAGILE,))


def market_of(prices: Sequence[float], *levels: LevelsSet, start_minute: int = 0) -> Market:
    """BTC's price every five minutes, and levels: the article's, known for ever, if none are given."""
    closes = [(start_minute + STEP * (n + 1), price) for n, price in enumerate(prices)]
    said = levels or (LevelsSet(ARTICLE, EVER),)
    return joined(bars(BINANCE_BTC, timedelta(minutes=STEP), closes), Market(levels=said))


def changes_of(
    warning: WarningRule, market: Market, until_minute: int, verdicts: Verdicts = FRAGILE
) -> tuple[Change, ...]:
    return warning.judge(Standing(), market, Backdrop(verdicts), START_MS + until_minute * MINUTE_MS).changes


def turns(changes: Sequence[Change]) -> list[tuple[str, str]]:
    return [(change.to_state, change.reason) for change in changes]


OFF, IN = ("off", "left"), ("on", "entered")


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        ([108_000, 108_999.9], [OFF]),
        ([108_000, 109_000], [OFF, IN]),
        ([108_000, 111_000], [OFF, IN]),
        ([109_500], [IN]),
        ([112_500, 110_900], [OFF, ("on", "fell_into")]),
        ([108_000, 109_100, 108_900, 109_100, 108_000, 109_500], [OFF, IN]),
        ([108_000, 109_100, 107_909, 109_100], [OFF, IN, OFF, IN]),
        ([108_000, 110_900, 111_500, 110_900, 112_200], [OFF, IN, OFF]),
        ([108_000, 110_900, 112_200, 111_500], [OFF, IN, OFF]),
    ],
    ids=[
        "not quite there",
        "at the lower border",
        "at the upper border",
        "there from the first price on",
        "down from above",
        "back and forth over the border is one visit",
        "out by more than the margin and in again is another",
        "out above",
        "near the border again is not in it",
    ],
)
def test_the_rally_zone_is_entered_and_left(prices: list[float], told: list[tuple[str, str]]):
    assert turns(changes_of(RallyZone(), market_of(prices), 5 * len(prices))) == told


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ((Verdict.BROKEN,), [("off", "verdict_broken")]),
        ((Verdict.UNKNOWN,), []),
        ((Verdict.BROKEN, Verdict.FRAGILE), [("off", "verdict_broken"), ("on", "verdict_fragile")]),
        ((Verdict.FRAGILE, Verdict.BROKEN), [IN, ("off", "verdict_broken")]),
        ((Verdict.FRAGILE, Verdict.UNKNOWN), [IN, ("no_data", "verdict_unknown")]),
    ],
    ids=["broken", "unknown", "turns fragile", "turns broken", "turns unknown"],
)
def test_in_the_rally_zone_it_is_the_verdict_that_counts(states: tuple[Verdict, ...], told):
    verdicts = Verdicts((0, START_MS + 12 * MINUTE_MS)[: len(states)], states)
    assert turns(changes_of(RallyZone(), market_of([109_500] * 4), 20, verdicts)) == told


def test_the_verdict_turns_the_warning_at_its_own_moment():
    turn_ms = START_MS + 12 * MINUTE_MS
    verdicts = Verdicts((0, turn_ms), (Verdict.BROKEN, Verdict.FRAGILE))
    changes = changes_of(RallyZone(), market_of([109_500] * 4), 20, verdicts)
    assert changes[-1].at_ms == turn_ms
    assert changes[-1].evidence == {
        "price_usd": 109_500.0,
        "zone_low_usd": 109_000,
        "zone_high_usd": 111_000,
    }


ABOVE, ENTERED, BELOW = ("off", "recovered"), ("on", "entered"), ("on", "below")


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        ([107_500, 107_000.1], [ABOVE]),
        ([107_500, 107_000], [ABOVE, ENTERED]),
        ([107_500, 104_000], [ABOVE, BELOW]),
        ([104_000], [BELOW]),
        ([107_500, 106_900, 107_300, 106_900, 107_900, 106_900], [ABOVE, ENTERED]),
        ([107_500, 106_900, 108_100, 106_900], [ABOVE, ENTERED, ABOVE, ENTERED]),
        ([107_500, 106_900, 104_900, 105_500, 102_000], [ABOVE, ENTERED]),
        ([107_500, 106_900, 104_900, 108_100], [ABOVE, ENTERED, ABOVE]),
    ],
    ids=[
        "not quite there",
        "at the upper border",
        "through it at once",
        "below from the first price on",
        "back and forth over the border is one visit",
        "out by more than the margin and in again is another",
        "what happens below without a close is not told",
        "back above from below",
    ],
)
def test_the_support_zone_is_entered_and_left(prices: list[float], told: list[tuple[str, str]]):
    assert turns(changes_of(Support(), market_of(prices), 5 * len(prices))) == told


MIDNIGHT, SESSION = 24 * 60, 21 * 60


@pytest.mark.parametrize(
    ("ends", "close", "told"),
    [
        (MIDNIGHT, 104_900, [BELOW, ("on", "closed_below")]),
        (SESSION, 104_900, [BELOW, ("on", "closed_below")]),
        (MIDNIGHT, 105_000, [ENTERED]),
        (MIDNIGHT - 60, 104_900, [BELOW]),
    ],
    ids=["a day", "a session", "at the border", "nothing closes at 23:00"],
)
def test_a_close_below_the_support_zone_is_worse(ends: int, close: float, told):
    market = market_of([close] * 4, start_minute=ends - 15)
    assert turns(changes_of(Support(), market, ends + 5)) == told


def test_a_close_below_names_what_closed_and_the_break_level_as_next():
    market = market_of([104_900] * 4, start_minute=MIDNIGHT - 15)
    told = changes_of(Support(), market, MIDNIGHT + 5)[-1]
    assert (told.from_state, told.to_state, told.at_ms) == ("on", "on", START_MS + MIDNIGHT * MINUTE_MS)
    assert told.evidence == {
        "day_close_usd": 104_900.0,
        "closed_at": iso(to_ms(START + timedelta(days=1))),
        "price_usd": 104_900.0,
        "zone_low_usd": 105_000,
        "zone_high_usd": 107_000,
        "next_usd": 103_000,
    }


def test_a_close_below_the_break_level_says_that_it_is_passed():
    market = market_of([101_000] * 4, start_minute=MIDNIGHT - 15)
    evidence = changes_of(Support(), market, MIDNIGHT + 5)[-1].evidence
    assert evidence["passed_usd"] == 103_000
    assert "next_usd" not in evidence


def test_further_closes_below_are_not_told_again_until_it_was_back_above():
    def day(price: float) -> list[float]:
        return [price] * (MIDNIGHT // STEP)

    market = market_of([*day(104_000), *day(104_500), *day(108_500), *day(104_500)])
    assert turns(changes_of(Support(), market, 4 * MIDNIGHT)) == [
        BELOW,
        ("on", "closed_below"),
        ABOVE,
        BELOW,
        ("on", "closed_below"),
    ]


@pytest.mark.parametrize("warning", [RallyZone(), Support()], ids=lambda warning: warning.id)
def test_without_levels_nothing_can_be_judged(warning: WarningRule):
    market = market_of([106_000, 110_000], LevelsSet(None, EVER))
    assert changes_of(warning, market, 20) == ()


def test_levels_count_from_the_moment_at_which_they_were_set():
    at = START + timedelta(minutes=12)
    changes = changes_of(RallyZone(), market_of([109_500] * 4, LevelsSet(ARTICLE, at)), 20)
    assert [(change.at_ms, *turn) for change, turn in zip(changes, turns(changes), strict=True)] == [
        (to_ms(at), "on", "entered")
    ]


def test_levels_that_are_taken_back_end_what_they_warned_of():
    back = LevelsSet(None, START + timedelta(minutes=12))
    market = market_of([106_000] * 4, LevelsSet(ARTICLE, EVER), back)
    assert turns(changes_of(Support(), market, 20)) == [ENTERED, ("no_data", "no_levels")]


def test_other_levels_are_a_new_beginning():
    """Near the old zone's border counted as in it; near the new one's it does not."""
    anew = LevelsSet(LOWER, START + timedelta(minutes=12))
    market = market_of([106_500, 107_500, 97_500, 97_500], LevelsSet(ARTICLE, EVER), anew)
    assert turns(changes_of(Support(), market, 20)) == [ENTERED, ABOVE]


@pytest.mark.parametrize("warning", [RallyZone(), Support()], ids=lambda warning: warning.id)
def test_six_hours_without_a_price_are_no_data(warning: WarningRule):
    market = market_of([110_000 if warning.id == "rally_zone" else 106_000])
    changes = changes_of(warning, market, 5 + 6 * 60 + 1)
    assert turns(changes)[-1] == ("no_data", "no_price")
    assert changes[-1].at_ms == START_MS + (5 + 6 * 60) * MINUTE_MS
