"""The pace is a pure thing: these tests have no clock but the moments that they pass in."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.pace import PAID, TELEGRAM, Limits, Pace
from bot.talk.allowance import PER_GROUP, Allowance, Grant

# Telegram's own numbers; what we allow ourselves has a margin.
EXACT = Limits(25, timedelta(seconds=1), 20, timedelta(seconds=60), kept_for_replies=0)
NOW = datetime(2025, 11, 3, 20, tzinfo=UTC)
PRIVATE, GROUP, OTHER_GROUP = 1001, -1_000_000_001, -1_000_000_002


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def leave_at_once(
    pace: Pace, count: int, now: datetime, late: timedelta = timedelta(0)
) -> Iterator[datetime]:
    """When `count` messages leave that all wait already, each `late` after its slot."""
    for _ in range(count):
        now = pace.next_slot(now) + late
        pace.take_slot(now)
        yield now


def test_we_stay_below_telegrams_limits() -> None:
    assert TELEGRAM.per_second < 30
    assert TELEGRAM.chat_gap > EXACT.chat_gap
    assert TELEGRAM.group_window > EXACT.group_window
    assert TELEGRAM.group_messages == EXACT.group_messages


def test_the_first_message_leaves_at_once() -> None:
    assert Pace(EXACT).next_slot(NOW) == NOW


def test_messages_leave_evenly_spaced() -> None:
    moments = list(leave_at_once(Pace(EXACT), 300, NOW))
    assert {later - sooner for sooner, later in pairwise(moments)} == {seconds(0.04)}


def test_where_there_are_many_slots_they_are_taken_together() -> None:
    pace = Pace(PAID)
    assert pace.slots(NOW) == 1
    pace.take_slot(NOW)
    assert pace.slots(NOW + seconds(0.005)) == 0
    assert pace.next_slot(NOW + seconds(0.005)) == NOW + PAID.grain
    assert pace.slots(NOW + PAID.grain) == 10


def test_a_little_lateness_at_each_slot_does_not_add_up() -> None:
    *_, last = leave_at_once(Pace(EXACT), 251, NOW, late=seconds(0.003))
    assert last - NOW == seconds(0.003 + 10 + 0.003)


def test_a_long_delay_is_not_made_up_for_by_a_burst() -> None:
    pace = Pace(EXACT)
    list(leave_at_once(pace, 10, NOW))
    after_the_delay = list(leave_at_once(pace, 30, NOW + seconds(20)))
    assert after_the_delay[-1] - after_the_delay[0] == 29 * seconds(0.04)


@given(st.lists(st.floats(0, 0.3), min_size=40, max_size=120))
def test_no_second_ever_holds_more_than_the_limit_and_one_to_catch_up(delays: list[float]) -> None:
    pace, now, moments = Pace(EXACT), NOW, []
    for delay in delays:
        now = pace.next_slot(now) + seconds(delay)
        pace.take_slot(now)
        moments.append(now)
    for index, moment in enumerate(moments):
        within = [other for other in moments[index:] if other - moment < seconds(1)]
        assert len(within) <= EXACT.per_second + 1


def test_a_private_chat_hears_one_message_a_second() -> None:
    pace = Pace(EXACT)
    assert pace.count(PRIVATE, NOW) == NOW + seconds(1)
    assert pace.count(PRIVATE, NOW + seconds(30)) == NOW + seconds(31)


def test_a_group_hears_twenty_messages_in_any_minute() -> None:
    pace = Pace(EXACT)
    for second in range(19):
        assert pace.count(GROUP, NOW + seconds(second)) == NOW + seconds(second + 1)
    assert pace.count(GROUP, NOW + seconds(19)) == NOW + seconds(60)
    assert pace.count(GROUP, NOW + seconds(60)) == NOW + seconds(61)


@given(st.lists(st.floats(0, 20), min_size=21, max_size=80))
def test_whoever_keeps_to_the_answers_never_writes_more_to_a_group(pauses: list[float]) -> None:
    pace, now, moments = Pace(EXACT), NOW, []
    for pause in pauses:
        now += seconds(pause)
        moments.append(now)
        now = pace.count(GROUP, now)
    for first, twenty_first in zip(moments, moments[20:], strict=False):
        assert twenty_first - first >= seconds(60)


def test_one_group_does_not_use_up_what_another_may() -> None:
    pace = Pace(replace(EXACT, group_messages=1))
    pace.count(GROUP, NOW)
    assert pace.count(OTHER_GROUP, NOW) == NOW + seconds(60)
    assert pace.next_slot(NOW) == NOW


def test_without_limits_no_slot_lies_ahead_even_if_the_clock_stands_still() -> None:
    pace = Pace(replace(EXACT, per_second=math.inf, chat_gap=seconds(0)))
    assert list(leave_at_once(pace, 3, NOW)) == [NOW] * 3
    assert pace.next_slot(NOW) == pace.count(PRIVATE, NOW) == NOW


def test_one_limited_chat_slows_nothing_down() -> None:
    pace = Pace(EXACT)
    for _ in range(5):
        pace.limited(PRIVATE, seconds(3600), NOW)
    assert pace.next_slot(NOW) == NOW
    assert pace.gap == seconds(0.04)


def test_two_limited_chats_slow_nothing_down() -> None:
    pace = Pace(EXACT)
    pace.limited(1, seconds(5), NOW)
    pace.limited(2, seconds(5), NOW)
    assert pace.next_slot(NOW) == NOW


def test_three_limited_chats_at_once_halve_the_speed_after_the_wait() -> None:
    pace = Pace(EXACT)
    limit_three(pace, NOW)
    assert pace.next_slot(NOW) == NOW + seconds(5)
    assert pace.gap == seconds(0.08)


def test_three_limited_chats_over_a_longer_time_are_three_chats_affairs() -> None:
    pace = Pace(EXACT)
    for chat in (1, 2, 3):
        pace.limited(chat, seconds(5), NOW + seconds(9 * chat))
    assert pace.gap == seconds(0.04)


def test_messages_under_way_when_the_pause_began_do_not_slow_down_twice() -> None:
    pace = Pace(EXACT)
    limit_three(pace, NOW)
    for chat in range(4, 17):
        pace.limited(chat, seconds(5), NOW + seconds(0.1))
    assert pace.gap == seconds(0.08)


def test_hours_of_wait_do_not_silence_the_whole_bot() -> None:
    pace = Pace(EXACT)
    limit_three(pace, NOW, wait=seconds(10_072))
    assert pace.next_slot(NOW) == NOW + seconds(60)


def test_speed_comes_back_step_by_step_while_nothing_is_refused() -> None:
    pace = Pace(EXACT)
    limit_three(pace, NOW)
    limit_three(pace, NOW + seconds(6))
    gaps = []
    for minute in range(4):
        pace.take_slot(NOW + seconds(40 + 60 * minute))
        gaps.append(pace.gap)
    assert gaps == [seconds(0.08), seconds(0.04), seconds(0.04), seconds(0.04)]


def test_the_bot_never_gets_slower_than_an_eighth() -> None:
    pace = Pace(EXACT)
    for minute in range(10):
        limit_three(pace, NOW + seconds(20 * minute))
    assert pace.gap == seconds(0.32)


def test_nothing_leaves_in_a_pause() -> None:
    pace = Pace(EXACT)
    pace.pause(NOW + seconds(300))
    assert pace.next_slot(NOW) == NOW + seconds(300)


def test_a_clock_set_back_an_hour_does_not_silence_the_bot_for_an_hour() -> None:
    pace = Pace(EXACT)
    pace.take_slot(NOW)
    assert pace.next_slot(NOW - timedelta(hours=1)) == NOW - timedelta(hours=1)


def limit_three(pace: Pace, now: datetime, wait: timedelta = timedelta(seconds=5)) -> None:
    for chat in (1, 2, 3):
        pace.limited(chat, wait, now)


def in_a_group(replies: Callable[[float], bool], length_s: int) -> tuple[list[float], list[float]]:
    """When alerts leave that wait without end, and when replies do that wait for nobody; in seconds."""
    pace, free_at = Pace(), NOW
    alerts: list[float] = []
    answered: list[float] = []
    for step in range(length_s * 20):
        at, now = step / 20, NOW + seconds(step / 20)
        if replies(at):
            answered.append(at)
            free_at = max(free_at, pace.count(GROUP, now))
        elif now >= free_at:
            alerts.append(at)
            free_at = pace.count(GROUP, now)
    return alerts, answered


def most_in_a_minute(moments: list[float]) -> int:
    return max(sum(start <= at < start + 60 for at in moments) for start in moments)


@given(st.floats(0, 60), st.floats(0.1, 20))
def test_a_flood_of_alerts_leaves_a_group_its_replies(start: float, apart: float) -> None:
    """Three a minute, wherever in the minute they are asked for."""
    due = [start + minute * 60.5 + number * apart for minute in range(3) for number in range(3)]
    alerts, replies = in_a_group(lambda at: bool(due) and at >= due[0] and due.pop(0) >= 0, 240)
    assert len(replies) == 9
    assert most_in_a_minute(sorted(alerts + replies)) <= 20


def test_a_flood_of_requests_leaves_a_group_its_alerts() -> None:
    requests = Allowance(PER_GROUP)
    alerts, replies = in_a_group(
        lambda at: requests.ask(GROUP, NOW + seconds(at)).grant is Grant.GRANTED, 300
    )
    assert len(replies) == 9 + 5 * 9 - 1
    assert min(sum(start <= at < start + 60 for at in alerts) for start in range(240)) >= 7


def test_at_high_rates_what_the_loop_was_late_for_leaves_at_once_and_no_more() -> None:
    pace = Pace(replace(EXACT, per_second=1000))
    pace.take_slot(NOW)
    assert pace.slots(NOW) == 0
    assert pace.slots(NOW + seconds(0.001)) == 1
    late = NOW + seconds(0.0305)
    assert pace.slots(late) == 30
    for _ in range(30):
        pace.take_slot(late)
    assert pace.slots(late) == 0
    assert pace.slots(NOW + seconds(5)) == 1


def test_at_the_usual_rate_there_is_one_slot_at_a_time() -> None:
    pace = Pace(EXACT)
    pace.take_slot(NOW)
    assert [pace.slots(NOW + seconds(late)) for late in (0.039, 0.04, 0.079, 0.08, 60)] == [0, 1, 1, 1, 1]


def test_what_other_processes_say_is_left_out_of_our_share() -> None:
    pace = Pace(EXACT)
    pace.leave_room(5)
    moments = list(leave_at_once(pace, 100, NOW))
    assert {later - sooner for sooner, later in pairwise(moments)} == {seconds(0.05)}
    pace.leave_room(0)
    assert pace.gap == seconds(0.04)


def test_however_much_others_say_a_quarter_is_ours() -> None:
    pace = Pace(EXACT)
    pace.leave_room(1_000)
    assert round(seconds(1) / pace.gap) == 7
    # Also where each answer comes at once and counts for a second.
    now, sent = NOW, 0
    while now < NOW + seconds(10):
        now = max(now, pace.next_slot(now))
        pace.take_slot(now)
        pace.count(PRIVATE, now)
        sent += 1
    assert 60 <= sent <= 75


def test_what_is_paid_for_leaves_room_as_well() -> None:
    pace = Pace(PAID)
    pace.leave_room(30)
    assert round(seconds(1) / pace.gap) == 970
