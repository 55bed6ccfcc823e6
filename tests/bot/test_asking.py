"""Who may change the settings of a chat."""

from typing import Any

import pytest
from telegram import Update

from bot.talk.asking import administers

ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
GROUP = {"id": -100123, "type": "supergroup", "title": "Desk"}
CHANNEL = {"id": -100456, "type": "channel", "title": "News"}


def update(**content: Any) -> Update:
    made = Update.de_json({"update_id": 1, **content}, None)
    assert made is not None
    return made


def message(chat: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 0, "chat": chat, "text": "/mute 2h", **more}


@pytest.mark.parametrize(
    "content",
    [
        {"message": message(GROUP, **{"from": ANONYMOUS, "sender_chat": GROUP})},
        {"channel_post": message(CHANNEL, sender_chat=CHANNEL)},
        {
            "message": message(
                {"id": 7, "type": "private"}, **{"from": {**ANONYMOUS, "id": 7, "is_bot": False}}
            )
        },
    ],
    ids=["an anonymous administrator", "a channel's post", "a private chat"],
)
async def test_these_speak_for_their_chat_without_asking_telegram(content: dict[str, Any]):
    # An update without a bot cannot ask Telegram anything: it would raise.
    assert await administers(update(**content))


async def test_a_linked_channel_in_a_group_does_not_speak_for_it():
    post = message(GROUP, **{"from": ANONYMOUS, "sender_chat": CHANNEL})
    with pytest.raises(RuntimeError, match="no bot"):
        await administers(update(message=post))
