"""`adl` judged in pieces of any size says the same as all at once, whatever became known when."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from signals.adl import Adl
from signals.adl_states import STATES, Risk
from signals.announcements import looked_at
from signals.conditions import Change, Kind, Standing
from signals.episode import ShockState
from signals.facts import Fact
from signals.gauges import Gauge
from signals.market import Market
from signals.moments import HOUR_MS, MINUTE_MS
from signals.notices import Notice, NoticeKind
from signals.shock import NO_SHOCK_YET
from signals.warnings import Backdrop, Episodes, Verdicts
from tests.signals.markets import START, START_MS
from tests.signals.test_episodes_of_warnings import FIRST

HOURS = 20 * 24
MINUTE = timedelta(minutes=1)
UNTIL_MS = START_MS + HOURS * HOUR_MS
LATE = st.sampled_from([0, 1, 9, 60, 47 * 60, 49 * 60, 5 * 24 * 60, 9 * 24 * 60])
"""Minutes after which a fact is known: at once, by the next look, a revision days later."""
HOUR = st.integers(-60, HOURS)


@st.composite
def announcements(draw: st.DrawFn) -> Notice:
    at = START + timedelta(hours=draw(HOUR))
    known_at = at + timedelta(minutes=draw(LATE))
    source, key = draw(st.sampled_from(("okx", "bybit", "binance"))), draw(st.sampled_from("abc"))
    return Notice(NoticeKind.ANNOUNCEMENT, source, key, at, f"ADL {known_at}", "", known_at)


@st.composite
def states(draw: st.DrawFn) -> list[Gauge]:
    """A venue's state for a while, repeated or not."""
    series, risk = draw(st.sampled_from(STATES)), draw(st.sampled_from(list(Risk)))
    begin, every = draw(HOUR), draw(st.sampled_from([5, 29, 31, 70]))
    at = (START + timedelta(hours=begin, minutes=every * n) for n in range(draw(st.integers(1, 20))))
    late = timedelta(seconds=draw(st.sampled_from([0, 7, 59, 600])))
    return [Gauge(series, each, float(risk), each + late) for each in at]


def looks(hours: range) -> list[Gauge]:
    return [looked_at("okx", 20, START + timedelta(hours=hour)) for hour in hours]


@st.composite
def facts(draw: st.DrawFn) -> list[Fact]:
    told: list[Fact] = draw(st.lists(announcements(), max_size=6))
    for each in draw(st.lists(states(), max_size=4)):
        told += each
    begin = draw(HOUR)
    return [*told, *looks(range(begin, begin + draw(st.integers(0, 200))))]


@st.composite
def shocks(draw: st.DrawFn) -> list[Change]:
    """Shocks one after the other, some of them closed again."""
    changes, state = [], ShockState.CALM
    for hour in sorted(draw(st.sets(st.integers(0, HOURS), max_size=3))):
        at_ms, before = START_MS + hour * HOUR_MS + MINUTE_MS, state
        state = draw(st.sampled_from(list(ShockState))) if before == ShockState.OPEN else ShockState.OPEN
        evidence = replace(FIRST, opened_ms=at_ms).as_evidence()
        changes.append(Change(at_ms, Kind.SHOCK, "shock", before, state, "deleveraging", evidence))
    return changes


def judged(market: Market, shocks: list[Change], ends: list[int]) -> tuple[list[Change], Standing]:
    standing, shock, told = Standing(), NO_SHOCK_YET, list[Change]()
    for until_ms in ends:
        changes = [change for change in shocks if shock.judged_ms < change.at_ms <= until_ms]
        backdrop = Backdrop(Verdicts((0,), ("fragile",)), Episodes.along(shock, changes))
        outcome = Adl().judge(standing, market, backdrop, until_ms)
        told, standing = [*told, *outcome.changes], outcome.standing
        for change in changes:
            shock = shock.after(change)
        shock = replace(shock, judged_ms=until_ms)
    return told, standing


def moments_of(facts: list[Fact]) -> list[int]:
    known = {int(fact.known_at.timestamp() * 1_000) for fact in facts if isinstance(fact, Gauge | Notice)}
    return [*sorted(ms for ms in known if ms < UNTIL_MS), UNTIL_MS]


def corrected() -> list[Fact]:
    """An announcement whose title is corrected four days later, with another announcement between."""
    days = (timedelta(), timedelta(days=3), timedelta(days=4))
    told = [("bybit", "b", START + days[0]), ("okx", "a", START + days[1]), ("bybit", "b", START + days[2])]
    return [Notice(NoticeKind.ANNOUNCEMENT, s, key, at, f"ADL {at}", "", at + MINUTE) for s, key, at in told]


@settings(max_examples=30, deadline=None)
@example(corrected(), [], [])
@given(facts(), shocks(), st.lists(st.integers(START_MS, UNTIL_MS), max_size=12))
def test_pieces_of_any_size_say_the_same_as_all_at_once(
    facts: list[Fact], shocks: list[Change], ends: list[int]
) -> None:
    market = Market().add(facts)
    whole = judged(market, shocks, [UNTIL_MS])
    assert judged(market, shocks, [*sorted(ends), UNTIL_MS]) == whole
    assert judged(market, shocks, moments_of(facts)) == whole


@settings(max_examples=30, deadline=None)
@given(facts(), shocks(), st.lists(st.integers(START_MS, UNTIL_MS), max_size=12))
def test_nothing_is_used_before_it_was_known(
    facts: list[Fact], shocks: list[Change], ends: list[int]
) -> None:
    market, told = Market().add(facts), list[Change]()
    for until_ms in [*sorted(ends), UNTIL_MS]:
        changes, _ = judged(market.known_by(until_ms), shocks, [until_ms])
        assert changes[: len(told)] == told
        told = changes
    assert told == judged(market, shocks, [UNTIL_MS])[0]
