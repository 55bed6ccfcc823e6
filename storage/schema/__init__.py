"""Every table, and every change the tables ever went through, as migrations by name.

A migration that was released is never edited; a new one follows it. Every table is STRICT: a value of the
wrong type is refused. Unless a comment says otherwise a moment (`at`, `..._at`, `..._until`, `not_before`)
is an INTEGER of milliseconds since the Unix epoch, UTC. What a PostgreSQL alone is to do stands
in `/* PostgreSQL: ... */`, which SQLite takes for a comment.
"""

from collections.abc import Callable

from sqlite_utils import Database as Tables

# Imported in the order in which their migrations are applied.
from storage.schema import core  # noqa: F401  isort: skip
from storage.schema import community  # noqa: F401  isort: skip
from storage.schema import sending  # noqa: F401  isort: skip
from storage.schema import fanout  # noqa: F401  isort: skip
from storage.schema import replicas  # noqa: F401  isort: skip
from storage.schema import moves  # noqa: F401  isort: skip
from storage.schema import starting  # noqa: F401  isort: skip
from storage.schema import letters  # noqa: F401  isort: skip
from storage.schema import year  # noqa: F401  isort: skip
from storage.schema import sharing  # noqa: F401  isort: skip
from storage.schema import threads  # noqa: F401  isort: skip
from storage.schema.migrations import APPLICATION_ID, MIGRATIONS

__all__ = ["APPLICATION_ID", "MIGRATIONS", "all_migrations", "migration_names"]


def all_migrations() -> dict[str, Callable[[Tables], None]]:
    """Every migration by its name, in order: every one is pending in an empty database."""
    return {migration.name: migration.fn for migration in MIGRATIONS.pending(Tables(memory=True))}


def migration_names() -> frozenset[str]:
    """The names of all migrations."""
    return frozenset(all_migrations())
