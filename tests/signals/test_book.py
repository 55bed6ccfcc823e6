"""Order books: what stands near the middle, how far they were seen, and books that cannot be."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.book import Book, depth_of

FLAT = [(step + 0.5, 2.0) for step in range(300)]


def book_of(reach: int, middle: float = 10_000.0) -> Book:
    """A level of two coins at each dollar from the middle, on both sides."""
    levels = FLAT[:reach]
    return Book(
        [(middle - away, coins) for away, coins in levels], [(middle + away, coins) for away, coins in levels]
    )


def test_bids_and_asks_within_one_and_two_percent_are_added_up_in_dollars() -> None:
    depth = depth_of(book_of(300))
    assert depth.covered_pct == pytest.approx(2.995)
    assert depth.within_usd == {1.0: pytest.approx(100 * 2 * 20_000), 2.0: pytest.approx(200 * 2 * 20_000)}
    assert depth.seen_usd == depth.within_usd[2.0]


def test_a_book_that_ends_before_says_what_was_seen_and_claims_no_more() -> None:
    depth = depth_of(book_of(70))
    assert depth.covered_pct == pytest.approx(0.695)
    assert depth.within_usd == {1.0: None, 2.0: None}
    assert depth.seen_usd == pytest.approx(70 * 2 * 20_000)


def test_the_shorter_side_says_how_far_a_book_was_seen() -> None:
    whole = book_of(300)
    depth = depth_of(Book(whole.bids, whole.asks[:150]))
    assert depth.covered_pct == pytest.approx(1.495)
    assert depth.within_usd[1.0] is not None
    assert depth.within_usd[2.0] is None


@pytest.mark.parametrize(
    ("bids", "asks"),
    [
        ([], [(101.0, 1.0)]),
        ([(100.0, 1.0)], []),
        ([(102.0, 1.0)], [(101.0, 1.0)]),
        ([(100.0, math.nan)], [(101.0, 1.0)]),
        ([(100.0, -1.0)], [(101.0, 1.0)]),
        ([(99.0, 1.0), (100.0, 1.0)], [(101.0, 1.0)]),
        ([(100.0, 1.0)], [(102.0, 1.0), (101.0, 1.0)]),
        ([(0.0, 1.0)], [(101.0, 1.0)]),
    ],
    ids=[
        "no bids",
        "no asks",
        "crossed",
        "not a number",
        "negative",
        "bids upside down",
        "asks too",
        "for nothing",
    ],
)
def test_a_book_that_cannot_be_is_refused(
    bids: list[tuple[float, float]], asks: list[tuple[float, float]]
) -> None:
    with pytest.raises(ValueError, match=r"side|order|cross"):
        Book(bids, asks)


@given(st.integers(1, 299), st.integers(1, 299), st.floats(100, 1e6))
def test_more_of_a_book_never_makes_less_depth(shorter: int, longer: int, middle: float) -> None:
    shorter, longer = sorted((shorter, longer))
    middle += 1_000
    less, more = depth_of(book_of(shorter, middle)), depth_of(book_of(longer, middle))
    assert less.seen_usd <= more.seen_usd
    assert less.covered_pct <= more.covered_pct
    assert all(more.within_usd[p] is not None for p, usd in less.within_usd.items() if usd is not None)
