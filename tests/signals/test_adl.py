"""`adl`: states of exchanges, announcements and the 48-hour clock, as stories in hours and minutes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from signals.adl import Adl
from signals.adl_reading import read_adl
from signals.adl_states import Risk, state_of, worth_keeping
from signals.announcements import looked_at
from signals.conditions import Change, Standing, Verdict
from signals.episode import ShockState
from signals.facts import Fact
from signals.gauges import Gauge
from signals.market import Market
from signals.moments import HOUR_MS, from_ms, to_ms
from signals.notices import Notice, NoticeKind
from signals.readings import Quality
from signals.review import Answer
from signals.warnings import Backdrop, Episodes, Verdicts
from tests.signals.markets import START, START_MS
from tests.signals.test_episodes_of_warnings import FIRST

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SHOCK_AT = START + 2 * HOUR
EPISODE = replace(FIRST, opened_ms=to_ms(SHOCK_AT))
OPEN = Episodes((START_MS, to_ms(SHOCK_AT)), (None, EPISODE))
CALM = Episodes()


def said(venue: str, minutes: range, risk: Risk, coin: str = "BTC") -> list[Gauge]:
    """A venue says the same for some minutes, every five."""
    return [state_of(venue, coin, risk, START + minute * MINUTE) for minute in minutes]


def looks(first_hour: int, last_hour: int) -> list[Gauge]:
    return [looked_at("okx", 20, START + hour * HOUR) for hour in range(first_hour, last_hour + 1)]


def calm(hours: int) -> list[Gauge]:
    """All is clear, and announcements can be read."""
    return [*said("binance", range(0, hours * 60 + 1, 5), Risk.NONE), *looks(0, hours)]


def announced(
    hours: float, source: str = "okx", known_after: timedelta = 9 * MINUTE, key: str = ""
) -> Notice:
    at = START + hours * HOUR
    key = key or f"{source} {hours}"
    url = f"https://{source}.example/{hours}"
    return Notice(NoticeKind.ANNOUNCEMENT, source, key, at, "ADL optimised", url, at + known_after)


def judged(facts: Sequence[Fact], hours: float, episodes: Episodes = CALM) -> tuple[Change, ...]:
    backdrop = Backdrop(Verdicts((0,), (Verdict.FRAGILE,)), episodes)
    until_ms = to_ms(START + hours * HOUR)
    return Adl().judge(Standing(), Market().add(facts), backdrop, until_ms).changes


@dataclass(frozen=True)
class Turn:
    """A state that was told, and at which minute."""

    minute: float
    state: str
    reason: str


def turns(changes: tuple[Change, ...]) -> list[Turn]:
    return [Turn((c.at_ms - START_MS) / 60_000, c.to_state, c.reason) for c in changes]


OFF = Turn(0, "off", "clear")


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (calm(3), [OFF]),
        ([], []),
        ([*said("bybit", range(0, 20, 5), Risk.NONE)], [OFF, Turn(45, "no_data", "no_state")]),
        (
            [
                *calm(3),
                *said("okx", range(30, 40, 5), Risk.RAISED),
                *said("okx", range(40, 180, 5), Risk.NONE),
            ],
            [OFF, Turn(30, "on", "raised"), Turn(70, "off", "clear")],
        ),
        (
            [*calm(3), *said("okx", range(30, 40, 5), Risk.HIGH)],
            [OFF, Turn(30, "on", "high"), Turn(65, "off", "clear")],
        ),
        (
            [
                *calm(3),
                *said("okx", range(30, 60, 5), Risk.RAISED),
                *said("bybit", range(45, 60, 5), Risk.HIGH, "ETH"),
                *said("okx", range(60, 180, 5), Risk.NONE),
                *said("bybit", range(60, 180, 5), Risk.NONE, "ETH"),
            ],
            [OFF, Turn(30, "on", "raised"), Turn(45, "on", "high"), Turn(90, "off", "clear")],
        ),
        (
            [
                *calm(3),
                *(
                    state
                    for minute in range(30, 60)
                    for state in said("okx", range(minute, minute + 1), Risk(minute % 2))
                ),
                *said("okx", range(60, 180, 5), Risk.NONE),
            ],
            [OFF, Turn(31, "on", "raised"), Turn(90, "off", "clear")],
        ),
    ],
    ids=[
        "all clear",
        "nobody ever said anything",
        "what is not repeated says nothing after half an hour",
        "up, and over after half an hour of calm",
        "up, and then the venue is gone",
        "worse is told again, by whomever",
        "up and down by the minute is one warning",
    ],
)
def test_states_of_exchanges(facts, told):
    assert turns(judged(facts, 3)) == told


def test_what_is_up_is_named_by_venue_coin_and_level():
    facts = [*calm(1), *said("bybit", range(30, 60, 5), Risk.HIGH, "ETH")]
    assert judged(facts, 1)[-1].evidence == {"states": [["bybit", "ETH", 2]]}


@pytest.mark.parametrize(
    ("notices", "told"),
    [
        ([announced(1)], [Turn(69, "on", "announced"), Turn(69 + 24 * 60, "off", "clear")]),
        (
            [announced(1), announced(2, "bybit")],
            [
                Turn(69, "on", "announced"),
                Turn(129, "on", "announced"),
                Turn(129 + 24 * 60, "off", "clear"),
            ],
        ),
        ([announced(1), replace(announced(1), key="okx zh", title="自动减仓优化")], None),
        ([announced(1, key="a"), replace(announced(1.5, key="a"), title="ADL optimised again")], None),
        ([announced(1, known_after=timedelta())], []),
        ([announced(-60, known_after=61 * HOUR)], []),
        ([replace(announced(1), kind=NoticeKind.EXPLOIT)], []),
    ],
    ids=[
        "news for a day",
        "each is told",
        "in two languages it is told once",
        "a corrected title is not told again",
        "what was out before the first look is no news",
        "what comes to be known days later is no news",
        "an exploit is another's business",
    ],
)
def test_announcements_are_news(notices, told):
    expected = [Turn(69, "on", "announced"), Turn(69 + 24 * 60, "off", "clear")] if told is None else told
    assert turns(judged([*calm(40), *notices], 40)) == [OFF, *expected]


def test_an_announcement_is_told_with_its_title_and_address():
    told = judged([*calm(2), announced(1)], 2)[-1]
    assert told.evidence == {
        "source": "okx",
        "title": "ADL optimised",
        "url": "https://okx.example/1",
        "published_at": "2025-11-24T01:00:00Z",
    }


SILENCE_AT, LATER = 50 * 60, 53 * 60 + 9


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ([], [Turn(SILENCE_AT, "on", "silence")]),
        ([announced(30)], [Turn(30 * 60 + 9, "on", "reviewed"), Turn(54 * 60 + 9, "off", "clear")]),
        ([announced(30, known_after=timedelta())], []),
        ([announced(1.9)], [Turn(123, "on", "announced"), Turn(SILENCE_AT, "on", "silence")]),
        (
            [announced(53)],
            [
                Turn(SILENCE_AT, "on", "silence"),
                Turn(LATER, "on", "announced"),
                Turn(LATER + 24 * 60, "off", "clear"),
            ],
        ),
        (
            said("okx", range(180, 240, 5), Risk.RAISED),
            [Turn(180, "on", "raised"), Turn(SILENCE_AT, "on", "silence")],
        ),
        (
            [announced(30), announced(31, "bybit")],
            [
                Turn(30 * 60 + 9, "on", "reviewed"),
                Turn(31 * 60 + 9, "on", "announced"),
                Turn(55 * 60 + 9, "off", "clear"),
            ],
        ),
    ],
    ids=[
        "silence after 48 hours is told once",
        "a review in time is told, and there is no silence",
        "a review from before the first look is no news, but it counts",
        "what was said before the shock is no review of it",
        "a late one ends the silence",
        "what was up stays a warning until somebody answers",
        "only the first is the review",
    ],
)
def test_the_clock_of_48_hours(facts, told):
    assert turns(judged([*calm(90), *facts], 90, OPEN)) == [OFF, *told]


def test_the_warning_ends_with_the_episode():
    closed = Episodes((*OPEN.from_ms, START_MS + 60 * HOUR_MS), (*OPEN.open, None))
    assert turns(judged(calm(90), 90, closed))[1:] == [
        Turn(SILENCE_AT, "on", "silence"),
        Turn(60 * 60, "off", "clear"),
    ]


@pytest.mark.parametrize(
    ("heard", "told"),
    [
        ([], []),
        (looks(0, 40), []),
        (looks(0, 49), [Turn(SILENCE_AT, "on", "silence")]),
        ([*looks(0, 40), *looks(55, 60)], [Turn(55 * 60, "on", "silence")]),
    ],
    ids=["never heard", "heard until before", "heard when the time is over", "heard again later"],
)
def test_only_who_is_heard_can_be_silent(heard: list[Gauge], told: list[Turn]):
    clear = said("binance", range(0, 90 * 60, 5), Risk.NONE)
    changes = judged([*clear, *heard], 60, OPEN)
    assert turns(changes) == [OFF, *told]
    assert [c.evidence["awaited"] for c in changes[1:]] == [["okx"] for _ in told]


def test_an_aftershock_is_awaited_an_answer_of_its_own():
    second = replace(EPISODE, opened_ms=START_MS + 60 * HOUR_MS, number=2)
    both = Episodes((*OPEN.from_ms, second.opened_ms), (*OPEN.open, second))
    assert [turn.minute / 60 for turn in turns(judged(calm(120), 120, both))[1:]] == [50, 108]


def test_a_review_that_came_to_be_known_late_ends_the_silence():
    """Between two looks a first look brings in what was published long before."""
    backdrop = Backdrop(Verdicts((0,), (Verdict.FRAGILE,)), OPEN)
    market = Market().add(calm(60))
    before = Adl().judge(Standing(), market, backdrop, START_MS + 55 * HOUR_MS)
    market = market.add([announced(30, known_after=timedelta())])
    after = Adl().judge(before.standing, market, backdrop, START_MS + 56 * HOUR_MS)
    assert before.standing.state == "on"
    assert [(c.to_state, c.reason) for c in after.changes] == [("off", "clear")]


def test_states_are_kept_when_they_change_and_every_five_minutes():
    risks = [Risk.NONE, Risk.NONE, Risk.HIGH, Risk.HIGH, *[Risk.NONE] * 7]
    states = [state_of("okx", "BTC", risk, START + i * MINUTE) for i, risk in enumerate(risks)]
    kept = worth_keeping(states, {})
    assert [(state.at - START) // MINUTE for state in kept] == [0, 2, 4, 9]
    assert worth_keeping(states[:2], {kept[0].series: kept[0]}) == []


# The reading

SHOCK = Standing(ShockState.OPEN, evidence=EPISODE.as_evidence(), judged_ms=to_ms(SHOCK_AT))


@pytest.mark.parametrize(
    ("notices", "hours", "answer", "remaining"),
    [
        ([], 30, Answer.WAITING, 20 * HOUR),
        ([], 51, Answer.SILENCE, None),
        ([], 70, Answer.UNHEARD, None),
        ([announced(30)], 51, Answer.REVIEWED, None),
        ([announced(50.5)], 51, Answer.LATE, None),
        ([announced(30)], 20, Answer.WAITING, 30 * HOUR),
    ],
)
def test_the_reading_tells_how_the_shock_was_answered(notices, hours, answer, remaining):
    now = START + hours * HOUR
    reading = read_adl(Market().add([*calm(60), *notices]), SHOCK, now)
    assert reading.review
    assert (reading.review.answer, reading.remaining) == (answer, remaining)


def test_the_reading_names_what_is_missing_and_what_is_old():
    facts = [*calm(3), *said("okx", range(0, 10, 5), Risk.HIGH, "ETH")]
    reading = read_adl(Market().add(facts), Standing(ShockState.CALM), START + 3 * HOUR)
    told = {(s.venue, s.coin): (s.risk, s.is_stale) for s in reading.states if s.risk is not None}
    assert told == {("binance", "BTC"): (Risk.NONE, False), ("okx", "ETH"): (Risk.HIGH, True)}
    assert reading.quality is Quality.OK
    assert reading.review is None


@pytest.mark.parametrize(
    ("hours", "quality"), [(-1, Quality.MISSING), (1, Quality.OK), (9, Quality.STALE)], ids=str
)
def test_the_readings_quality(hours: int, quality: Quality):
    reading = read_adl(Market().add(calm(2)), Standing(ShockState.CALM), START + hours * HOUR)
    assert reading.quality is quality


def test_the_reading_shows_the_newest_three_announcements():
    notices = [announced(hours) for hours in (5, 1, 3, 2)]
    reading = read_adl(Market().add(notices), Standing(ShockState.CALM), START + 9 * HOUR)
    assert [(from_ms(a.at_ms) - START) // HOUR for a in reading.announcements] == [5, 3, 2]
