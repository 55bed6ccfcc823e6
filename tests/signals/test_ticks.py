from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.facts import (
    BINANCE_BTC,
    BINANCE_ETH,
    COINBASE_BTC,
    COINBASE_ETH,
    COINBASE_USDT,
    KRAKEN_BTC,
    KRAKEN_ETH,
    KRAKEN_USDT,
    Instrument,
    Quote,
)
from signals.ticks import RECENT, Doubt, screen

NOW = datetime(2025, 11, 3, 20, tzinfo=UTC)


def quote(instrument: Instrument, mid: float, *, spread: float = 0.0, ago: timedelta = timedelta(0)) -> Quote:
    return Quote(instrument, NOW - ago, mid - spread / 2, mid + spread / 2, NOW - ago)


def before(*quotes: Quote, ago: timedelta = timedelta(seconds=10)) -> dict[Instrument, Quote]:
    return {q.instrument: replace(q, at=NOW - ago, known_at=NOW - ago) for q in quotes}


def doubts(quotes: list[Quote], last_good: dict[Instrument, Quote] | None = None) -> dict[Instrument, Doubt]:
    return {
        rejected.quote.instrument: rejected.doubt for rejected in screen(quotes, last_good or {}).rejected
    }


@pytest.mark.parametrize(
    ("bid", "ask", "doubt"),
    [
        (100.0, 101.0, None),
        (100.0, 100.0, None),
        (101.0, 100.0, Doubt.CROSSED),
        (0.0, 100.0, Doubt.NOT_A_PRICE),
        (0.0, 0.0, Doubt.NOT_A_PRICE),
        (-100.0, -99.0, Doubt.NOT_A_PRICE),
        (nan, 100.0, Doubt.NOT_A_PRICE),
        (100.0, nan, Doubt.NOT_A_PRICE),
        (100.0, inf, Doubt.NOT_A_PRICE),
        (100.0, 110.0, None),
        (100.0, 111.0, Doubt.WIDE),
        (1.0, 100_000.0, Doubt.WIDE),
    ],
)
def test_a_quote_is_checked_by_itself(bid: float, ask: float, doubt: Doubt | None) -> None:
    alone = Quote(BINANCE_ETH, NOW, bid, ask, NOW)

    assert doubts([alone]).get(BINANCE_ETH) is doubt


COINBASE, BINANCE, KRAKEN = (quote(i, 100.0) for i in (COINBASE_BTC, BINANCE_BTC, KRAKEN_BTC))


@pytest.mark.parametrize(
    ("prices", "last", "expected", "case"),
    [
        ((100, 100.1, 99.9), (), {}, "all agree"),
        ((100, 101.9, 101.9), (), {}, "a crash that one venue lags behind is no bad tick"),
        ((100, 103, 103), (), {COINBASE_BTC: Doubt.FAR_OFF}, "but two against one are, however early it is"),
        ((101.5, 100, 100.1), (), {}, "a premium is no disagreement"),
        ((100, 115, 100), (), {BINANCE_BTC: Doubt.FAR_OFF}, "two against one"),
        ((100, 100, 10), (), {KRAKEN_BTC: Doubt.FAR_OFF}, "two against one, far below"),
        (
            (115, 115, 100),
            (100, 100, 100),
            {KRAKEN_BTC: Doubt.FAR_OFF},
            "two that move together are believed",
        ),
        ((100, 115, None), (100, 100, None), {BINANCE_BTC: Doubt.JUMPED}, "of two, the one that jumped"),
        ((115, 100, None), (100, 100, None), {COINBASE_BTC: Doubt.JUMPED}, "whichever it is"),
        (
            (100, 115, None),
            (),
            {COINBASE_BTC: Doubt.DISPUTED, BINANCE_BTC: Doubt.DISPUTED},
            "of two, and no past to go by: neither",
        ),
        (
            (80, 120, None),
            (100, 100, None),
            {COINBASE_BTC: Doubt.JUMPED, BINANCE_BTC: Doubt.JUMPED},
            "of two that both jumped apart: neither",
        ),
        (
            (100, 115, None),
            (100, 115, None),
            {COINBASE_BTC: Doubt.DISPUTED, BINANCE_BTC: Doubt.DISPUTED},
            "of two that stay apart: neither",
        ),
        ((85, 85, None), (100, 100, None), {}, "two that fall together are a crash"),
        (
            (100, 120, 140),
            (100, 100, 100),
            dict.fromkeys((COINBASE_BTC, BINANCE_BTC, KRAKEN_BTC), Doubt.DISPUTED),
            "of three that all differ none, whatever they were",
        ),
        (
            (100, 120, 140),
            (),
            dict.fromkeys((COINBASE_BTC, BINANCE_BTC, KRAKEN_BTC), Doubt.DISPUTED),
            "of three that all differ, and no past: none",
        ),
        ((100, None, None), (), {}, "one venue alone is believed"),
        ((115, None, None), (100, None, None), {COINBASE_BTC: Doubt.JUMPED}, "one alone that jumps is not"),
    ],
)
def test_venues_are_held_against_each_other(
    prices: tuple[float | None, ...],
    last: tuple[float | None, ...],
    expected: dict[Instrument, Doubt],
    case: str,
) -> None:
    venues = (COINBASE_BTC, BINANCE_BTC, KRAKEN_BTC)
    quotes = [quote(i, p) for i, p in zip(venues, prices, strict=True) if p is not None]
    past = before(*(quote(i, p) for i, p in zip(venues, last, strict=False) if p is not None))

    assert doubts(quotes, past) == expected, case


