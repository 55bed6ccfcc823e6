"""People ask the bot inline, from any chat, and post one of the results that it offers."""

from bot.playground.chats import Chat, ChatKind
from bot.playground.inline import Offer
from bot.playground.json_types import Json
from bot.playground.messages import Message
from bot.playground.people.crowd import DeedError, check_member
from bot.playground.people.talking import Talking, check_may_write
from bot.playground.users import User

MAX_QUERY_UNITS = 256


class Inline(Talking):
    """An answer can be read for as long as the playground runs."""

    def ask_inline(
        self, user: User, query: str = "", chat: Chat | User | None = None, offset: str = ""
    ) -> str:
        """`user` types the bot's name and `query` in `chat` (None: elsewhere); the id of the query."""
        where = {} if chat is None else self._describe_place(user, self._place(user, chat))
        asked = self.telegram.inline.ask(
            {"from": user.as_json(), "query": query[:MAX_QUERY_UNITS], "offset": offset, **where}
        )
        self.telegram.updates.add("inline_query", asked)
        return str(asked["id"])

    def offer(self, query_id: str) -> Offer | None:
        """What the bot offered in answer to this query; None while it has not."""
        return self.telegram.inline.offers.get(query_id)

    def choose_inline(
        self, user: User, query_id: str, result_id: str, chat: Chat | User, thread: int | None = None
    ) -> Message:
        """`user` posts a result in `chat`, in their own name and via the bot."""
        offer = self.offer(query_id)
        content = offer.contents.get(result_id) if offer else None
        if content is None:
            raise DeedError("the bot offered no such result")
        place = self._place(user, chat)
        marks = {"via_bot": self.telegram.bot.as_json()}
        message = Message(
            self.telegram.clock(),
            user,
            content.written,
            content.media,
            markup=content.markup,
            author=user,
            marks=marks,
        )
        if message.markup:
            self.telegram.inline.keep(message)
        if place.is_channel:
            return self._post_chosen(user, place, message)
        check_may_write(user, place)
        return self._send(user, place, message, thread)

    def _describe_place(self, user: User, chat: Chat) -> Json:
        check_member(user, chat)
        return {"chat_type": "sender" if chat.kind is ChatKind.PRIVATE else chat.kind.value}

    def _post_chosen(self, user: User, channel: Chat, message: Message) -> Message:
        if not channel.may(user, "can_post_messages"):
            raise DeedError("only administrators post in a channel")
        message.sender = None
        return self._write(channel, message)
