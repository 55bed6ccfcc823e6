"""ETF flows as they were seen: a number that is seen again is the same row, another number is a revision."""

from dataclasses import dataclass
from datetime import date, datetime

from signals.facts import EtfFlow
from signals.moments import from_ms, to_ms
from storage.columns import from_json, json_text, moment_or_none, ms_or_null
from storage.database import Database, Record


@dataclass(frozen=True, slots=True)
class FlowObservation:
    """A number and since when and until when polls gave it: from `flow.known_at` to `last_seen_at`."""

    flow: EtfFlow
    last_seen_at: datetime


def save_flow(db: Database, flow: EtfFlow) -> bool:
    """Store a flow; whether that told anything new: a first number, another number, or that it is final now.

    A number that only becomes known as final keeps its row: `final_at` says since when.
    """
    with db.transaction():
        before = _row_in_force(db, flow)
        if before is None or not _same_number(before, flow):
            _insert(db, flow)
            return True
        _see_again(db, before, flow)
        return before["final_at"] is None and flow.final_at is not None


def read_flows(db: Database, until: datetime | None = None) -> list[EtfFlow]:
    """All flows known by a moment, or all, in the order in which they became known."""
    records = db.records(
        "SELECT * FROM etf_flows WHERE known_at <= coalesce(?, known_at) ORDER BY known_at, session, source",
        (ms_or_null(until),),
    )
    return [_flow(record) for record in records]


def read_flow_observations(db: Database, asset: str, since: date) -> list[FlowObservation]:
    """Every number seen for an asset's sessions from a date on, in the order in which they became known."""
    records = db.records(
        "SELECT * FROM etf_flows WHERE asset = ? AND session >= ? ORDER BY known_at, session, source",
        (asset, since.isoformat()),
    )
    return [FlowObservation(_flow(record), from_ms(record["last_seen_at"])) for record in records]


def _row_in_force(db: Database, flow: EtfFlow) -> Record | None:
    """What the same source had said about the same session by the time of this flow."""
    return db.record(
        """SELECT * FROM etf_flows WHERE (asset, session, source) = (?, ?, ?) AND known_at <= ?
           ORDER BY known_at DESC LIMIT 1""",
        (flow.asset, flow.session.isoformat(), flow.source, to_ms(flow.known_at)),
    )


def _same_number(before: Record, flow: EtfFlow) -> bool:
    """Completeness and the funds count too: they may not seem to have been known earlier than they were."""
    known = _flow(before)
    return (known.total_usd, known.complete, known.funds_usd) == (
        flow.total_usd,
        flow.complete,
        dict(flow.funds_usd),
    )


def _insert(db: Database, flow: EtfFlow) -> None:
    known_ms = to_ms(flow.known_at)
    db.execute(
        """INSERT INTO etf_flows (asset, session, source, known_at, last_seen_at, final_at,
                                  complete, total_usd, funds_usd)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (asset, session, source, known_at) DO UPDATE
           SET last_seen_at = excluded.last_seen_at, final_at = excluded.final_at,
               complete = excluded.complete, total_usd = excluded.total_usd,
               funds_usd = excluded.funds_usd""",
        (
            flow.asset,
            flow.session.isoformat(),
            flow.source,
            known_ms,
            known_ms,
            ms_or_null(flow.final_at),
            int(flow.complete),
            flow.total_usd,
            json_text(dict(flow.funds_usd)),
        ),
    )


def _see_again(db: Database, before: Record, flow: EtfFlow) -> None:
    """What was final stays final, since the moment it was first called so."""
    db.execute(
        """UPDATE etf_flows SET last_seen_at = ?, final_at = coalesce(final_at, ?)
           WHERE (asset, session, source, known_at) = (?, ?, ?, ?)""",
        (
            max(before["last_seen_at"], to_ms(flow.known_at)),
            ms_or_null(flow.final_at),
            before["asset"],
            before["session"],
            before["source"],
            before["known_at"],
        ),
    )


def _flow(record: Record) -> EtfFlow:
    return EtfFlow(
        asset=record["asset"],
        session=date.fromisoformat(record["session"]),
        source=record["source"],
        total_usd=record["total_usd"],
        known_at=from_ms(record["known_at"]),
        final_at=moment_or_none(record["final_at"]),
        complete=bool(record["complete"]),
        funds_usd=from_json(record["funds_usd"]),
    )
