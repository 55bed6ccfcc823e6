"""The lock of the lead on a real PostgreSQL: it is the connection's, and goes with it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from storage.database import SharedDatabase, StorageError, open_shared
from tests.storage.postgres_server import PostgresServer


@pytest.fixture
def pair(postgres: PostgresServer) -> Iterator[tuple[SharedDatabase, SharedDatabase]]:
    """The connections of two processes."""
    url = postgres.shared_database()
    with closing(open_shared(url)) as one, closing(open_shared(url)) as two:
        yield one, two


Pair = tuple[SharedDatabase, SharedDatabase]


def test_one_alone_has_it_until_its_connection_ends(pair: Pair) -> None:
    one, two = pair
    assert (one.try_sole_use(), two.try_sole_use()) == (True, False)
    one.close()
    assert comes_true(two.try_sole_use)


def comes_true(asked: Callable[[], bool]) -> bool:
    """The server takes a moment to notice that a connection was closed."""
    until = time.monotonic() + 10
    while not (is_true := asked()) and time.monotonic() < until:
        time.sleep(0.05)
    return is_true


def test_whoever_is_ended_has_lost_it_and_a_pinned_connection_does_not_come_back(pair: Pair) -> None:
    one, two = pair
    one.try_sole_use()
    backend = one.backend
    one.pin()
    two.end_sole_use_of(backend)
    assert two.try_sole_use()
    for _ in range(2):
        with pytest.raises(StorageError, match="the connection was lost"):
            one.rows("SELECT 1")


def test_whoever_gives_it_up_does_not_take_it_again_with_a_new_connection(pair: Pair) -> None:
    one, two = pair
    one.try_sole_use()
    one.cut()
    one.give_up_sole_use()
    assert comes_true(two.try_sole_use)
    assert one.rows("SELECT 1") == [(1,)]
    assert not one.try_sole_use()


def test_only_the_holder_of_the_lock_is_ended(pair: Pair) -> None:
    one, two = pair
    two.try_sole_use()
    backend = one.backend
    one.pin()
    two.end_sole_use_of(backend)
    assert one.rows("SELECT 1") == [(1,)]


def test_a_connection_is_cut_under_a_statement_that_waits(pair: Pair) -> None:
    one, two = pair
    one.pin()
    backend = one.backend
    timer = threading.Timer(0.1, one.cut)
    timer.start()
    with pytest.raises(StorageError, match="the connection was lost"):
        one.rows("SELECT pg_sleep(10)")
    timer.join()
    # There is nothing left to cut, but the server sleeps on.
    one.cut()
    two.rows("SELECT pg_terminate_backend(?, 5000)", (backend,))


def test_what_is_not_pinned_is_made_anew_after_it_was_cut(pair: Pair) -> None:
    one, _ = pair
    one.rows("SELECT 1")
    one.cut()
    with pytest.raises(StorageError):
        one.rows("SELECT 1")
    assert one.rows("SELECT 1") == [(1,)]
