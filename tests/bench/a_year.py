"""A year of what the running bot stores, made up and written in the order in which it would come in.

Rows that come in by the clock are written day by day, each day's by moment, for that is what decides how full
the pages of a tree get. Values are random, and no venue contradicts another: only how many there are, and how
long they are, is true to life.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from bot.coins import MOST_COINS
from signals import adl_states, contagion, leverage, liquidations, thin_book
from signals.calendar import sessions
from signals.conditions import Change, Kind
from signals.facts import Instrument
from signals.feeds.coin_table import POLLED_EVERY
from signals.feeds.kinds import BAR
from signals.feeds.venues import VENUES
from signals.gauges import Measure, Series
from signals.moments import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, from_ms, length_ms, to_ms
from storage.alerts import raise_alert
from storage.chats import ensure_chat
from storage.database import Database
from storage.market import save_facts
from storage.outbox import Delivery, enqueue
from storage.retention import Retention
from storage.tables import columns_of
from tests.bench.market import flow

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
COINS = tuple(Instrument("binance", f"C{number}/USDT") for number in range(MOST_COINS))
"""As many as one bot polls for people's own rules."""
OURS = tuple(instrument for venue in VENUES.values() for instrument in venue.market_ids)

_QUOTED_EVERY_MS = 10 * SECOND_MS
_COIN_BAR = timedelta(minutes=15)
_CHANGES_A_DAY = 2
_CHATS, _SENT_DAYS = 300, 30
_ALERT = "🔴 Fragile: 0 of 3 break conditions met · since 30 Oct 20:00 UTC (4 d)\n" * 8
_BUTTONS = [[{"text": "Why", "data": "why:A-1042"}, {"text": "Chart", "data": "chart:premium:7d"}]]


class Every(NamedTuple):
    """Series that come together, so often."""

    series: Sequence[Series]
    ms: int


def gauges() -> list[Every]:
    """All that is told without a quiet source among them: more than there ever is."""
    heard = [Series(v, "ALL", Measure.LIQUIDATIONS_HEARD_SECONDS) for v in liquidations.VENUES]
    told = [
        Series(venue, coin, side)
        for venue in liquidations.VENUES
        for coin in ("ALL", "BTC", "ETH")
        for side in (Measure.LIQUIDATED_LONG_USD, Measure.LIQUIDATED_SHORT_USD)
    ]
    positions = [
        Series(venue, coin, measure)
        for venue in leverage.VENUES
        for coin in leverage.COINS
        for measure in (Measure.OPEN_INTEREST_USD, Measure.FUNDING_8H)
    ]
    books = [Series(v, "BTC", m) for v in thin_book.VENUES for m in Measure if m.startswith("depth")]
    return [
        Every([*heard, *told, *positions], length_ms(BAR)),
        Every(books, 15 * MINUTE_MS),
        Every(adl_states.STATES, length_ms(adl_states.REPEATED)),
        Every(adl_states.LOOKS, 10 * MINUTE_MS),
        Every([contagion.LOOKED], HOUR_MS),
    ]


def fill(db: Database, days: int, kept: Retention, coins: Sequence[Instrument] = COINS) -> None:
    """So many days until `UNTIL`; quotes and what was sent as far as they are kept."""
    chance = np.random.default_rng(days)
    ids = {named: _instrument(db, named) for named in (*OURS, *coins)}
    series = [(Every(e.series, e.ms), [_series(db, s) for s in e.series]) for e in gauges()]
    first_ms = to_ms(UNTIL) - days * DAY_MS
    for day_ms in range(first_ms, to_ms(UNTIL), DAY_MS):
        with db.unhurried(), db.transaction():
            _insert(db, "candles", _bars([ids[i] for i in OURS], length_ms(BAR), day_ms, chance))
            _insert(db, "candles", _bars([ids[i] for i in coins], length_ms(_COIN_BAR), day_ms, chance))
            for every, numbers in series:
                _insert(db, "gauges", _numbers(numbers, every.ms, day_ms, chance))
            if day_ms >= to_ms(UNTIL - kept.quotes) - DAY_MS:
                _insert(db, "quotes", _quotes([ids[i] for i in OURS], _QUOTED_EVERY_MS, day_ms, chance))
                _insert(
                    db, "quotes", _quotes([ids[i] for i in coins], length_ms(POLLED_EVERY), day_ms, chance)
                )
    _tell(db, from_ms(first_ms), days)


