"""Everything arrives whole in another database, and half of it is nowhere taken for the whole."""

import os
import random
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage import copying
from storage.alerts import raise_alert
from storage.copying import count, in_order, move
from storage.database import Database, StorageError, TakenError, open_database
from storage.market import save_facts
from storage.processes import is_gone, say_alive
from storage.tables import key_of, references, tables
from storage.unfinished import TABLE, mark_unfinished
from tests.storage.every_table import fill
from tests.storage.facts import ONE_OF_EACH, candle, quote
from tests.storage.postgres_server import PostgresServer

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
ODD = "<b>&</b> 🔴\u202e'\"%s ? :name \\x00"


@pytest.fixture
def target(target_engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of an empty database."""
    if target_engine == "sqlite":
        return str(tmp_path / "target.db")
    return str(request.getfixturevalue("postgres").new_database(empty=True))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target_engine" in metafunc.fixturenames:
        metafunc.parametrize("target_engine", ["sqlite", "postgres"])


def content(db: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in the order of the keys."""
    found = {}
    for table in tables(db):
        order = ", ".join(f'"{name}"' for name in key_of(db, table))
        found[table] = db.records(f'SELECT * FROM "{table}" ORDER BY {order}')
    return found


def filled(db: Database) -> Database:
    """Rows in every table, some more quotes, and a number that was given to an alert which is gone."""
    fill(db, (1, -100200300400), person_id=7)
    save_facts(db, [*ONE_OF_EACH, *(quote(NOON + n * timedelta(seconds=1), 0.1 + n / 3) for n in range(50))])
    db.execute("UPDATE chats SET title = ?", (ODD,))
    for statement in db.dialect.number_after:
        db.rows(statement, {"table": "alerts", "column": "id", "number": 900})
    db.execute("DELETE FROM alerts WHERE id = ?", (raise_alert(db, NOON, NOON, []),))
    return db


def test_every_row_arrives_as_it_was(db: Database, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "ROWS_A_STEP", 7)
    before, told = content(filled(db)), []
    with closing(open_database(target, unfinished=True)) as there:
        moved = move(db, there, lambda table, rows: told.append((table, rows)))
        assert content(there) == before == content(db)
        assert (
            moved == count(db) == count(there) == {t: len(rows) for t, rows in before.items() if t != TABLE}
        )
        # A number is never given twice.
        assert raise_alert(there, NOON, NOON, []) == raise_alert(db, NOON, NOON, []) == 902
    # Copied, and compared.
    assert sum(rows for _, rows in told) == 2 * sum(moved.values())
    open_database(target).close()


def test_the_one_character_that_not_every_engine_holds_is_replaced(path: Path, target: str) -> None:
    with closing(open_database(path)) as here, closing(open_database(target)) as there:
        fill(here, (1,), person_id=7)
        here.execute("UPDATE chats SET title = ?", ("An\0n",))
        move(here, there)
        assert there.rows("SELECT title FROM chats") == [("An\N{REPLACEMENT CHARACTER}n",)]


def test_nobody_starts_on_a_half(db: Database, path: Path, target: str) -> None:
    del path  # files are quick to make

    def stop(table: str, _rows: int) -> None:
        if table == "outbox":
            raise KeyboardInterrupt

    before = content(filled(db))
    with closing(open_database(target)) as there, pytest.raises(KeyboardInterrupt):
        move(db, there, stop)
    with pytest.raises(StorageError, match=r"has not ended.*begin it again with `python -m bot move`"):
        open_database(target)
    with closing(open_database(target, unfinished=True)) as there:
        move(db, there)
    with closing(open_database(target)) as there:
        assert content(there) == before


def test_a_copy_that_is_not_like_its_source_is_not_taken_for_one(
    db: Database, path: Path, target: str
) -> None:
    del path  # files are quick to make
    filled(db)
    with closing(open_database(target)) as there, closing(there.another()) as somebody:

        def spoil(table: str, _rows: int) -> None:
            if table == "quotes":
                somebody.execute("UPDATE quotes SET bid = bid + 0.0000001 WHERE at % 2 = 0")

        with pytest.raises(
            StorageError, match=r"of quotes 5\d rows were copied and 5\d are there, or they differ"
        ):
            move(db, there, spoil)
    with pytest.raises(StorageError, match="has not ended"):
        open_database(target)


def test_neither_data_that_is_there_nor_a_running_bot_is_disturbed(
    db: Database, path: Path, target: str
) -> None:
    del path
    with closing(open_database(target)) as there:
        for taken in (db, there):
            with (
                closing(taken.another()) as bot,
                bot.sole_use(),
                pytest.raises(TakenError, match="another bot"),
            ):
                move(db, there)
        save_facts(there, [candle()])
        with pytest.raises(StorageError, match=r"there is data in it already \(instruments, candles\)"):
            move(db, there)
        assert there.rows("SELECT count(*) FROM candles") == [(1,)]


def test_programs_that_only_receive_are_stopped_first_as_well(db: Database, path: Path, target: str) -> None:
    del path
    with closing(open_database(target)) as there:
        for taken in (db, there):
            say_alive(taken, "web-1", "web")
            with pytest.raises(TakenError, match="web-1 is running on this database; stop it first"):
                move(db, there)
            is_gone(taken, "web-1")
        assert move(db, there)["chats"] == 0


def test_the_server_waits_while_much_is_moved(postgres: PostgresServer, tmp_path: Path) -> None:
    """Comparing a year of readings takes minutes in which the source has nothing to do."""
    asked = """SELECT current_setting('idle_in_transaction_session_timeout'),
                      current_setting('statement_timeout')"""
    with (
        closing(open_database(postgres.shared_database())) as here,
        closing(open_database(tmp_path / "there.db")) as there,
    ):
        before, limits = here.rows(asked), set()
        save_facts(here, [candle()])
        move(here, there, lambda *_: limits.update(here.rows(asked)))
        assert limits == {("0", "0")}
        assert here.rows(asked) == before
        assert "0" not in before[0]


def test_tables_come_after_those_that_they_refer_to(db: Database) -> None:
    order = in_order(db)
    assert sorted([*order, TABLE]) == tables(db)
    assert all(order.index(r.to_table) <= order.index(r.table) for r in references(db))
    assert all(key_of(db, table) for table in order)


def test_a_half_is_not_moved_on(db: Database, where: str) -> None:
    mark_unfinished(db, "elsewhere.db")
    with pytest.raises(StorageError, match=r"the move of elsewhere\.db into it has not ended"):
        open_database(where)


MOVER = """
import sys
from storage import copying
from storage.database import open_database
copying.ROWS_A_STEP = 20
source, target = open_database(sys.argv[1]), open_database(sys.argv[2], unfinished=True)
print(flush=True)
copying.move(source, target, lambda table, rows: print(table, flush=True))
"""


def test_killed_at_any_step_it_is_refused_until_the_next_try_has_ended(
    db: Database, path: Path, target: str
) -> None:
    before = content(filled(db))
    choose = random.Random(20251103)
    for _ in range(2):
        steps = choose.randint(1, 40)
        with subprocess.Popen(
            [sys.executable, "-c", MOVER, str(path), target], stdout=subprocess.PIPE
        ) as mover:
            assert mover.stdout
            assert all(mover.stdout.readline() for _ in range(1 + steps))
            os.kill(mover.pid, signal.SIGKILL)
        with pytest.raises(StorageError, match="has not ended"):
            open_database(target)
    with closing(open_database(target, unfinished=True)) as there:
        move(db, there)
        assert content(there) == before
