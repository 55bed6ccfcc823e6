"""One bot a database: a second one would tell every change once more."""

from contextlib import AbstractContextManager

from storage.database import Database


def sole_use(db: Database) -> AbstractContextManager[None]:
    """Be the only bot on a database while the block runs.

    Raises:
        TakenError: another bot runs on it.
        StorageError: nobody can tell.
    """
    return db.sole_use()