def _insert(db: Database, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    db.insert_all(table, columns_of(db, table), rows)


def _instrument(db: Database, named: Instrument) -> int:
    [(number,)] = db.rows("INSERT INTO instruments (venue, symbol) VALUES (?, ?) RETURNING id", named)
    return int(number)


def _series(db: Database, named: Series) -> int:
    sql = "INSERT INTO series (source, subject, measure) VALUES (?, ?, ?) RETURNING id"
    [(number,)] = db.rows(sql, (named.source, named.subject, str(named.measure)))
    return int(number)


def _moments(day_ms: int, every_ms: int) -> range:
    return range(day_ms, day_ms + DAY_MS, every_ms)


def _bars(
    ids: Sequence[int], step: int, day_ms: int, chance: np.random.Generator
) -> Iterator[tuple[Any, ...]]:
    prices = chance.uniform(100, 101, (DAY_MS // step, max(len(ids), 1), 5)).round(2).tolist()
    for moment, row in zip(_moments(day_ms, step), prices, strict=True):
        for number, values in zip(ids, row, strict=False):
            yield number, step, moment, *values


def _numbers(
    ids: Sequence[int], step: int, day_ms: int, chance: np.random.Generator
) -> Iterator[tuple[Any, ...]]:
    values = chance.uniform(1e6, 1e9, (DAY_MS // step, len(ids))).round(2).tolist()
    for moment, row in zip(_moments(day_ms, step), values, strict=True):
        for number, value in zip(ids, row, strict=True):
            yield number, moment, value, moment + 213


def _quotes(
    ids: Sequence[int], step: int, day_ms: int, chance: np.random.Generator
) -> Iterator[tuple[Any, ...]]:
    prices = chance.uniform(100, 101, (DAY_MS // step, max(len(ids), 1))).round(2).tolist()
    for moment, row in zip(_moments(day_ms, step), prices, strict=True):
        for number, price in zip(ids, row, strict=False):
            yield number, moment, price, price + 0.01, moment + 87


def _tell(db: Database, since: datetime, days: int) -> None:
    """Flows, changes with their alerts, and what was sent of them to some hundred chats of late."""
    last = (since + timedelta(days=days - 2)).date()
    save_facts(db, [flow(session.day, 123.4) for session in sessions(since.date(), last)])
    for chat_id in range(1, _CHATS + 1):
        ensure_chat(db, chat_id, "private", f"Reader {chat_id}", since)
    evidence = {"session": "2026-01-02", "share_pct": 93.1, "mean_pct": 0.0123, "samples": 390}
    with db.transaction():
        for number in range(days * _CHANGES_A_DAY):
            at = since + number * timedelta(days=1) / _CHANGES_A_DAY
            change = Change(
                to_ms(at), Kind.CONDITION, "premium", "unmet", "met", "session_positive", evidence
            )
            alert_id = raise_alert(db, at, at, [change])
            if at >= UNTIL - timedelta(days=_SENT_DAYS):
                enqueue(db, (_sent(chat_id, alert_id, at) for chat_id in range(1, _CHATS + 1)))
        db.execute(
            """UPDATE outbox SET state = 'sent', attempts = 1, message_id = id,
                   sent_at = (SELECT created_at FROM letters WHERE letters.id = letter_id)"""
        )


def _sent(chat_id: int, alert_id: int, at: datetime) -> Delivery:
    return Delivery(
        chat_id=chat_id, alert_id=alert_id, kind="alert", text=_ALERT, buttons=_BUTTONS, created_at=at
    )
