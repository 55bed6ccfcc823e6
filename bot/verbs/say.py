"""One command in the terminal: the same answer as in Telegram, as plain text."""

from bot.commands.table import BY_NAME, Changes, answer
from bot.delivery.split import plain
from bot.desk import Desk
from bot.words.answer import Answer, Ask
from bot.words.wording import wording_for
from storage.chats import DEFAULT_TIMEZONE, ChatRow

_OF_CHATS = {Changes.WITH_WORDS, Changes.ALWAYS}
"""Even alone such commands show what a chat has chosen."""
_NO_CHAT = 0
"""No chat of Telegram's has this id, and none is stored under it."""


async def say(desk: Desk, line: str, language: str | None = None) -> str:
    """The answer to a line such as `/status` or `chart premium 7d`, with the buttons listed below it.

    Raises:
        StorageError: the database cannot be used.
    """
    name, *args = line.removeprefix("/").split() or ["help"]
    chat = ChatRow(_NO_CHAT, "private", "", language, DEFAULT_TIMEZONE, "active", None, None, desk.now, None)
    ask = Ask(chat, wording_for(chat, desk.now), desk, tuple(args), language)
    command = BY_NAME.get(name.lower())
    if command and (command.changes in _OF_CHATS or command.changes_settings(args)):
        return ask.words.plain("mistake.no_chat", name=command.name)
    return in_plain_text(await answer(ask, name))


def in_plain_text(said: Answer) -> str:
    """An answer without markup."""
    lines = [plain(said.text)]
    if said.photo is not None:
        lines.insert(0, f"[PNG, {len(said.photo):,} bytes]")
    lines += [" ".join(f"[{button.text}]" for button in row) for row in said.buttons]
    return "\n".join(lines)
