"""Migrations of what a move from another database leaves until it has ended."""

from sqlite_utils import Database as Tables

from storage.schema.migrations import MIGRATIONS


@MIGRATIONS(name="0024_unfinished_move")
def _unfinished_move(db: Tables) -> None:
    db.execute("""
        CREATE TABLE unfinished_move (      -- one row while another database is copied into this one
            id INTEGER PRIMARY KEY CHECK (id = 1),
            source TEXT NOT NULL            -- what is copied, without a password
        ) STRICT""")
