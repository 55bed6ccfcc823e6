"""The peers of the benchmark do the same work: a month of minutes turns alike in all of them."""

from collections import Counter

import pytest

from tests.bench.market import Minutes, minutes
from tests.bench.peers import judge_by_engine
from tests.bench.plain import judge_plainly, tracks_of


@pytest.fixture(scope="module", params=[1, 2, 3])
def month(request: pytest.FixtureRequest) -> Minutes:
    return minutes(days=31, seed=request.param)


def test_a_plain_loop_turns_as_the_engine_does(month):
    assert judge_plainly(tracks_of(month), month.flows) == judge_by_engine(
        month.market(), int(month.at_ms[-1])
    )


def test_pandas_turns_as_the_engine_does(month):
    pytest.importorskip("pandas", reason="pandas is only there for `make bench`")
    from tests.bench.frames import columns_of, judge_in_frames  # noqa: PLC0415  # it needs pandas

    assert judge_in_frames(columns_of(month), month.flows) == judge_by_engine(
        month.market(), int(month.at_ms[-1])
    )


def test_the_months_turn_every_condition_both_ways_and_the_verdict():
    turned: Counter[tuple[str, str]] = Counter()
    for seed in (1, 2, 3):
        month = minutes(days=31, seed=seed)
        turned.update((turn.id, turn.after) for turn in judge_by_engine(month.market(), int(month.at_ms[-1])))
    assert set(turned) >= {
        (condition, state)
        for condition in ("premium", "etf_flow", "eth_btc")
        for state in ("unmet", "holding", "met")
    }
    assert turned["verdict", "fragile"]
