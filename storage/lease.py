"""The lease: who leads, the number of that lead, and when it was last renewed by the database's clock.

The lock decides who may lead (`storage.sole`); the lease says whether whoever holds the lock is still alive,
and a lead that was lost by its number: what was taken since has another one.
"""

from datetime import timedelta
from typing import NamedTuple

from signals.moments import to_ms
from storage.clock import database_now
from storage.database import Database


class Lease(NamedTuple):
    """The name of the process that leads, the number of its lead, and how long ago it was renewed.

    `backend`: the number by which the database knows the connection that holds the lock.
    """

    holder: str
    epoch: int
    backend: int
    renewed_ago: timedelta


def read_lease(db: Database) -> Lease | None:
    """Who leads or led last; None: nobody ever did."""
    row = db.row("SELECT holder, epoch, backend, renewed_at FROM lease WHERE id = 1")
    if row is None:
        return None
    holder, epoch, backend, renewed_ms = row
    return Lease(holder, epoch, backend, timedelta(milliseconds=to_ms(database_now(db)) - renewed_ms))


def take_lease(db: Database, holder: str, backend: int) -> int:
    """Whoever holds the lock leads from now on; the number of its lead."""
    [(epoch,)] = db.rows(
        """INSERT INTO lease (id, holder, epoch, backend, renewed_at) VALUES (1, ?, 1, ?, ?)
           ON CONFLICT (id) DO UPDATE
           SET holder = excluded.holder, epoch = lease.epoch + 1, backend = excluded.backend,
               renewed_at = excluded.renewed_at
           RETURNING epoch""",
        (holder, backend, to_ms(database_now(db))),
    )
    return int(epoch)


def renew_lease(db: Database, epoch: int) -> bool:
    """The lead goes on. False: somebody else has taken it since."""
    now_ms = to_ms(database_now(db))
    return db.execute("UPDATE lease SET renewed_at = ? WHERE id = 1 AND epoch = ?", (now_ms, epoch)) > 0


def is_leading(db: Database, epoch: int) -> bool:
    """Whether the lead of that number is still the present one; asked over the connection of the lock."""
    return db.row("SELECT 1 FROM lease WHERE id = 1 AND epoch = ?", (epoch,)) is not None
