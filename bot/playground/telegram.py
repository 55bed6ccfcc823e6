"""The state of the playground's Telegram: who is there, what was written, what awaits the bot.

No HTTP here. methods/ changes it on behalf of the bot, people.py on behalf of everyone else;
each change is told through `changes`.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from bot.playground.changes import Changes
from bot.playground.chats import Chat, ChatKind, Role
from bot.playground.files import Files
from bot.playground.inline import InlineQueries
from bot.playground.json_types import Json
from bot.playground.members import member_json
from bot.playground.menus import Menus
from bot.playground.messages import Message
from bot.playground.refusals import bad_request, forbidden, migrated
from bot.playground.threads import place
from bot.playground.updates import UpdateQueue
from bot.playground.users import User

# Supergroups and channels have ids below this, as at Telegram; small groups lie above it.
_LAST_CHANNEL_ID = -1_000_000_000_000
_CONTENT = {
    "can_send_messages": "text messages",
    "can_send_photos": "photos",
    "can_send_documents": "documents",
}


class Telegram:
    """`clock` gives the moment (aware UTC) that every message is dated with."""

    def __init__(self, clock: Callable[[], datetime], bot: User) -> None:
        self.clock = clock
        self.bot = bot
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.changes = Changes()
        self.updates = UpdateQueue(self.changes)
        self.menus = Menus()
        self.files = Files()
        self.open_queries: dict[str, Json] = {}
        self.inline = InlineQueries()
        self.default_rights: dict[bool, Json] = {}
        self.menu_buttons: dict[int, Json] = {}
        self._last_message_id: dict[int, int] = {}
        self._last_channel_id = _LAST_CHANNEL_ID
        self._last_group_id = 0

    # Making people and places

    def add_user(self, user: User) -> User:
        """Make a person known."""
        self.users[user.id] = user
        self.changes.publish("people")
        return user

    def private_chat(self, user: User) -> Chat:
        """The chat of `user` with the bot, begun where it is not yet."""
        if user.id not in self.chats:
            self._add_chat(self.unbegun_chat(user))
        return self.chats[user.id]

    def unbegun_chat(self, user: User) -> Chat:
        """The private chat of `user` as it will be once something is said in it."""
        roles = {user.id: Role.MEMBER, self.bot.id: Role.MEMBER}
        return Chat(user.id, ChatKind.PRIVATE, user=user, roles=roles)

    def create_chat(self, kind: ChatKind, title: str, owner: User) -> Chat:
        """A group, supergroup or channel with `owner` alone in it."""
        roles = {owner.id: Role.OWNER}
        return self._add_chat(Chat(self._new_chat_id(kind), kind, title, roles=roles))

    def _new_chat_id(self, kind: ChatKind) -> int:
        if kind is ChatKind.GROUP:
            self._last_group_id -= 1
            return self._last_group_id
        self._last_channel_id -= 1
        return self._last_channel_id

    def _add_chat(self, chat: Chat) -> Chat:
        self.chats[chat.id] = chat
        self.changes.publish("people")
        return chat

    def members(self, chat: Chat) -> Iterator[tuple[User, Role]]:
        """Those who are in `chat` now, in the order in which they came."""
        for user_id, role in chat.roles.items():
            if role.present:
                yield self.users[user_id], role

    # Finding, as a bot may

    def find_chat(self, chat_id: int) -> Chat:
        """A chat that the bot has heard of. Raises: Refusal."""
        chat = self.chats.get(chat_id)
        if chat is None:
            if chat_id in self.users:
                raise forbidden("bot can't initiate conversation with a user")
            raise bad_request("chat not found")
        if chat.migrated_to is not None:
            raise migrated(chat.migrated_to)
        return chat

    def find_joined_chat(self, chat_id: int) -> Chat:
        """A chat that the bot is in. Raises: RefusedError, 403, where it is not (any more)."""
        chat = self.find_chat(chat_id)
        role = chat.role(self.bot)
        if chat.user is not None:
            if chat.user.is_deactivated:
                raise forbidden("user is deactivated")
            if role is Role.KICKED:
                raise forbidden("bot was blocked by the user")
        elif role is Role.KICKED:
            raise forbidden(f"bot was kicked from the {chat.kind.value} chat")
        elif not role.present:
            raise forbidden(f"bot is not a member of the {chat.kind.value} chat")
        return chat

    def find_writable_chat(self, chat_id: int, right: str = "can_send_messages") -> Chat:
        """A chat that the bot may write in, what `right` stands for. Raises: RefusedError."""
        chat = self.find_joined_chat(chat_id)
        if chat.is_channel:
            if not chat.may(self.bot, "can_post_messages"):
                raise bad_request("need administrator rights in the channel chat")
        elif not chat.role(self.bot).administers and not chat.may(self.bot, right):
            raise bad_request(f"not enough rights to send {_CONTENT[right]} to the chat")
        return chat

    # Writing

    def write(self, chat: Chat, message: Message) -> Message:
        """Put `message` at the end of `chat`, under an id of its own."""
        message.id, message.chat_id = self._next_message_id(chat), chat.id
        place(chat, message)
        chat.messages[message.id] = message
        self._publish_message("message", chat, message)
        return message

    def show_edit(self, chat: Chat, message: Message) -> None:
        """Tell that `message` was changed in place."""
        self._publish_message("edit", chat, message)

    def erase(self, chat: Chat, message: Message) -> None:
        """Take `message` away for everyone."""
        del chat.messages[message.id]
        if message.id in chat.pinned:
            chat.pinned.remove(message.id)
        self.changes.publish("erase", chat=chat.id, message=message.id, pinned=chat.pinned)

    def note_service(
        self, chat: Chat, by: User, service: Json, *, thread_id: int | None = None, is_silent: bool = False
    ) -> Message:
        """Write what Telegram itself says in a chat: somebody joined, something was pinned."""
        sender = None if chat.is_channel else by
        message = Message(
            self.clock(), sender, service=service, thread_id=thread_id, is_silent=is_silent, author=by
        )
        return self.write(chat, message)

    def pin(self, chat: Chat, message: Message, by: User, *, is_silent: bool = False) -> Message:
        """Put `message` above those that are pinned already; the service message that tells of it."""
        if message.id in chat.pinned:
            chat.pinned.remove(message.id)
        chat.pinned.append(message.id)
        self.changes.publish("pins", chat=chat.id, pinned=chat.pinned)
        service = {"pinned_message": message.as_json(chat.as_json(), with_reply=False)}
        thread_id = message.thread_id if message.is_in_topic else None
        return self.note_service(chat, by, service, thread_id=thread_id, is_silent=is_silent)

    def unpin(self, chat: Chat, *message_ids: int) -> None:
        """Take pinned messages down again; nobody is told."""
        chat.pinned = [pinned for pinned in chat.pinned if pinned not in message_ids]
        self.changes.publish("pins", chat=chat.id, pinned=chat.pinned)

    # Members

    def change_role(
        self, chat: Chat, user: User, role: Role, by: User, lacking: frozenset[str] = frozenset()
    ) -> None:
        """Give `user` a new part in `chat`, without some rights; the bot hears as Telegram tells it."""
        before = member_json(chat, user)
        chat.roles[user.id], chat.lacking[user.id] = role, lacking
        if not role.administers:
            chat.anonymous.discard(user.id)
        self.tell_member(chat, user, by, before)

    def tell_member(self, chat: Chat, user: User, by: User, before: Json) -> None:
        """Tell that the part of `user` is another one than `before`."""
        self.changes.publish("people")
        # Of others only a bot hears that is an administrator itself.
        if user is not self.bot and not chat.role(self.bot).administers:
            return
        kind = "my_chat_member" if user is self.bot else "chat_member"
        self.updates.add(
            kind,
            {
                "chat": chat.as_json(),
                "from": by.as_json(),
                "date": int(self.clock().timestamp()),
                "old_chat_member": before,
                "new_chat_member": member_json(chat, user),
            },
        )

    def _next_message_id(self, chat: Chat) -> int:
        # Supergroups and channels count for themselves; all other chats share one count.
        counter = chat.id if chat.kind in {ChatKind.SUPERGROUP, ChatKind.CHANNEL} else 0
        self._last_message_id[counter] = self._last_message_id.get(counter, 0) + 1
        return self._last_message_id[counter]

    def _publish_message(self, kind: str, chat: Chat, message: Message) -> None:
        self.changes.publish(kind, chat=chat.id, message=self.message_view(chat, message))

    def message_view(self, chat: Chat, message: Message) -> Json:
        """The message as the page shows it: Telegram's fields, and what an app would know besides."""
        own: Json = {"silent": message.is_silent, "keyboard": message.keyboard}
        own |= {"reactions": message.reactions, "author": message.author.id if message.author else 0}
        return {**message.as_json(chat.as_json()), **own}
