"""Broadcasts: whom an operator's message reaches, and the deliveries that it comes to."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from bot.words.texts import pick_language
from storage.broadcasts import Broadcast
from storage.chats import ChatRow
from storage.outbox import Delivery

KINDS = {"private": ("private",), "groups": ("group", "supergroup"), "channels": ("channel",)}
"""What an operator chooses from, and the kinds of chats that it stands for."""


def kind_of(chat: ChatRow) -> str:
    """Which of `KINDS` a chat belongs to."""
    return next(kind for kind, kinds in KINDS.items() if chat.kind in kinds)


def audience(chats: Iterable[ChatRow], broadcast: Broadcast) -> dict[str, list[ChatRow]]:
    """The chats in the language of a broadcast, by kind; also those of kinds that are not chosen."""
    found: dict[str, list[ChatRow]] = {kind: [] for kind in KINDS}
    for chat in chats:
        if broadcast.language is None or spoken_in(chat) == broadcast.language:
            found[kind_of(chat)].append(chat)
    return found


def reached(chats: Iterable[ChatRow], broadcast: Broadcast) -> list[ChatRow]:
    """The chats that a broadcast goes to."""
    return [
        chat
        for kind, members in audience(chats, broadcast).items()
        if kind in broadcast.kinds
        for chat in members
    ]


def spoken_in(chat: ChatRow) -> str:
    """The language that the bot speaks in a chat."""
    return chat.language or pick_language(chat.app_language)


def deliveries(chats: Iterable[ChatRow], broadcast: Broadcast, now: datetime) -> Iterator[Delivery]:
    """One for each chat that it reaches. A muted chat gets it, without a sound."""
    for chat in reached(chats, broadcast):
        is_muted = chat.muted_until is not None and now < chat.muted_until
        yield Delivery(
            chat_id=chat.id,
            kind="broadcast",
            text=broadcast.text,
            silent=broadcast.silent or is_muted,
            created_at=now,
            broadcast_id=broadcast.id,
        )
