from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.charts.stretches import Stretch, stretches
from bot.charts.time_axis import ticks
from bot.charts.words import Words
from signals.conditions import Change, Kind, State, Verdict
from signals.moments import from_ms

WORDS = Words(title="", no_data="", states={})
NOW = datetime(2025, 11, 5, 14, 20, tzinfo=UTC)


def labels(span: timedelta, words: Words = WORDS) -> list[str]:
    return [label for _, label in ticks(NOW - span, NOW, words)]


def test_a_day_is_marked_at_full_hours_and_its_midnight_by_the_date() -> None:
    assert sorted(labels(timedelta(days=1))) == ["06:00", "11-05", "12:00", "18:00"]


def test_a_week_is_marked_at_midnights() -> None:
    assert sorted(labels(timedelta(days=7))) == sorted(
        ["10-30", "10-31", "11-01", "11-02", "11-03", "11-04", "11-05"]
    )


def test_the_newest_day_is_always_marked() -> None:
    assert labels(timedelta(days=30))[0] == "11-05"


def test_marks_are_at_the_readers_midnights_not_at_those_of_utc() -> None:
    shanghai = replace(WORDS, timezone=ZoneInfo("Asia/Shanghai"))
    moments = [moment.astimezone(UTC).hour for moment, _ in ticks(NOW - timedelta(days=7), NOW, shanghai)]
    assert set(moments) == {16}


def test_midnights_stay_midnights_when_the_clocks_change() -> None:
    new_york = replace(WORDS, timezone=ZoneInfo("America/New_York"))
    marks = ticks(NOW - timedelta(days=7), NOW, new_york)
    assert {moment.astimezone(UTC).hour for moment, _ in marks} == {4, 5}


@pytest.mark.parametrize("hours", [1, 5, 13, 24, 60, 168, 720, 2_000, 8_760, 40_000])
def test_there_are_neither_none_nor_too_many_marks(hours: int) -> None:
    assert 1 <= len(labels(timedelta(hours=hours))) <= 40_000 // 8_760 + 8


def change(at_ms: int, before: str, after: str, of: str = "premium") -> Change:
    return Change(at_ms, Kind.CONDITION, of, before, after, "because", {})


def test_states_fill_the_whole_stretch_without_a_gap() -> None:
    changes = [change(20, State.UNMET, State.HOLDING), change(30, State.HOLDING, State.MET)]
    assert stretches(changes, "premium", 10, 40) == [
        Stretch(10, 20, State.UNMET),
        Stretch(20, 30, State.HOLDING),
        Stretch(30, 40, State.MET),
    ]


def test_a_change_before_the_stretch_says_how_it_begins() -> None:
    assert stretches([change(5, State.UNMET, State.MET)], "premium", 10, 40) == [Stretch(10, 40, State.MET)]


def test_changes_may_come_newest_first_and_those_of_others_do_not_count() -> None:
    changes = [
        change(30, State.MET, State.UNMET),
        change(25, State.UNMET, State.MET, of="etf_flow"),
        change(20, State.UNMET, State.MET),
        change(50, State.UNMET, State.MET),
    ]
    assert [s.state for s in stretches(changes, "premium", 10, 40)] == [State.UNMET, State.MET, State.UNMET]


@pytest.mark.parametrize(("of", "state"), [("premium", State.NO_DATA), ("verdict", Verdict.UNKNOWN)])
def test_without_any_change_there_is_nothing_known(of: str, state: str) -> None:
    assert stretches([], of, 10, 40) == [Stretch(10, 40, state)]


def test_changes_of_one_moment_leave_only_the_last_to_be_seen() -> None:
    changes = [change(20, State.UNMET, State.HOLDING), change(20, State.HOLDING, State.MET)]
    assert [s.state for s in stretches(changes, "premium", 10, 40)] == [State.UNMET, State.MET]


def test_a_moment_without_better_words_is_written_as_iso() -> None:
    assert WORDS.moment(from_ms(0)) == "1970-01-01 00:00 UTC"
