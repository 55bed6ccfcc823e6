"""How far a message to many has got: counted among what is numbered with it."""

from typing import NamedTuple

from storage.database import Database
from storage.letters import deliveries_of
from storage.outbox import DeliveryState


class Progress(NamedTuple):
    """Of the messages that tell of an alert first: how many there are, have arrived, and are still to go."""

    alert_id: int
    messages: int
    sent: int
    waiting: int


def alerts_under_way(db: Database, limit: int) -> list[Progress]:
    """Of the last alerts those that have not reached everybody yet, the newest first."""
    alerts = db.rows("SELECT id FROM alerts ORDER BY id DESC LIMIT ?", (limit,))
    found = (_progress(alert_id, _count_states(db, alert_id)) for (alert_id,) in alerts)
    return [progress for progress in found if progress.waiting]


def count_open(db: Database) -> int:
    """How many deliveries are still to be sent, or are being sent."""
    [(count,)] = db.rows("SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')")
    return int(count)


def _count_states(db: Database, alert_id: int) -> dict[DeliveryState, int]:
    values = {"alert": alert_id}
    deliveries = deliveries_of(db, "alert_id = :alert", values)
    return dict(db.rows(f"SELECT state, count(*) FROM {deliveries} GROUP BY state", values))  # noqa: S608  # from above


def _progress(alert_id: int, states: dict[DeliveryState, int]) -> Progress:
    waiting = states.get("queued", 0) + states.get("sending", 0)
    return Progress(alert_id, sum(states.values()), states.get("sent", 0), waiting)
