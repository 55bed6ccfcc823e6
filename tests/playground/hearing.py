"""What the bot has been told, as the real library understands it."""

from typing import Any

from telegram import Bot, Message, Update

from bot.playground.server import PlaygroundServer


def forget_updates(server: PlaygroundServer) -> None:
    server.telegram.updates.waiting.clear()


async def updates(bot: Bot) -> list[Update]:
    """All that wait, of every kind, each held to be one that the library knows whole."""
    found = list(await bot.get_updates(allowed_updates=Update.ALL_TYPES))
    assert not [unknown for update in found if (unknown := _unknown(update))]
    return found


async def last_message(bot: Bot) -> Message:
    message = (await updates(bot))[-1].effective_message
    assert isinstance(message, Message)
    return message


def _unknown(update: Update) -> dict[str, Any]:
    parts = [getattr(update, name) for name in Update.ALL_TYPES if getattr(update, name)]
    return {key: value for part in parts for key, value in part.api_kwargs.items()}
