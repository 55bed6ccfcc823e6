"""The address of a PostgreSQL, and what people may see of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from storage.engines.interface import StorageError

_PATIENT = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "client_encoding": "UTF8",
    "application_name": "aftershock",
}
"""A connection on which nothing comes any more is noticed within seconds. An address may say otherwise."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is. `name` is its address without user, password and options."""

    name: str
    parameters: Mapping[str, Any] = field(repr=False)


def address_of(url: str) -> Address:
    """The address that a URL means.

    Raises:
        StorageError: it means none; nothing of it is said, for the password may be anywhere in it.
    """
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error as error:
        raise StorageError(
            "postgresql://: the address cannot be understood; it should be "
            "postgresql://user:password@host/database, with %40 for an @ in the password and so on"
        ) from error
    return Address(_name(given), {**_PATIENT, **given})


def _name(given: Mapping[str, object]) -> str:
    # A password with an @ that was not written as %40 would end up in the host.
    host = str(given.get("host") or "localhost").rpartition("@")[2]
    port = f":{given['port']}" if given.get("port") else ""
    return f"postgresql://{host}{port}/{given.get('dbname') or given.get('user') or ''}"
