"""Which tables and columns there are, asked of the schema: what is worked out from it forgets no newcomer."""

from storage.census import tables
from storage.database import Database


def tables_with(db: Database, *columns: str) -> list[str]:
    """The names of the tables that have all of these columns, in alphabetical order."""
    return [table for table in tables(db) if set(columns) <= set(columns_of(db, table))]


def columns_of(db: Database, table: str) -> list[str]:
    """The names of a table's columns, in their order."""
    return [name for (name,) in db.rows("SELECT name FROM pragma_table_info(?)", (table,))]


def optional_columns_of(db: Database, table: str) -> set[str]:
    """The names of a table's columns that may be null."""
    return {
        name for (name,) in db.rows("""SELECT name FROM pragma_table_info(?) WHERE "notnull" = 0""", (table,))
    }
