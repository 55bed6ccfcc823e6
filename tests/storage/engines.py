"""What tests need to know of an engine: its word for a broken rule, its tables to come, its schema."""

import sqlite3
from functools import cache

import psycopg

from storage.database import IN_MEMORY, Database, open_database
from storage.engines.postgres import PostgresDatabase
from storage.engines.translation import definition

BROKEN_RULE = (sqlite3.IntegrityError, psycopg.IntegrityError)
BUG = (sqlite3.Error, psycopg.Error)
WRONG_VALUE = (*BROKEN_RULE, psycopg.DataError)


def make_table(db: Database, sql: str) -> None:
    """A table that a later version may have."""
    db.execute(definition(sql) if isinstance(db, PostgresDatabase) else sql)


def schema_of(db: Database) -> Database:
    """A database with the same tables that answers PRAGMAs: types and rules are the same on both engines."""
    return _in_memory() if isinstance(db, PostgresDatabase) else db


@cache
def _in_memory() -> Database:
    return open_database(IN_MEMORY)
