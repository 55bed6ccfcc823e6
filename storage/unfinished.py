"""The mark of a database into which another one is being copied: half of it is there, nobody may use it."""

from storage.engines.interface import Database, StorageError

TABLE = "unfinished_move"


def mark_unfinished(db: Database, source: str) -> None:
    """From now on nobody takes it for whole, until the mark is taken off."""
    db.execute(
        """INSERT INTO unfinished_move (id, source) VALUES (1, ?)
           ON CONFLICT (id) DO UPDATE SET source = excluded.source""",
        (source,),
    )


def mark_finished(db: Database) -> None:
    """All of it is there."""
    db.execute("DELETE FROM unfinished_move")


def unfinished_source(db: Database) -> str | None:
    """What is being copied into it, or was when that was cut off; None: it is whole."""
    row = db.row("SELECT source FROM unfinished_move")
    return str(row[0]) if row else None


def refuse_unfinished(db: Database) -> None:
    """Go on only with a database that is whole.

    Raises:
        StorageError: it is not.
    """
    if source := unfinished_source(db):
        raise StorageError(
            f"{db.name}: the move of {source} into it has not ended; let it end, or begin it again with "
            "`python -m bot move`"
        )
