"""What is done where no reply and no alert waits in the outbox: edits of messages that are there already.

An edit counts against Telegram's limits like a message. So the sender asks for errands only when it has a
slot left, one at a time, at most every second one while digests wait, and whoever has some leaves alone the
chats that alerts still wait for.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from telegram import Bot

from bot.delivery.errors import Failure

Room = Callable[[int], int]
"""How many messages a chat could take at once now."""

RESERVE = 5
"""No errand takes these of a group's twenty messages a minute: alerts and answers may come at any moment."""


@dataclass(frozen=True)
class Errand:
    """One thing to ask of Telegram for a chat.

    `call` asks; it gives the id of a message that it made, or None. `settle` writes down what came of it; it
    raises StorageError where nothing could be written, and is called again.
    """

    name: str
    chat_id: int
    call: Callable[[Bot], Awaitable[int | None]]
    settle: Callable[[int | Failure | None, datetime], None]


class Spare(Protocol):
    """Somebody who has errands."""

    def claim(self, now: datetime, room: Room) -> Errand | None:
        """The next errand, which is nobody else's from then on until it is settled; None: there is none now.

        Raises:
            StorageError: what there is to do cannot be read.
        """

    def next_due(self, now: datetime) -> datetime | None:
        """When to ask again at the latest; None: not before the sender is woken."""
