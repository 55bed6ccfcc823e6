import numpy as np

from signals.moments import DAY_MS, HOUR_MS, MINUTE_MS
from tests.bench import a_day
from tests.bench.a_day import Every

DAY = 20_000 * DAY_MS
OURS, THEIRS = Every([1, 2], 5 * MINUTE_MS), Every([3], 15 * MINUTE_MS)


def chance() -> np.random.Generator:
    return np.random.default_rng(0)


def test_bars_come_when_they_close_and_each_once() -> None:
    rows = list(a_day.bars([OURS, THEIRS], DAY, chance()))
    assert [row[:3] for row in rows[:8]] == [
        (number, step, DAY + nth * step)
        for number, step, nth in (
            *((number, OURS.ms, nth) for nth in (0, 1) for number in (1, 2)),
            *((number, OURS.ms, 2) for number in (1, 2)),
            (3, THEIRS.ms, 0),
            (1, OURS.ms, 3),
        )
    ]
    assert len({row[:3] for row in rows}) == len(rows) == 2 * 288 + 96


def test_quotes_come_by_the_hour_and_gauges_by_the_day() -> None:
    quotes = list(a_day.quotes([OURS, THEIRS], DAY, chance()))
    assert len(quotes) == 2 * 12 + 4
    assert {row[1] - DAY for row in quotes} == set(range(0, HOUR_MS, OURS.ms))
    gauges = list(a_day.gauges([OURS, THEIRS], DAY, chance()))
    assert len(gauges) == 2 * 288 + 96
    assert [row[1] for row in gauges] == sorted(row[1] for row in gauges)
