"""Methods about the bot itself: who it is, its command menus and its descriptions."""

from collections.abc import Callable

from bot.playground.call import Call
from bot.playground.json_types import Json
from bot.playground.rights import EVERY_ADMINISTRATOR, IN_CHANNELS, IN_FORUMS, IN_GROUPS
from bot.playground.telegram import Telegram


def get_me(telegram: Telegram, _call: Call) -> Json:
    """The bot itself."""
    rights = {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return {**telegram.bot.as_json(), **rights}


def set_my_commands(telegram: Telegram, call: Call) -> bool:
    """Replace the menu of one scope and language."""
    telegram.menus.set_commands(_scope(call), call.text("language_code"), call.array("commands"))
    telegram.changes.publish("menus")
    return True


def get_my_commands(telegram: Telegram, call: Call) -> list[Json]:
    """The menu set for exactly this scope and language."""
    return telegram.menus.commands(_scope(call), call.text("language_code"))


def delete_my_commands(telegram: Telegram, call: Call) -> bool:
    """Drop the menu of one scope and language; a wider one shows again."""
    telegram.menus.set_commands(_scope(call), call.text("language_code"), [])
    telegram.changes.publish("menus")
    return True


def setter(kind: str) -> Callable[[Telegram, Call], bool]:
    """The method that sets the bot's name or one of its descriptions."""

    def set_profile(telegram: Telegram, call: Call) -> bool:
        telegram.menus.set_profile(kind, call.text("language_code"), call.text(kind))
        telegram.changes.publish("menus")
        return True

    return set_profile


def getter(kind: str) -> Callable[[Telegram, Call], Json]:
    """The method that gives what `setter` set; the name falls back to the account's."""

    def get_profile(telegram: Telegram, call: Call) -> Json:
        text = telegram.menus.profile(kind, call.text("language_code"))
        return {kind: text or (telegram.bot.first_name if kind == "name" else "")}

    return get_profile


def set_my_default_administrator_rights(telegram: Telegram, call: Call) -> bool:
    """What apps propose where somebody makes the bot an administrator."""
    telegram.default_rights[call.flag("for_channels")] = call.object("rights") or {}
    return True


def get_my_default_administrator_rights(telegram: Telegram, call: Call) -> Json:
    """What was set; no rights where nothing was."""
    for_channels = call.flag("for_channels")
    extra = IN_CHANNELS if for_channels else IN_GROUPS + IN_FORUMS
    rights = dict.fromkeys(("is_anonymous", *EVERY_ADMINISTRATOR, *extra), False)
    return rights | telegram.default_rights.get(for_channels, {})


def set_chat_menu_button(telegram: Telegram, call: Call) -> bool:
    """What stands left of the text field in one private chat, or in all."""
    telegram.menu_buttons[call.number("chat_id")] = call.object("menu_button") or {"type": "default"}
    return True


def get_chat_menu_button(telegram: Telegram, call: Call) -> Json:
    """What was set for this private chat, or for all."""
    buttons = telegram.menu_buttons
    return buttons.get(call.number("chat_id")) or buttons.get(0) or {"type": "default"}


def get_file(telegram: Telegram, call: Call) -> Json:
    """Where an uploaded file can be fetched."""
    return telegram.files.find(call.text("file_id")).as_json()


def _scope(call: Call) -> Json:
    return call.object("scope") or {"type": "default"}
