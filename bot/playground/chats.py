"""Where people meet: chats, and the parts that people play in them."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.playground.json_types import Json
from bot.playground.messages import Message
from bot.playground.rights import OF_MEMBERS, USUALLY_FORBIDDEN
from bot.playground.topics import Topic
from bot.playground.users import User


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
    RESTRICTED = "restricted"
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
    """A chat with everything in it. In a private chat a bot with the role KICKED is blocked.

    `lacking`: rights that an administrator was not given, or that a restricted member lost.
    `anonymous`: administrators who write as the group. `forbidden`: what members may not do.
    `linked_to`: of a channel, its discussion group. `signs_posts`: posts carry their author's name.
    """

    id: int
    kind: ChatKind
    title: str = ""
    user: User | None = None
    roles: dict[int, Role] = field(default_factory=dict)
    lacking: dict[int, frozenset[str]] = field(default_factory=dict)
    anonymous: set[int] = field(default_factory=set)
    forbidden: frozenset[str] = USUALLY_FORBIDDEN
    messages: dict[int, Message] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    migrated_to: int | None = None
    is_forum: bool = False
    topics: dict[int, Topic] = field(default_factory=dict)
    linked_to: int | None = None
    signs_posts: bool = False

    def role(self, user: User) -> Role:
        """The part of `user`; LEFT for one who never came."""
        return self.roles.get(user.id, Role.LEFT)

    def may(self, user: User, right: str) -> bool:
        """Whether `user` has this right here, by their part and by what the group allows."""
        role = self.role(user)
        if role is Role.OWNER or (self.user is not None and role.present):
            return True
        if role is Role.ADMINISTRATOR:
            return right not in self.lacking.get(user.id, ())
        is_allowed = not self.is_channel and right in OF_MEMBERS and right not in self.forbidden
        if role is Role.RESTRICTED:
            return is_allowed and right not in self.lacking.get(user.id, ())
        return is_allowed and role is Role.MEMBER

    @property
    def has_threads(self) -> bool:
        """Whether a chain of replies is a thread here."""
        return self.kind is ChatKind.SUPERGROUP

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
        if self.is_forum:
            body["is_forum"] = True
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
        if self.is_group:
            full["permissions"] = {right: right not in self.forbidden for right in OF_MEMBERS}
        if self.linked_to is not None:
            full["linked_chat_id"] = self.linked_to
        if self.pinned:
            full["pinned_message"] = self.messages[self.pinned[-1]].as_json(self.as_json())
        return full
