from contextlib import closing
from datetime import UTC, datetime, timedelta

from storage import inbox
from storage.database import Database, open_database
from storage.inbox import Newest, Received
from storage.retention import Retention, prune

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)


def letters(*ids: int) -> list[Received]:
    return [Received(each, f'{{"update_id": {each}}}') for each in ids]


def test_what_is_received_waits_in_the_order_of_its_ids(db: Database) -> None:
    assert inbox.receive(db, letters(3, 1, 2), NOON) == letters(1, 2, 3)
    assert inbox.waiting(db) == letters(1, 2, 3)


def test_what_comes_twice_is_received_once_whatever_became_of_it(db: Database) -> None:
    inbox.receive(db, letters(1, 2, 3), NOON)
    inbox.begin(db, 1)
    inbox.finish(db, 1)
    inbox.set_aside(db, 2, "unreadable: KeyError")
    assert inbox.receive(db, letters(1, 2, 3, 4), NOON) == letters(4)
    assert inbox.waiting(db) == letters(3, 4)


def test_what_is_done_is_forgotten_but_for_its_id(db: Database) -> None:
    inbox.receive(db, letters(1), NOON)
    inbox.finish(db, 1)
    assert db.rows("SELECT body, state FROM inbox") == [("", "done")]


def test_what_is_set_aside_stays_for_whoever_looks_into_it(db: Database) -> None:
    inbox.receive(db, letters(1), NOON)
    inbox.set_aside(db, 1, "unreadable: KeyError")
    assert db.rows("SELECT body, error FROM inbox") == [('{"update_id": 1}', "unreadable: KeyError")]
    assert inbox.count_inbox(db) == {"set_aside": 1}


def test_beginning_is_counted_and_ends_with_the_waiting(db: Database) -> None:
    inbox.receive(db, letters(1), NOON)
    assert [inbox.begin(db, 1), inbox.begin(db, 1)] == [1, 2]
    inbox.finish(db, 1)
    assert inbox.begin(db, 1) == 0
    assert inbox.begin(db, 99) == 0


def test_a_restart_finds_what_was_not_done(where: str) -> None:
    with closing(open_database(where)) as db:
        inbox.receive(db, letters(1, 2), NOON)
        inbox.begin(db, 1)
        inbox.finish(db, 1)
        inbox.begin(db, 2)
    with closing(open_database(where)) as db:
        assert inbox.waiting(db) == letters(2)
        assert inbox.begin(db, 2) == 2


def test_the_newest_is_the_highest_id_and_the_last_moment(db: Database) -> None:
    assert inbox.newest(db) is None
    inbox.receive(db, letters(7), NOON)
    inbox.receive(db, letters(3), NOON + timedelta(hours=1))
    assert inbox.newest(db) == Newest(7, NOON + timedelta(hours=1))


def test_old_ids_are_forgotten_and_what_waits_is_not(db: Database) -> None:
    inbox.receive(db, letters(1, 2), NOON)
    inbox.finish(db, 1)
    day = timedelta(days=1)
    prune(db, Retention(day, day, day, day), NOON + inbox.KEPT)
    assert inbox.count_inbox(db) == {"waiting": 1, "done": 1}
    prune(db, Retention(day, day, day, day), NOON + inbox.KEPT + day)
    assert inbox.count_inbox(db) == {"waiting": 1}
