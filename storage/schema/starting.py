"""Migrations of what a start asks for before anything is sent."""

from sqlite_utils import Database as Tables

from storage.schema.migrations import MIGRATIONS


@MIGRATIONS(name="0025_outbox_sent")
def _outbox_sent(db: Tables) -> None:
    # What counts for the limits of the first minute, among all that was sent in a month.
    db.execute("CREATE INDEX outbox_sent ON outbox (sent_at) WHERE state = 'sent'")
