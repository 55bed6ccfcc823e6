"""Times of day as people write them."""

import re
from datetime import time

import pytest

from bot.commands.clock import is_clock, time_of_day
from bot.commands.mistakes import Misunderstood


@pytest.mark.parametrize(
    ("word", "clock"),
    [
        ("8", time(8)),
        ("08", time(8)),
        ("8:05", time(8, 5)),
        ("08：05", time(8, 5)),
        ("0805", time(8, 5)),
        ("9pm", time(21)),
        ("9:30PM", time(21, 30)),
        ("12am", time(0)),
        ("12pm", time(12)),
        ("8点", time(8)),
        ("21点半", time(21, 30)),
        ("21点05分", time(21, 5)),
    ],
)
def test_a_time_is_understood(word: str, clock: time) -> None:
    assert time_of_day(word) == clock


@pytest.mark.parametrize(
    "word",
    ["", "24:00", "8:60", "13pm", "0am", "8:", "点", "半", "8点半pm?", "08:00+05:00", "8:5", "-1", "noon"],
)
def test_what_is_no_time_is_named(word: str) -> None:
    with pytest.raises(Misunderstood, match=f"^{re.escape(word)}$"):
        time_of_day(word)


@pytest.mark.parametrize(
    ("word", "is_one"),
    [
        ("21:00", True),
        ("9pm", True),
        ("8点", True),
        ("2h", False),
        ("8", False),
        ("2小时", False),
        ("30m", False),
    ],
)
def test_a_time_is_told_from_a_length(word: str, is_one: bool) -> None:  # noqa: FBT001
    assert is_clock(word) is is_one
