"""The peers of the benchmark do the same work: some thousand rules fire alike in all of them."""

import pytest

from tests.bench.own_rules import ByLoop, ByNumpy, built, crowd, simple_ids, ticks


@pytest.mark.parametrize("seed", [1, 2])
def test_the_peers_fire_as_the_engine_does(seed):
    people = crowd(4000, 400, readings=6, seed=seed)
    engine, loop = built(people), ByLoop(people)
    columns = [ByNumpy(people, by_reading=by_reading) for by_reading in (True, False)]
    for column, _, value in ticks(people, range(1)):
        loop.tick(column, value)
        for peer in columns:
            peer.begin(column, value)
    fired = 0
    for column, at_ms, value in ticks(people, range(1, 401)):
        expected = simple_ids(people, engine.tick(people.refs[column], at_ms, value))
        fired += len(expected)
        assert sorted(loop.tick(column, value)) == expected
        assert all(sorted(peer.tick(column, value).tolist()) == expected for peer in columns)
    assert fired > 50


def test_a_crowd_is_the_same_for_a_seed():
    assert crowd(50, 3, seed=7).rules == crowd(50, 3, seed=7).rules
