"""Every change of state, told or not, and the alerts that told them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from signals.conditions import Change, Kind
from signals.moments import from_ms, to_ms
from storage.columns import from_json, json_text
from storage.database import Database, Record


@dataclass(frozen=True, slots=True)
class SavedChange:
    """A change as it was recorded: with its own id, and its alert's where it was worth telling."""

    id: int
    alert_id: int | None
    change: Change


@dataclass(frozen=True, slots=True)
class Alert:
    """One or more changes told together. Its id is the number that people see (A-<id>)."""

    id: int
    at: datetime
    raised_at: datetime
    changes: tuple[Change, ...]


def raise_alert(db: Database, at: datetime, raised_at: datetime, changes: Iterable[Change]) -> int:
    """Record an alert about the moment `at` with its changes; its id, which is never given again."""
    with db.transaction():
        [(alert_id,)] = db.rows(
            "INSERT INTO alerts (at, raised_at) VALUES (?, ?) RETURNING id", (to_ms(at), to_ms(raised_at))
        )
        save_changes(db, changes, alert_id)
    return int(alert_id)


def save_changes(db: Database, changes: Iterable[Change], alert_id: int | None = None) -> None:
    """Record changes in this order, with the alert that tells them or without."""
    db.execute_many(
        """INSERT INTO changes (alert_id, at, kind, subject, from_state, to_state, reason, evidence)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        [_columns(change, alert_id) for change in changes],
    )


def read_alert(db: Database, alert_id: int) -> Alert | None:
    """The alert of a number, or None where there is none."""
    row = db.row("SELECT at, raised_at FROM alerts WHERE id = ?", (alert_id,))
    if row is None:
        return None
    changes = db.records("SELECT * FROM changes WHERE alert_id = ? ORDER BY id", (alert_id,))
    at_ms, raised_ms = row
    return Alert(alert_id, from_ms(at_ms), from_ms(raised_ms), tuple(_saved(c).change for c in changes))


def read_changes(
    db: Database, *, limit: int, before: int | None = None, kind: Kind | None = None
) -> list[SavedChange]:
    """The newest changes first: at most `limit`, from before the change with id `before`, of a kind."""
    records = db.records(
        """SELECT * FROM changes
           WHERE (:before IS NULL OR id < :before) AND (:kind IS NULL OR kind = :kind)
           ORDER BY id DESC LIMIT :limit""",
        {"before": before, "kind": None if kind is None else str(kind), "limit": limit},
    )
    return [_saved(record) for record in records]


def last_change(db: Database, subject: str) -> SavedChange | None:
    """The newest change of a condition or of the verdict."""
    record = db.record("SELECT * FROM changes WHERE subject = ? ORDER BY id DESC LIMIT 1", (subject,))
    return _saved(record) if record else None


def last_change_by(db: Database, subject: str, moment: datetime) -> SavedChange | None:
    """The newest change of a subject that had happened by a moment."""
    record = db.record(
        "SELECT * FROM changes WHERE subject = ? AND at <= ? ORDER BY at DESC, id DESC LIMIT 1",
        (subject, to_ms(moment)),
    )
    return _saved(record) if record else None


def _columns(change: Change, alert_id: int | None) -> tuple[object, ...]:
    return (
        alert_id,
        change.at_ms,
        str(change.kind),
        change.id,
        change.from_state,
        change.to_state,
        change.reason,
        json_text(dict(change.evidence)),
    )


def _saved(record: Record) -> SavedChange:
    change = Change(
        at_ms=record["at"],
        kind=Kind(record["kind"]),
        id=record["subject"],
        from_state=record["from_state"],
        to_state=record["to_state"],
        reason=record["reason"],
        evidence=from_json(record["evidence"]),
    )
    return SavedChange(record["id"], record["alert_id"], change)
