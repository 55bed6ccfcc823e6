"""Which earlier alert an alert answers, in each place where it is told: the one that it takes back."""

from collections.abc import Iterator, Sequence

from signals.conditions import Change, Kind
from signals.turning import takes_back
from storage.database import Database
from storage.held import Place
from storage.sent_alerts import last_told
from storage.turns import Turn, alerts_about

_MATTERS = (Kind.WARNING, Kind.CONDITION, Kind.SHOCK, Kind.VERDICT)
"""The kinds of changes, what matters most last: an alert that tells several answers one."""


def turns_of(db: Database, alerts: Sequence[tuple[int, Sequence[Change]]]) -> list[Turn]:
    """Of which states alerts, with their changes, take back what was told; what matters most first.

    Raises:
        StorageError: what was told cannot be read.
    """
    return [
        Turn(alert_id, change.id, state)
        for alert_id, changes in alerts
        for change in _by_matter(changes)
        for state in sorted(set(alerts_about(db, change.id).values()))
        if takes_back(change, state)
    ]


def answered_alert(db: Database, place: Place, changes: Sequence[Change]) -> int | None:
    """The alert that changes of one moment take back in a thread of a chat, where one was told there.

    Raises:
        StorageError: what was told cannot be read.
    """
    return next(_answered(db, place, changes), None)


def _answered(db: Database, place: Place, changes: Sequence[Change]) -> Iterator[int]:
    for change in _by_matter(changes):
        told = last_told(db, place, change.id)
        if told is not None and takes_back(change, told.state):
            yield told.alert_id


def _by_matter(changes: Sequence[Change]) -> list[Change]:
    """What matters most first, and of one kind the last."""
    ordered = sorted(changes, key=lambda change: _MATTERS.index(change.kind))
    return ordered[::-1]
