"""A member of a chat as Telegram describes them: their part, and what it lets them do."""

from bot.playground.chats import Chat, Role
from bot.playground.json_types import Json
from bot.playground.rights import EVERY_ADMINISTRATOR, IN_CHANNELS, IN_FORUMS, IN_GROUPS, OF_MEMBERS
from bot.playground.users import User


def member_json(chat: Chat, user: User) -> Json:
    """Telegram's `ChatMember` for `user` in `chat`."""
    role = chat.role(user)
    body: Json = {"status": role.value, "user": user.as_json()}
    if role.administers:
        body["is_anonymous"] = user.id in chat.anonymous
    if role is Role.ADMINISTRATOR:
        rights = {right: chat.may(user, right) for right in rights_known(chat)}
        body |= {"can_be_edited": False, **rights}
    elif role is Role.RESTRICTED:
        rights = {right: chat.may(user, right) for right in OF_MEMBERS}
        body |= {"is_member": True, "until_date": 0, **rights}
    elif role is Role.KICKED:
        body["until_date"] = 0
    return body


def rights_known(chat: Chat) -> tuple[str, ...]:
    """The rights that an administrator of such a chat can have."""
    if chat.is_channel:
        return EVERY_ADMINISTRATOR + IN_CHANNELS
    return EVERY_ADMINISTRATOR + IN_GROUPS + (IN_FORUMS if chat.is_forum else ())
