"""The last resort: nobody is met with silence where work fails, unless silence is meant."""

import logging
from collections.abc import Awaitable, Callable

from telegram import Update

from bot.words.answer import Answer, Place
from bot.words.texts import Html, every_language, pick_language

_log = logging.getLogger(__name__)


async def safely(update: Update, work: Callable[[], Awaitable[Answer | None]]) -> Answer | None:
    """What comes of work; where it fails that it did, and None where nothing is to be said."""
    try:
        return await work()
    except Exception:  # noqa: BLE001
        # For bugs, and for a database or network that fails while somebody waits.
        _log.exception("Update %d could not be answered", update.update_id)
        said = failed(update)
        return Answer(said, place=Place.NOWHERE, note=said)


def failed(update: Update) -> Html:
    """What is said when all else fails, without the database."""
    told = update.effective_user.language_code if update.effective_user else None
    return every_language()[pick_language(told)]("mistake.failed")
