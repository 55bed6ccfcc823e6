"""Holds each call of the bot against Telegram's own description of its methods.

The description is the JSON of PaulSonOfLars/telegram-bot-api-spec: `methods` and `types`, each
with `fields` of `name`, `types` and `required`.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from bot.playground.call import Call
from bot.playground.json_types import Json

_ARRAY = "Array of "


class ApiSpec:
    """The methods and types that there are, and what each takes."""

    def __init__(self, description: Json) -> None:
        self._methods: Json = description["methods"]
        self._types: Json = description["types"]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Raises: OSError, ValueError."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def violations(self, call: Call) -> list[str]:
        """Everything about the call that Telegram's description does not allow."""
        method = self._methods.get(call.method)
        if method is None:
            return [f"{call.method}: no such method"]
        given: Json = {**dict.fromkeys(call.uploads, ""), **call.fields}
        attached = {name for name in call.uploads if f"attach://{name}" in str(call.fields)}
        fields = {name: value for name, value in given.items() if name not in attached}
        return list(self._check_fields(call.method, method.get("fields", []), fields, as_form=True))

    def _check_fields(
        self, where: str, described: Iterable[Json], given: Json, *, as_form: bool
    ) -> Iterator[str]:
        known = {field["name"]: field for field in described}
        for name in given.keys() - known.keys():
            yield f"{where}: unknown parameter {name}"
        for name, field in known.items():
            if name in given:
                value = _decoded(given[name], field["types"]) if as_form else given[name]
                yield from self._check_value(f"{where}.{name}", field["types"], value)
            elif field["required"]:
                yield f"{where}: {name} is required"

    def _check_value(self, where: str, types: list[str], value: Any) -> Iterator[str]:
        complaints = [list(self._check_type(where, kind, value)) for kind in types]
        if all(complaints):
            # Of several allowed types, the one that fits best says it best.
            yield from min(complaints, key=len)

    def _check_type(self, where: str, kind: str, value: Any) -> Iterator[str]:
        if kind.startswith(_ARRAY):
            yield from self._check_array(where, kind.removeprefix(_ARRAY), value)
        elif kind in _PLAIN:
            if not _PLAIN[kind](value):
                yield f"{where}: {value!r} is no {kind}"
        elif subtypes := self._types[kind].get("subtypes"):
            yield from self._check_value(where, subtypes, value)
        elif not isinstance(value, dict):
            yield f"{where}: {value!r} is no {kind}"
        else:
            described = self._types[kind].get("fields", [])
            yield from self._check_fields(where, described, value, as_form=False)

    def _check_array(self, where: str, kind: str, value: Any) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{where}: {value!r} is no array"
            return
        for index, item in enumerate(value):
            yield from self._check_value(f"{where}[{index}]", [kind], item)


_PLAIN = {
    "String": lambda value: isinstance(value, str),
    "Integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "Boolean": lambda value: isinstance(value, bool),
    # A file is uploaded, or named by a text that is its id, its URL or attach://.
    "InputFile": lambda value: isinstance(value, str),
}


def _decoded(value: Any, types: list[str]) -> Any:
    """A form field in its JSON type; text that is meant as text stays as it is."""
    if not isinstance(value, str) or types == ["String"]:
        return value
    try:
        decoded = json.loads(value)
    except ValueError:
        return value
    return value if "String" in types and not isinstance(decoded, int) else decoded
