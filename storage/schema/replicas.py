"""The tables by which several processes share the work on one database."""

from sqlite_utils import Database as Tables

from storage.schema.migrations import MIGRATIONS


@MIGRATIONS(name="0021_lease")
def _lease(db: Tables) -> None:
    db.execute("""
        CREATE TABLE lease (                -- who leads: watches, polls and sends; one row, or none
            id INTEGER PRIMARY KEY CHECK (id = 1),
            holder TEXT NOT NULL,           -- the name of its process
            epoch INTEGER NOT NULL,         -- how often the lead was taken
            backend INTEGER NOT NULL,       -- the server's process behind the connection that holds the lock
            renewed_at INTEGER NOT NULL     -- by the clock of the database
        ) STRICT""")
    db.execute("""
        CREATE TABLE processes (            -- the programs that run on this database
            name TEXT PRIMARY KEY,
            part TEXT NOT NULL,             -- worker or web
            seen_at INTEGER NOT NULL        -- when it last said so, by the clock of the database
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE nudges (               -- how often the others were told to look at something anew
            subject TEXT PRIMARY KEY,
            count INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE changed_rules (        -- own alerts that the watch has to take in anew
            rule_id INTEGER PRIMARY KEY
        ) STRICT""")


@MIGRATIONS(name="0022_inbox_claims")
def _inbox_claims(db: Tables) -> None:
    db.execute("ALTER TABLE inbox ADD COLUMN owner TEXT")  # the process that handles it
    db.execute("ALTER TABLE inbox ADD COLUMN queue INTEGER")  # of one queue, a chat's, one after the other
    db.execute("CREATE INDEX inbox_queue ON inbox (queue, update_id) WHERE state = 'waiting'")
