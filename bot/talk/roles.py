"""Who may change a chat's settings: asked of Telegram, and remembered for a minute.

A demotion is noticed at once where the bot is an administrator, since Telegram then tells of it; elsewhere
within that minute.
"""

import logging
from collections.abc import Callable
from enum import StrEnum
from time import monotonic
from typing import NamedTuple

from telegram import Bot, Chat, Message, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import BadRequest, TelegramError

from bot.delivery.errors import Trouble, classify

_log = logging.getLogger(__name__)

ADMINISTRATORS = {ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR}

_REMEMBERED_S = 60.0
_REFUSAL_REMEMBERED_S = 10.0
"""Whoever was just promoted should not have to wait, nor should each press of a stranger cost a request."""
_MOST_REMEMBERED = 10_000

# "CHAT_ADMIN_REQUIRED" of the layer below; the list of administrators can be read all the same.
_HIDDEN_MEMBERS = ("member list is inaccessible", "chat_admin_required")
_NOT_ASKED = {Trouble.CHAT_UNKNOWN, Trouble.CHAT_GONE, Trouble.NO_RIGHTS}


class Authority(StrEnum):
    """Whether somebody may change what a chat hears."""

    GIVEN = "given"
    NONE = "none"
    UNKNOWN = "unknown"
    """Telegram could not be asked."""


class _Remembered(NamedTuple):
    authority: Authority
    until_s: float


class Roles:
    """Everybody's authority in every chat. `clock` gives seconds that only go up."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._remembered: dict[tuple[int, int], _Remembered] = {}

    async def of(self, update: Update, chat_id: int) -> Authority:
        """The authority of whoever is behind an update, in its chat; `chat_id` is its present id."""
        chat, user = update.effective_chat, update.effective_user
        if chat is None:
            return Authority.NONE
        if chat.type == ChatType.PRIVATE:
            return Authority.GIVEN
        # Where an anonymous administrator presses a button, the press comes under the own name.
        if update.callback_query is None and (said := _in_a_chats_name(update.effective_message, chat)):
            return said
        if user is None:
            return Authority.NONE
        return await self.of_user(chat.get_bot(), chat_id, user.id)

    async def of_user(self, bot: Bot, chat_id: int, user_id: int, *, fresh: bool = False) -> Authority:
        """Somebody's authority in a chat; `fresh`: as Telegram says it now."""
        key = chat_id, user_id
        known = self._remembered.pop(key, None)
        if known and not fresh and self._clock() < known.until_s:
            self._remembered[key] = known
            return known.authority
        try:
            authority = _authority(given=await _is_administrator(bot, chat_id, user_id))
        except TelegramError as error:
            _log.warning("Who administers chat %d is not known: %s", chat_id, classify(error).reason)
            return Authority.UNKNOWN
        self._remember(key, authority)
        return authority

    def note(self, chat_id: int, user_id: int, status: str) -> None:
        """Telegram tells that somebody's part in a chat has changed."""
        self._remember((chat_id, user_id), _authority(given=status in ADMINISTRATORS))

    def forget_all(self) -> None:
        """Somebody's part in some chat has changed, as another process was told."""
        self._remembered.clear()

    def forget(self, chat_id: int) -> None:
        """The bot's own part in a chat has changed, and with it what it is told of others."""
        for key in [key for key in self._remembered if key[0] == chat_id]:
            del self._remembered[key]

    def _remember(self, key: tuple[int, int], authority: Authority) -> None:
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        length_s = _REMEMBERED_S if authority is Authority.GIVEN else _REFUSAL_REMEMBERED_S
        self._remembered[key] = _Remembered(authority, self._clock() + length_s)


def _in_a_chats_name(message: Message | None, chat: Chat) -> Authority | None:
    """A channel's post and an anonymous administrator speak for the chat; a linked channel does not."""
    if chat.type == ChatType.CHANNEL:
        return Authority.GIVEN
    if message is None or message.sender_chat is None:
        return None
    return _authority(given=message.sender_chat.id == chat.id)


def _authority(*, given: bool) -> Authority:
    return Authority.GIVEN if given else Authority.NONE


async def _is_administrator(bot: Bot, chat_id: int, user_id: int) -> bool:
    try:
        member = await bot.get_chat_member(chat_id, user_id)
    except BadRequest as error:
        if any(words in error.message.lower() for words in _HIDDEN_MEMBERS):
            return any(each.user.id == user_id for each in await bot.get_chat_administrators(chat_id))
        if classify(error).trouble in _NOT_ASKED:
            raise
        # Telegram's own accounts, such as the one that forwards a channel's posts, are nobody's members.
        return False
    return member.status in ADMINISTRATORS
