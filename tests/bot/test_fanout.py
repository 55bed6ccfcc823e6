"""However chats hear, the fan-out comes to the very rows that deciding one place after the other comes to."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, time, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.conditions import Change
from storage import chats, outbox
from storage.chats import ChatKind, Mode
from storage.database import Database, Row
from storage.topic_mutes import mute_topic
from tests.bot.desks import FRAGILE
from tests.bot.hearers import EVENING, HOUR, KINDS, MINUTE, Stage
from tests.bot.one_by_one import tell_one_by_one
from tests.bot.test_hearing_properties import STATES

TOPICS = tuple(KINDS)
WANTS = st.dictionaries(st.sampled_from(TOPICS), st.sampled_from(["sound", "silent"]), min_size=1)
CLOCKS = st.sampled_from([(time(19), time(22)), (time(23), time(7)), (time(20, 30), time(20, 30))])
MOMENTS = st.sampled_from([None, -HOUR, 20 * MINUTE, 3 * HOUR])


class Person(NamedTuple):
    """A chat with what each of its threads wants, and all that may hold things back from it."""

    kind: ChatKind
    wants: dict[int, dict[str, Mode]]
    language: str | None
    app_language: str | None
    zone: str
    state: str
    mute: timedelta | None
    quiet: tuple[time, time] | None
    cap: int | None
    always: bool
    topic_mutes: list[tuple[int, str, timedelta]]


PEOPLE = st.builds(
    Person,
    kind=st.sampled_from(["private", "group", "supergroup", "channel"]),
    wants=st.dictionaries(st.sampled_from([0, 5]), WANTS, min_size=1),
    language=st.sampled_from([None, "en", "zh", "xx"]),
    app_language=st.sampled_from([None, "zh-hans", "d|e", "<b>'"]),
    zone=st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]),
    state=st.sampled_from(["active", "active", "active", "paused", "blocked"]),
    mute=MOMENTS,
    quiet=st.none() | CLOCKS,
    cap=st.sampled_from([None, 0, 1, 2, 3]),
    always=st.booleans(),
    topic_mutes=st.lists(
        st.tuples(st.sampled_from([0, 5]), st.sampled_from(TOPICS), st.sampled_from([-HOUR, HOUR])),
        max_size=2,
    ),
)
CHANGES = st.sampled_from(TOPICS).flatmap(
    lambda topic: st.tuples(st.just(topic), st.sampled_from(STATES[topic]), st.sampled_from(STATES[topic]))
)
ALERTS = st.lists(CHANGES, min_size=1, max_size=3, unique_by=lambda change: change[0])
LOOKS = st.tuples(
    st.lists(ALERTS, min_size=1, max_size=3),
    st.sampled_from([MINUTE, 10 * MINUTE, 35 * MINUTE, 4 * HOUR]),
    st.sampled_from(["sent", "failed", "queued"]),
    st.booleans(),
)


@pytest.fixture(scope="module")
def stages() -> Iterator[tuple[Stage, Stage]]:
    """One that tells as the bot does, and one that tells one place after the other."""
    fast, slow = Stage(options={"daily_cap": 3}), Stage(options={"daily_cap": 3})
    slow.tell = lambda news: tell_one_by_one(slow.desk, slow.compose_of, news)
    yield fast, slow
    fast.db.close()
    slow.db.close()


class UndoneError(Exception):
    """What was tried is over."""


@contextmanager
def tried(stage: Stage, people: list[Person]) -> Iterator[None]:
    """A new evening with these people, and nothing left of it: to make a database takes far longer."""
    stage.now, stage.desk.standings = EVENING, dict(FRAGILE)
    with suppress(UndoneError), stage.db.transaction():
        for number, person in enumerate(people):
            chat_id = 100 + number if person.kind == "private" else -100 - number
            settle_in(stage.db, chat_id, person, stage.now)
        yield
        raise UndoneError


def settle_in(db: Database, chat_id: int, person: Person, now: datetime) -> None:
    chats.ensure_chat(db, chat_id, person.kind, "<b>", now)
    for thread_id, wants in person.wants.items():
        for topic, mode in wants.items():
            chats.subscribe(db, chat_id, topic, mode, thread_id=thread_id)
    chats.set_language(db, chat_id, person.language)
    chats.note_app_language(db, chat_id, person.app_language)
    chats.set_timezone(db, chat_id, person.zone)
    chats.mute(db, chat_id, None if person.mute is None else now + person.mute)
    chats.set_quiet_hours(db, chat_id, person.quiet)
    chats.set_daily_cap(db, chat_id, person.cap)
    chats.set_verdict_always(db, chat_id, person.always)
    for thread_id, topic, ahead in person.topic_mutes:
        mute_topic(db, (chat_id, thread_id), topic, now + ahead)
    if person.state != "active":
        db.execute("UPDATE chats SET state = ? WHERE id = ?", (person.state, chat_id))


def changes_of(stage: Stage, alerts: list[list[tuple[str, str, str]]]) -> list[list[Change]]:
    return [[stage.change(*change) for change in alert] for alert in alerts]


def rows_of(db: Database) -> dict[str, list[Row]]:
    """All that was written, but for the numbers of deliveries: those of one look come in any order."""
    columns = [
        name for _, name, *_ in db.rows("PRAGMA table_info(deliveries)") if name not in {"id", "letter_id"}
    ]
    return {
        "outbox": db.rows(
            f"SELECT {', '.join(columns)} FROM deliveries ORDER BY chat_id, thread_id, id"
        ),  # the schema's
        "told": db.rows(
            """SELECT chat_id, thread_id, created_at, deliveries.alert_id, told.alert_id
               FROM told JOIN deliveries ON deliveries.letter_id = told.letter_id ORDER BY 1, 2, 3, 4, 5"""
        ),
        "held": db.rows("SELECT * FROM held ORDER BY chat_id, thread_id, alert_id"),
    }


@settings(max_examples=40, deadline=None, report_multiple_bugs=False)
@given(people=st.lists(PEOPLE, min_size=1, max_size=6), looks=st.lists(LOOKS, min_size=1, max_size=4))
def test_the_rows_are_those_of_deciding_one_place_after_the_other(stages, people, looks):
    fast, slow = stages
    with tried(fast, people), tried(slow, people):
        for alerts, later, fate, digests in looks:
            for stage in stages:
                stage.look(*changes_of(stage, alerts))
            assert rows_of(fast.db) == rows_of(slow.db)
            for stage in stages:
                goes_on(stage, later, fate, digests=digests)


def goes_on(stage: Stage, later: timedelta, fate: str, *, digests: bool) -> None:
    """What is queued is sent, or fails; time goes by, and perhaps what was held is told."""
    for delivery in outbox.claim(stage.db, stage.now, 99) if fate != "queued" else ():
        if fate == "sent":
            outbox.mark_sent(stage.db, delivery.id, 7, stage.now)
        else:
            outbox.mark_failed(stage.db, delivery.id, "gone")
    if digests:
        stage.passes(later, later)
    else:
        stage.now += later
