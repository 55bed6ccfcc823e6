"""Which migrations a database lacks, and that one from a newer version is left alone."""

from collections.abc import Iterable

from storage.engines.interface import StorageError
from storage.schema import migration_names


def missing_migrations(name: str, applied: Iterable[str]) -> frozenset[str]:
    """The names of the migrations that are still to be applied.

    Raises:
        StorageError: a newer version made the database; it may mean things that this one does not know.
    """
    known, applied = migration_names(), frozenset(applied)
    if newer := applied - known:
        raise StorageError(f"{name}: made by a newer version of the bot (it has {', '.join(sorted(newer))})")
    return known - applied
