"""A connection to PostgreSQL that speaks of values as SQLite does, and on which nobody waits for ever."""

from collections.abc import Generator, Mapping
from decimal import Decimal
from time import monotonic
from typing import Any

import psycopg
from psycopg import postgres
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.types.string import StrDumperUnknown

SILENCE_SECONDS = 15.0
"""So long a server may say nothing to a question; its own limits below make it speak before."""

LIMITS = {
    "lock_timeout": "8s",
    "statement_timeout": "12s",
    "idle_in_transaction_session_timeout": "30s",
    "tcp_keepalives_idle": "5s",
    "tcp_keepalives_interval": "2s",
    "tcp_keepalives_count": "3",
}
"""A bot that hangs holds up nobody for longer, and one that is gone is noticed."""

_SESSION = f"""
    {" ".join(f"SET {limit} = '{value}';" for limit, value in LIMITS.items())}
    SET default_transaction_isolation = 'read committed';
    SET timezone = 'UTC';
    SET jit = off;
    SET temp_buffers = '32MB';
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'"""
"""What is committed is on the server's disk when it is acknowledged."""


class SilenceError(psycopg.OperationalError):
    """The server does not answer, and nobody knows what it has done."""


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """psycopg's, but for how long it waits. `patience`: seconds of silence, infinity for no end."""

    patience = SILENCE_SECONDS

    def wait(self, gen: Any, *args: Any, **more: Any) -> Any:
        """Wait for what `gen` does with the connection."""
        return super().wait(_until_silent(gen, self.patience), *args, **more)


def connect(parameters: Mapping[str, Any]) -> Connection:
    """A new connection on which every statement is its own transaction.

    Raises:
        psycopg.Error: there is none to be had.
    """
    connection = Connection.connect(**parameters, autocommit=True, cursor_factory=psycopg.ClientCursor)
    connection.adapters.register_dumper(bool, _TruthDumper)
    connection.adapters.register_dumper(str, _TextDumper)
    connection.adapters.register_loader("bool", _TruthLoader)
    connection.adapters.register_loader("numeric", _NumberLoader)
    connection.execute(_SESSION)
    return connection


def _until_silent(gen: Generator[Any, Any, Any], patience: float) -> Generator[Any, Any, Any]:
    """What `gen` does, for as long as something happens: each step is told what the socket is ready for."""
    heard, ready = monotonic(), None
    while True:
        try:
            wanted = gen.send(ready)
        except StopIteration as ended:
            return ended.value
        ready = yield wanted
        if ready:
            heard = monotonic()
        elif monotonic() - heard > patience:
            gen.close()
            raise SilenceError("the server does not answer")


class _TruthDumper(Dumper):
    """Truth values are 0 and 1, as in SQLite."""

    oid = postgres.types["int2"].oid

    def dump(self, obj: bool) -> Buffer:  # noqa: FBT001  # it is the value
        return b"1" if obj else b"0"

    def quote(self, obj: bool) -> Buffer:  # noqa: FBT001  # it is the value
        return self.dump(obj)


class _TruthLoader(Loader):
    def load(self, data: Buffer) -> int:
        return int(bytes(data) == b"t")


class _NumberLoader(Loader):
    """A sum of whole numbers has no limits there, and is whole all the same."""

    def load(self, data: Buffer) -> int | float:
        number = Decimal(bytes(data).decode())
        return int(number) if number == number.to_integral_value() else float(number)


class _TextDumper(StrDumperUnknown):
    """PostgreSQL's texts cannot hold the character 0, which people can send."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))
