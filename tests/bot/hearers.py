"""A stage without Telegram for what chats hear: alerts raised by hand, a clock that the test moves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from bot.delivery.split import plain
from bot.desk import Desk
from bot.settings import Settings
from bot.telling.alerts import Compose, News, Telling
from bot.telling.digests import decide_anew, make_due_digests
from bot.words.compose import compose_alert
from bot.words.wording import wording_for
from signals.conditions import Change, Kind
from signals.moments import from_ms, to_ms
from signals.verdict import VERDICT
from storage import chats
from storage.alerts import raise_alert
from storage.chats import ChatRow
from storage.database import Database, Row, open_database
from storage.letters import Buttons
from storage.told import alerts_of_delivery
from tests.bot.desks import FRAGILE

EVENING = datetime(2025, 11, 3, 20, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ANN = 7

KINDS = {
    "verdict": Kind.VERDICT,
    "shock": Kind.SHOCK,
    "premium": Kind.CONDITION,
    "etf_flow": Kind.CONDITION,
    "support": Kind.WARNING,
    "thin_book": Kind.WARNING,
}
REASONS = {
    ("support", "on"): "entered",
    ("support", "off"): "recovered",
    ("thin_book", "on"): "thin",
    ("thin_book", "off"): "filled",
    ("premium", "met"): "session_positive",
    ("premium", "holding"): "samples_positive",
    ("premium", "unmet"): "session_negative",
}
"""Why a subject goes to a state, where that matters for the words."""


class Sent(NamedTuple):
    """One message that a chat was sent, and the alerts that it tells of."""

    kind: str
    alerts: tuple[int, ...]
    text: str
    silent: bool
    at: datetime
    thread_id: int


@dataclass
class Stage:
    """One bot's desk, and everything that its chats were sent."""

    path: str | Path = ":memory:"
    now: datetime = EVENING
    options: dict[str, int] = field(default_factory=dict)
    compose: Compose | None = None
    tell: Callable[[Sequence[News]], int] | None = None
    """How news are told, where that is not the bot's own way."""
    db: Database = field(init=False)
    desk: Desk = field(init=False)
    woken: int = 0

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """The bot starts on what is stored."""
        self.db = open_database(self.path)
        settings = Settings(_env_file=None).model_copy(update=self.options)  # type: ignore[call-arg]  # pydantic's own
        self.desk = Desk(self.db, settings, lambda: self.now, standings=dict(FRAGILE), wake=self._wake)

    def chat(self, chat_id: int = ANN, *topics: str, thread_id: int = 0, mode: chats.Mode = "sound") -> None:
        chats.ensure_chat(self.db, chat_id, "private" if chat_id > 0 else "supergroup", "Ann", self.now)
        for topic in topics:
            chats.subscribe(self.db, chat_id, topic, mode, thread_id=thread_id)

    def change(self, subject: str, before: str, after: str) -> Change:
        reason = REASONS.get((subject, after), "because")
        return Change(to_ms(self.now), KINDS[subject], subject, before, after, reason, {})

    def look(self, *moments: Change | Sequence[Change]) -> list[int]:
        """One look of the watch that finds changes, some at one moment; the numbers of the alerts."""
        with self.db.transaction():
            news = [self._news(each if isinstance(each, Sequence) else [each]) for each in moments]
            (self.tell or Telling(self.desk, self.compose_of).tell)(news)
        return [each.alert_id for each in news]

    def turns(self, subject: str, before: str, after: str) -> int:
        """One change is found by itself; the number of its alert."""
        [number] = self.look(self.change(subject, before, after))
        return number

    def passes(self, length: timedelta, step: timedelta = MINUTE) -> None:
        """Time goes by, and with every step the job that makes digests."""
        until = self.now + length
        while self.now < until:
            self.now = min(self.now + step, until)
            make_due_digests(self.desk)

    def chooses(self, change: Callable[[Database], None]) -> None:
        """A chat changes what holds things back from it, as its commands do."""
        change(self.db)
        decide_anew(self.desk, ANN)

    def sent(self, chat_id: int = ANN) -> list[Sent]:
        """Everything that a chat was sent so far."""
        rows = self.db.rows(
            """SELECT id, kind, text, silent, created_at, thread_id FROM deliveries
               WHERE chat_id = ? ORDER BY id""",
            (chat_id,),
        )
        return [self._sent(row) for row in rows]

    def _sent(self, row: Row) -> Sent:
        id_, kind, text, silent, at_ms, thread_id = row
        alerts = tuple(alerts_of_delivery(self.db, id_))
        return Sent(kind, alerts, plain(text), bool(silent), from_ms(at_ms), thread_id)

    def outcomes(self) -> list[tuple[int, str | None]]:
        """What became of every alert that was ever held."""
        return [tuple(row) for row in self.db.rows("SELECT alert_id, outcome FROM held ORDER BY alert_id")]

    def _news(self, changes: Sequence[Change]) -> News:
        number = raise_alert(self.db, self.now, self.now, changes)
        before = self.desk.standings
        self.desk.standings = {**before, **{c.id: before[c.id].after(c) for c in changes}}
        return News(number, changes, before, self.desk.standings)

    @property
    def compose_of(self) -> Compose:
        return self.compose or self._compose

    def _compose(self, chat: ChatRow, news: News) -> tuple[str, Buttons]:
        words = wording_for(chat, self.now)
        text, buttons = compose_alert(
            words, news.alert_id, news.changes, news.after, before=news.before[VERDICT]
        )
        return text, [[button._asdict() for button in row] for row in buttons]

    def _wake(self) -> None:
        self.woken += 1
