"""Who and where: users, chats and the parts people play in them."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.playground.json_types import Json
from bot.playground.messages import Message
from bot.playground.users import User

_ADMINISTRATOR_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
_CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages")
_GROUP_RIGHTS = ("can_pin_messages",)


class ChatKind(StrEnum):
    """The values are Telegram's `type`."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Role(StrEnum):
    """The part a member plays; the values are Telegram's `status`."""

    OWNER = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    LEFT = "left"
    KICKED = "kicked"

    @property
    def present(self) -> bool:
        """Whether such a member is in the chat."""
        return self not in {Role.LEFT, Role.KICKED}

    @property
    def administers(self) -> bool:
        """Whether such a member may what administrators may."""
        return self in {Role.OWNER, Role.ADMINISTRATOR}


@dataclass
class Chat:
    """A chat with everything in it. In a private chat a bot with the role KICKED is blocked."""

    id: int
    kind: ChatKind
    title: str = ""
    user: User | None = None
    roles: dict[int, Role] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    migrated_to: int | None = None

    def role(self, user: User) -> Role:
        """The part of `user`; LEFT for one who never came."""
        return self.roles.get(user.id, Role.LEFT)

    @property
    def is_group(self) -> bool:
        """A group of either size."""
        return self.kind in {ChatKind.GROUP, ChatKind.SUPERGROUP}

    @property
    def is_channel(self) -> bool:
        """A place where administrators post and the others read."""
        return self.kind is ChatKind.CHANNEL

    def as_json(self) -> Json:
        """Telegram's `Chat`."""
        body: Json = {"id": self.id, "type": self.kind.value}
        if self.user is not None:
            body["first_name"] = self.user.first_name
            if self.user.username:
                body["username"] = self.user.username
        else:
            body["title"] = self.title
        return body

    def as_full_json(self) -> Json:
        """Telegram's `ChatFullInfo`, with the newest pinned message."""
        gifts = dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            False,
        )
        full = {
            **self.as_json(),
            "accent_color_id": abs(self.id) % 7,
            "max_reaction_count": 11,
            "accepted_gift_types": gifts,
        }
        if self.pinned:
            full["pinned_message"] = self.messages[self.pinned[-1]].as_json(self.as_json())
        return full


def member_json(chat: Chat, user: User, role: Role | None = None) -> Json:
    """Telegram's `ChatMember` for `user` in `chat`, with `role` in place of the present one."""
    role = role or chat.role(user)
    body: Json = {"status": role.value, "user": user.as_json()}
    if role is Role.OWNER:
        body["is_anonymous"] = False
    elif role is Role.ADMINISTRATOR:
        extra = _CHANNEL_RIGHTS if chat.kind is ChatKind.CHANNEL else _GROUP_RIGHTS
        rights = dict.fromkeys((*_ADMINISTRATOR_RIGHTS, *extra), True)
        body |= {"can_be_edited": False, "is_anonymous": False, **rights}
    elif role is Role.KICKED:
        body["until_date"] = 0
    return body
