"""Which earlier alert an alert answers, in each place where it is told: the one that it takes back."""

from collections.abc import Mapping, Sequence

from signals.conditions import Change, Kind
from signals.turning import takes_back
from storage.database import Database
from storage.held import Place
from storage.sent_alerts import last_told

_MATTERS = (Kind.WARNING, Kind.CONDITION, Kind.SHOCK, Kind.VERDICT)
"""The kinds of changes, what matters most last: an alert that tells several answers one."""


def answered_alerts(db: Database, changes: Sequence[Change]) -> Mapping[Place, int]:
    """The alert that changes of one moment take back, by chat and thread, where one was told.

    Raises:
        StorageError: what was told cannot be read.
    """
    found: dict[Place, int] = {}
    for change in sorted(changes, key=lambda change: _MATTERS.index(change.kind)):
        for place, told in last_told(db, change.id).items():
            if takes_back(change, told.state):
                found[place] = told.alert_id
    return found
