"""What only a server can do to a bot: be away, go away, say nothing, refuse, belong to others."""

import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

import storage.engines.postgres
from signals.facts import COINBASE_BTC, Candle
from signals.moments import to_ms
from storage import outbox
from storage.chats import ensure_chat
from storage.database import Database, StorageError, open_database
from storage.engines import postgres_connection
from storage.engines.postgres import PostgresDatabase
from storage.engines.postgres_address import address_of
from storage.engines.postgres_errors import sentence_at_connecting
from storage.market import read_candles, save_facts
from storage.outbox import Delivery
from storage.schema import migration_names
from storage.sole import sole_use
from tests.storage.postgres_server import PASSWORD, TEMPLATE, PostgresServer

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)


@pytest.fixture
def engine() -> str:
    return "postgres"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    del metafunc  # there is one engine here


@pytest.fixture
def db(postgres: PostgresServer) -> Iterator[PostgresDatabase]:
    db = open_database(postgres.shared_database())
    assert isinstance(db, PostgresDatabase)
    with closing(db):
        yield db


def end_connection(postgres: PostgresServer, db: Database) -> None:
    """As an operator, a restart or a network does."""
    [(process,)] = db.rows("SELECT pg_backend_pid()")
    postgres.execute(f"SELECT pg_terminate_backend({process}, 5000)")


def jobs(db: Database) -> list[Any]:
    return db.rows("SELECT job FROM jobs ORDER BY job")


def refusal(where: str) -> str:
    """Why a database cannot be opened; the password is nowhere in it, nor in what caused it."""
    with pytest.raises(StorageError) as caught:
        open_database(where)
    assert "\n" not in str(caught.value)
    assert PASSWORD not in str(caught.value)
    return str(caught.value)


def test_its_name_is_the_address_without_the_password(postgres: PostgresServer, db: PostgresDatabase) -> None:
    assert db.name == f"postgresql://127.0.0.1:{postgres.port}/{TEMPLATE}"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgres://ann:secret@db.example/bot", "postgresql://db.example/bot"),
        ("postgresql://ann:secret@db.example:6432/bot?sslmode=require", "postgresql://db.example:6432/bot"),
        ("postgresql:///bot?host=/run/postgresql&password=secret", "postgresql:///run/postgresql/bot"),
        ("postgresql://ann:sec%40ret@db.example/bot", "postgresql://db.example/bot"),
        # The sign in the password should have been written as %40.
        ("postgresql://ann:se@secret@db.example/bot", "postgresql://db.example/bot"),
        ("postgresql://ann:secret@/bot", "postgresql://localhost/bot"),
        ("postgresql://ann:secret@db.example", "postgresql://db.example/ann"),
    ],
)
def test_what_is_shown_of_an_address(url: str, name: str) -> None:
    assert address_of(url).name == name


@pytest.mark.parametrize(
    "url", ["postgresql://ann:secret@[::1", "postgresql://a:secret@h/db?nonsense=secret"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(StorageError, match="the address cannot be understood") as caught:
        open_database(url)
    assert "secret" not in str(caught.value)


def test_a_wrong_password_user_or_name(postgres: PostgresServer) -> None:
    place = f"postgresql://127.0.0.1:{postgres.port}"
    postgres.execute("DROP ROLE IF EXISTS guest")
    postgres.execute(f"CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'")
    wrong = f"{place}/{TEMPLATE}: the password is wrong"
    assert refusal(postgres.url(TEMPLATE, password="s3cret-wrong")) == wrong
    assert refusal(postgres.url(TEMPLATE, user="nobody")) == wrong
    assert refusal(postgres.url("nowhere")) == f"{place}/nowhere: the database does not exist"
    name = postgres.new_database(empty=True).rpartition("/")[2]
    assert refusal(postgres.url(name, user="guest")) == f"{place}/{name}: the user has no right to do this"


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{unused.getsockname()[1]}"
        told = refusal(f"postgresql://ann:{PASSWORD}@{place}/bot")
    assert told == f"postgresql://{place}/bot: no server answers there: the connection was refused"


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("[Errno -2] Name or service not known", "there is no such host"),
        ("connection timeout expired", "no server answers there in time"),
        ("FATAL:  the database system is starting up", "the server is starting or stopping"),
        ("FATAL:  sorry, too many clients already", "the server has too many connections"),
        ("server does not support SSL, but SSL was required", "the encrypted connection cannot be made"),
        ("FATAL:  etwas anderes", "the server cannot be reached"),
    ],
)
def test_why_there_is_no_connection(told: str, sentence: str) -> None:
    assert sentence_at_connecting(psycopg.OperationalError(f"connection failed: {told}")) == sentence


