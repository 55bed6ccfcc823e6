"""The warnings `exploit` and `repo`, and what people see of exploits, repo operations and SOFR."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.conditions import Alarm, Change, Standing
from signals.contagion import LOOKED, read_exploits, read_macro
from signals.exploit import Exploit
from signals.gauges import Gauge, Measure, Series
from signals.market import Market
from signals.moments import to_ms
from signals.notices import Notice, NoticeKind
from signals.repo import Repo, is_seasonal
from signals.warnings import Backdrop, Verdicts, WarningRule
from tests.signals.markets import START, joined

NOBODY = Backdrop(Verdicts((0,), ("fragile",)))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def judged(rule: WarningRule, market: Market, *ends: datetime) -> list[tuple[str, str, float]]:
    standing, changes = Standing(judged_ms=to_ms(START - 40 * DAY)), list[Change]()
    for end in ends:
        found = rule.judge(standing, market, NOBODY, to_ms(end))
        standing = found.standing
        changes += found.changes
    return [
        (c.to_state, c.reason, (c.at_ms - to_ms(START)) / (DAY / timedelta(milliseconds=1))) for c in changes
    ]


def exploit(name: str, known: float, amount: float | None, happened: float | None = None) -> Notice:
    """An exploit by the days after START at which it became known and happened; amounts in millions."""
    at = START + (known - 0.5 if happened is None else happened) * DAY
    usd = None if amount is None else amount * 1e6
    return Notice(NoticeKind.EXPLOIT, "defillama", f"d {name}", at, name, "", START + known * DAY, usd)


def exploits(*notices: Notice) -> Market:
    return Market().add(notices)


@pytest.mark.parametrize(
    ("notices", "told"),
    [
        ([exploit("A", 1, 49)], [(Alarm.OFF, "none", 1)]),
        ([exploit("A", 1, None)], [(Alarm.OFF, "none", 1)]),
        ([exploit("A", 1, 50)], [(Alarm.ON, "exploited", 1), (Alarm.OFF, "days_ago", 4)]),
        ([exploit("A", 9, 50, happened=1)], [(Alarm.OFF, "none", 9)]),
        (
            [exploit("A", 1, 70, 0.5), exploit("A", 2, 80, 0.5)],
            [(Alarm.ON, "exploited", 1), (Alarm.OFF, "days_ago", 4)],
        ),
        (
            [exploit("A", 1, 70, 0.5), exploit("A", 2, 128, 0.5)],
            [(Alarm.ON, "exploited", 1), (Alarm.ON, "exploited", 2), (Alarm.OFF, "days_ago", 5)],
        ),
        (
            [exploit("A", 1, 40, 0.5), exploit("A", 2, 55, 0.5)],
            [(Alarm.OFF, "none", 1), (Alarm.ON, "exploited", 2), (Alarm.OFF, "days_ago", 5)],
        ),
        (
            [exploit("A", 1, 60), exploit("B", 2, 90)],
            [(Alarm.ON, "exploited", 1), (Alarm.ON, "exploited", 2), (Alarm.OFF, "days_ago", 5)],
        ),
    ],
    ids=[
        "small",
        "unknown",
        "large",
        "known late",
        "revised a little",
        "revised much",
        "grew large",
        "a second",
    ],
)
def test_a_large_exploit_is_on_for_three_days_and_told_again_where_it_grows(notices, told):
    assert judged(Exploit(), exploits(*notices), START + 30 * DAY) == told


notices = st.lists(
    st.builds(
        exploit,
        st.sampled_from("AB"),
        st.integers(0, 20).map(lambda n: n / 2),
        st.sampled_from([None, 20, 60, 90]),
        st.just(0.0),
    ),
    max_size=6,
)


@given(notices, st.lists(st.integers(0, 30), max_size=8))
@settings(max_examples=60, deadline=None)
def test_one_look_at_a_time_gives_the_same_exploits_as_all_at_once(some, ends):
    market = exploits(*some)
    until = START + 40 * DAY
    pieces = judged(Exploit(), market, *(START + end / 2 * DAY for end in sorted(ends)), until)
    assert pieces == judged(Exploit(), market, until)


def lent(*windows: tuple[float, float]) -> Market:
    """Sums of a day, in billions, by days after START at which a window closed; known a quarter later."""
    series = Series("newyorkfed", "fed", Measure.REPO_USD)
    return Market().add(
        Gauge(series, START + day * DAY, usd * 1e9, START + day * DAY + timedelta(minutes=15))
        for day, usd in windows
    )


MORNING, NOON = 0.5625, 0.78125
"""When the windows of a day close, as shares of a day UTC."""


@pytest.mark.parametrize(
    ("windows", "told"),
    [
        ([(MORNING, 8), (NOON, 19.9)], ["little"]),
        ([(MORNING, 8), (NOON, 29.4)], ["little", "lent"]),
        ([(MORNING, 21), (NOON, 29.4), (1 + MORNING, 1)], ["lent", "little"]),
        ([(MORNING, 21), (1 + MORNING, 5), (1 + NOON, 30)], ["lent", "little", "lent"]),
        ([(NOON, 21), (1 + MORNING, 25)], ["lent", "lent"]),
    ],
    ids=["not enough", "both windows", "told once a day", "the next day", "two days"],
)
def test_a_day_on_which_the_fed_lends_much_is_told_once(windows, told):
    assert [reason for _, reason, _ in judged(Repo(), lent(*windows), START + 9 * DAY)] == told


def test_the_second_windows_sum_is_not_used_before_it_was_known():
    market = lent((MORNING, 8), (NOON, 29.4))
    assert [reason for _, reason, _ in judged(Repo(), market, START + 0.7 * DAY)] == ["little"]


sums = st.lists(st.sampled_from([1.0, 19.0, 22.0]), max_size=8)


@given(sums, st.lists(st.integers(0, 80), max_size=8))
@settings(max_examples=60, deadline=None)
def test_one_look_at_a_time_gives_the_same_days_as_all_at_once(some: Sequence[float], ends):
    market = lent(*((n // 2 + (NOON if n % 2 else MORNING), usd) for n, usd in enumerate(some)))
    until = START + 20 * DAY
    pieces = judged(Repo(), market, *(START + end / 10 * DAY for end in sorted(ends)), until)
    assert pieces == judged(Repo(), market, until)


@pytest.mark.parametrize(
    ("day", "seasonal"),
    [
        (date(2025, 10, 31), True),
        (date(2025, 10, 30), True),
        (date(2025, 10, 29), False),
        (date(2026, 2, 27), True),
    ],
)
def test_the_last_two_days_of_a_month_are_seasonal(day, seasonal):
    assert is_seasonal(day) == seasonal


def test_what_is_locked_is_held_against_the_first_look():
    series = Series("defillama", "A", Measure.TVL_USD)
    looks = [Gauge(LOOKED, START + DAY, 1.0, START + DAY)]
    locked = [Gauge(series, START + n * HOUR, usd, START + n * HOUR) for n, usd in ((1, 776e6), (5, 345e6))]
    reading = read_exploits(
        joined(exploits(exploit("A", 0.01, 128)), Market().add([*looks, *locked])), START + 1.1 * DAY
    )
    [hit] = reading.hits
    assert (hit.title, hit.amount_usd) == ("A", 128e6)
    assert hit.locked_change == pytest.approx(-0.555, abs=0.001)
    assert [source.name for source in reading.sources] == ["defillama"]


def test_a_list_that_was_never_read_is_no_list_without_exploits():
    assert read_exploits(Market(), START).sources == ()


def test_the_last_days_of_repo_and_the_next_windows():
    now = datetime(2025, 11, 28, 17, tzinfo=UTC)
    reading = read_macro(lent((MORNING, 8), (NOON, 29.4), (1 + MORNING, 0.5)), now)
    assert [(day.day.day, day.usd / 1e9, day.windows) for day in reading.days] == [
        (25, 0.5, 1),
        (24, 29.4, 2),
    ]
    # Friday's second window opens at 13:30 in New York, Monday's first at 08:15.
    assert [f"{moment.astimezone(UTC):%d %H:%M}" for moment in reading.next_windows] == [
        "28 18:30",
        "01 13:15",
    ]
    assert reading.sofr is None