@pytest.mark.parametrize(("ago", "believed"), [(RECENT, False), (RECENT + timedelta(seconds=1), True)])
def test_a_venue_alone_that_stays_where_it_jumped_to_is_believed_after_minutes(
    ago: timedelta,
    believed: bool,  # noqa: FBT001
) -> None:
    past = before(COINBASE, ago=ago)

    assert (doubts([quote(COINBASE_BTC, 115)], past) == {}) is believed


def test_dollar_tokens_are_compared_with_each_other_and_not_with_coins() -> None:
    quotes = [quote(COINBASE_USDT, 1.0), quote(KRAKEN_USDT, 0.8), COINBASE, BINANCE, quote(BINANCE_ETH, 4.0)]

    assert doubts(quotes) == {KRAKEN_USDT: Doubt.FAR_OFF}


def test_venues_that_agree_are_believed_though_a_dollar_token_lost_its_peg() -> None:
    quotes = [
        quote(COINBASE_USDT, 0.93),
        quote(KRAKEN_USDT, 0.931),
        COINBASE,
        KRAKEN,
        quote(BINANCE_BTC, 107.4),
    ]

    assert doubts(quotes) == {}


def test_what_the_dollar_token_was_worth_lately_is_used_where_nobody_says_it_now() -> None:
    past = before(quote(COINBASE_USDT, 0.93), ago=timedelta(minutes=30))

    assert doubts([COINBASE, KRAKEN, quote(BINANCE_BTC, 107.4)], past) == {}


def test_of_ether_the_odd_one_out_is_not_believed() -> None:
    quotes = [quote(COINBASE_ETH, 4.0), quote(BINANCE_ETH, 3.0), quote(KRAKEN_ETH, 4.01)]

    assert doubts(quotes) == {BINANCE_ETH: Doubt.FAR_OFF}


def test_a_coin_is_disputed_where_nobody_is_left_to_believe() -> None:
    quotes = [quote(COINBASE_BTC, 80), BINANCE, quote(KRAKEN_BTC, 120), quote(BINANCE_ETH, 4.0)]

    assert screen(quotes, {}).disputed == {"BTC"}


def test_a_broken_quote_does_not_count_against_the_others() -> None:
    crossed = Quote(KRAKEN_BTC, NOW, 500.0, 400.0, NOW)

    assert doubts([COINBASE, BINANCE, crossed]) == {KRAKEN_BTC: Doubt.CROSSED}


@given(
    st.lists(
        st.builds(
            Quote,
            st.sampled_from([COINBASE_BTC, BINANCE_BTC, KRAKEN_BTC, BINANCE_ETH, COINBASE_USDT]),
            st.just(NOW),
            st.floats(allow_nan=True),
            st.floats(allow_nan=True),
            st.just(NOW),
        ),
        max_size=6,
    )
)
def test_every_quote_is_either_kept_or_rejected_and_none_that_is_kept_is_impossible(
    quotes: list[Quote],
) -> None:
    kept, rejected = screen(quotes, {})

    assert len(kept) + len(rejected) == len(quotes)
    assert all(0 < q.bid <= q.ask < inf for q in kept)
