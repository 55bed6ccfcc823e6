from storage.cursors import read_cursor, save_cursor
from storage.database import Database


def test_a_cursor_is_nowhere_at_first(db: Database) -> None:
    assert read_cursor(db, "updates") is None


def test_a_cursor_goes_on_where_it_was_left(db: Database, other: Database) -> None:
    save_cursor(db, "updates", 7)
    save_cursor(db, "updates", 2**40)
    save_cursor(db, "news", 1)
    assert read_cursor(other, "updates") == 2**40
