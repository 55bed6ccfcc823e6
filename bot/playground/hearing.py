"""What the bot hears of a chat: privacy mode, by which a group's talk is none of a bot's business."""

import re

from bot.playground.chats import Chat
from bot.playground.messages import Message
from bot.playground.telegram import Telegram
from bot.playground.users import User

_COMMAND = re.compile(r"^/[A-Za-z0-9_]+(?:@(?P<bot>\w+))?(?!\w)")


def tell(telegram: Telegram, chat: Chat, message: Message) -> None:
    """Let the bot hear a message that was written, if it is one that it hears."""
    if hears(telegram.bot, chat, message):
        kind = "channel_post" if chat.is_channel else "message"
        telegram.updates.add(kind, message.as_json(chat.as_json()))


def hears(bot: User, chat: Chat, message: Message) -> bool:
    """In a group a bot hears commands, answers to it and service messages; an administrator all."""
    role = chat.role(bot)
    if not chat.is_group or not role.present:
        return role.present
    if role.administers or message.service or "via_bot" in message.marks:
        return True
    answered = message.reply_to
    if answered is not None and answered.sender is bot:
        return True
    command = _COMMAND.match(message.text)
    return command is not None and (command["bot"] or bot.username).lower() == bot.username.lower()
