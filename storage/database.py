"""The database that a setting names: a file of SQLite's, or an address of a PostgreSQL."""

from pathlib import Path

from storage.engines.interface import (
    BusyError,
    Database,
    Record,
    Row,
    SharedDatabase,
    StorageError,
    TakenError,
    Values,
)
from storage.engines.sqlite import IN_MEMORY, open_sqlite
from storage.unfinished import refuse_unfinished

__all__ = [
    "IN_MEMORY",
    "BusyError",
    "Database",
    "Record",
    "Row",
    "SharedDatabase",
    "StorageError",
    "TakenError",
    "Values",
    "is_postgres",
    "open_database",
    "open_shared",
]

_SCHEMES = ("postgresql://", "postgres://")


def is_postgres(where: str | Path) -> bool:
    """Whether an address means a PostgreSQL, and not a file."""
    return str(where).startswith(_SCHEMES)


def open_database(where: str | Path, *, unfinished: bool = False) -> Database:
    """Open a database, made where it is a file that is not there, and bring its tables up to date.

    `:memory:` keeps nothing; `postgresql://user:password@host/name` is a PostgreSQL's.
    One into which another database was copied only in part is refused, unless it may be `unfinished`.

    Raises:
        StorageError: it cannot be used; the message is one line that says why.
    """
    db = _open(where)
    try:
        if not unfinished:
            refuse_unfinished(db)
    except BaseException:
        db.close()
        raise
    return db


def _open(where: str | Path) -> Database:
    if not is_postgres(where):
        return open_sqlite(where)
    try:
        from storage.engines.postgres import open_postgres  # noqa: PLC0415  # an extra that few need
    except ImportError as error:
        raise StorageError(
            "a postgresql:// database needs psycopg, which is not here: pip install 'psycopg[binary]'"
        ) from error
    return open_postgres(str(where))


def open_shared(where: str) -> SharedDatabase:
    """Open a PostgreSQL for whoever leads or wants to.

    Raises:
        StorageError: it cannot be used; the message is one line that says why.
    """
    assert is_postgres(where), "a file is used by one program at a time"
    open_database(where).close()
    from storage.engines.postgres_address import address_of  # noqa: PLC0415  # an extra that few need
    from storage.engines.postgres_shared import SharedPostgres  # noqa: PLC0415

    return SharedPostgres(address_of(where))
