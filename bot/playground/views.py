"""What the page is shown: JSON of people, chats, menus, the clock and what will go wrong."""

from bot.playground.chats import Chat
from bot.playground.clock import Playback
from bot.playground.deeds.membership import part_of
from bot.playground.faults import Faults
from bot.playground.json_types import Json
from bot.playground.telegram import Telegram
from bot.playground.topics import Topic
from bot.playground.users import User


def snapshot(telegram: Telegram, faults: Faults, playback: Playback | None) -> Json:
    """Everything, for a page that has just opened or lost the connection."""
    messages = {
        chat.id: [telegram.message_view(chat, message) for message in chat.messages.values()]
        for chat in telegram.chats.values()
    }
    return {
        "kind": "snapshot",
        **people_view(telegram),
        **clock_view(telegram, playback),
        "messages": messages,
        "faults": faults_view(faults),
    }


def people_view(telegram: Telegram) -> Json:
    """Users and chats; a user who never wrote to the bot has a private chat to begin."""
    users = [user for user in telegram.users.values() if not user.is_bot]
    chats = [chat for chat in telegram.chats.values() if chat.migrated_to is None]
    return {
        "bot": telegram.bot.as_json(),
        "users": [user.as_json() for user in users],
        "chats": [_chat_view(telegram, chat) for chat in chats],
    }


def _chat_view(telegram: Telegram, chat: Chat) -> Json:
    return {
        **chat.as_json(),
        "roles": {user.id: role.value for user, role in telegram.members(chat)},
        "parts": {user.id: part_of(chat, user) for user in telegram.users.values()},
        "anonymous": sorted(chat.anonymous),
        "bot_role": chat.role(telegram.bot).value,
        "pinned_ids": chat.pinned,
        "topics": [_topic_view(topic) for topic in chat.topics.values()],
        "quiet": "can_send_messages" in chat.forbidden,
        "linked": chat.linked_to,
    }


def _topic_view(topic: Topic) -> Json:
    return {"id": topic.id, "name": topic.name, "color": topic.icon_color, "closed": topic.is_closed}


def menu_view(telegram: Telegram, user: User, chat: Chat | None) -> Json:
    """Commands for `user` in `chat` (None: a private chat not begun), and the bot's words."""
    place = chat or telegram.unbegun_chat(user)
    return {
        "commands": telegram.menus.commands_for(user, place),
        "description": telegram.menus.profile_for("description", user),
    }


def clock_view(telegram: Telegram, playback: Playback | None) -> Json:
    """The time in the playground, and how it is steered."""
    state = playback.state().as_json() if playback else None
    return {"now": telegram.clock().isoformat(), "playback": state}


def faults_view(faults: Faults) -> list[str]:
    """What will go wrong next, in order."""
    return [str(fault) for fault in faults.queued]
