"""The menu of commands and the bot's profile, as Telegram shows them in each language."""

from telegram import Bot, BotCommand

from bot.commands.table import COMMANDS
from bot.words.texts import DEFAULT_LANGUAGE, every_language


async def set_menus(bot: Bot) -> None:
    """Tell Telegram the menu and the profile in every language; the default one serves all others.

    Raises:
        TelegramError: Telegram cannot be reached or refuses.
    """
    for language, texts in every_language().items():
        code = None if language == DEFAULT_LANGUAGE else language
        menu = [BotCommand(command.name, texts.plain(f"menu.{command.name}")) for command in COMMANDS]
        await bot.set_my_commands(menu, language_code=code)
        await bot.set_my_description(texts.plain("profile.description"), language_code=code)
        await bot.set_my_short_description(texts.plain("profile.short_description"), language_code=code)
