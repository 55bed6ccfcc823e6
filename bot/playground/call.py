"""One call of a Bot API method, as it came over HTTP, with its parameters read as Telegram does."""

import json
from dataclasses import dataclass, field
from typing import Any

from bot.playground.json_types import Json
from bot.playground.refusals import bad_request


@dataclass(frozen=True)
class Upload:
    """A file that came with the call, under the name that `attach://` refers to."""

    name: str
    mime_type: str
    content: bytes


@dataclass(frozen=True)
class Call:
    """Form fields are text, even numbers and JSON; a JSON body keeps its types."""

    method: str
    fields: Json = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    @property
    def parameters(self) -> Json:
        """The fields for reading: numbers, flags and objects in their types, text as it is."""
        return {name: _readable(name, value) for name, value in self.fields.items()}

    def text(self, name: str) -> str:
        """Text; "" where there is none. Raises: RefusedError, 400."""
        value = self.fields.get(name, "")
        if not isinstance(value, str):
            value = str(value)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise bad_request("strings must be encoded in UTF-8") from None
        return value

    def number(self, name: str, default: int = 0) -> int:
        """A whole number; the default where there is none, as Telegram takes it."""
        try:
            return int(self.fields.get(name, default))
        except (TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        """Whether it is there and true."""
        return str(self.fields.get(name, "")).lower() in {"true", "1", "yes"}

    def has(self, name: str) -> bool:
        """Whether it is there and not empty."""
        return self.fields.get(name) not in (None, "")

    def object(self, name: str) -> Json | None:
        """A JSON object. Raises: RefusedError, 400."""
        value = self._decoded(name)
        if value is not None and not isinstance(value, dict):
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object")
        return value

    def array(self, name: str) -> list[Json]:
        """A JSON array; [] where there is none. Raises: RefusedError, 400."""
        value = self._decoded(name)
        if value is not None and not isinstance(value, list):
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object")
        return value or []

    def numbers(self, name: str) -> list[int]:
        """A JSON array of whole numbers; others are left out. Raises: RefusedError, 400."""
        return [item for item in map(_whole, self.array(name)) if item is not None]

    def chat_id(self, name: str = "chat_id") -> int:
        """Raises: RefusedError, 400."""
        if not self.has(name):
            raise bad_request("chat_id is empty")
        try:
            return int(self.fields[name])
        except (TypeError, ValueError):
            # @names are public chats; the playground has none.
            raise bad_request("chat not found") from None

    def _decoded(self, name: str) -> Any:
        value = self.fields.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None


# Text that may look like a number or an object, and is meant as text all the same.
_TEXTS = frozenset({"text", "caption", "callback_query_id", "file_id", "description", "name"})


def _whole(item: object) -> int | None:
    return item if isinstance(item, int) and not isinstance(item, bool) else None


def _readable(name: str, value: object) -> object:
    if name in _TEXTS or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
