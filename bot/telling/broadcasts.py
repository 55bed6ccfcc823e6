"""Broadcasts: whom an operator's message reaches, and the deliveries that it comes to."""

from collections.abc import Iterable
from datetime import datetime

from bot.words.wording import spoken_in
from storage.audience import Crowd, queue_broadcast
from storage.broadcasts import Broadcast
from storage.chats import ChatKind
from storage.database import Database

KINDS: dict[str, tuple[ChatKind, ...]] = {
    "private": ("private",),
    "groups": ("group", "supergroup"),
    "channels": ("channel",),
}
"""What an operator chooses from, and the kinds of chats that it stands for."""


def audience(crowds: Iterable[Crowd], broadcast: Broadcast) -> dict[str, int]:
    """How many chats there are in the language of a broadcast, also of kinds that are not chosen."""
    speaking = [crowd for crowd in crowds if _speaks(crowd, broadcast)]
    return {
        name: sum(crowd.chats for crowd in speaking if crowd.kind in kinds) for name, kinds in KINDS.items()
    }


def reached(crowds: Iterable[Crowd], broadcast: Broadcast) -> int:
    """How many chats a broadcast goes to."""
    return sum(chats for name, chats in audience(crowds, broadcast).items() if name in broadcast.kinds)


def queue(db: Database, crowds: Iterable[Crowd], broadcast: Broadcast, now: datetime) -> int:
    """Queue a broadcast for each chat that it reaches, without a sound where that is muted; how many.

    Raises:
        StorageError: nothing was queued.
    """
    kinds = [kind for name in broadcast.kinds for kind in KINDS[name]]
    tongues = {crowd.tongue for crowd in crowds if _speaks(crowd, broadcast)}
    spoken = None if broadcast.language is None else tongues
    return queue_broadcast(db, broadcast.id, kinds, spoken, now)


def _speaks(crowd: Crowd, broadcast: Broadcast) -> bool:
    return broadcast.language is None or spoken_in(*crowd.tongue) == broadcast.language
