"""Two processes that start at once on one PostgreSQL: the second waits for as long as the first goes on."""

import asyncio
from contextlib import closing
from datetime import timedelta

import pytest

from bot import opening
from bot.opening import opened
from storage.database import StorageError, open_database
from storage.engines import postgres_connection
from storage.engines.postgres import PostgresDatabase
from storage.engines.postgres_address import address_of
from storage.schema import migration_names
from tests.ports import free_port
from tests.storage.postgres_server import PostgresServer


async def test_a_database_that_another_brings_up_to_date_is_waited_for(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", opening.__name__)
    hurried = postgres_connection._SESSION.replace("lock_timeout = '8s'", "lock_timeout = '10ms'")
    monkeypatch.setattr(postgres_connection, "_SESSION", hurried)
    monkeypatch.setattr(opening, "AGAIN_AFTER", timedelta(milliseconds=5))
    url, tries = postgres.new_database(empty=True), 0

    def open_it() -> PostgresDatabase:
        nonlocal tries
        tries += 1
        db = open_database(url)
        assert isinstance(db, PostgresDatabase)
        return db

    with closing(PostgresDatabase(address_of(url))) as first:
        with first.transaction():
            opening_it = asyncio.create_task(opened(open_it))
            async with asyncio.timeout(30):
                while tries < 4:  # noqa: ASYNC110  # it is another task that counts
                    await asyncio.sleep(0.01)
            assert not opening_it.done()
        with closing(await opening_it) as db:
            applied = db.rows("SELECT name FROM _aftershock_migrations")
            assert {name for (name,) in applied} == migration_names()
            begin, end = caplog.messages
            assert begin.startswith(f"{db.name}: another process keeps the database locked")
            assert begin.endswith("waiting until it is done")
            assert end == f"{db.name}: it is free again"


async def test_what_will_not_pass_by_waiting_is_not_waited_for() -> None:
    url = f"postgresql://127.0.0.1:{free_port()}/bot"
    with pytest.raises(StorageError, match="no server answers there"):
        await opened(lambda: open_database(url))
