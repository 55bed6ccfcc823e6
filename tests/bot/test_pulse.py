"""The watch is watched: a pause is found at the next look or start, over a real file, and told once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.desk import Desk
from bot.settings import Settings
from bot.telling.alerts import News
from bot.watching.pulse import beat, pause
from bot.watching.watch import Watch
from bot.words.compose import compose_alert
from bot.words.wording import wording_for
from signals.facts import EtfFlow, Fact
from signals.moments import from_ms
from storage import chats, outbox
from storage.alerts import read_changes
from storage.chats import ChatRow
from storage.database import open_database
from storage.letters import Buttons
from storage.market import save_facts

NOW = datetime(2025, 11, 13, 20, 14, tzinfo=UTC)
TEN = timedelta(minutes=10)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("ago", "found"),
    [(None, None), (SECOND, None), (TEN, None), (TEN + SECOND, 601.0), (-timedelta(hours=1), None)],
)
def test_a_pause_is_one_from_a_length_on(ago: timedelta | None, found: float | None) -> None:
    [*ended] = pause(None if ago is None else NOW - ago, NOW, TEN)

    assert [gauge.value for gauge in ended] == ([] if found is None else [found])


@dataclass
class Run:
    """One run of the bot over a file, from its start to the end of its process."""

    desk: Desk
    now: datetime
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        self.desk.clock = lambda: self.now
        self.watch = Watch(self.desk, self._compose, lambda: None)

    def start(self, filled_in: list[Fact]) -> None:
        """What a start does: fill in what was missed, then look."""
        save_facts(self.desk.db, filled_in)
        beat(self.desk.db, self.desk.settings, self.now)
        self.watch.load()
        self.watch.judge()

    def look(self, facts: list[Fact], after: timedelta = SECOND * 10) -> None:
        self.now += after
        save_facts(self.desk.db, facts)
        self.watch.see([*beat(self.desk.db, self.desk.settings, self.now), *facts])

    def told(self) -> list[str]:
        claimed = outbox.claim(self.desk.db, self.now, limit=100)
        for delivery in claimed:
            assert delivery.id is not None
            outbox.mark_sent(self.desk.db, delivery.id, 1, self.now)
        return [delivery.text for delivery in claimed]

    def _compose(self, chat: ChatRow, news: News) -> tuple[str, Buttons]:
        text, _ = compose_alert(wording_for(chat, self.now), news.alert_id, news.changes, news.after)
        return str(text), ()


@contextmanager
def process(path: Path, now: datetime) -> Iterator[Run]:
    db = open_database(path)
    try:
        yield Run(Desk(db, Settings(_env_file=None), lambda: now), now)  # type: ignore[call-arg]  # pydantic's own
    finally:
        db.close()


def flow(day: int, musd: float, known_at: datetime) -> EtfFlow:
    return EtfFlow("BTC", date(2025, 11, day), "test", musd * 1e6, known_at, final_at=known_at)


def test_after_a_restart_the_pause_is_told_once_and_what_was_due_with_its_true_time(tmp_path: Path) -> None:
    path, half_past_one = tmp_path / "bot.db", NOW.replace(hour=13, minute=30, second=0)
    # Two sessions of outflows are known, and a third one becomes final while nobody is there.
    started = half_past_one - timedelta(hours=1)
    known = [flow(day, -300.0, started - timedelta(days=2)) for day in (10, 11)]
    with process(path, started) as run:
        for chat_id, topic in ((1, "etf_flow"), (2, "blind")):
            chats.ensure_chat(run.desk.db, chat_id, "private", f"chat {chat_id}", run.now)
            chats.subscribe(run.desk.db, chat_id, topic, "sound")
        run.start(list(known))
        run.look([])
        killed_at = run.now

    with process(path, half_past_one + timedelta(minutes=42)) as run:
        run.start([flow(12, -300.0, half_past_one)])
        changes = read_changes(run.desk.db, limit=10)
        run.look([])
        again = read_changes(run.desk.db, limit=10)

    [turned] = [c.change for c in changes if c.change.id == "etf_flow"]
    assert from_ms(turned.at_ms) == half_past_one
    [blind] = [c.change for c in changes if c.change.reason == "not_watched"]
    first, last = blind.evidence["unwatched_span"]
    assert datetime.fromisoformat(first) == killed_at
    assert datetime.fromisoformat(last) == half_past_one + timedelta(minutes=42)
    assert len(again) == len(changes)


def test_a_look_after_the_machine_slept_tells_it_too(tmp_path: Path) -> None:
    with process(tmp_path / "bot.db", NOW) as run:
        chats.ensure_chat(run.desk.db, 2, "private", "chat 2", run.now)
        chats.subscribe(run.desk.db, 2, "blind", "sound")
        run.start([flow(11, -300.0, NOW - timedelta(days=1))])
        run.look([])
        run.look([], after=timedelta(minutes=32))
        told = run.told()
        run.look([])

        assert len(told) == 1
        assert told[0].startswith("○ <b>Nothing was watched</b>: ")
        assert "(32 min)" in told[0]
        assert run.told() == []


def test_a_restart_within_minutes_is_no_pause(tmp_path: Path) -> None:
    for minutes in (0, 9):
        with process(tmp_path / "bot.db", NOW + timedelta(minutes=minutes)) as run:
            run.start([])
            assert [c for c in read_changes(run.desk.db, limit=9) if c.change.id == "blind"] == []
