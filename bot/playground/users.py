"""A person (or the bot) as Telegram describes them, and the accounts by which Telegram itself writes."""

from dataclasses import dataclass

from bot.playground.json_types import Json


@dataclass
class User:
    """`language_code` is an IETF tag such as `en` or `zh-hans`; `id` is positive."""

    id: int
    first_name: str
    username: str = ""
    language_code: str = "en"
    is_bot: bool = False
    is_deactivated: bool = False

    def as_json(self) -> Json:
        """Telegram's `User`."""
        body: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        if self.username:
            body["username"] = self.username
        if not self.is_bot and self.language_code:
            body["language_code"] = self.language_code
        return body


ANONYMOUS = User(1087968824, "Group", "GroupAnonymousBot", is_bot=True)
"""In whose name an administrator writes who wants to stay unknown."""

FORWARDER = User(777000, "Telegram", language_code="")
"""In whose name a channel's posts come into its discussion group."""

FAKE_CHANNEL = User(136817688, "Channel", "Channel_Bot", is_bot=True)
"""In whose name somebody writes as a channel of theirs."""

SERVICE_ACCOUNTS = {user.id: user for user in (ANONYMOUS, FORWARDER, FAKE_CHANNEL)}
