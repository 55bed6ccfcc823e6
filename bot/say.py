"""One command in the terminal: the same answer as in Telegram, as plain text."""

from bot.answer import Answer, Ask
from bot.commands.table import answer
from bot.desk import Desk
from bot.split import plain
from bot.wording import wording_for
from storage.chats import ensure_chat

_TERMINAL_CHAT = 0
"""No chat of Telegram's has this id."""


async def say(desk: Desk, line: str, language: str | None = None) -> str:
    """The answer to a line such as `/status` or `chart premium 7d`, with the buttons listed below it.

    Raises:
        StorageError: the database cannot be used.
    """
    name, *args = line.removeprefix("/").split() or ["help"]
    chat = ensure_chat(desk.db, _TERMINAL_CHAT, "private", "terminal", desk.now)
    words = wording_for(chat, desk.now, language)
    return in_plain_text(await answer(Ask(chat, words, desk, tuple(args), language), name))


def in_plain_text(said: Answer) -> str:
    """An answer without markup."""
    lines = [plain(said.text)]
    if said.photo is not None:
        lines.insert(0, f"[PNG, {len(said.photo):,} bytes]")
    lines += [" ".join(f"[{button.text}]" for button in row) for row in said.buttons]
    return "\n".join(lines)
