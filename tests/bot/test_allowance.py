"""Token buckets: by a table of moments, and by properties over any sequence of requests."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.talk.allowance import Allowance, Grant, Rate

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
THREE_A_MINUTE = Rate(3, timedelta(minutes=1))
MARKS = {Grant.GRANTED: "+", Grant.TOLD: "!", Grant.SILENT: "-"}


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def asked(*seconds: float, rate: Rate = THREE_A_MINUTE) -> str:
    allowance = Allowance(rate)
    return "".join(MARKS[allowance.ask("ann", after(second)).grant] for second in seconds)


@pytest.mark.parametrize(
    ("seconds", "grants"),
    [
        ((0, 0, 0), "+++"),
        ((0, 0, 0, 0, 0, 0), "+++!--"),
        ((0, 0, 0, 1, 19, 20), "+++!-+"),
        # Told once more after a request was granted.
        ((0, 0, 0, 1, 20, 21, 22), "+++!+!-"),
        # Slowly for ever, and one more than that.
        ((0, 20, 40, 60, 80, 100, 120), "+++++++"),
        # After a rest all at once again, and not more than that.
        ((0, 0, 0, 600, 600, 600, 600), "++++++!"),
        # A clock that is set back.
        ((0, 0, 0, -100, -100, -80), "+++!-+"),
    ],
)
def test_what_is_granted(seconds: tuple[float, ...], grants: str) -> None:
    assert asked(*seconds) == grants


def test_a_refusal_says_for_how_long() -> None:
    allowance = Allowance(THREE_A_MINUTE)
    for _ in range(3):
        assert allowance.ask("ann", NOON).wait == timedelta(0)
    assert allowance.ask("ann", after(5)).wait == timedelta(seconds=15)


def test_nobody_pays_for_another() -> None:
    allowance = Allowance(THREE_A_MINUTE)
    for _ in range(9):
        allowance.ask("ann", NOON)
    assert allowance.ask("bob", NOON).grant is Grant.GRANTED


def test_who_has_not_asked_lately_is_forgotten() -> None:
    allowance = Allowance(THREE_A_MINUTE)
    for number in range(1000):
        allowance.ask(number, NOON)
    allowance.ask("bob", after(61))
    assert len(allowance) == 1


RATES = st.builds(Rate, st.integers(1, 30), st.integers(1, 120).map(lambda s: timedelta(seconds=s)))
WAITS = st.lists(st.floats(0, 90), min_size=1, max_size=80)


@given(RATES, WAITS)
def test_in_no_stretch_of_time_more_than_a_burst_and_what_came_in(rate: Rate, waits: list[float]) -> None:
    moments = [sum(waits[: n + 1]) for n in range(len(waits))]
    grants = asked(*moments, rate=rate)
    granted = [moment for moment, mark in zip(moments, grants, strict=True) if mark == "+"]
    for first in range(len(granted)):
        for last in range(first, len(granted)):
            came_in = timedelta(seconds=granted[last] - granted[first]) / rate.one_every
            assert last - first + 1 <= rate.requests + came_in + 1e-6


@given(RATES, WAITS)
def test_whoever_keeps_to_the_rate_is_never_refused(rate: Rate, waits: list[float]) -> None:
    step = rate.one_every.total_seconds()
    moments = [n * step + sum(waits[: n + 1]) for n in range(len(waits))]
    assert set(asked(*moments, rate=rate)) == {"+"}


@given(RATES, WAITS)
def test_every_run_of_refusals_begins_with_the_only_one_that_is_told(rate: Rate, waits: list[float]) -> None:
    grants = asked(*[sum(waits[: n + 1]) for n in range(len(waits))], rate=rate)
    for run in grants.split("+"):
        assert run in {"", "!" + "-" * (len(run) - 1)}
