"""Migrations of what processes tell each other of Telegram's limits, which are one for all of them."""

from sqlite_utils import Database as Tables

from storage.schema.migrations import MIGRATIONS


@MIGRATIONS(name="0028_processes_per_second")
def _processes_per_second(db: Tables) -> None:
    # How many messages it said in a second when it last said that it is there.
    db.execute("ALTER TABLE processes ADD COLUMN per_second INTEGER NOT NULL DEFAULT 0")
