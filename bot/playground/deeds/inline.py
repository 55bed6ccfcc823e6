"""Deeds of inline mode: ask the bot from any chat, and post what it offers."""

from bot.playground.deeds.stage import Stage, thread
from bot.playground.json_types import Json


def ask_inline(stage: Stage, asked: Json) -> Json:
    """What was typed behind the bot's name; the bot's offer comes as an event."""
    query, offset = str(asked.get("query", "")), str(asked.get("offset", ""))
    return {"query": stage.people.ask_inline(stage.user(asked), query, stage.chat(asked), offset)}


def choose_inline(stage: Stage, asked: Json) -> None:
    """Post a result."""
    query, result = str(asked.get("query", "")), str(asked.get("result", ""))
    stage.people.choose_inline(stage.user(asked), query, result, stage.chat(asked), thread(asked))
