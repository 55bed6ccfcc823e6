"""Closes: the price of BTC when a day or a US session ends, known as soon as it can be."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from signals.closes import Close, CloseOf, CloseRules, closes
from signals.market import Prices
from signals.moments import MINUTE_MS, to_ms

MIDNIGHT = datetime(2025, 11, 4, tzinfo=UTC)
SESSION_END = datetime(2025, 11, 4, 21, tzinfo=UTC)
HALF_DAY_END = datetime(2025, 11, 28, 18, tzinfo=UTC)
GRACE = CloseRules().grace


def found(rows: list[tuple[datetime, float]], after: datetime, until: datetime) -> list[Close]:
    prices = Prices.of((to_ms(at), to_ms(at), price) for at, price in rows)
    return list(closes(prices, to_ms(after), to_ms(until), CloseRules()))


@pytest.mark.parametrize(
    ("ends", "of"),
    [(MIDNIGHT, CloseOf.DAY), (SESSION_END, CloseOf.SESSION), (HALF_DAY_END, CloseOf.SESSION)],
)
def test_a_day_and_a_session_close_at_their_last_price(ends: datetime, of: CloseOf):
    minute = timedelta(minutes=1)
    rows = [(ends - minute, 1.0), (ends, 2.0), (ends + minute, 3.0)]
    assert found(rows, ends - minute, ends + minute) == [Close(of, to_ms(ends), to_ms(ends), 2.0)]


def test_a_late_price_is_waited_for_until_a_later_one_or_the_end_of_the_grace():
    before, after = MIDNIGHT - timedelta(minutes=2), MIDNIGHT + timedelta(minutes=3)
    [close] = found([(before, 1.0), (after, 2.0)], before, MIDNIGHT + GRACE)
    assert (close.known_ms, close.price_usd) == (to_ms(after), 1.0)
    [close] = found([(before, 1.0)], before, MIDNIGHT + GRACE)
    assert (close.known_ms, close.price_usd) == (to_ms(MIDNIGHT + GRACE), 1.0)


def test_a_close_that_nobody_saw_is_none():
    assert found([(MIDNIGHT - timedelta(minutes=61), 1.0)], MIDNIGHT - timedelta(hours=2), SESSION_END) == []
    assert found([], MIDNIGHT, SESSION_END) == []


def test_a_close_is_told_once_however_time_is_cut():
    rows = [(MIDNIGHT - timedelta(minutes=5) + timedelta(minutes=5 * n), float(n)) for n in range(4)]
    start_ms = to_ms(MIDNIGHT - timedelta(minutes=10))
    prices = Prices.of((to_ms(at), to_ms(at), price) for at, price in rows)
    cuts = [start_ms + minute * MINUTE_MS for minute in range(30)]
    pieces = [
        close for after, until in pairwise(cuts) for close in closes(prices, after, until, CloseRules())
    ]
    assert pieces == [Close(CloseOf.DAY, to_ms(MIDNIGHT), to_ms(MIDNIGHT), 1.0)]


def test_on_a_holiday_only_the_day_closes():
    thanksgiving = datetime(2025, 11, 27, tzinfo=UTC)
    rows = [(thanksgiving + timedelta(hours=n), 1.0) for n in range(25)]
    ended = found(rows, thanksgiving, thanksgiving + timedelta(days=1))
    assert [close.of for close in ended] == [CloseOf.DAY]
