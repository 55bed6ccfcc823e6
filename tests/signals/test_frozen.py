from datetime import UTC, datetime, timedelta

import pytest

from signals.facts import BINANCE_BTC, COINBASE_BTC, COINBASE_USDT, KRAKEN_BTC, KRAKEN_USDT, Instrument, Quote
from signals.frozen import SeenQuotes, held_back, seen_with
from signals.ticks import Doubt, screen

START = datetime(2025, 11, 3, 20, tzinfo=UTC)
VENUES = (COINBASE_BTC, BINANCE_BTC, KRAKEN_BTC)


def looks(*rounds: tuple[float | None, ...], every: int = 10) -> tuple[list[Quote], SeenQuotes]:
    """The quotes of the last of some rounds, and what every venue says by then."""
    seen: SeenQuotes = {}
    quotes: list[Quote] = []
    for place, prices in enumerate(rounds):
        at = START + timedelta(seconds=every * place)
        quotes = [Quote(i, at, p, p + 1, at) for i, p in zip(VENUES, prices, strict=True) if p is not None]
        seen = seen_with(quotes, seen)
    return quotes, seen


@pytest.mark.parametrize(
    ("rounds", "every", "expected", "case"),
    [
        ([(100, 100, 100), (101, 101, 101)], 10, {}, "all move"),
        ([(100, 100, 100), (100, 100, 100)], 10, {}, "none moves: a quiet moment, or a holiday"),
        ([(100, 100, 100), (100, 101, 101)], 10, {COINBASE_BTC: Doubt.UNMOVED}, "both others move"),
        ([(100, 100, 100), (100, 101, 100)], 10, {}, "only one other moves, a moment ago"),
        ([(100, 100, 100), (100, 101, 100), (100, 101, 101)], 10, {COINBASE_BTC: Doubt.UNMOVED}, "in turn"),
        ([(100, 100, 100), (100, 101, 101), (102, 102, 102)], 10, {}, "it moves again"),
        ([(100, 100, 100), (100, 101, 101)], 120, {COINBASE_BTC: Doubt.FROZEN}, "for minutes"),
        ([(100, 100, None), (100, 101, None)], 10, {}, "one other venue alone is waited for"),
        ([(100, 100, None), (100, 101, None)], 120, {COINBASE_BTC: Doubt.FROZEN}, "but not for ever"),
        (
            [(100, 100, 100), (100, 101, 100)],
            120,
            {COINBASE_BTC: Doubt.FROZEN, KRAKEN_BTC: Doubt.FROZEN},
            "two are frozen",
        ),
    ],
)
def test_who_does_not_move_while_the_others_do_is_not_used(
    rounds: list[tuple[float | None, ...]], every: int, expected: dict[Instrument, Doubt], case: str
) -> None:
    quotes, seen = looks(*rounds, every=every)

    doubts = {r.quote.instrument: r.doubt for r in screen(quotes, {}, seen=seen).rejected}
    assert doubts == expected, case


def test_what_a_dollar_token_is_worth_may_stay_the_same_for_hours() -> None:
    tokens = [
        [
            Quote(i, START + timedelta(hours=h), p, p, START)
            for i, p in ((COINBASE_USDT, 1.0), (KRAKEN_USDT, k))
        ]
        for h, k in ((0, 1.0), (5, 1.001))
    ]
    seen = seen_with(tokens[1], seen_with(tokens[0], {}))

    assert held_back(tokens[1], seen) == {}
