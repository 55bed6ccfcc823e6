"""Deeds on the keyboard that the bot put in place of one's own."""

from bot.playground.deeds.stage import Stage
from bot.playground.json_types import Json


def press_key(stage: Stage, asked: Json) -> None:
    """Say what stands on a key."""
    stage.people.press_key(stage.user(asked), stage.message(asked), str(asked.get("key", "")))


def fitting_chats(stage: Stage, asked: Json) -> Json:
    """The chats of this person, and why those cannot be picked that the key does not ask for."""
    user = stage.user(asked)
    request = stage.people.find_request(stage.message(asked), str(asked.get("key", "")))
    chats = [
        chat
        for chat in stage.people.telegram.chats.values()
        if chat.user is None and chat.migrated_to is None and chat.role(user).present
    ]
    return {"chats": [{"id": chat.id, "reason": stage.people.unfit(user, request, chat)} for chat in chats]}


def share_chat(stage: Stage, asked: Json) -> None:
    """Tell the bot of a chat, and bring it there as the key asks."""
    key, picked = str(asked.get("key", "")), stage.chat(asked, "picked")
    stage.people.share_chat(stage.user(asked), stage.message(asked), key, picked)
