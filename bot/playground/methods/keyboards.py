"""Keyboards under messages and in place of the reader's own, with the checks that Telegram makes."""

from urllib.parse import urlsplit

from bot.playground.call import Call
from bot.playground.json_types import Json
from bot.playground.refusals import bad_request

MAX_CALLBACK_BYTES = 64
MAX_BUTTONS = 100
# What pressing a button can do; a button must name exactly one.
_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


def read_markup(call: Call, *, is_private: bool) -> tuple[Json | None, Json | None]:
    """The `reply_markup` of a call: its inline buttons, and what it does to the reader's keyboard.

    Raises: RefusedError, 400.
    """
    markup = call.object("reply_markup")
    if not markup:
        return None, None
    if "inline_keyboard" in markup:
        return check_inline_keyboard(markup), None
    _check_keys(markup, is_private=is_private)
    return None, markup


def read_inline_keyboard(call: Call) -> Json | None:
    """The `reply_markup` of an edit, which takes inline buttons only. Raises: RefusedError, 400."""
    markup = call.object("reply_markup")
    if not markup:
        return None
    if "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return check_inline_keyboard(markup)


def check_inline_keyboard(markup: Json) -> Json | None:
    """The buttons as they are shown; None where there are none. Raises: RefusedError, 400."""
    rows = [row for row in markup["inline_keyboard"] if row]
    buttons = [button for row in rows for button in row]
    if len(buttons) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    for button in buttons:
        _check_button(button)
    return {"inline_keyboard": rows} if rows else None


def _check_keys(markup: Json, *, is_private: bool) -> None:
    keys = [key for row in markup.get("keyboard", ()) for key in row]
    if "keyboard" in markup and not keys:
        raise bad_request("reply keyboard must be non-empty")
    for key in keys:
        if isinstance(key, dict) and "request_chat" in key and not is_private:
            raise bad_request("chats can be requested in private chats only")


def _check_button(button: Json) -> None:
    if not button.get("text"):
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be non-empty')
    if not any(action in button for action in _ACTIONS):
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if "callback_data" in button:
        size_bytes = len(button["callback_data"].encode())
        if not 1 <= size_bytes <= MAX_CALLBACK_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button and not _is_link(button["url"]):
        raise bad_request("BUTTON_URL_INVALID")


def _is_link(url: str) -> bool:
    parts = urlsplit(url if "://" in url else f"http://{url}")
    return parts.scheme in {"http", "https", "tg"} and bool(parts.netloc)
