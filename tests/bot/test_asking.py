"""Who may change the settings of a chat, and what people wrote after a command."""

from typing import Any

import pytest
from telegram import Update

from bot.talk.asking import administers, ask_of
from tests.bot.desks import new_desk

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


def entity(type_: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": type_, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("text", "entities", "written"),
    [
        ("/broadcast", [], ""),
        ("/broadcast  ", [], ""),
        ("/broadcast hello", [entity("bot_command", 0, 10)], "hello"),
        ("/broadcast\n\none\n\ntwo  three", [], "one\n\ntwo  three"),
        ("/broadcast a <b> & c", [], "a &lt;b&gt; &amp; c"),
        ("/broadcast we are back", [entity("bold", 14, 3)], "we <b>are</b> back"),
        # Bold from the slash on, in UTF-16 units.
        ("/broadcast 🔥 hot 🔥 x", [entity("bold", 0, 17)], "<b>🔥 hot</b> 🔥 x"),
        (
            "/broadcast see here",
            [entity("text_link", 15, 4, url="https://a.b/c")],
            'see <a href="https://a.b/c">here</a>',
        ),
        ("/broadcast@aftershock_bot 🔥x", [entity("italic", 28, 1)], "🔥<i>x</i>"),
    ],
)
def test_what_follows_a_command_keeps_its_formatting(text: str, entities: list[dict[str, Any]], written: str):
    person = {"id": 7, "is_bot": False, "first_name": "Ann"}
    content = message({"id": 7, "type": "private"}, **{"from": person})
    content |= {"text": text, "entities": entities}
    with new_desk() as desk:
        ask = ask_of(update(message=content), desk)
    assert ask.written == written
