"""Which delivery goes first: over all chats, within one, and at what cost when a hundred thousand wait."""

import ast
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signals.moments import from_ms
from storage import audience, chats, outbox, traffic
from storage.database import Database
from storage.engines.sqlite import SqliteDatabase
from storage.kinds import KINDS, Lane, rank_of
from storage.outbox import Delivery

ROOT = Path(__file__).parents[2]
NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ANN, BOB, CAT, DESK = 1, 2, 3, -4


@pytest.fixture(autouse=True)
def _people(db: Database) -> None:
    for chat_id in (ANN, BOB, CAT):
        chats.ensure_chat(db, chat_id, "private", "x", NOON - 99 * MINUTE)
    chats.ensure_chat(db, DESK, "supergroup", "Desk", NOON - 99 * MINUTE)


def queue(db: Database, *what: tuple[int, str], urgency: int | None = None) -> None:
    outbox.enqueue(
        db,
        [
            Delivery(chat_id=chat, kind=kind, text=kind, created_at=NOON, urgency=urgency)
            for chat, kind in what
        ],
    )


def all_claimed(db: Database, before: Lane | None = None) -> list[tuple[int, str]]:
    """What leaves, one after the other, each having arrived before the next is claimed."""
    left = []
    while claimed := outbox.claim(db, NOON, 1, before=before):
        left.append((claimed[0].chat_id, claimed[0].kind))
        outbox.mark_sent(db, claimed[0].id, 1, NOON)
    return left


