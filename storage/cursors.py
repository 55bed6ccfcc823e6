"""How far something that comes in order has been read, such as Telegram's updates."""

from storage.database import Database


def read_cursor(db: Database, name: str) -> int | None:
    """The position to go on from, or None at the very beginning."""
    row = db.row("SELECT position FROM cursors WHERE name = ?", (name,))
    return None if row is None else int(row[0])


def save_cursor(db: Database, name: str, position: int) -> None:
    """Go on from here next time."""
    db.execute(
        """INSERT INTO cursors (name, position) VALUES (?, ?)
           ON CONFLICT (name) DO UPDATE SET position = excluded.position""",
        (name, position),
    )
