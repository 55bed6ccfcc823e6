"""Hours of the whole bot at high speed, with all that can fail failing at random: exact counts at the end."""

from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path

import pytest

from bot.playground.faults import Mishap
from storage.database import Database, open_database
from storage.inbox import count_inbox
from tests.acceptance.day import Day, open_day
from tests.acceptance.leaping import LeapingLoop, leaping
from tests.acceptance.soak import this_soak

SOAK = this_soak()
START = datetime(2025, 11, 4, 19, 30, tzinfo=UTC)
"""An hour and a half before a US session ends."""
SHORT, LONG = timedelta(hours=2), timedelta(hours=24)

pytestmark = pytest.mark.timeout(SOAK.patience_s)


def test_whatever_fails_nothing_is_lost_or_overtakes_and_no_condition_is_met_by_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for each in SOAK.rounds(short=1, share=0.4):
        folder = tmp_path / str(each)
        folder.mkdir()
        told = leaping(START, partial(lived, folder=folder, number=each))
        SOAK.tell(capsys, f"day {each}", told)


async def lived(loop: LeapingLoop, folder: Path, number: int) -> str:
    async with open_day(loop, folder, SOAK.chance(f"day {number}")) as day:
        await day.live(LONG if SOAK.is_long else SHORT)
        with closing(open_database(day.database)) as db:
            return counted(day, db)


def counted(day: Day, db: Database) -> str:
    """Everything that was promised, by what is stored and what arrived."""
    received = count_inbox(db)
    # An answer that comes ten minutes late has been asked for again; nothing else may be given up.
    given_up = db.rows("SELECT kind, state, error FROM deliveries WHERE state <> 'sent' AND kind <> 'answer'")
    assert given_up == []
    assert set(received) == {"done"}, received
    assert db.rows("SELECT * FROM changes WHERE to_state IN ('met', 'broken')") == []
    assert db.rows("SELECT * FROM held WHERE outcome IS NULL") == []
    repeated = sum(repetitions(day, db, chat_id) for chat_id in {chat.id for chat in day.readers})
    lost = lost_answers(day)
    assert repeated <= lost + day.under_way
    assert day.most_pinned == 1
    alerts = told_of_every_alert(day, db)
    return (
        f"{day.crashes} crashes, {alerts} alerts, {len(accepted(day))} messages, {lost} answers lost and "
        f"{day.under_way} under way at a crash, {repeated} repeated; lies: {day.market.told}"
    )


def repetitions(day: Day, db: Database, chat_id: int) -> int:
    """Everything that was to be sent to a chat is there, in order; how much of it came again."""
    wanted = [text for (text,) in db.rows(PLAIN_TEXTS, (chat_id,))]
    chat = day.server.telegram.chats[chat_id]
    arrived = [call for call in accepted(day) if call["chat_id"] == chat_id and call["text"] in set(wanted)]
    texts = [call["text"] for call in arrived]
    assert set(texts) == set(wanted), f"lost in {chat.title}"
    assert [text for text, _ in groupby(texts)] == wanted, f"out of order in {chat.title}"
    return len(texts) - len(wanted)


PLAIN_TEXTS = (
    "SELECT text FROM deliveries WHERE chat_id = ? AND kind IN ('alert', 'digest', 'own') ORDER BY id"
)


def accepted(day: Day) -> list[dict[str, object]]:
    """What Telegram took, in the order in which it did."""
    return [c.params for c in day.server.calls if c.method == "sendMessage" and c.answer is not None]


def lost_answers(day: Day) -> int:
    """How many answers of Telegram the bot never saw, or too late."""
    messages = [call for call in day.server.calls if call.method == "sendMessage"]
    return day.slow + sum(call.description == Mishap.DROP_AFTER.value for call in messages)


def told_of_every_alert(day: Day, db: Database) -> int:
    """Each alert was told to each reader, or is known to have been held back; how many there were."""
    alerts = [alert for (alert,) in db.rows("SELECT id FROM alerts ORDER BY id")]
    told = Counter(
        db.rows("SELECT chat_id, told.alert_id FROM told JOIN outbox ON outbox.letter_id = told.letter_id")
    ) + Counter(db.rows("SELECT chat_id, alert_id FROM held"))
    assert [(c.title, a) for c in day.readers for a in alerts if not told[c.id, a]] == []
    return len(alerts)
