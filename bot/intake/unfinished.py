"""What was heard of liquidations in the last minutes before the program ended, kept for its next start."""

from collections import defaultdict

from signals.feeds.connections import Connections
from signals.feeds.liquidation_totals import MEASURES, STRETCH
from signals.gauges import Gauge
from signals.moments import from_ms, to_ms
from storage.database import Database
from storage.gauges import load_gauges
from storage.market import save_facts


def put_down(db: Database, connections: Connections) -> None:
    """Store the totals that were not given out yet, those of stretches that are not over as well.

    Raises:
        StorageError: nothing was stored.
    """
    save_facts(db, [gauge for each in connections.listeners.values() for gauge in each.rest()])


def take_up(db: Database, connections: Connections) -> None:
    """Go on from the totals of stretches that are not over: what is heard from now on is added to them.

    Raises:
        StorageError: the database cannot be read.
    """
    now = connections.context.clock()
    totals: dict[str, list[Gauge]] = defaultdict(list)
    for series, rows in load_gauges(db, to_ms(now) + 1, to_ms(now + STRETCH)):
        if series.measure in MEASURES:
            for at_ms, known_ms, value in zip(*(column.tolist() for column in rows.columns()), strict=True):
                totals[series.source].append(Gauge(series, from_ms(at_ms), value, from_ms(known_ms)))
    for venue, listener in connections.listeners.items():
        listener.resume(totals[venue])
