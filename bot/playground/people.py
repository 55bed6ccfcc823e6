"""What people do: write, press buttons, add and remove the bot, block it, move a group.

Each deed changes the state and, where Telegram would tell the bot, adds an update.
"""

import re
from itertools import count

from bot.playground.chats import Chat, ChatKind, Role
from bot.playground.formatting import MAX_TEXT_UNITS, format_text
from bot.playground.json_types import Json
from bot.playground.messages import Message
from bot.playground.telegram import Telegram
from bot.playground.users import User

_COMMAND = re.compile(r"^/[A-Za-z0-9_]+(?:@(?P<bot>\w+))?(?!\w)")


class DeedError(ValueError):
    """Something that a person cannot do here; the text says why."""


class People:
    """Everybody but the bot."""

    def __init__(self, telegram: Telegram) -> None:
        self.telegram = telegram
        self._query_ids = count(1)

    def say(
        self,
        user: User,
        chat: Chat | User,
        text: str,
        thread: int | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        """`user` writes `text`; `chat` may be the bot, for the private chat with it.

        Writing in a private chat where the bot was blocked unblocks it, as apps do.
        Raises: DeedError; RefusedError for text that Telegram would not take.
        """
        chat = self._place(user, chat)
        _check_member(user, chat)
        if chat.is_channel:
            raise DeedError("a channel takes posts, not messages")
        if chat.kind is ChatKind.PRIVATE:
            self.unblock(user)
        return self._write(chat, user, text, thread, reply_to)

    def post(self, channel: Chat, text: str) -> Message:
        """An administrator writes in a channel."""
        if not channel.is_channel:
            raise DeedError("only a channel takes posts")
        return self._write(channel, None, text, None, None)

    def press(self, user: User, message: Message, button: str) -> str:
        """`user` presses the button with this text or callback data; the id of the query.

        Raises: DeedError where they are not in the chat, or there is no such button that sends a callback.
        """
        chat = self.telegram.chats[message.chat_id]
        _check_member(user, chat)
        data = _callback_data(message, button)
        query: Json = {
            "id": str(10_000_000 + next(self._query_ids)),
            "from": user.as_json(),
            "message": message.as_json(chat.as_json()),
            "chat_instance": str(chat.id),
            "data": data,
        }
        self.telegram.open_queries[query["id"]] = query
        self.telegram.updates.add("callback_query", query)
        return str(query["id"])

    def add_bot(self, chat: Chat, by: User, role: Role = Role.MEMBER) -> None:
        """`by` brings the bot into a group or channel, or gives it another part there."""
        bot = self.telegram.bot
        was_present = chat.role(bot).present
        self.telegram.change_role(chat, bot, role, by)
        if chat.is_group and not was_present:
            self._note(chat, by, {"new_chat_members": [bot.as_json()]})

    def remove_bot(self, chat: Chat, by: User) -> None:
        """The bot is thrown out; of what follows in the chat it hears nothing."""
        self.telegram.change_role(chat, self.telegram.bot, Role.KICKED, by)
        if chat.is_group:
            bot = self.telegram.bot.as_json()
            self.telegram.note_service(chat, by, {"left_chat_member": bot})

    def join(self, user: User, chat: Chat, role: Role = Role.MEMBER) -> None:
        """`user` comes into a group or channel, or gets another part there."""
        was_present = chat.role(user).present
        self.telegram.change_role(chat, user, role, user)
        if chat.is_group and not was_present:
            self._note(chat, user, {"new_chat_members": [user.as_json()]})

    def leave(self, user: User, chat: Chat) -> None:
        """`user` goes away."""
        self.telegram.change_role(chat, user, Role.LEFT, user)
        if chat.is_group:
            self._note(chat, user, {"left_chat_member": user.as_json()})

    def block(self, user: User) -> None:
        """`user` blocks the bot, which then cannot write to them."""
        self._set_block(user, Role.MEMBER, Role.KICKED)

    def unblock(self, user: User) -> None:
        """`user` lets the bot write again."""
        self._set_block(user, Role.KICKED, Role.MEMBER)

    def deactivate(self, user: User) -> None:
        """The account is deleted; its chats stay."""
        user.is_deactivated = True

    def set_language(self, user: User, language_code: str) -> None:
        """The bot learns of it from what the user does next."""
        user.language_code = language_code
        self.telegram.changes.publish("people")

    def migrate(self, group: Chat) -> Chat:
        """`group` becomes a supergroup with another id, which is returned."""
        if group.kind is not ChatKind.GROUP:
            raise DeedError("only a small group becomes a supergroup")
        owner = next(user for user, role in self.telegram.members(group) if role is Role.OWNER)
        new = self.telegram.create_chat(ChatKind.SUPERGROUP, group.title, owner)
        new.roles = dict(group.roles)
        self._note(group, owner, {"migrate_to_chat_id": new.id})
        group.migrated_to = new.id
        self._note(new, owner, {"migrate_from_chat_id": group.id})
        self.telegram.changes.publish("people")
        return new

    def expire_queries(self) -> None:
        """Callback queries that nobody answered in time are forgotten."""
        self.telegram.open_queries.clear()

    def _place(self, user: User, chat: Chat | User) -> Chat:
        return self.telegram.private_chat(user) if isinstance(chat, User) else chat

    def _write(
        self,
        chat: Chat,
        sender: User | None,
        text: str,
        thread: int | None,
        reply_to: Message | None,
    ) -> Message:
        written = format_text(text, None, None, MAX_TEXT_UNITS)
        if not written.text:
            raise DeedError("there is nothing to send")
        message = Message(self.telegram.clock(), sender, written, reply_to=reply_to, thread_id=thread)
        self.telegram.write(chat, message)
        if self._hears(chat, message):
            kind = "channel_post" if chat.is_channel else "message"
            self.telegram.updates.add(kind, message.as_json(chat.as_json()))
        return message

    def _note(self, chat: Chat, by: User, service: Json) -> None:
        """A service message, which a bot that is in the chat hears whatever its privacy mode."""
        message = self.telegram.note_service(chat, by, service)
        if chat.role(self.telegram.bot).present:
            self.telegram.updates.add("message", message.as_json(chat.as_json()))

    def _hears(self, chat: Chat, message: Message) -> bool:
        """Privacy mode: in a group a bot hears commands and answers, an administrator all."""
        role = chat.role(self.telegram.bot)
        if not chat.is_group or not role.present:
            return role.present
        if role.administers:
            return True
        answered = message.reply_to
        if answered is not None and answered.sender is self.telegram.bot:
            return True
        command = _COMMAND.match(message.text)
        return command is not None and command["bot"] in {None, self.telegram.bot.username}

    def _set_block(self, user: User, old: Role, new: Role) -> None:
        chat = self.telegram.private_chat(user)
        if chat.role(self.telegram.bot) is old:
            self.telegram.change_role(chat, self.telegram.bot, new, user)


def _check_member(user: User, chat: Chat) -> None:
    if not chat.role(user).present:
        raise DeedError(f"{user.first_name} is not in this chat")


def _callback_data(message: Message, button: str) -> str:
    for candidate in message.buttons:
        if button in {candidate["text"], candidate.get("callback_data")}:
            if "callback_data" not in candidate:
                raise DeedError(f"the button {button!r} sends no callback")
            return str(candidate["callback_data"])
    labels = ", ".join(repr(candidate["text"]) for candidate in message.buttons)
    raise DeedError(f"no button {button!r} in message {message.id}; it has: {labels or 'none'}")
