"""People talk: they write, post, answer, forward, press buttons, delete and pin."""

from itertools import count

from bot.playground.chats import Chat, ChatKind
from bot.playground.discussion import forward_post, origin_of
from bot.playground.messages import Message
from bot.playground.people.belonging import Belonging
from bot.playground.people.crowd import DeedError, check_member, check_right, new_message
from bot.playground.refusals import RefusedError
from bot.playground.telegram import Telegram
from bot.playground.threads import find_thread
from bot.playground.topics import GENERAL
from bot.playground.users import ANONYMOUS, User


class Talking(Belonging):
    """Needs to know who belongs where: writing to a blocked bot unblocks it."""

    def __init__(self, telegram: Telegram) -> None:
        super().__init__(telegram)
        self._query_ids = count(1)

    def say(
        self,
        user: User,
        chat: Chat | User,
        text: str,
        thread: int | None = None,
        reply_to: Message | None = None,
        *,
        anonymous: bool | None = None,
    ) -> Message:
        """`user` writes `text`; `chat` may be the bot, for the private chat with it.

        `anonymous`: in the name of the group; unless given, as the administrator is set.
        Writing in a private chat where the bot was blocked unblocks it, as apps do.
        Raises: DeedError; RefusedError for text that Telegram would not take.
        """
        chat = self._place(user, chat)
        check_may_write(user, chat)
        message = new_message(self.telegram, user, text)
        message.reply_to = reply_to
        return self._send(user, chat, message, thread, anonymous=anonymous)

    def post(self, channel: Chat, text: str, by: User | None = None) -> Message:
        """An administrator writes in a channel; `by` signs where the channel signs its posts."""
        if not channel.is_channel:
            raise DeedError("only a channel takes posts")
        message = new_message(self.telegram, None, text)
        message.author = by
        if by is not None and channel.signs_posts:
            message.marks["author_signature"] = by.first_name
        self._write(channel, message)
        forward_post(self.telegram, message)
        return message

    def forward(self, user: User, message: Message, chat: Chat | User, thread: int | None = None) -> Message:
        """`user` forwards a message from a chat that they can read."""
        chat = self._place(user, chat)
        check_member(user, self.telegram.chats[message.chat_id])
        check_may_write(user, chat)
        if message.service:
            raise DeedError("what Telegram itself says cannot be forwarded")
        marks = {"forward_origin": origin_of(self.telegram, message)}
        copy = Message(self.telegram.clock(), user, message.written, message.media, author=user, marks=marks)
        return self._send(user, chat, copy, thread)

    def press(self, user: User, message: Message, button: str) -> str:
        """`user` presses the button with this text or callback data; the id of the query.

        The bot learns who pressed, even of an anonymous administrator. Of a message that was chosen
        inline it learns only the id.
        Raises: DeedError where they are not in the chat, or there is no such button that sends a callback.
        """
        chat = self.telegram.chats[message.chat_id]
        if not chat.role(user).present:
            check_member(user, chat)
        query_id = str(10_000_000 + next(self._query_ids))
        inline_id = self.telegram.inline.id_of(message)
        pressed = {"message": message.as_json(chat.as_json())}
        query = {
            "id": query_id,
            "from": user.as_json(),
            "chat_instance": str(chat.id),
            "data": _callback_data(message, button),
            **({"inline_message_id": inline_id} if inline_id else pressed),
        }
        self.telegram.open_queries[query_id] = query
        self.telegram.updates.add("callback_query", query)
        return query_id

    def delete(self, message: Message, by: User | None = None) -> None:
        """A message is deleted for all, by its author or an administrator; the bot is not told."""
        chat = self.telegram.chats[message.chat_id]
        if by is not None and message.author is not by:
            check_right(by, chat, "can_delete_messages", "delete messages of others")
        self.telegram.erase(chat, message)

    def pin(self, user: User, message: Message, *, is_silent: bool = False) -> None:
        """`user` pins a message; the bot hears of it."""
        chat = self.telegram.chats[message.chat_id]
        check_right(user, chat, _right_to_pin(chat), "pin messages")
        note = self.telegram.pin(chat, message, user, is_silent=is_silent)
        self._tell_note(chat, note)

    def unpin(self, user: User, message: Message) -> None:
        """`user` takes a pinned message down; the bot is not told."""
        chat = self.telegram.chats[message.chat_id]
        check_right(user, chat, _right_to_pin(chat), "unpin messages")
        self.telegram.unpin(chat, message.id)

    def expire_queries(self) -> None:
        """Queries that nobody answered in time are forgotten."""
        self.telegram.open_queries.clear()
        self.telegram.inline.clear()

    def _send(
        self,
        user: User,
        chat: Chat,
        message: Message,
        thread: int | None,
        *,
        anonymous: bool | None = None,
    ) -> Message:
        if chat.kind is ChatKind.PRIVATE:
            self.unblock(user)
        if anonymous or (anonymous is None and user.id in chat.anonymous):
            _make_anonymous(user, chat, message)
        message.thread_id = _thread(user, chat, message, thread)
        return self._write(chat, message)


def check_may_write(user: User, chat: Chat) -> None:
    """Raises: DeedError."""
    check_member(user, chat)
    if chat.is_channel:
        raise DeedError("a channel takes posts, not messages")
    if not (chat.role(user).administers or chat.may(user, "can_send_messages")):
        raise DeedError(f"{user.first_name} may not write here")


def _make_anonymous(user: User, chat: Chat, message: Message) -> None:
    if not (chat.role(user).administers and chat.has_threads):
        raise DeedError("only administrators of a supergroup write anonymously")
    message.sender = ANONYMOUS
    message.marks["sender_chat"] = chat.as_json()


def _thread(user: User, chat: Chat, message: Message, thread: int | None) -> int | None:
    answered = message.reply_to
    if thread is None and answered is not None and answered.is_in_topic:
        thread = answered.thread_id
    may_manage = chat.role(user).administers and chat.may(user, "can_manage_topics")
    try:
        # Apps know General by its number; the Bot API does not.
        return find_thread(chat, None if thread == GENERAL else thread, may_manage=may_manage)
    except RefusedError as refusal:
        raise DeedError(_WHY_NOT.get(refusal.description, refusal.description)) from None


_WHY_NOT = {
    "Bad Request: message thread not found": "there is no such topic",
    "Bad Request: TOPIC_CLOSED": "this topic is closed",
}


def _right_to_pin(chat: Chat) -> str:
    return "can_edit_messages" if chat.is_channel else "can_pin_messages"


def _callback_data(message: Message, button: str) -> str:
    for candidate in message.buttons:
        if button in {candidate["text"], candidate.get("callback_data")}:
            if "callback_data" not in candidate:
                raise DeedError(f"the button {button!r} sends no callback")
            return str(candidate["callback_data"])
    labels = ", ".join(repr(candidate["text"]) for candidate in message.buttons)
    raise DeedError(f"no button {button!r} in message {message.id}; it has: {labels or 'none'}")
