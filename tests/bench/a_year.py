"""A year of the running bot's database, day after day: what comes in, and after each day the night's upkeep.

After each night a PostgreSQL clears away the dead rows of the tables that lost enough, as its autovacuum does
within a minute: the year passes in minutes, and it would come too rarely.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from bot.coins import MOST_COINS
from bot.upkeep.old_rows import THINNING
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
from storage.database import Database, is_postgres
from storage.market import save_facts
from storage.outbox import Delivery, enqueue
from storage.retention import Retention, prune_in_steps, prune_quotes_in_steps
from storage.tables import columns_of
from storage.thinning import thin_candles
from tests.bench import a_day
from tests.bench.a_day import Every
from tests.bench.market import flow

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
COINS = tuple(Instrument("binance", f"C{number}/USDT") for number in range(MOST_COINS))
"""As many as one bot polls for people's own rules."""
OURS = tuple(instrument for venue in VENUES.values() for instrument in venue.market_ids)

QUOTED = timedelta(days=6)
"""Of so many days at the end there are quotes: of twice as many as are kept, for the room is used again."""

_QUOTED_EVERY_MS = 10 * SECOND_MS
_COIN_BAR = timedelta(minutes=15)
_CHANGES_A_DAY = 2
_CHATS, _SENT_DAYS = 300, 30
_ALERT = "🔴 Fragile: 0 of 3 break conditions met · since 30 Oct 20:00 UTC (4 d)\n" * 8
_EVIDENCE = {"session": "2026-01-02", "share_pct": 93.1, "mean_pct": 0.0123, "samples": 390}
_BUTTONS = [[{"text": "Why", "data": "why:A-1042"}, {"text": "Chart", "data": "chart:premium:7d"}]]


def gauges() -> list[tuple[Sequence[Series], int]]:
    """Which come together, and how often in ms: all that is told without a quiet source among them."""
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
        ([*heard, *told, *positions], length_ms(BAR)),
        (books, 15 * MINUTE_MS),
        (adl_states.STATES, length_ms(adl_states.REPEATED)),
        (adl_states.LOOKS, 10 * MINUTE_MS),
        ([contagion.LOOKED], HOUR_MS),
    ]


def live(db: Database, days: int, kept: Retention, coins: Sequence[Instrument] = COINS) -> Iterator[datetime]:
    """So many days until `UNTIL`; the end of each, before the upkeep of its night is done."""
    chance = np.random.default_rng(days)
    ours, theirs = ([_instrument(db, named) for named in some] for some in (OURS, coins))
    series = [Every([_series(db, each) for each in some], ms) for some, ms in gauges()]
    barred = [Every(ours, length_ms(BAR)), Every(theirs, length_ms(_COIN_BAR))]
    quoted = [Every(ours, _QUOTED_EVERY_MS), Every(theirs, length_ms(POLLED_EVERY))]
    first_ms = to_ms(UNTIL) - days * DAY_MS
    for chat_id in range(1, _CHATS + 1):
        ensure_chat(db, chat_id, "private", f"Reader {chat_id}", from_ms(first_ms))
    for day_ms in range(first_ms, to_ms(UNTIL), DAY_MS):
        with db.unhurried(), db.transaction():
            _insert(db, "candles", a_day.bars(barred, day_ms, chance))
            _insert(db, "gauges", a_day.gauges(series, day_ms, chance))
        _tell(db, from_ms(day_ms))
        if day_ms >= to_ms(UNTIL - QUOTED):
            for hour_ms in range(day_ms, day_ms + DAY_MS, HOUR_MS):
                _insert(db, "quotes", a_day.quotes(quoted, hour_ms, chance))
                _exhaust(prune_quotes_in_steps(db, kept, from_ms(hour_ms + HOUR_MS)))
                clear_dead_rows(db)
        yield from_ms(day_ms + DAY_MS)


def night(db: Database, kept: Retention, now: datetime) -> None:
    """The upkeep of a night."""
    _exhaust(prune_in_steps(db, kept, now))
    _exhaust(thin(db, kept, now))
    clear_dead_rows(db)


def thin(db: Database, kept: Retention, now: datetime) -> Iterator[int]:
    """The part of it that makes old bars of coins hourly."""
    assert kept.fine_candles is not None
    return thin_candles(
        db,
        now - kept.fine_candles,
        THINNING.step_of,
        lambda bars: [fate.coarser for fate in THINNING.decide(bars) if fate.coarser],
    )


def clear_dead_rows(db: Database) -> None:
    """Do what a PostgreSQL does by itself within a minute, for the tables that lost enough."""
    if not is_postgres(db.name):
        return
    db.rows("SELECT pg_stat_force_next_flush()")
    due = db.rows(_DUE)
    with db.unhurried():
        for (name,) in due:
            db.execute(f'VACUUM "{name}"')


_OPTION = (
    "coalesce((SELECT option_value::float FROM pg_options_to_table(reloptions) WHERE option_name = '{}'), {})"
)
_DUE = f"""
    SELECT relname FROM pg_stat_user_tables JOIN pg_class USING (relname)
    WHERE n_dead_tup > {_OPTION.format("autovacuum_vacuum_threshold", "50")}
          + {_OPTION.format("autovacuum_vacuum_scale_factor", "0.2")} * greatest(reltuples, 0)"""


def _exhaust(steps: Iterator[int]) -> None:
    for _ in steps:
        pass


def _insert(db: Database, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    db.insert_all(table, columns_of(db, table), rows)


def _instrument(db: Database, named: Instrument) -> int:
    [(number,)] = db.rows("INSERT INTO instruments (venue, symbol) VALUES (?, ?) RETURNING id", named)
    return int(number)


def _series(db: Database, named: Series) -> int:
    sql = "INSERT INTO series (source, subject, measure) VALUES (?, ?, ?) RETURNING id"
    [(number,)] = db.rows(sql, (named.source, named.subject, str(named.measure)))
    return int(number)


def _tell(db: Database, day: datetime) -> None:
    """A day's changes with their alerts, and of late what was sent of them to some hundred chats."""
    flow_of = [flow(session.day, 123.4) for session in sessions(day.date(), day.date())]
    save_facts(db, flow_of)
    for number in range(_CHANGES_A_DAY):
        at = day + number * timedelta(days=1) / _CHANGES_A_DAY
        change = Change(to_ms(at), Kind.CONDITION, "premium", "unmet", "met", "session_positive", _EVIDENCE)
        with db.transaction():
            alert_id = raise_alert(db, at, at, [change])
            if at >= UNTIL - timedelta(days=_SENT_DAYS):
                enqueue(db, (_sent(chat_id, alert_id, at) for chat_id in range(1, _CHATS + 1)))
        db.execute(_SEND, {"alert": alert_id})


_SEND = """
    UPDATE outbox SET state = 'sent', attempts = 1, message_id = id,
           sent_at = (SELECT created_at FROM letters WHERE letters.id = letter_id)
    WHERE letter_id IN (SELECT id FROM letters WHERE alert_id = :alert)"""


def _sent(chat_id: int, alert_id: int, at: datetime) -> Delivery:
    return Delivery(
        chat_id=chat_id, alert_id=alert_id, kind="alert", text=_ALERT, buttons=_BUTTONS, created_at=at
    )
