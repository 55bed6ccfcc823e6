"""`/export`: all that is stored about this chat, as one JSON document."""

import asyncio
import json
from datetime import datetime
from typing import Any

from bot.words.answer import Answer, Ask, Document
from signals.moments import iso, to_ms
from storage.personal import stored_about, stored_of_person


async def export(ask: Ask) -> Answer:
    """A document whose caption says what it is."""
    found, now = _found(ask), ask.desk.now
    rows = sum(map(len, found["about_this_chat"].values())) + sum(map(len, found["elsewhere"].values()))
    content = await asyncio.to_thread(_as_json, found, ask.chat.id, now)
    words = ask.words
    caption = words("export.caption", moment=words.moment(now), n=rows, rows=words.number(rows, 0))
    return Answer(caption, document=Document(f"aftershock-{ask.chat.id}-{now:%Y-%m-%d}.json", content))


def _found(ask: Ask) -> dict[str, dict[str, list[dict[str, Any]]]]:
    db, chat = ask.desk.db, ask.chat
    return {
        "about_this_chat": stored_about(db, chat.id),
        # In private the chat's id is that of its person, who may have done something elsewhere.
        "elsewhere": stored_of_person(db, chat.id) if chat.kind == "private" else {},
    }


def _as_json(found: dict[str, Any], chat_id: int, now: datetime) -> bytes:
    document = {"program": "Aftershock", "chat_id": chat_id, "made_at": iso(to_ms(now)), **found}
    return json.dumps(document, ensure_ascii=False, indent=2).encode()
