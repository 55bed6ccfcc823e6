"""Migrations that keep a year of readings small in a PostgreSQL."""

from sqlite_utils import Database as Tables

from storage.schema.migrations import MIGRATIONS


@MIGRATIONS(name="0027_room_of_readings")
def _room_of_readings(db: Tables) -> None:
    # Whole numbers have four bytes there instead of eight, in each row and in each entry of the key.
    db.execute("""/* PostgreSQL:
        ALTER TABLE candles
            ALTER COLUMN instrument TYPE integer,
            ALTER COLUMN timeframe_ms TYPE integer */""")
    # The room of what an hour or a night deletes is used again by the next one. Left alone the server waits
    # until a fifth of a table is dead: a month of bars.
    for table in ("candles", "gauges", "quotes"):
        db.execute(f"/* PostgreSQL: ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.02) */")
