"""When a chat is told: at once, later or not at all, and always for a reason."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.conditions import Change, Kind
from signals.moments import to_ms
from signals.policy import (
    Hearing,
    Hold,
    Reason,
    capped,
    decide,
    hold_again,
    hush,
    is_pressing,
    loudness,
    urgency,
)
from signals.quiet_hours import QuietHours

NOW = datetime(2025, 11, 4, 2, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HALF_AN_HOUR = 30 * MINUTE
KINDS = {"verdict": Kind.VERDICT, "shock": Kind.SHOCK, "premium": Kind.CONDITION, "support": Kind.WARNING}
STATES = {
    Kind.VERDICT: ("unknown", "fragile", "broken"),
    Kind.SHOCK: ("calm", "open"),
    Kind.CONDITION: ("no_data", "unmet", "holding", "met"),
    Kind.WARNING: ("no_data", "off", "on"),
}
NIGHT = QuietHours(time(23), time(7))
ALL = Hearing(dict.fromkeys(KINDS, "sound"), cooldown=HALF_AN_HOUR)


def change(subject: str, before: str, after: str) -> Change:
    return Change(to_ms(NOW), KINDS[subject], subject, before, after, "because", {})


PREMIUM = change("premium", "holding", "met")
SUPPORT = change("support", "off", "on")
BROKEN = change("verdict", "fragile", "broken")


@pytest.mark.parametrize(
    ("hearing", "reason", "until"),
    [
        (replace(ALL, muted_until=NOW + HOUR), Reason.MUTED, NOW + HOUR),
        (replace(ALL, muted_until=NOW), Reason.SUBSCRIBED, None),
        (replace(ALL, quiet_hours=NIGHT), Reason.QUIET_HOURS, NOW + 5 * HOUR),
        (replace(ALL, quiet_hours=NIGHT, zone=ZoneInfo("Asia/Shanghai")), Reason.SUBSCRIBED, None),
        (
            replace(ALL, quiet_hours=NIGHT, zone=ZoneInfo("America/New_York")),
            Reason.SUBSCRIBED,
            None,
        ),
        # A mute is named before the hours: whoever set it sees it work.
        (replace(ALL, muted_until=NOW + HOUR, quiet_hours=NIGHT), Reason.MUTED, NOW + HOUR),
        (replace(ALL, last_told={"premium": NOW - 29 * MINUTE}), Reason.COOLDOWN, NOW + MINUTE),
        (replace(ALL, last_told={"premium": NOW - HALF_AN_HOUR}), Reason.SUBSCRIBED, None),
        (replace(ALL, last_told={"support": NOW}), Reason.SUBSCRIBED, None),
        (replace(ALL, held={"premium": Hold(Reason.CAP, NOW + HOUR)}), Reason.CAP, NOW + HOUR),
        (replace(ALL, cap=3, told_today=3), Reason.CAP, NOW + 22 * HOUR),
        (replace(ALL, cap=3, told_today=3, zone=ZoneInfo("Asia/Shanghai")), Reason.CAP, NOW + 14 * HOUR),
        (replace(ALL, cap=3, told_today=2), Reason.SUBSCRIBED, None),
        (replace(ALL, cap=0, told_today=999), Reason.SUBSCRIBED, None),
        (Hearing({"support": "sound"}, NOW + HOUR), Reason.NOT_SUBSCRIBED, None),
    ],
)
def test_an_alert_is_told_held_or_not_told_with_its_reason(
    hearing: Hearing, reason: Reason, until: datetime | None
):
    decision = decide([PREMIUM], hearing, NOW)
    assert (decision.reason, decision.until) == (reason, until)
    assert decision.tell is (reason is Reason.SUBSCRIBED)


def test_a_change_that_is_free_takes_along_what_would_have_to_wait():
    hearing = replace(ALL, last_told={"premium": NOW})
    assert decide([PREMIUM], hearing, NOW).tell is False
    assert decide([PREMIUM, SUPPORT], hearing, NOW).tell is True


@pytest.mark.parametrize(
    ("told", "presses"),
    [
        (BROKEN, True),
        (change("verdict", "fragile", "unknown"), False),
        (change("verdict", "unknown", "fragile"), False),
        (change("shock", "calm", "open"), True),
        (change("shock", "open", "open"), True),
        (change("shock", "open", "calm"), False),
        (change("support", "on", "on"), True),
        (SUPPORT, False),
        (PREMIUM, False),
    ],
)
def test_the_verdict_a_shock_and_what_gets_worse_wait_for_no_cooldown(told: Change, presses):
    hearing = replace(ALL, last_told={told.id: NOW}, held={told.id: Hold(Reason.COOLDOWN, NOW + HOUR)})
    assert is_pressing(told) is presses
    assert decide([told], hearing, NOW).tell is presses


@pytest.mark.parametrize(
    "held_by", [{"muted_until": NOW + HOUR}, {"quiet_hours": NIGHT}, {"cap": 1, "told_today": 1}]
)
def test_the_verdict_is_held_like_the_rest_unless_the_chat_wants_it_always(held_by: dict[str, Any]):
    held = replace(ALL, **held_by)
    assert decide([BROKEN], held, NOW).until is not None
    assert decide([BROKEN, PREMIUM], replace(held, verdict_always=True), NOW).tell is True
    assert decide([PREMIUM], replace(held, verdict_always=True), NOW).tell is False


def test_what_a_mute_held_comes_whatever_the_cap_says_and_what_a_cooldown_held_does_not():
    capped_today = replace(ALL, cap=1, told_today=1)
    assert hold_again({Reason.MUTED, Reason.COOLDOWN}, capped_today, NOW) is None
    assert hold_again({Reason.QUIET_HOURS}, capped_today, NOW) is None
    assert hold_again({Reason.COOLDOWN}, capped_today, NOW) == Hold(Reason.CAP, NOW + 22 * HOUR)
    assert hold_again({Reason.COOLDOWN}, ALL, NOW) is None
    assert hold_again({Reason.CAP}, replace(ALL, quiet_hours=NIGHT), NOW) == Hold(
        Reason.QUIET_HOURS, NOW + 5 * HOUR
    )


def test_the_verdict_comes_first_and_what_ended_last():
    ended = change("support", "on", "off")
    shock = change("shock", "calm", "open")
    assert sorted([ended, SUPPORT, PREMIUM, shock, BROKEN], key=urgency) == [
        BROKEN,
        shock,
        PREMIUM,
        SUPPORT,
        ended,
    ]


moments = st.integers(-48 * 60, 48 * 60).map(lambda minutes: NOW + minutes * MINUTE)
clocks = st.integers(0, 24 * 60 - 1).map(lambda minutes: time(minutes // 60, minutes % 60))


@st.composite
def changes(draw: st.DrawFn) -> Change:
    subject = draw(st.sampled_from(sorted(KINDS)))
    states = st.sampled_from(STATES[KINDS[subject]])
    return change(subject, draw(states), draw(states))


@st.composite
def hearings(draw: st.DrawFn) -> Hearing:
    subjects = st.sampled_from(sorted(KINDS))
    holds = st.builds(Hold, st.sampled_from([Reason.MUTED, Reason.COOLDOWN, Reason.CAP]), moments)
    return Hearing(
        draw(st.dictionaries(subjects, st.sampled_from(["sound", "silent"]))),
        muted_until=draw(st.none() | moments),
        quiet_hours=draw(st.none() | st.builds(QuietHours, clocks, clocks)),
        zone=ZoneInfo(draw(st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]))),
        verdict_always=draw(st.booleans()),
        cap=draw(st.integers(0, 3)),
        told_today=draw(st.integers(0, 4)),
        cooldown=draw(st.sampled_from([timedelta(0), HALF_AN_HOUR])),
        last_told=draw(st.dictionaries(subjects, moments.filter(lambda at: at <= NOW))),
        held=draw(st.dictionaries(subjects, holds)),
    )


@given(st.lists(changes(), min_size=1, max_size=4), hearings())
def test_nothing_is_both_told_and_held_and_whoever_hears_of_it_is_told_or_has_it_held(told, hearing):
    decision = decide(told, hearing, NOW)
    assert not (decision.tell and decision.until)
    assert decision.tell or decision.until or decision.reason is Reason.NOT_SUBSCRIBED
    if decision.reason is Reason.NOT_SUBSCRIBED:
        assert all(each.id not in hearing.topics or each.kind is Kind.WARNING for each in told)


@given(st.lists(changes(), min_size=1, max_size=4), hearings())
def test_nothing_sounds_in_quiet_hours_while_muted_or_above_the_cap_but_a_verdict_that_may(told, hearing):
    held_by = hush(hearing, NOW) or capped(hearing, NOW)
    decision = decide(told, hearing, NOW)
    if held_by and decision.tell:
        assert hearing.verdict_always
        assert any(each.kind is Kind.VERDICT for each in told)


@given(st.lists(changes(), min_size=1, max_size=4), hearings())
def test_a_sound_comes_only_of_a_topic_that_may_sound(told, hearing):
    mine = [each for each in told if each.id in hearing.topics]
    silent, _ = loudness(mine, hearing.topics)
    assert silent or "sound" in {hearing.topics[each.id] for each in mine}
