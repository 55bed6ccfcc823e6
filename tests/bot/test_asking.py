"""What people wrote after a command."""

from typing import Any

import pytest
from telegram import Update

from bot.talk.asking import ask_of
from tests.bot.desks import new_desk


def update(**content: Any) -> Update:
    made = Update.de_json({"update_id": 1, **content}, None)
    assert made is not None
    return made


def message(chat: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 0, "chat": chat, "text": "/mute 2h", **more}


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
