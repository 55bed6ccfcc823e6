"""One message, as it stands now: edits change it in place, as they do at Telegram."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.playground.entities import Formatted
from bot.playground.json_types import Json
from bot.playground.users import User

NOTHING_WRITTEN = Formatted("")


@dataclass
class Message:
    """`date` and `edited` are aware UTC. `sender` is None for the posts of a channel.

    `id` and `chat_id` are given when it is written in a chat. `media` is `{}` or one of
    `{"photo": [PhotoSize, …]}` and `{"document": Document}`; then `written` is the caption.
    `service` holds the field of a service message, such as `{"new_chat_members": […]}`.
    `author` is the person behind a post or an anonymous message, whom Telegram keeps to itself.
    `marks` are further fields of Telegram's that never change: `via_bot`, `forward_origin` and the like.
    `markup` holds inline buttons; `keyboard` what happens to the reader's own keyboard.
    `topic_start` is the message that opened its topic, where it is in one.
    """

    date: datetime
    sender: User | None
    written: Formatted = NOTHING_WRITTEN
    media: Json = field(default_factory=dict)
    service: Json = field(default_factory=dict)
    reply_to: "Message | None" = None
    markup: Json | None = None
    keyboard: Json | None = None
    thread_id: int | None = None
    topic_start: "Message | None" = None
    author: User | None = None
    marks: Json = field(default_factory=dict)
    reactions: list[str] = field(default_factory=list)
    is_silent: bool = False
    edited: datetime | None = None
    id: int = 0
    chat_id: int = 0

    @property
    def text(self) -> str:
        """What is written in it, be it text or caption."""
        return self.written.text

    @property
    def buttons(self) -> list[Json]:
        """Its inline buttons, in reading order."""
        rows = (self.markup or {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]

    @property
    def is_in_topic(self) -> bool:
        """Whether it is in a topic of a forum other than General."""
        return self.topic_start is not None

    def as_json(self, chat: Json, *, with_reply: bool = True) -> Json:
        """Telegram's `Message` in the chat described by `chat`."""
        body: Json = {"message_id": self.id, "date": int(self.date.timestamp()), "chat": chat}
        if self.sender is not None:
            body["from"] = self.sender.as_json()
        else:
            body["sender_chat"] = chat
        body |= self.marks | self.media | self.service | self._written_json()
        if self.edited:
            body["edit_date"] = int(self.edited.timestamp())
        if self.markup:
            body["reply_markup"] = self.markup
        if self.thread_id is not None:
            body["message_thread_id"] = self.thread_id
        if self.is_in_topic:
            body["is_topic_message"] = True
        # In a topic, what answers nothing answers the message that opened it.
        answered = self.reply_to or (self.topic_start if self.topic_start is not self else None)
        if answered and with_reply:
            # Telegram shows one level only.
            body["reply_to_message"] = answered.as_json(chat, with_reply=False)
        return body

    def _written_json(self) -> Json:
        if not self.text:
            return {}
        text, entities = ("caption", "caption_entities") if self.media else ("text", "entities")
        body: Json = {text: self.text}
        if self.written.entities:
            body[entities] = list(self.written.entities)
        return body
