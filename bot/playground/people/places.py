"""People change the chats themselves: a group becomes a supergroup or a forum, a channel is discussed."""

from collections.abc import Iterable

from bot.playground.chats import Chat, ChatKind, Role
from bot.playground.forum import make_forum
from bot.playground.people.crowd import Crowd, DeedError
from bot.playground.users import User


class Places(Crowd):
    """What becomes of groups and channels."""

    def migrate(self, group: Chat) -> Chat:
        """`group` becomes a supergroup with another id, which is returned; its members stay what they are."""
        if group.kind is not ChatKind.GROUP or group.migrated_to is not None:
            raise DeedError("only a small group becomes a supergroup")
        owner = self._owner(group)
        new = self.telegram.create_chat(ChatKind.SUPERGROUP, group.title, owner)
        new.roles, new.lacking, new.forbidden = dict(group.roles), dict(group.lacking), group.forbidden
        self._note(group, owner, {"migrate_to_chat_id": new.id})
        group.migrated_to = new.id
        self._note(new, owner, {"migrate_from_chat_id": group.id})
        self.telegram.changes.publish("people")
        return new

    def make_forum(self, chat: Chat) -> Chat:
        """`chat` gets topics; a small group becomes a supergroup first. The forum is returned."""
        if not chat.is_group:
            raise DeedError("only a group becomes a forum")
        forum = self.migrate(chat) if chat.kind is ChatKind.GROUP else chat
        make_forum(self.telegram, forum)
        return forum

    def forbid(self, chat: Chat, *rights: str) -> None:
        """What all members, the bot among them, may not do in a group; in place of what was forbidden."""
        if not chat.is_group:
            raise DeedError("only a group has rules for its members")
        chat.forbidden = frozenset(rights)
        self.telegram.changes.publish("people")

    def link(self, channel: Chat, group: Chat | None) -> None:
        """`group` becomes the discussion of `channel`: posts are forwarded there. None ends it."""
        for chat in (channel, *self._linked_with(channel), *(self._linked_with(group) if group else ())):
            chat.linked_to = None
        if group is not None:
            if not channel.is_channel or group.kind is not ChatKind.SUPERGROUP:
                raise DeedError("a channel is linked to a supergroup")
            channel.linked_to, group.linked_to = group.id, channel.id
        self.telegram.changes.publish("people")

    def sign_posts(self, channel: Chat, *, signs: bool) -> None:
        """Posts carry the name of the administrator who wrote them, or do not."""
        channel.signs_posts = signs
        self.telegram.changes.publish("people")

    def _linked_with(self, chat: Chat) -> Iterable[Chat]:
        return [other for other in self.telegram.chats.values() if other.linked_to == chat.id]

    def _owner(self, chat: Chat) -> User:
        return next(user for user, role in self.telegram.members(chat) if role is Role.OWNER)
