"""Several processes on one database: who is there, who leads, and how they let each other know."""

from datetime import timedelta

from signals.moments import to_ms
from storage import own_alerts
from storage.chats import ensure_chat
from storage.clock import database_now
from storage.database import Database
from storage.lease import is_leading, read_lease, renew_lease, take_lease
from storage.nudges import count_nudges, nudge
from storage.processes import ALIVE_FOR, forget_dead, is_gone, read_processes, said_by_webs, say_alive


def age(db: Database, table: str, column: str, by: timedelta) -> None:
    db.execute(f"UPDATE {table} SET {column} = {column} - ?", (by // timedelta(milliseconds=1),))


def test_processes_are_there_as_long_as_they_say_so(db: Database, other: Database) -> None:
    say_alive(db, "w1", "worker")
    age(db, "processes", "seen_at", ALIVE_FOR * 2)
    say_alive(other, "web1", "web")
    say_alive(db, "w2", "worker")
    assert [each[:2] for each in read_processes(other)] == [("w2", "worker"), ("web1", "web")]
    say_alive(db, "w1", "worker")
    is_gone(db, "w2")
    assert [each.name for each in read_processes(other)] == ["w1", "web1"]
    age(db, "processes", "seen_at", ALIVE_FOR * 2)
    say_alive(db, "web1", "web")
    assert db.rows("SELECT count(*) FROM processes") == [(2,)]
    forget_dead(other)
    assert db.rows("SELECT name FROM processes") == [("web1",)]


def test_what_web_processes_say_counts_together_while_they_are_there(db: Database, other: Database) -> None:
    assert said_by_webs(db) == 0
    say_alive(db, "w1", "worker", 99)
    say_alive(db, "web1", "web", 3)
    say_alive(other, "web2", "web", 4)
    assert said_by_webs(db) == 7
    say_alive(other, "web2", "web", 1)
    assert said_by_webs(db) == 4
    age(db, "processes", "seen_at", ALIVE_FOR * 2)
    say_alive(db, "web1", "web")
    assert said_by_webs(db) == 0


def test_a_lead_that_was_taken_by_another_cannot_be_renewed(db: Database, other: Database) -> None:
    assert read_lease(db) is None
    first = take_lease(db, "w1", 41)
    assert renew_lease(db, first)
    second = take_lease(other, "w2", 42)
    assert second == first + 1
    assert (renew_lease(db, first), is_leading(db, first)) == (False, False)
    assert (renew_lease(other, second), is_leading(other, second)) == (True, True)


def test_a_lease_ages_by_the_clock_of_the_database_until_it_is_renewed(db: Database) -> None:
    epoch = take_lease(db, "w1", 41)
    age(db, "lease", "renewed_at", timedelta(seconds=30))
    lease = read_lease(db)
    assert lease is not None
    assert lease[:3] == ("w1", epoch, 41)
    assert timedelta(seconds=30) <= lease.renewed_ago < timedelta(seconds=40)
    renew_lease(db, epoch)
    renewed = read_lease(db)
    assert renewed is not None
    assert renewed.renewed_ago < timedelta(seconds=10)


def test_the_databases_clock_goes_on(db: Database) -> None:
    first = database_now(db)
    assert to_ms(first) <= to_ms(database_now(db))
    assert first.tzinfo is not None


def test_whoever_missed_nudges_sees_that_there_were_any(db: Database, other: Database) -> None:
    assert count_nudges(db) == {}
    nudge(db, "work")
    nudge(other, "work")
    nudge(db, "levels")
    assert count_nudges(other) == {"work": 2, "levels": 1}


def test_rules_that_changed_are_taken_once_by_whoever_watches(db: Database, other: Database) -> None:
    now = database_now(db)
    ensure_chat(db, 7, "private", "Ann", now)
    one, two, three = (
        own_alerts.draft(other, 7, 0, "btc < 105000", None, made_by=7, now=now) for _ in range(3)
    )
    assert own_alerts.take_changed(db) == set()
    own_alerts.set_state(other, one, "armed")
    own_alerts.set_state(other, one, "paused")
    own_alerts.reword(other, two, "btc < 104000", None)
    own_alerts.delete_own(other, 7, three)
    own_alerts.delete_own(other, 7, 4711)
    assert own_alerts.take_changed(db) == {one, two, three}
    assert own_alerts.take_changed(db) == set()
    own_alerts.note_all_changed(other, 7)
    assert own_alerts.take_changed(db) == {one, two}
