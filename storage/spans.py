"""What is stored, and of which time: one line a track."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from signals.market import QUOTES
from signals.moments import from_ms
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Span:
    """The rows of one kind about one subject: an instrument (`binance BTC/USDT`), an asset of ETF flows.

    `kind` is `candles`, `quotes`, `funding`, `etf_flows`, `notices` or a gauge's measure; `step` a candle's
    timeframe, zero for the others. The moments are those the rows are about: a candle's close, a flow's
    session date at 00:00 UTC.
    """

    kind: str
    subject: str
    step: timedelta
    first_at: datetime
    last_at: datetime
    rows: int


def span(db: Database) -> list[Span]:
    """Everything stored, in order of kind, subject and step; what has no rows is left out."""
    return [*_priced_spans(db), *_flow_spans(db), *_gauge_spans(db), *_notice_spans(db)]


def _priced_spans(db: Database) -> list[Span]:
    rows = db.rows(
        """SELECT kind, venue || ' ' || symbol AS subject, step_ms, first_ms, last_ms, count FROM (
               SELECT 'candles' AS kind, instrument, timeframe_ms AS step_ms, count(*) AS count,
                      min(opened_at) + timeframe_ms AS first_ms, max(opened_at) + timeframe_ms AS last_ms
               FROM candles GROUP BY instrument, timeframe_ms
               UNION ALL
               SELECT 'funding', instrument, 0, count(*), min(at), max(at) FROM funding GROUP BY instrument
               UNION ALL
               SELECT 'quotes', instrument, 0, count(*), min(at), max(at) FROM quotes GROUP BY instrument
           ) AS priced JOIN instruments ON instruments.id = instrument
           ORDER BY kind, subject, step_ms"""
    )
    return [
        Span(kind, subject, timedelta(milliseconds=step_ms), from_ms(first_ms), from_ms(last_ms), count)
        for kind, subject, step_ms, first_ms, last_ms, count in rows
    ]


def _flow_spans(db: Database) -> list[Span]:
    rows = db.rows(
        "SELECT asset, min(session), max(session), count(*) FROM etf_flows GROUP BY asset ORDER BY asset"
    )
    return [
        Span("etf_flows", asset, QUOTES, _midnight(first), _midnight(last), count)
        for asset, first, last, count in rows
    ]


def _gauge_spans(db: Database) -> list[Span]:
    rows = db.rows(
        """SELECT measure, source || ' ' || subject AS subject, min(at), max(at), count(*)
           FROM gauges JOIN series ON series.id = gauges.series
           GROUP BY series.id ORDER BY measure, subject"""
    )
    return [
        Span(measure, subject, QUOTES, from_ms(first_ms), from_ms(last_ms), count)
        for measure, subject, first_ms, last_ms, count in rows
    ]


def _notice_spans(db: Database) -> list[Span]:
    rows = db.rows(
        """SELECT source || ' ' || kind AS subject, min(at), max(at), count(*)
           FROM notices GROUP BY source, kind ORDER BY subject"""
    )
    return [
        Span("notices", subject, QUOTES, from_ms(first_ms), from_ms(last_ms), count)
        for subject, first_ms, last_ms, count in rows
    ]


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), UTC)
