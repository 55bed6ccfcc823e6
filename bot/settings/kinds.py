"""The kinds of values that settings have, and how one is written down."""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr


class SettingsError(Exception):
    """A setting is wrong; the sentence names it and says what would be right."""


def _an_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("should be an address such as https://example.org")
    return value.rstrip("/")


def _a_secret_address(value: SecretStr) -> SecretStr:
    return SecretStr(_an_address(value.get_secret_value()))


def _a_webhook_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
        raise ValueError("should be 1 to 256 of A-Z a-z 0-9 _ -, for Telegram takes nothing else")
    return value


def ids(value: Any) -> Any:
    """Numbers of people, with commas or spaces between."""
    return [part for part in value.replace(",", " ").split() if part] if isinstance(value, str) else value


def _a_postgres_url(value: str) -> str:
    if not value.startswith(("postgresql://", "postgres://")):
        raise ValueError("should be an address such as postgresql://user:password@host/database")
    return value


Address = Annotated[str, AfterValidator(_an_address)]
"""An http or https address, without a slash at its end."""
PostgresUrl = Annotated[str, AfterValidator(_a_postgres_url)]
"""A PostgreSQL's address."""
PingUrl = Annotated[SecretStr, AfterValidator(_a_secret_address)]
"""An address that holds a key."""
WebhookSecret = Annotated[SecretStr, AfterValidator(_a_webhook_secret)]
"""What Telegram shows with each update that it brings."""
Share = Annotated[float, Field(gt=0, le=1)]
"""A part of a whole."""
Hours = Annotated[int, Field(gt=0, le=24 * 90)]
"""Hours, up to a quarter of a year."""
Days = Annotated[int, Field(ge=1, le=3650)]
"""Days, up to ten years."""


def named(name: str, default: Any, help_: str, **more: Any) -> Any:
    """A setting: its name in the environment, its default, its line in README."""
    return Field(default=default, validation_alias=name, description=help_, **more)
