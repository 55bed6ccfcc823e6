"""The key by which people choose a channel of theirs, in place of their keyboard."""

from telegram import (
    ChatAdministratorRights,
    KeyboardButton,
    KeyboardButtonRequestChat,
    ReplyKeyboardMarkup,
)

CHANNEL_REQUEST = 1
"""Names the question for a channel in the answer to it."""

_RIGHTS = ChatAdministratorRights(
    is_anonymous=False,
    can_manage_chat=True,
    can_delete_messages=False,
    can_manage_video_chats=False,
    can_restrict_members=False,
    can_promote_members=False,
    can_change_info=False,
    can_invite_users=False,
    can_post_stories=False,
    can_edit_stories=False,
    can_delete_stories=False,
    can_post_messages=True,
    # Without it a channel's bot cannot pin, which is the board's need.
    can_edit_messages=True,
)


def channel_picker(label: str) -> ReplyKeyboardMarkup:
    """One key by which people choose a channel of theirs; Telegram adds the bot there with what it needs."""
    # Telegram demands of the person whatever the bot is to get.
    request = KeyboardButtonRequestChat(
        CHANNEL_REQUEST,
        chat_is_channel=True,
        user_administrator_rights=_RIGHTS,
        bot_administrator_rights=_RIGHTS,
        request_title=True,
    )
    key = KeyboardButton(label, request_chat=request)
    return ReplyKeyboardMarkup([[key]], resize_keyboard=True, one_time_keyboard=True)