def test_without_the_library_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "storage.engines.postgres", None)
    with pytest.raises(StorageError, match=r"pip install 'psycopg\[binary\]'"):
        open_database("postgresql://ann:secret@db.example/bot")


def test_who_waited_in_vain_does_not_wait_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[float] = []
    clock = iter([100.0, 105.0, 109.0, 110.5, 110.5])

    def connect(_: object) -> None:
        attempts.append(0)
        raise psycopg.OperationalError("connection failed: connection timeout expired")

    monkeypatch.setattr(storage.engines.postgres, "monotonic", lambda: next(clock))
    monkeypatch.setattr(storage.engines.postgres, "connect", connect)
    db = PostgresDatabase(address_of("postgresql://ann:secret@db.example/bot"))
    for tried in (1, 1, 2):
        with pytest.raises(StorageError, match="no server answers there in time"):
            db.rows("SELECT 1")
        assert len(attempts) == tried


def test_a_connection_that_is_lost_is_made_anew(postgres: PostgresServer, db: PostgresDatabase) -> None:
    end_connection(postgres, db)
    with pytest.raises(StorageError) as caught:
        jobs(db)
    assert str(caught.value) == f"{db.name}: the connection was lost"
    assert jobs(db) == []


def test_a_transaction_that_is_cut_off_is_nowhere(postgres: PostgresServer, db: PostgresDatabase) -> None:
    """Not even what came after the loss: it may not go over the next connection as if it stood alone."""

    def go_on() -> None:
        with db.transaction():
            db.execute("INSERT INTO jobs (job) VALUES ('before')")
            end_connection(postgres, db)
            with pytest.raises(StorageError), db.transaction():
                db.execute("INSERT INTO jobs (job) VALUES ('during')")
            db.execute("INSERT INTO jobs (job) VALUES ('after')")

    with pytest.raises(StorageError, match="the connection was lost"):
        go_on()
    assert jobs(db) == []
    db.execute("INSERT INTO jobs (job) VALUES ('anew')")
    assert jobs(db) == [("anew",)]


def test_a_failure_that_was_passed_over_is_told_at_the_end(db: PostgresDatabase) -> None:
    """Unlike SQLite's, a transaction does not go on after a statement that failed."""

    def pass_over() -> None:
        with db.transaction():
            db.execute("INSERT INTO jobs (job) VALUES ('a')")
            with pytest.raises(psycopg.IntegrityError):
                db.execute("INSERT INTO jobs (job) VALUES ('a')")

    with pytest.raises(StorageError, match="nothing is stored"):
        pass_over()
    assert jobs(db) == []


def test_sole_use_goes_on_over_a_lost_connection(postgres: PostgresServer, db: PostgresDatabase) -> None:
    with closing(db.another()) as other, sole_use(db):
        end_connection(postgres, db)
        with pytest.raises(StorageError):
            jobs(db)
        assert jobs(db) == []
        with pytest.raises(StorageError, match="another bot is running"), sole_use(other):
            pass


