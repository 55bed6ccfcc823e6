"""The bot's command menus and its self-descriptions, each by scope and language."""

import json
import re

from bot.playground.chats import Chat, ChatKind
from bot.playground.json_types import Json
from bot.playground.refusals import bad_request
from bot.playground.users import User

_COMMAND = re.compile(r"^[a-z0-9_]{1,32}$")
_LANGUAGE = re.compile(r"^(?:[a-z]{2})?$")
MAX_COMMANDS = 100
MAX_DESCRIPTION_UNITS = 256
MAX_UNITS = {"name": 64, "description": 512, "short_description": 120}


class Menus:
    """An empty language is the menu of everyone whose own language has none."""

    def __init__(self) -> None:
        self._commands: dict[tuple[str, str], list[Json]] = {}
        self._profile: dict[tuple[str, str], str] = {}

    def set_commands(self, scope: Json, language: str, commands: list[Json]) -> None:
        """Raises: RefusedError, 400."""
        if len(commands) > MAX_COMMANDS:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        for entry in commands:
            _check_command(entry)
        key = (_scope_key(scope), _checked_language(language))
        if commands:
            self._commands[key] = commands
        else:
            self._commands.pop(key, None)

    def commands(self, scope: Json, language: str) -> list[Json]:
        """The menu set for exactly this scope and language; [] where none is."""
        return self._commands.get((_scope_key(scope), _checked_language(language)), [])

    def commands_for(self, user: User, chat: Chat) -> list[Json]:
        """The menu that `user` sees in `chat`: the narrowest scope wins, then the language."""
        language = user.language_code.split("-")[0].lower()
        for scope in _scopes_from_narrowest(user, chat):
            for code in (language, ""):
                if menu := self._commands.get((_scope_key(scope), code)):
                    return menu
        return []

    def set_profile(self, kind: str, language: str, text: str) -> None:
        """`kind` is one of MAX_UNITS. Raises: RefusedError, 400."""
        if len(text) > MAX_UNITS[kind]:
            raise bad_request(f"bot {kind.replace('_', ' ')} is too long")
        key = (kind, _checked_language(language))
        if text:
            self._profile[key] = text
        else:
            self._profile.pop(key, None)

    def profile(self, kind: str, language: str) -> str:
        """What was set for this language, or for all; "" where nothing was."""
        default = self._profile.get((kind, ""), "")
        return self._profile.get((kind, _checked_language(language)), default)

    def profile_for(self, kind: str, user: User) -> str:
        """What `user` reads of the bot."""
        return self.profile(kind, user.language_code.split("-")[0].lower())


def _scopes_from_narrowest(user: User, chat: Chat) -> list[Json]:
    here: Json = {"type": "chat", "chat_id": chat.id}
    if chat.kind is ChatKind.PRIVATE:
        return [here, {"type": "all_private_chats"}, {"type": "default"}]
    scopes: list[Json] = [{"type": "chat_member", "chat_id": chat.id, "user_id": user.id}]
    administers = chat.role(user).administers
    if administers:
        scopes.append({"type": "chat_administrators", "chat_id": chat.id})
    scopes.append(here)
    if administers:
        scopes.append({"type": "all_chat_administrators"})
    return [*scopes, {"type": "all_group_chats"}, {"type": "default"}]


def _scope_key(scope: Json) -> str:
    return json.dumps(scope or {"type": "default"}, sort_keys=True)


def _checked_language(language: str) -> str:
    if not _LANGUAGE.match(language):
        raise bad_request("invalid language code specified")
    return language


def _check_command(entry: Json) -> None:
    name = str(entry.get("command", "")).removeprefix("/")
    description = str(entry.get("description", ""))
    if not _COMMAND.match(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not description:
        raise bad_request("command description must be non-empty")
    if len(description) > MAX_DESCRIPTION_UNITS:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
