"""The three conditions over a year of minutes: the engine beside a plain loop and pandas, on the same work.

All of them have to find the same turns, else nothing is measured. And the live step: what judging once more
costs the running bot.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

from signals.engine import first_standings, judge
from signals.facts import Fact, Quote
from signals.moments import DAY_MS, MINUTE_MS, to_ms
from tests.bench.market import STANDING, live_market, minutes
from tests.bench.peers import Turn, judge_by_engine
from tests.bench.plain import judge_plainly, tracks_of
from tests.bench.row import Row
from tests.bench.timing import MS, p95, spread, times_s

RUNS = 7
STEPS = 60
_LOOK = timedelta(seconds=10)
_LOOK_BACK_DAYS = 20
"""How far the running bot looks back when it judges."""

Work = Callable[[], list[Turn]]


def run() -> list[Row]:
    """Takes about a minute."""
    return [*_year(), *_live()]


def _year() -> list[Row]:
    from tests.bench.frames import columns_of, judge_in_frames  # noqa: PLC0415  # it needs pandas, as no other part

    year = minutes(days=365)
    market, until_ms = year.market(), int(year.at_ms[-1])
    tracks, columns = tracks_of(year), columns_of(year)
    peers: Mapping[str, Work] = {
        "engine": lambda: judge_by_engine(market, until_ms),
        "plain loop": lambda: judge_plainly(tracks, year.flows),
        "pandas": lambda: judge_in_frames(columns, year.flows),
    }
    turns = _agreed(peers)
    taken_s = {name: times_s(work, RUNS) for name, work in peers.items()}
    engine_s = median(taken_s["engine"])
    count = len(year.at_ms)
    work_of = f"{count:,} minutes, 3 conditions and the verdict, {len(turns)} changes"
    return [
        *(
            Row(f"a year of minutes, {name}", round(median(taken), 3), "s", f"{work_of}; {spread(taken)}")
            for name, taken in taken_s.items()
        ),
        *(
            Row(f"{name} / engine", round(median(taken_s[name]) / engine_s, 1), "times", "the same changes")
            for name in ("plain loop", "pandas")
        ),
        Row("engine: speed", round(count / engine_s / 1e6, 2), "M minutes/s", "each judged by all three"),
    ]


def _agreed(peers: Mapping[str, Work]) -> list[Turn]:
    found = {name: work() for name, work in peers.items()}
    turns = found["engine"]
    for name, others in found.items():
        if others != turns:
            raise AssertionError(f"{name} finds other changes than the engine: nothing to compare")
    return turns


def _live() -> list[Row]:
    return [
        _row_of("live step: one more minute", _minute_times_s(), "on 20 days of bars of a minute"),
        _row_of(
            "live look: new quotes and judged",
            _look_times_s(),
            "every 10 s, on 60 days of bars of 5 minutes and 3 days of quotes",
        ),
    ]


def _row_of(name: str, taken_s: Sequence[float], note: str) -> Row:
    taken_ms = [taken * MS for taken in taken_s]
    return Row(
        name, round(median(taken_ms), 1), "ms", f"{note}; p95 {p95(taken_ms):.1f}; {spread(taken_ms, 1)}"
    )


def _minute_times_s() -> list[float]:
    twenty = minutes(days=_LOOK_BACK_DAYS)
    market, last_ms = twenty.market(), int(twenty.at_ms[-1])
    standings = judge(first_standings(), market, last_ms - STEPS * MINUTE_MS).standings
    taken = []
    for until_ms in range(last_ms - (STEPS - 1) * MINUTE_MS, last_ms + 1, MINUTE_MS):
        began = time.perf_counter()
        standings = judge(standings, market, until_ms).standings
        taken.append(time.perf_counter() - began)
    return taken


def _look_times_s() -> list[float]:
    now = datetime(2025, 11, 28, 18, tzinfo=UTC)
    market = live_market(now)
    standings = judge(first_standings(), market, to_ms(now)).standings
    taken = []
    for _ in range(STEPS):
        now += _LOOK
        quotes = _quotes(now)
        began = time.perf_counter()
        market = market.add(quotes)
        seen = market.since(to_ms(now) - _LOOK_BACK_DAYS * DAY_MS)
        standings = judge(standings, seen, to_ms(now)).standings
        taken.append(time.perf_counter() - began)
    return taken


def _quotes(at: datetime) -> list[Fact]:
    return [Quote(instrument, at, price, price, at) for instrument, price in STANDING.items()]