def test_who_lost_sole_use_to_another_cannot_write(postgres: PostgresServer, db: PostgresDatabase) -> None:
    with closing(db.another()) as other, sole_use(db):
        end_connection(postgres, db)
        with sole_use(other):
            for _ in range(2):
                with pytest.raises(StorageError):
                    db.execute("INSERT INTO jobs (job) VALUES ('a')")
            assert jobs(other) == []
        assert jobs(db) == []


def test_a_server_that_says_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch, db: PostgresDatabase
) -> None:
    """The packets arrive and nothing comes back: neither side's system notices that."""
    monkeypatch.setattr(postgres_connection.Connection, "patience", 0.2)
    with pytest.raises(StorageError, match="the connection was lost"):
        db.rows("SELECT pg_sleep(5)")
    assert jobs(db) == []


def test_an_answer_that_comes_in_pieces_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, db: PostgresDatabase
) -> None:
    monkeypatch.setattr(postgres_connection.Connection, "patience", 0.5)
    rows = db.rows(
        """SELECT repeat('x', 100000), CASE WHEN n % 4 = 0 THEN pg_sleep(0.1) END
           FROM generate_series(1, 32) AS n"""
    )
    assert len(rows) == 32


def test_a_statement_that_takes_too_long_is_ended(db: PostgresDatabase) -> None:
    db.execute("SET statement_timeout = 50")
    with pytest.raises(StorageError, match="a statement took too long and was ended"):
        db.rows("SELECT pg_sleep(5)")
    with db.unhurried():
        db.rows("SELECT pg_sleep(0.1)")
    assert jobs(db) == []


def test_a_transaction_may_wait_for_what_is_done_elsewhere_where_nobody_waits_for_it(
    db: PostgresDatabase,
) -> None:
    with closing(db.another()) as other:
        db.execute("SET idle_in_transaction_session_timeout = 50")
        with db.unhurried(), db.transaction():
            db.execute("INSERT INTO jobs (job) VALUES ('a')")
            other.rows("SELECT pg_sleep(0.2)")
        assert jobs(db) == [("a",)]


def test_a_text_that_postgres_cannot_hold_is_kept_without_that(db: PostgresDatabase) -> None:
    db.execute("INSERT INTO jobs (job) VALUES (?)", ("a\0b",))
    assert jobs(db) == [("a\N{REPLACEMENT CHARACTER}b",)]


