"""What arrived in which chat, counted: lost, repeated, out of order."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path

from bot.playground.chats import Chat
from bot.playground.faults import Mishap
from bot.playground.journal import CallRecord
from bot.playground.messages import Message
from storage.database import open_database

Told = tuple[int, str]
"""A chat, and the number by which what it was told is recognised."""

_ALERT = re.compile(r"\bA-\d+\b")
_FIRING = re.compile(r"\bno\. (\d+)\b")


def alert_in(text: str) -> str | None:
    """The visible number of the alert that a message tells of."""
    found = _ALERT.findall(text)
    return found[-1] if found else None


def alerts_in(messages: Iterable[Message]) -> list[str]:
    """The numbers of the alerts in some messages of the bot, in the order of arrival."""
    return [number for m in messages if not _answers_somebody(m) and (number := alert_in(m.text))]


def _answers_somebody(message: Message) -> bool:
    """Whether a person asked for it: who takes an alert is told so, with its number."""
    asker = message.reply_to.sender if message.reply_to else None
    return asker is not None and not asker.is_bot


def firings_in(messages: Iterable[Message]) -> list[int]:
    """How often an own alert had fired by some messages of the bot, in the order of arrival."""
    return [int(found[1]) for message in messages if (found := _FIRING.search(message.text))]


def repetitions(chat: Chat, arrived: Sequence[str], expected: int) -> Counter[Told]:
    """What came again in a chat, which is all that may be wrong: everything is there, and in order.

    Raises:
        AssertionError: something is lost, overtook, or came again after something else.
    """
    first = list(dict.fromkeys(arrived))
    assert len(first) == expected, f"{expected} alerts, and {chat.title} heard {arrived}"
    assert first == sorted(first, key=lambda number: int(number[2:])), f"out of order: {arrived}"
    assert [number for number, _ in groupby(arrived)] == first, f"came again late: {arrived}"
    return Counter((chat.id, number) for number in arrived) - Counter((chat.id, number) for number in first)


def lost_answers(calls: Iterable[CallRecord]) -> Counter[Told]:
    """The alerts that Telegram took while the bot heard nothing of it."""
    return Counter(
        (int(call.params["chat_id"]), number)
        for call in calls
        if call.method == "sendMessage"
        and call.description == Mishap.DROP_AFTER.value
        and (number := alert_in(str(call.params["text"])))
    )


def under_way(database: Path) -> Counter[Told]:
    """The alerts that a bot which is dead now had begun to send."""
    with closing(open_database(database)) as db:
        rows = db.rows("SELECT chat_id, text FROM deliveries WHERE state = 'sending'")
    return Counter((chat, number) for chat, text in rows if (number := alert_in(text)))
