"""That the bench of many chats serves each of them; how fast is for the bench alone."""

from tests.bench.crowd import measure


def test_everybody_is_served_and_each_costs_something() -> None:
    rows = measure(20)
    assert len(rows) == 8
    assert all(row.figure for row in rows)
