"""Topics of a forum."""

from dataclasses import dataclass

from bot.playground.json_types import Json
from bot.playground.messages import Message

GENERAL = 1
"""The topic that every forum has. Messages in it carry no thread, and naming it is refused."""

ICON_COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


@dataclass
class Topic:
    """`id` is that of the service message `start`, which opened it; General has none."""

    id: int
    name: str
    icon_color: int = ICON_COLORS[0]
    start: Message | None = None
    is_closed: bool = False

    def as_json(self) -> Json:
        """Telegram's `ForumTopic`."""
        return {"message_thread_id": self.id, "name": self.name, "icon_color": self.icon_color}