def test_processes_that_start_together_agree_on_the_tables(postgres: PostgresServer) -> None:
    where, failures = postgres.new_database(empty=True), []

    def start() -> None:
        try:
            open_database(where).close()
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    crowd = [threading.Thread(target=start) for _ in range(4)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert failures == []
    with closing(open_database(where)) as db:
        names = db.rows("SELECT name FROM _aftershock_migrations")
        assert {name for (name,) in names} == migration_names()
        db.execute("INSERT INTO _aftershock_migrations (name, applied_at) VALUES ('9999_more', now())")
    assert refusal(where).endswith(": made by a newer version of the bot (it has 9999_more)")


def test_an_older_database_is_brought_up_to_date_and_keeps_its_rows(postgres: PostgresServer) -> None:
    where = postgres.new_database(empty=True)
    with closing(open_database(where)) as db:
        db.execute("INSERT INTO jobs (job) VALUES ('a')")
        db.execute("DELETE FROM _aftershock_migrations WHERE name = '0018_heartbeat'")
        db.execute("DROP TABLE heartbeat")
    with closing(open_database(where)) as db:
        assert db.rows("SELECT count(*) FROM heartbeat") == [(0,)]
        assert jobs(db) == [("a",)]


def test_the_database_of_another_program_is_left_alone(postgres: PostgresServer) -> None:
    where = postgres.new_database(empty=True)
    with psycopg.connect(where, autocommit=True) as foreign:
        foreign.execute("CREATE TABLE recipes (name text)")
        assert refusal(where).endswith(": this is the database of another program")
        assert foreign.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall() == [
            ("recipes",)
        ]


def test_a_database_that_cannot_hold_every_language_is_refused(postgres: PostgresServer) -> None:
    postgres.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    assert refusal(postgres.url("latin")).endswith(": its encoding is LATIN1, and it has to be UTF8")


def test_every_table_and_key_is_there_as_in_a_file(db: PostgresDatabase) -> None:
    with closing(open_database(":memory:")) as file:
        for question in ("columns", "references"):
            for (table,) in file.rows(file.dialect.tables):
                ours = {row[0]: row[1:] for row in file.rows(getattr(file.dialect, question), (table,))}
                theirs = {row[0]: row[1:] for row in db.rows(getattr(db.dialect, question), (table,))}
                # A file's reference may leave the column out that it means.
                assert re.sub(r"None", "'id'", str(ours)) == str({name: theirs[name] for name in ours}), table
        assert file.rows(file.dialect.tables) == db.rows(db.dialect.tables)


@pytest.mark.parametrize("is_counted", [False, True])
def test_claiming_is_a_walk_along_an_index_whatever_statistics_say(
    db: PostgresDatabase, *, is_counted: bool
) -> None:
    """A fan-out is sent before the server has looked at what it wrote."""
    ensure_chat(db, 1, "private", "x", NOON)
    outbox.enqueue(db, [Delivery(chat_id=1, kind="alert", text="x", created_at=NOON)] * 300)
    if is_counted:
        db.execute("ANALYZE outbox")
    with db.transaction():
        db.keep_to_indexes()
        values = {"now": to_ms(NOON), "limit": 30, "below": 99}
        plan = "\n".join(line for (line,) in db.rows(f"EXPLAIN {outbox._NEXT}", values))
    assert "Index Scan using outbox_next on outbox due" in plan
    assert not re.search("Sort|Seq Scan|Bitmap", plan)


def test_whole_tables_are_joined_at_once_for_a_while(db: PostgresDatabase) -> None:
    """What was written a moment ago is in no statistics: by those a hundred thousand rows look like one."""

    def settings() -> list[object]:
        return [db.row(f"SHOW {name}") for name in ("enable_nestloop", "enable_mergejoin", "work_mem")]

    with db.transaction():
        before = settings()
        with db.wholesale():
            assert settings() == [("off",), ("off",), ("32MB",)]
        assert settings() == before


def test_what_fails_while_tables_are_joined_at_once_is_undone_with_it(db: PostgresDatabase) -> None:
    usual = db.rows("SHOW enable_nestloop")
    with db.transaction():
        with pytest.raises(psycopg.errors.UndefinedTable), db.transaction(), db.wholesale():
            db.execute("DROP TABLE nowhere")
        assert db.rows("SHOW enable_nestloop") == usual


def test_the_room_of_old_readings_is_used_again_soon(db: PostgresDatabase) -> None:
    """Left alone the server clears up when a fifth of a table is dead: of bars, once in a month."""
    told = db.rows(
        "SELECT relname, reloptions[1] FROM pg_class WHERE relkind = 'r' AND reloptions <> '{}' ORDER BY 1"
    )
    assert told == [
        (table, "autovacuum_vacuum_scale_factor=0.02") for table in ("candles", "gauges", "quotes")
    ]


def test_a_bar_takes_as_little_room_as_it_can(db: PostgresDatabase) -> None:
    bar = Candle(COINBASE_BTC, timedelta(days=1), NOON, 100.5, 110.5, 90.5, 105.5, 12.5)
    save_facts(db, [bar])
    assert read_candles(db, COINBASE_BTC, timedelta(days=1)) == [bar]
    [(row, key)] = db.rows(
        """SELECT pg_column_size(candles.*), pg_column_size(ROW(instrument, timeframe_ms, opened_at))
           FROM candles"""
    )
    assert (row, key) == (24 + 2 * 4 + 6 * 8, 24 + 2 * 4 + 8)
