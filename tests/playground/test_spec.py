"""Calls held against Telegram's description of its methods."""

from typing import Any

import pytest

from bot.playground.call import Call, Upload
from bot.playground.methods import METHODS
from bot.playground.spec import ApiSpec
from tests.playground.stage import SPEC_PATH

pytestmark = pytest.mark.skipif(not SPEC_PATH.exists(), reason="Telegram's API description is not at hand")

WHOLE = {"chat_id": "1", "text": "x"}

CALLS: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "all is well": ("sendMessage", WHOLE, []),
    "digits are text where text is meant": ("sendMessage", {"chat_id": 1, "text": "5"}, []),
    "a channel's name is a chat": ("sendMessage", {**WHOLE, "chat_id": "@channel"}, []),
    "no such method": ("sendNothing", {}, ["sendNothing: no such method"]),
    "a missing field": ("sendMessage", {"chat_id": 1}, ["sendMessage: text is required"]),
    "an unknown parameter": ("sendMessage", {**WHOLE, "sound": 1}, ["sendMessage: unknown parameter sound"]),
    "a wrong flag": (
        "sendMessage",
        {**WHOLE, "disable_notification": "maybe"},
        ["sendMessage.disable_notification: 'maybe' is no Boolean"],
    ),
    "a keyboard": (
        "sendMessage",
        {**WHOLE, "reply_markup": '{"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}'},
        [],
    ),
    "a keyboard with an odd button": (
        "sendMessage",
        {**WHOLE, "reply_markup": '{"inline_keyboard": [[{"text": "a", "colour": "red"}]]}'},
        ["sendMessage.reply_markup.inline_keyboard[0][0]: unknown parameter colour"],
    ),
    "one of several kinds": (
        "setMyCommands",
        {"commands": "[]", "scope": '{"type": "chat", "chat_id": 1}'},
        [],
    ),
    "no array": (
        "setMyCommands",
        {"commands": '{"command": "a"}'},
        ["setMyCommands.commands: {'command': 'a'} is no array"],
    ),
}


@pytest.fixture(scope="module")
def spec() -> ApiSpec:
    return ApiSpec.load(SPEC_PATH)


@pytest.mark.parametrize(("method", "fields", "violations"), CALLS.values(), ids=CALLS)
def test_a_call_is_checked(spec: ApiSpec, method: str, fields: dict[str, Any], violations: list[str]) -> None:
    assert spec.violations(Call(method, fields)) == violations


def test_an_upload_is_a_field_and_an_attachment_is_none(spec: ApiSpec) -> None:
    picture = Upload("a.png", "image/png", b"x")
    assert spec.violations(Call("sendPhoto", {"chat_id": "1"}, {"photo": picture})) == []
    attached = {"chat_id": "1", "message_id": "1", "media": '{"type": "photo", "media": "attach://one"}'}
    assert spec.violations(Call("editMessageMedia", attached, {"one": picture})) == []
    assert spec.violations(Call("sendPhoto", {"chat_id": "1", "photo": "x"}, {"stray": picture})) == [
        "sendPhoto: unknown parameter stray"
    ]


def test_every_method_that_is_played_exists(spec: ApiSpec) -> None:
    unknown = [method for method in METHODS if spec.violations(Call(method)) == [f"{method}: no such method"]]
    assert unknown == []
