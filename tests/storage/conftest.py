"""A database of its own for every test, in a real file."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.database import Database, open_database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "aftershock.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    with closing(open_database(path)) as db:
        yield db


@pytest.fixture
def other(db: Database, path: Path) -> Iterator[Database]:
    """A second connection to the same file, as another process would have."""
    del db  # the file is there
    with closing(open_database(path)) as other:
        yield other
