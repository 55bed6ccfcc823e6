"""The pulse: the watch itself is watched.

Each look leaves its moment in storage. Where the one before is too long ago nothing was watched in between,
for the process was killed, the machine asleep or the event loop stuck; that is a fact like any other, stored
beside the market, and the warning `blind` tells of it. Bars and flows of that time are filled in and judged
at their true moments.
"""

import logging
from datetime import datetime, timedelta

from bot.settings import Settings
from signals.blind import WATCH
from signals.gauges import Gauge
from storage.database import Database
from storage.heartbeat import last_beat, record_beat
from storage.market import save_facts

log = logging.getLogger(__name__)


def beat(db: Database, settings: Settings, now: datetime) -> tuple[Gauge, ...]:
    """Note that the market is looked at now; the pause that ends with it, if there was one.

    Raises:
        StorageError: nothing was noted.
    """
    with db.transaction():
        before = last_beat(db)
        record_beat(db, now)
        ended = pause(before, now, timedelta(minutes=settings.blind_minutes))
        save_facts(db, ended)
    for gauge in ended:
        log.warning("nothing was watched for %.0f s until now", gauge.value)
    return ended


def pause(before: datetime | None, now: datetime, told_after: timedelta) -> tuple[Gauge, ...]:
    """The pause between two looks, where it was longer than is told; a clock that was set back makes none."""
    if before is None or now - before <= told_after:
        return ()
    return (Gauge(WATCH, now, (now - before).total_seconds(), known_at=now),)
