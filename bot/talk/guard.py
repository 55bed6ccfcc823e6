"""What only administrators may do, and how everybody else is refused."""

from telegram import Update

from bot.commands.buttons import changes_settings
from bot.commands.table import BY_NAME
from bot.talk.roles import Authority, Roles
from bot.words.answer import Answer, Ask, Place
from bot.words.texts import Html

_REFUSALS = {Authority.NONE: "not_administrator", Authority.UNKNOWN: "administrators_unknown"}


class Guard:
    """Lets an ask pass, or says why not."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles

    async def command(self, update: Update, ask: Ask, name: str) -> Answer | None:
        """The refusal of a command with the words of an ask; None: it may go on."""
        command = BY_NAME.get(name.lower())
        if command is None or not command.changes_settings(ask.args):
            return None
        return await self.setting(update, ask)

    async def setting(self, update: Update, ask: Ask) -> Answer | None:
        """The refusal of whatever changes what the chat hears; None: it may go on."""
        authority = await self._roles.of(update, ask.chat.id)
        if authority is Authority.GIVEN:
            return None
        return Answer(ask.words(f"mistake.{_REFUSALS[authority]}"))

    async def press(self, update: Update, ask: Ask, data: str) -> Answer | None:
        """The refusal of a pressed button; None: it may go on."""
        # What anybody presses in a channel would be published to all of it.
        if ask.chat.kind != "channel" and not changes_settings(data):
            return None
        authority = await self._roles.of(update, ask.chat.id)
        if authority is Authority.GIVEN:
            return None
        return Answer(Html(), place=Place.NOWHERE, note=ask.words.plain(f"note.{_REFUSALS[authority]}"))
