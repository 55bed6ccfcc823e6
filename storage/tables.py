"""Which tables and columns there are, asked of the schema: what is worked out from it forgets no newcomer."""

from typing import NamedTuple

from storage.database import Database


class Column(NamedTuple):
    """A column: whether it has to have a value, and whether it is of its table's key."""

    name: str
    is_required: bool
    is_key: bool


class Reference(NamedTuple):
    """That a column refers to another table's column, by which a row there is found."""

    table: str
    column: str
    to_table: str
    to_column: str


def tables(db: Database) -> list[str]:
    """Every table of ours by name: not the engine's own, nor the record of the migrations."""
    return [name for (name,) in db.rows(db.dialect.tables)]


def table_columns(db: Database, table: str) -> list[Column]:
    """The columns of a table, in their order."""
    rows = db.rows(db.dialect.columns, (table,))
    return [Column(name, bool(required), bool(key)) for name, required, key in rows]


def references(db: Database) -> list[Reference]:
    """Every reference of a table of ours to another."""
    return [
        Reference(table, column, to_table, to_column or key_of(db, to_table)[0])
        for table in tables(db)
        for column, to_table, to_column in db.rows(db.dialect.references, (table,))
    ]


def tables_with(db: Database, *columns: str) -> list[str]:
    """The names of the tables that have all of these columns, in alphabetical order."""
    return [table for table in tables(db) if set(columns) <= set(columns_of(db, table))]


def columns_of(db: Database, table: str) -> list[str]:
    """The names of a table's columns, in their order."""
    return [column.name for column in table_columns(db, table)]


def optional_columns_of(db: Database, table: str) -> set[str]:
    """The names of a table's columns that may be null."""
    return {column.name for column in table_columns(db, table) if not column.is_required}


def key_of(db: Database, table: str) -> list[str]:
    """The columns that name a row of a table."""
    return [column.name for column in table_columns(db, table) if column.is_key]
