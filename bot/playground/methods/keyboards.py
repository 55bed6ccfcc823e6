"""Inline keyboards, with the checks that Telegram makes before it shows one."""

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


def read_keyboard(call: Call) -> Json | None:
    """The `reply_markup` of a call; None where there is none or it is empty.

    Raises: RefusedError, 400.
    """
    markup = call.object("reply_markup")
    if markup is None or "inline_keyboard" not in markup:
        return markup or None
    rows = [row for row in markup["inline_keyboard"] if row]
    buttons = [button for row in rows for button in row]
    if len(buttons) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    for button in buttons:
        _check_button(button)
    return {"inline_keyboard": rows} if rows else None


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
