"""Notices as they were told: a new one, or one that says something else than before, is a new row."""

from datetime import datetime

from signals.moments import from_ms, to_ms
from signals.notices import Notice, NoticeKind
from storage.database import Database, Record


def save_notice(db: Database, notice: Notice) -> int:
    """Store a notice; 1, or 0 where the last row of it says the same already."""
    known_ms = to_ms(notice.known_at)
    records = db.records(
        """SELECT * FROM notices WHERE (kind, source, key) = (?, ?, ?) AND known_at <= ?
           ORDER BY known_at DESC LIMIT 1""",
        (str(notice.kind), notice.source, notice.key, known_ms),
    )
    if records and _fact(records[0]).says_the_same(notice):
        return 0
    return db.execute(
        """INSERT INTO notices (kind, source, key, known_at, at, title, url, amount_usd)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, source, key, known_at) DO UPDATE
           SET at = excluded.at, title = excluded.title, url = excluded.url,
               amount_usd = excluded.amount_usd""",
        (
            str(notice.kind),
            notice.source,
            notice.key,
            known_ms,
            to_ms(notice.at),
            notice.title,
            notice.url,
            notice.amount_usd,
        ),
    )


def read_notices(db: Database, until: datetime | None = None) -> tuple[Notice, ...]:
    """All notices that were known by a moment, revisions included, in the order of becoming known."""
    records = db.records(
        """SELECT * FROM notices WHERE :until IS NULL OR known_at <= :until
           ORDER BY known_at, kind, source, key""",
        {"until": None if until is None else to_ms(until)},
    )
    return tuple(map(_fact, records))


def _fact(record: Record) -> Notice:
    return Notice(
        NoticeKind(record["kind"]),
        record["source"],
        record["key"],
        from_ms(record["at"]),
        record["title"],
        record["url"],
        from_ms(record["known_at"]),
        record["amount_usd"],
    )