def kinds_made_in(path: Path) -> Iterator[str]:
    """The kinds of the deliveries that a module makes, be they written there or named by a constant of it."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    named = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(module):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Delivery":
            for value in (keyword.value for keyword in call.keywords if keyword.arg == "kind"):
                kind = named[value.id] if isinstance(value, ast.Name) else value
                chosen = (kind.body, kind.orelse) if isinstance(kind, ast.IfExp) else (kind,)
                yield from (ast.literal_eval(each) for each in chosen)


def test_the_table_has_every_kind_that_is_made_and_no_other() -> None:
    made = {kind for path in (ROOT / "bot").rglob("*.py") for kind in kinds_made_in(path)}
    # Broadcasts are made by a statement, one row a chat.
    assert made | {audience.KIND} == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_ends_and_stays_in_its_lane(kind: str) -> None:
    assert timedelta(0) < KINDS[kind].lifetime <= timedelta(days=7)
    assert {rank_of(kind, urgency) // 10 for urgency in (None, 0, 9, 99)} == {KINDS[kind].lane}


def test_a_delivery_lives_as_long_as_its_kind_says(db: Database) -> None:
    queue(db, (ANN, "brief"), (BOB, "alert"))
    assert [d.kind for d in outbox.claim(db, NOON + KINDS["brief"].lifetime, 9)] == ["alert"]
    assert outbox.count_by_state(db) == {"expired": 1, "sending": 1}


def test_the_lanes_go_one_after_the_other_over_all_chats(db: Database) -> None:
    queue(db, (ANN, "broadcast"), (BOB, "digest"), (CAT, "alert"), (DESK, "answer"))
    assert all_claimed(db) == [(DESK, "answer"), (CAT, "alert"), (BOB, "digest"), (ANN, "broadcast")]


def test_only_the_lanes_before_one_can_be_asked_for(db: Database) -> None:
    queue(db, (ANN, "digest"), (BOB, "alert"), (CAT, "answer"))
    assert all_claimed(db, before=Lane.EDIT) == [(CAT, "answer"), (BOB, "alert")]


def test_of_alerts_the_most_urgent_goes_first(db: Database) -> None:
    queue(db, (ANN, "alert"), urgency=4)
    queue(db, (BOB, "alert"), urgency=0)
    assert all_claimed(db) == [(BOB, "alert"), (ANN, "alert")]


def test_who_spoke_to_the_bot_last_is_told_first_and_where_many_read_before_all(db: Database) -> None:
    chats.ensure_chat(db, CAT, "private", "x", NOON)
    chats.ensure_chat(db, BOB, "private", "x", NOON - 30 * MINUTE)
    queue(db, *((chat, "alert") for chat in (ANN, BOB, CAT, DESK)))
    assert [chat for chat, _ in all_claimed(db)] == [DESK, CAT, BOB, ANN]


@pytest.mark.usefixtures("path")
def test_a_word_a_second_is_no_write_a_second(db: Database) -> None:
    chats.ensure_chat(db, ANN, "private", "x", NOON)
    noted = []
    for minute in (0, 1, 9, 10, 11):
        chats.ensure_chat(db, ANN, "private", "x", NOON + minute * MINUTE)
        [(at_ms,)] = db.rows("SELECT active_at FROM chats WHERE id = ?", (ANN,))
        noted.append((from_ms(at_ms) - NOON) / MINUTE)
    assert noted == [0, 0, 0, 10, 10]


def test_in_a_chat_only_a_reply_overtakes_and_only_a_broadcast_gives_way(db: Database) -> None:
    queue(db, *((ANN, kind) for kind in ("broadcast", "digest", "notice", "alert", "answer")))
    assert [kind for _, kind in all_claimed(db)] == ["answer", "digest", "notice", "alert", "broadcast"]


def test_what_is_ahead_of_an_alert_does_not_keep_it_waiting_for_the_digests_of_others(db: Database) -> None:
    queue(db, (BOB, "digest"), (CAT, "digest"), (ANN, "digest"))
    queue(db, (ANN, "alert"))
    assert all_claimed(db)[:2] == [(ANN, "digest"), (ANN, "alert")]


def test_no_reply_comes_between_the_parts_of_a_message(db: Database) -> None:
    queue(db, (ANN, "digest"))
    [long] = outbox.claim(db, NOON, 1)
    queue(db, (ANN, "answer"), (ANN, "alert"))
    outbox.keep_rest(db, long.id, "the rest")
    assert [kind for _, kind in all_claimed(db)] == ["digest", "answer", "alert"]


def test_several_are_claimed_in_order_and_one_a_chat(db: Database) -> None:
    queue(db, (ANN, "digest"), (ANN, "alert"), (BOB, "broadcast"), (CAT, "answer"))
    assert [(d.chat_id, d.kind) for d in outbox.claim(db, NOON, 9)] == [
        (CAT, "answer"),
        (ANN, "digest"),
        (BOB, "broadcast"),
    ]


def test_edits_wait_for_alerts_and_not_for_digests(db: Database) -> None:
    queue(db, (ANN, "digest"), (ANN, "broadcast"), (BOB, "alert"))
    assert [traffic.has_open(db, chat) for chat in (ANN, BOB)] == [False, True]
    outbox.claim(db, NOON, 9)
    assert traffic.has_open(db, ANN)


def walks(db: Database, act: Callable[[], object]) -> list[str]:
    """How the statements of an act find their rows."""
    statements: list[str] = []
    assert isinstance(db, SqliteDatabase)
    db._connection.set_trace_callback(statements.append)
    act()
    db._connection.set_trace_callback(None)
    asked = [sql for sql in statements if "outbox" in sql and not sql.startswith("--")]
    plan = [step for sql in asked for *_, step in db.rows(f"EXPLAIN QUERY PLAN {sql}")]
    return [step for step in plan if step.startswith(("SCAN", "SEARCH", "USE TEMP"))]


@pytest.mark.usefixtures("path")
def test_claiming_is_a_walk_along_an_index(db: Database) -> None:
    """Neither a year of sent messages nor a hundred thousand that wait slow the next one down."""
    assert walks(db, lambda: outbox.claim(db, NOON, 1)) == [
        "SEARCH due USING INDEX outbox_next (rank<?)",
        *2 * ["SEARCH of_chat USING INDEX outbox_open (chat_id=?)"],
        "SEARCH chats USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH of_chat USING INDEX outbox_open (chat_id=?)",
    ]


@pytest.mark.usefixtures("path")
def test_a_start_does_not_walk_through_all_that_was_ever_sent(db: Database) -> None:
    """Millions of rows, in which the last minute is looked for while nobody is told anything."""
    assert walks(db, lambda: traffic.sent_since(db, NOON)) == [
        "SEARCH outbox USING INDEX outbox_sent (sent_at>?)"
    ]
