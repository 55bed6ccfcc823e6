"""A person (or the bot) as Telegram describes them."""

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
        if not self.is_bot:
            body["language_code"] = self.language_code
        return body
