from contextlib import closing
from datetime import UTC, datetime, timedelta

from storage import inbox, processes
from storage.database import Database, open_database
from storage.inbox import NOT_YET, Newest, Received
from storage.retention import Retention, prune

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
HERE, THERE = "here", "there"
CHAT, OTHER_CHAT = 7, 8


def letters(*ids: int) -> list[Received]:
    return [Received(each, f'{{"update_id": {each}}}') for each in ids]


def test_what_is_received_waits_in_the_order_of_its_ids(db: Database) -> None:
    assert inbox.receive(db, letters(3, 1, 2), NOON) == letters(1, 2, 3)
    assert inbox.take_over(db, HERE) == letters(1, 2, 3)


def test_what_comes_twice_is_received_once_whatever_became_of_it(db: Database) -> None:
    inbox.receive(db, letters(1, 2, 3), NOON)
    inbox.begin(db, 1)
    inbox.finish(db, 1)
    inbox.set_aside(db, 2, "unreadable: KeyError")
    assert inbox.receive(db, letters(1, 2, 3, 4), NOON) == letters(4)
    assert inbox.take_over(db, HERE) == letters(3, 4)


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
        assert inbox.take_over(db, HERE) == letters(2)
        assert inbox.begin(db, 2, HERE) == 2


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


def queued(*ids: int, queue: int | None = CHAT) -> list[Received]:
    return [each._replace(queue=queue) for each in letters(*ids)]


def test_only_its_owner_begins_an_update(db: Database) -> None:
    inbox.receive(db, queued(1), NOON, HERE)
    assert inbox.begin(db, 1, THERE) == 0
    assert inbox.begin(db, 1, HERE) == 1


def test_what_came_before_in_a_chat_goes_first_whoever_has_it(db: Database, other: Database) -> None:
    inbox.receive(db, queued(1), NOON, HERE)
    inbox.receive(other, [*queued(2), *queued(3, queue=OTHER_CHAT), *queued(4, queue=None)], NOON, THERE)
    assert inbox.begin(db, 1, HERE) == 1
    assert [inbox.begin(other, each, THERE) for each in (2, 3, 4)] == [NOT_YET, 1, 1]
    inbox.finish(db, 1)
    assert inbox.begin(other, 2, THERE) == 1


def test_what_is_set_aside_holds_up_nobody_in_its_chat(db: Database) -> None:
    inbox.receive(db, queued(1, 2), NOON, HERE)
    inbox.set_aside(db, 1, "unreadable: KeyError")
    assert inbox.begin(db, 2, HERE) == 1


def test_what_a_living_process_has_is_left_to_it_and_what_a_dead_one_had_is_taken_once(
    db: Database, other: Database
) -> None:
    processes.say_alive(db, HERE, "web")
    processes.say_alive(other, THERE, "web")
    inbox.receive(db, queued(1, 2), NOON, HERE)
    inbox.receive(db, letters(3), NOON, "dead")
    assert inbox.take_over(other, THERE) == letters(3)
    assert inbox.take_over(db, HERE) == []
    processes.is_gone(db, HERE)
    assert inbox.take_over(other, THERE) == queued(1, 2)
    # Whoever was only taken for dead does nothing twice.
    assert inbox.begin(db, 1, HERE) == 0
    assert inbox.begin(other, 1, THERE) == 1


def test_of_what_is_done_neither_the_words_nor_the_chat_are_kept(db: Database) -> None:
    inbox.receive(db, queued(1, 2), NOON, HERE)
    inbox.finish(db, 1)
    inbox.set_aside(db, 2, "unreadable: KeyError")
    assert db.rows("SELECT queue FROM inbox") == [(None,), (None,)]
