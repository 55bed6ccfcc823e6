"""People press keys of the keyboard that the bot put in place of their own, and share chats with it."""

from bot.playground.chats import Chat, Role
from bot.playground.json_types import Json
from bot.playground.messages import Message
from bot.playground.people.crowd import DeedError
from bot.playground.people.talking import Talking
from bot.playground.rights import withheld
from bot.playground.users import User


class Keys(Talking):
    """Keys belong to the message that brought them."""

    def press_key(self, user: User, message: Message, text: str) -> Message:
        """`user` presses a key that says something; what they thereby say."""
        key = _find_key(message, text)
        if any(name.startswith("request_") for name in key):
            raise DeedError("this key asks for something to be picked")
        return self.say(user, self.telegram.chats[message.chat_id], text)

    def share_chat(self, user: User, message: Message, key_text: str, chat: Chat) -> Message:
        """`user` picks `chat` for a key that asks for one; the bot comes in there as the key wants.

        Raises: DeedError, where the chat is none that the key asks for.
        """
        request = self.find_request(message, key_text)
        reason = self.unfit(user, request, chat)
        if reason:
            raise DeedError(reason)
        self._bring_bot(user, request, chat)
        shared: Json = {"request_id": request["request_id"], "chat_id": chat.id}
        if request.get("request_title"):
            shared["title"] = chat.title
        private = self.telegram.private_chat(user)
        return self._note(private, user, {"chat_shared": shared})

    def find_request(self, message: Message, key_text: str) -> Json:
        """The `request_chat` of a key. Raises: DeedError."""
        request: Json | None = _find_key(message, key_text).get("request_chat")
        if request is None:
            raise DeedError("this key asks for no chat")
        return request

    def unfit(self, user: User, request: Json, chat: Chat) -> str:
        """Why `chat` cannot be picked for `request`; "" where it can."""
        if chat.user is not None or chat.migrated_to or chat.is_channel is not request["chat_is_channel"]:
            return f"a {'channel' if request['chat_is_channel'] else 'group'} is asked for"
        if not chat.role(user).present:
            return f"{user.first_name} is not in this chat"
        if request.get("chat_is_forum", chat.is_forum) is not chat.is_forum:
            return (
                "a forum is asked for" if request["chat_is_forum"] else "a group without topics is asked for"
            )
        if request.get("chat_is_created") and chat.role(user) is not Role.OWNER:
            return f"{user.first_name} does not own this chat"
        needed = request.get("user_administrator_rights") or {}
        lacking = [right for right, wanted in needed.items() if wanted and not _has(chat, user, right)]
        return f"{user.first_name} lacks {', '.join(lacking)} there" if lacking else ""

    def _bring_bot(self, user: User, request: Json, chat: Chat) -> None:
        """As apps do: with the rights asked for, or as a member where it has to be one."""
        bot, rights = self.telegram.bot, request.get("bot_administrator_rights")
        if rights is not None:
            if not _has(chat, user, "can_promote_members"):
                raise DeedError(f"{user.first_name} may not appoint administrators there")
            given = [right for right, wanted in rights.items() if wanted]
            if not (chat.role(bot).administers and all(_has(chat, bot, right) for right in given)):
                self.add_bot(chat, user, Role.ADMINISTRATOR, withheld(given))
        elif request.get("bot_is_member") and not chat.role(bot).present:
            self.add_bot(chat, user, Role.ADMINISTRATOR if chat.is_channel else Role.MEMBER)


def _has(chat: Chat, user: User, right: str) -> bool:
    return chat.role(user).administers and (right == "is_anonymous" or chat.may(user, right))


def _find_key(message: Message, text: str) -> Json:
    rows = (message.keyboard or {}).get("keyboard", ())
    for key in (key for row in rows for key in row):
        found: Json = key if isinstance(key, dict) else {"text": key}
        if found["text"] == text:
            return found
    raise DeedError(f"no key {text!r} came with message {message.id}")
