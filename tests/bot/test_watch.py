"""The alert path from facts to the outbox, over a database in memory and a clock that the test moves."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest

from bot.desk import Desk
from bot.telling.alerts import News
from bot.watching.watch import Watch
from signals.calendar import session_after
from signals.conditions import Change
from signals.facts import EtfFlow
from storage import chats, outbox
from storage.alerts import read_changes
from storage.chats import ChatRow
from storage.database import Database, StorageError
from storage.letters import Buttons
from storage.outbox import Delivery
from storage.standings import read_standings
from tests.bot.desks import NOW, new_desk

OUT, IN = -500e6, 300e6
_FIRST_SESSION = date(2025, 11, 3)


class NoWordsError(Exception):
    """What a bug in the words would raise."""


@dataclass
class Stage:
    """A watch over a market of nothing but ETF flows, one a day."""

    desk: Desk
    now: datetime = NOW
    speechless: Callable[[ChatRow], bool] = lambda _: False
    woken: int = 0
    watch: Watch = field(init=False)
    session: date = _FIRST_SESSION

    def __post_init__(self) -> None:
        self.desk.clock = lambda: self.now
        self.watch = Watch(self.desk, self._compose, self._wake)
        self.watch.resume()

    def subscribe(self, chat_id: int, *, language: str | None = None) -> None:
        chats.ensure_chat(self.desk.db, chat_id, "private", f"chat {chat_id}", self.now)
        chats.set_language(self.desk.db, chat_id, language)
        chats.subscribe(self.desk.db, chat_id, "etf_flow", "sound")

    def flow(self, total_usd: float) -> tuple[Change, ...]:
        """A day goes by, and the flow of one more session becomes final."""
        self.now += timedelta(days=1)
        flow = EtfFlow("BTC", self.session, "test", total_usd, self.now, final_at=self.now)
        self.session = session_after(self.session).day
        return self.watch.see([flow])

    def queued(self) -> list[Delivery]:
        return outbox.claim(self.desk.db, self.now, limit=100)

    def _compose(self, chat: ChatRow, news: News) -> tuple[str, Buttons]:
        if self.speechless(chat):
            raise NoWordsError
        return f"A-{news.alert_id} in {chat.language or chat.app_language}", ()

    def _wake(self) -> None:
        self.woken += 1


@pytest.fixture
def stage() -> Iterator[Stage]:
    with new_desk() as desk:
        yield Stage(desk)


def bleed(stage: Stage) -> None:
    """Three sessions of outflows: the condition has a state, and the first look is over."""
    for _ in range(3):
        stage.flow(OUT)
    assert stage.desk.standings["etf_flow"].state == "unmet"
    stage.queued()


def told(db: Database) -> list[tuple[str, int | None]]:
    return [(saved.change.to_state, saved.alert_id) for saved in read_changes(db, limit=100)]


def test_a_change_its_standing_and_its_deliveries_are_stored_together_and_the_sender_is_woken(stage: Stage):
    bleed(stage)
    woken = stage.woken
    stage.subscribe(1)
    stage.subscribe(2, language="zh")

    [change] = stage.flow(IN)

    assert (change.id, change.to_state) == ("etf_flow", "holding")
    assert read_standings(stage.desk.db) == dict(stage.desk.standings)
    [(state, alert_id), *_] = told(stage.desk.db)
    assert (state, stage.woken) == ("holding", woken + 1)
    assert [(d.chat_id, d.alert_id, d.text) for d in stage.queued()] == [
        (1, alert_id, f"A-{alert_id} in None"),
        (2, alert_id, f"A-{alert_id} in zh"),
    ]


def test_nothing_is_stored_where_the_outbox_cannot_be_written_and_the_next_look_finds_it_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    bleed(stage)
    stage.subscribe(1)
    before, changes = stage.desk.standings, told(stage.desk.db)

    def full(*_: object, **__: object) -> int:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("bot.telling.alerts.spread", full)
        with pytest.raises(StorageError):
            stage.flow(IN)
    assert (read_standings(stage.desk.db), told(stage.desk.db)) == (dict(before), changes)

    stage.now += timedelta(seconds=10)
    [change] = stage.watch.judge()
    assert change.to_state == "holding"
    assert len(stage.queued()) == 1


def test_a_chat_that_no_words_are_found_for_hears_the_usual_ones_and_keeps_no_other_from_hearing(
    stage: Stage, caplog: pytest.LogCaptureFixture
):
    bleed(stage)
    stage.subscribe(1)
    stage.subscribe(2)
    chats.set_timezone(stage.desk.db, 2, "Asia/Tokyo")
    stage.subscribe(3, language="zh")
    stage.speechless = lambda chat: chat.timezone == "Asia/Tokyo"

    with caplog.at_level(logging.ERROR):
        [change] = stage.flow(IN)

    assert change.to_state == "holding"
    assert [(d.chat_id, d.text[-4:]) for d in stage.queued()] == [(1, "None"), (2, "None"), (3, "n zh")]
    assert "NoWordsError" in caplog.text


def test_an_alert_that_has_no_words_at_all_is_recorded_and_does_not_come_again(
    stage: Stage, caplog: pytest.LogCaptureFixture
):
    bleed(stage)
    stage.subscribe(1)
    stage.speechless = lambda _: True

    with caplog.at_level(logging.ERROR):
        stage.flow(IN)
        stage.now += timedelta(seconds=10)
        assert stage.watch.judge() == ()

    [(state, alert_id), *_] = told(stage.desk.db)
    assert (state, alert_id is not None, stage.queued()) == ("holding", True, [])
    assert "NoWordsError" in caplog.text


def test_a_clock_that_is_set_back_tells_nothing_twice_and_goes_on_where_it_was(stage: Stage):
    bleed(stage)
    stage.subscribe(1)
    stage.flow(IN)
    assert len(stage.queued()) == 1
    reached, changes = stage.now, told(stage.desk.db)

    for back in (timedelta(days=2), timedelta(hours=1), timedelta(0)):
        stage.now = reached - back
        assert stage.watch.judge() == ()

    assert told(stage.desk.db) == changes
    stage.flow(IN)
    assert told(stage.desk.db)[0][0] == "met"


def test_a_clock_that_is_set_back_is_said_once(stage: Stage, caplog: pytest.LogCaptureFixture):
    bleed(stage)
    stage.now -= timedelta(hours=1)

    with caplog.at_level(logging.WARNING):
        stage.watch.judge()
        stage.watch.judge()

    assert caplog.text.count("the clock was set back") == 1
