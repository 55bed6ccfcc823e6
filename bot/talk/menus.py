"""The menu of commands and the bot's profile, as Telegram shows them in each language."""

import logging
from collections.abc import Iterable

from telegram import Bot, BotCommand, BotCommandScopeChat
from telegram.error import TelegramError

from bot.commands.table import COMMANDS, OPERATOR_COMMANDS
from bot.words.texts import DEFAULT_LANGUAGE, Texts, every_language

_log = logging.getLogger(__name__)


async def set_menus(bot: Bot, operators: Iterable[int] = ()) -> None:
    """Tell Telegram the menu and the profile in every language; the default one serves all others.

    Raises:
        TelegramError: Telegram cannot be reached or refuses.
    """
    for language, texts in every_language().items():
        code = _code(language)
        await bot.set_my_commands(_menu(texts), language_code=code)
        await bot.set_my_description(texts.plain("profile.description"), language_code=code)
        await bot.set_my_short_description(texts.plain("profile.short_description"), language_code=code)
    for operator in operators:
        await _set_operators_menu(bot, operator)


async def _set_operators_menu(bot: Bot, operator: int) -> None:
    scope = BotCommandScopeChat(operator)
    try:
        for language, texts in every_language().items():
            menu = [*_menu(texts), *_menu(texts, of_operators=True)]
            await bot.set_my_commands(menu, scope, language_code=_code(language))
    except TelegramError as error:
        # Telegram knows no menu of a chat that has not begun; the commands work without one.
        _log.info("operator %d has no menu yet: %s", operator, type(error).__name__)


def _menu(texts: Texts, *, of_operators: bool = False) -> list[BotCommand]:
    commands = OPERATOR_COMMANDS if of_operators else COMMANDS
    return [BotCommand(command.name, texts.plain(f"menu.{command.name}")) for command in commands]


def _code(language: str) -> str | None:
    return None if language == DEFAULT_LANGUAGE else language
