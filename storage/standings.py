"""Where conditions, verdict and warnings stand, so that a restart goes on where the last run ended."""

from collections.abc import Mapping

from signals.conditions import Standing
from storage.columns import from_json, json_text
from storage.database import Database


def read_standings(db: Database) -> dict[str, Standing]:
    """The standing of everything that was ever judged, by its id."""
    rows = db.rows("SELECT id, state, settled, since_ms, reason, evidence, judged_ms, seen_ms FROM standings")
    return {
        subject: Standing(state, settled, since_ms, reason, from_json(evidence), judged_ms, seen_ms)
        for subject, state, settled, since_ms, reason, evidence, judged_ms, seen_ms in rows
    }


def save_standings(db: Database, standings: Mapping[str, Standing]) -> None:
    """Store standings by id; what is not among them stays."""
    db.execute_many(
        """INSERT INTO standings (id, state, settled, since_ms, reason, evidence, judged_ms, seen_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE
           SET (state, settled, since_ms, reason, evidence, judged_ms, seen_ms)
             = (excluded.state, excluded.settled, excluded.since_ms, excluded.reason, excluded.evidence,
                excluded.judged_ms, excluded.seen_ms)""",
        [_columns(subject, standing) for subject, standing in standings.items()],
    )


def _columns(subject: str, standing: Standing) -> tuple[object, ...]:
    return (
        subject,
        str(standing.state),
        str(standing.settled),
        standing.since_ms,
        standing.reason,
        json_text(dict(standing.evidence)),
        standing.judged_ms,
        standing.seen_ms,
    )
