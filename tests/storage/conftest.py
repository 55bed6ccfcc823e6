"""A database of its own for every test, on each engine: a real file, and a real PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storage.database import Database, open_database
from tests.storage.copied import made_databases

if TYPE_CHECKING:
    from tests.storage.postgres_server import PostgresServer

ENGINES = ["sqlite", "postgres"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for the `path` of a file is about files; every other one is about both engines."""
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", ["sqlite"] if "path" in metafunc.fixturenames else ENGINES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of the SQLite engine."""
    return tmp_path / "aftershock.db"


@pytest.fixture
def made_here() -> Iterator[None]:
    """For tests of the migrations themselves: every database is made by them."""
    with made_databases():
        yield


@pytest.fixture
def where(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """What AFTERSHOCK_DATABASE would say."""
    if engine == "sqlite":
        return str(tmp_path / "aftershock.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.shared_database()


@pytest.fixture
def new_database(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[], str]:
    """Addresses of empty databases, one after the other; of the one before nothing is left."""
    if engine == "sqlite":
        numbers = count()
        return lambda: str(tmp_path / f"{next(numbers)}.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.shared_database


@pytest.fixture
def db(where: str) -> Iterator[Database]:
    with closing(open_database(where)) as db:
        yield db


@pytest.fixture
def other(db: Database) -> Iterator[Database]:
    """A second connection to the same database, as another process would have."""
    with closing(db.another()) as other:
        yield other
