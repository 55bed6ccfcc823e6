"""The outbox against a model of it that fits on a page: nothing lost, and in each chat nothing overtakes but
a reply, and a broadcast gives way to all else."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from storage import broadcasts, chats, outbox
from storage.database import open_database
from storage.kinds import Lane, first_rank
from storage.moving import migrate_chat
from storage.outbox import Delivery

START = datetime(2025, 11, 3, tzinfo=UTC)
CHATS = (1, 2, 3)
BROADCAST = 1
TURNS = {"answer": 0, "alert": 1, "digest": 1, "broadcast": 2}
RANKS = {"answer": 0, "alert": 10, "digest": 30, "broadcast": 40}


def at(second: int | None) -> datetime | None:
    return None if second is None else START + timedelta(seconds=second)


@dataclass
class ModelChat:
    state: str = "active"
    not_before: int = 0


@dataclass
class ModelRow:
    chat: int
    created: int
    not_before: int
    expires: int | None
    turn: int
    rank: int
    state: str = "queued"
    unsure: bool = False


class Outbox(RuleBasedStateMachine):
    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where
        self.db = open_database(where)
        self.now = 0
        self.chats = {chat_id: ModelChat() for chat_id in CHATS}
        self.rows: dict[int, ModelRow] = {}

    @initialize()
    def people(self) -> None:
        for chat_id in CHATS:
            chats.ensure_chat(self.db, chat_id, "group", "x", START)
        assert broadcasts.draft(self.db, 1, "x", ("groups",), START) == BROADCAST

    @property
    def moment(self) -> datetime:
        return START + timedelta(seconds=self.now)

    def with_state(self, state: str) -> list[int]:
        return [row_id for row_id, row in self.rows.items() if row.state == state]

    def heads(self) -> list[int]:
        """The first open delivery of each chat that can be written to and waits for no answer."""
        busy = {self.rows[row_id].chat for row_id in self.with_state("sending")}
        heads: dict[int, int] = {}
        for row_id in sorted(self.with_state("queued"), key=self.turn):
            heads.setdefault(self.rows[row_id].chat, row_id)
        return [
            row_id
            for chat, row_id in heads.items()
            if chat not in busy and self.chats[chat].state == "active"
        ]

    def turn(self, row_id: int) -> tuple[int, int]:
        return self.rows[row_id].turn, row_id

    def urgency(self, row_id: int) -> tuple[int, int]:
        """Nothing waits longer than what waits behind it in its chat."""
        chat = self.rows[row_id].chat
        waiting = (other for other in self.with_state("queued") if self.rows[other].chat == chat)
        return min((self.rows[other].rank, other) for other in waiting)

    def due(self, row_id: int) -> int:
        row = self.rows[row_id]
        return max(row.created, row.not_before, self.chats[row.chat].not_before)

    @rule(seconds=st.integers(1, 20))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule(
        data=st.data(),
        waits=st.lists(
            st.tuples(
                st.integers(0, 9),
                st.none() | st.integers(1, 30),
                st.sampled_from(sorted(TURNS)),
                st.integers(0, 9),
            ),
            min_size=1,
            max_size=4,
        ),
    )
    def enqueue(self, data: st.DataObject, waits: list[tuple[int, int | None, str, int]]) -> None:
        deliveries = []
        for wait, life, kind, urgency in waits:
            chat = data.draw(st.sampled_from(sorted(self.chats)))
            expires = None if life is None else self.now + life
            starts, rank = self.now + wait if wait else 0, RANKS[kind] + urgency
            row = ModelRow(chat, self.now, starts, expires, TURNS[kind], rank)
            self.rows[len(self.rows) + 1] = row
            deliveries.append(
                Delivery(
                    chat_id=chat,
                    kind=kind,
                    urgency=urgency,
                    text="x",
                    created_at=self.moment,
                    not_before=at(row.not_before or None),
                    expires_at=at(expires),
                    broadcast_id=BROADCAST if kind == "broadcast" else None,
                )
            )
        outbox.enqueue(self.db, deliveries)

    @rule(limit=st.integers(1, 4), before=st.none() | st.sampled_from(Lane))
    def claim(self, limit: int, before: Lane | None) -> None:
        for row_id in self.with_state("queued"):
            expires = self.rows[row_id].expires
            if expires is not None and expires <= self.now:
                self.rows[row_id].state = "expired"
        below = first_rank(max(Lane) + 1 if before is None else before)
        due = [row for row in self.heads() if self.due(row) <= self.now and self.urgency(row)[0] < below]
        expected = sorted(due, key=self.urgency)[:limit]
        claimed = outbox.claim(self.db, self.moment, limit, before=before)
        assert [(d.id, d.chat_id, d.unsure) for d in claimed] == [
            (row_id, self.rows[row_id].chat, self.rows[row_id].unsure) for row_id in expected
        ]
        for row_id in expected:
            self.rows[row_id].state = "sending"

    @precondition(lambda self: self.with_state("sending"))
    @rule(data=st.data())
    def sent(self, data: st.DataObject) -> None:
        row_id = data.draw(st.sampled_from(self.with_state("sending")))
        outbox.mark_sent(self.db, row_id, 1000 + row_id, self.moment)
        self.rows[row_id].state = "sent"

    @precondition(lambda self: self.with_state("sending"))
    @rule(data=st.data())
    def failed(self, data: st.DataObject) -> None:
        row_id = data.draw(st.sampled_from(self.with_state("sending")))
        outbox.mark_failed(self.db, row_id, "chat not found")
        self.rows[row_id].state = "failed"

    @precondition(lambda self: self.with_state("sending"))
    @rule(data=st.data(), wait=st.integers(0, 9), unsure=st.booleans())
    def requeue(self, data: st.DataObject, wait: int, unsure: bool) -> None:  # noqa: FBT001
        row_id = data.draw(st.sampled_from(self.with_state("sending")))
        row = self.rows[row_id]
        row.state, row.not_before, row.unsure = "queued", self.now + wait, row.unsure or unsure
        outbox.requeue(self.db, row_id, at(row.not_before), "timeout", unsure=unsure)

    @rule(data=st.data(), state=st.sampled_from(["active", "paused", "blocked"]))
    def come_and_go(self, data: st.DataObject, state: str) -> None:
        chat = data.draw(st.sampled_from(sorted(self.chats)))
        self.chats[chat].state = state
        match state:
            case "active":
                chats.resume(self.db, chat)
            case "paused":
                chats.pause(self.db, chat, "/stop")
            case "blocked":
                chats.block(self.db, chat, "kicked")

    @rule(data=st.data(), wait=st.integers(0, 9))
    def hold(self, data: st.DataObject, wait: int) -> None:
        chat = data.draw(st.sampled_from(sorted(self.chats)))
        outbox.hold_chat(self.db, chat, START + timedelta(seconds=self.now + wait))
        self.chats[chat].not_before = max(self.chats[chat].not_before, self.now + wait)

    @rule(data=st.data(), is_new=st.booleans())
    def migrate(self, data: st.DataObject, is_new: bool) -> None:  # noqa: FBT001
        """To an id never seen, or to a chat that has deliveries of its own."""
        old = data.draw(st.sampled_from(sorted(self.chats)))
        others = sorted(set(self.chats) - {old})
        new = data.draw(st.sampled_from(others)) if others and not is_new else max(self.chats) + 1
        migrate_chat(self.db, old, new)
        state = self.chats.pop(old).state.replace("blocked", "active")
        self.chats.setdefault(new, ModelChat()).state = state
        for row in self.rows.values():
            if row.chat == old:
                row.chat = new

    @rule()
    def crash(self) -> None:
        """Another connection takes over; what was under way was never answered for."""
        self.db.close()
        self.db = open_database(self.where)
        assert outbox.reclaim(self.db) == len(self.with_state("sending"))
        for row_id in self.with_state("sending"):
            self.rows[row_id].state, self.rows[row_id].unsure = "queued", True

    @invariant()
    def nothing_is_lost(self) -> None:
        stored = {row_id: rest for row_id, *rest in self.db.rows("SELECT id, chat_id, state FROM outbox")}
        assert stored == {row_id: [row.chat, row.state] for row_id, row in self.rows.items()}

    @invariant()
    def the_next_moment_to_look_is_known(self) -> None:
        assert outbox.next_due(self.db) == at(min(map(self.due, self.heads()), default=None))

    def teardown(self) -> None:
        """Everybody comes back and every delivery ends: whatever was left goes out, in order."""
        with closing(self.db):
            outbox.reclaim(self.db)
            for chat in self.chats:
                chats.resume(self.db, chat)
            self._drain()
            assert set(outbox.count_by_state(self.db)) <= {"sent", "failed", "expired"}

    def _drain(self) -> None:
        last: dict[int, tuple[int, int]] = {}
        while claimed := outbox.claim(self.db, self.moment + timedelta(days=1), 99):
            for delivery in claimed:
                assert self.turn(delivery.id) > last.get(delivery.chat_id, (0, 0))
                last[delivery.chat_id] = self.turn(delivery.id)
                outbox.mark_sent(self.db, delivery.id, 1, self.moment)


def test_the_outbox_keeps_its_rules(engine: str, new_database: Callable[[], str]) -> None:
    examples = {"sqlite": 40, "postgres": 5}[engine]
    run_state_machine_as_test(
        lambda: Outbox(new_database()),  # type: ignore[arg-type]  # it takes a function too
        settings=settings(max_examples=examples, stateful_step_count=40, deadline=None),
    )
