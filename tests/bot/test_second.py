"""No second at Telegram's door holds more than is allowed, however unevenly messages travel."""

import heapq
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.pace import TELEGRAM, Limits, Pace
from bot.delivery.second import LastSecond

NOW = datetime(2025, 11, 3, 20, tzinfo=UTC)
MOST = 29
MOST_IN_FLIGHT = 16


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def in_pairs(values: bytes) -> Iterator[tuple[int, int]]:
    return zip(values[::2], values[1::2], strict=False)


def arrivals(journeys: list[tuple[float, float]]) -> list[datetime]:
    """When messages reach Telegram that all wait already; each takes so long there, and its answer back."""
    pace, now, answers, there = Pace(TELEGRAM), NOW, list[datetime](), list[datetime]()
    for way_there, way_back in journeys:
        while (slot := pace.next_slot(now, len(answers))) > now or len(answers) == MOST_IN_FLIGHT:
            now = min([slot, *answers[:1]]) if slot > now else answers[0]
            while answers and answers[0] <= now:
                pace.count(1, heapq.heappop(answers))
        pace.take_slot(now)
        there.append(now + seconds(way_there))
        heapq.heappush(answers, there[-1] + seconds(way_back))
    return sorted(there)


@settings(deadline=None, max_examples=40)
@given(st.binary(min_size=120, max_size=300))
def test_no_second_at_telegrams_door_holds_more_however_long_messages_take(times):
    # A byte is a time on the way, up to 0.6 s there and 0.3 s back: lists of fractions take long to make up.
    there = arrivals([(0.6 * there / 255, 0.3 * back / 255) for there, back in in_pairs(times)])
    for first, beyond in zip(there, there[MOST:], strict=False):
        assert beyond - first >= seconds(1)


def test_messages_that_were_held_up_for_long_and_arrive_together_are_no_burst():
    held_up = [(1.0 - n / 28, 0.01) if n < 16 else (0.01, 0.01) for n in range(100)]
    there = arrivals(held_up)
    assert max(sum(seconds(0) <= b - a < seconds(1) for b in there) for a in there) <= MOST


def test_where_answers_are_quick_it_slows_nothing_down():
    there = arrivals([(0.01, 0.01)] * 281)
    assert (there[-1] - there[0]).total_seconds() == pytest.approx(280 / TELEGRAM.per_second, abs=0.01)


def test_answers_to_people_take_their_share_of_the_second():
    second = LastSecond(3)
    for at in (0.0, 0.2, 0.4):
        second.count(NOW + seconds(at))
    assert second.room_at(NOW + seconds(0.5), under_way=0) == NOW + seconds(1)
    assert second.room_at(NOW + seconds(0.5), under_way=1) == NOW + seconds(1.2)
    assert second.room_at(NOW + seconds(0.5), under_way=3) == NOW + seconds(1.5)
    assert second.room_at(NOW + seconds(1.2), under_way=1) == NOW + seconds(1.2)


def test_a_clock_set_back_an_hour_leaves_nothing_to_wait_for():
    second = LastSecond(1)
    second.count(NOW)
    earlier = NOW - timedelta(hours=1)
    assert second.room_at(earlier, under_way=0) == earlier


def test_several_leave_at_once_only_where_the_second_has_room():
    pace = Pace(Limits(per_second=1000, chat_gap=seconds(0)))
    pace.take_slot(NOW)
    assert pace.slots(NOW + seconds(0.03), under_way=0) == 30
    assert pace.slots(NOW + seconds(0.03), under_way=990) == 11
    assert pace.slots(NOW + seconds(0.03), under_way=1001) == 0
