"""Settings of the running program: whom it talks to, where it stores, what it listens on, what is secret."""

import hmac
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import BeforeValidator, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode

from bot.settings.kinds import Address, PingUrl, PostgresUrl, WebhookSecret, ids, named


class RunningSettings(BaseSettings):
    """What the program needs to run."""

    telegram_bot_token: SecretStr | None = named(
        "TELEGRAM_BOT_TOKEN",
        None,
        "the bot's token from @BotFather; without it `make run` opens the playground",
    )
    telegram_api_url: Address | None = named(
        "TELEGRAM_API_URL", None, "a self-hosted Bot API server, such as http://localhost:8081"
    )
    database: str = named(
        "AFTERSHOCK_DATABASE",
        "aftershock.db",
        "the SQLite file, or a PostgreSQL: postgresql://user:password@host/database",
        min_length=1,
        repr=False,
    )
    database_url: PostgresUrl | None = named(
        "DATABASE_URL",
        None,
        "the PostgreSQL, as a platform gives it; counts where AFTERSHOCK_DATABASE is not set",
        repr=False,
    )
    owner_ids: Annotated[frozenset[int], NoDecode, BeforeValidator(ids)] = named(
        "AFTERSHOCK_OWNER_IDS",
        frozenset(),
        "Telegram user ids of the operators, with commas between: /admin, /broadcast, /levels set are theirs",
    )
    groups: Literal["open", "approve"] = named(
        "AFTERSHOCK_GROUPS",
        "open",
        "open: groups and channels may add the bot; approve: an operator has to agree first",
    )
    webhook_url: Address | None = named(
        "AFTERSHOCK_WEBHOOK_URL",
        None,
        "with `run --webhook`: the public https address at which Telegram reaches this bot",
    )
    webhook_secret: WebhookSecret | None = named(
        "AFTERSHOCK_WEBHOOK_SECRET",
        None,
        "with `run --webhook`: what Telegram has to show; else it is worked out from the token",
    )
    listen_host: str = named(
        "AFTERSHOCK_LISTEN_HOST",
        "127.0.0.1",
        "the address to listen on, for the webhook and for /metrics; 0.0.0.0 where a platform routes to it",
        min_length=1,
    )
    port: int = named(
        "PORT", 8080, "with `run --webhook`: the port to listen on; platforms set it", ge=1, le=65535
    )
    metrics_port: int | None = named(
        "AFTERSHOCK_METRICS_PORT",
        None,
        "port of /healthz and /metrics, at AFTERSHOCK_LISTEN_HOST; without it there are none",
        ge=1,
        le=65535,
    )
    ping_url: PingUrl | None = named(
        "AFTERSHOCK_PING_URL",
        None,
        "asked each minute while the bot is well, with /fail after it when it is not, such as https://hc-ping.com/KEY",
    )
    sosovalue_api_key: SecretStr | None = named(
        "SOSOVALUE_API_KEY",
        None,
        "key of SoSoValue, the first source of ETF flows; without it the keyless ones serve",
    )
    coinglass_api_key: SecretStr | None = named(
        "COINGLASS_API_KEY",
        None,
        "key of CoinGlass, for liquidations over all exchanges",
    )
    base_urls: Mapping[str, Address] = named(
        "AFTERSHOCK_BASE_URLS",
        {},
        'JSON: source -> base address that replaces its scheme and host, such as {"binance": "https://mirror.example"}',
    )
    paid_broadcast: bool = named(
        "AFTERSHOCK_PAID_BROADCAST",
        False,
        "1: pay Telegram 0.1 Star for each message above 30 a second, and send alerts at up to 1,000",
    )
    poll_seconds: int = named(
        "AFTERSHOCK_POLL_SECONDS", 10, "seconds between two looks at the prices", ge=1, le=60
    )
    https_proxy: Address | None = named("HTTPS_PROXY", None, "forward proxy for everything that is fetched")
    chart_theme: Literal["dark", "light"] = named(
        "AFTERSHOCK_CHART_THEME", "dark", "how charts look: dark or light"
    )
    log_format: Literal["text", "json"] = named(
        "AFTERSHOCK_LOG_FORMAT", "text", "how is logged: text, or json, one object a line"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = named(
        "AFTERSHOCK_LOG_LEVEL", "INFO", "what is logged to standard error: DEBUG, INFO, WARNING or ERROR"
    )

    @model_validator(mode="before")
    @classmethod
    def _take_the_platforms_database(cls, values: dict[str, Any]) -> dict[str, Any]:
        given = values.get("DATABASE_URL")
        return {"AFTERSHOCK_DATABASE": given, **values} if given else values

    def secret_of_webhook(self) -> str | None:
        """What Telegram shows with each update that it brings; None without a token.

        Worked out from the token, so that it stays the same over restarts, unless it is set.
        """
        if self.webhook_secret is not None:
            return self.webhook_secret.get_secret_value()
        if self.telegram_bot_token is None:
            return None
        token = self.telegram_bot_token.get_secret_value()
        return hmac.new(token.encode(), b"aftershock webhook", sha256).hexdigest()

    def secrets(self) -> Iterator[str]:
        """The values that must never be shown."""
        for value in (self.telegram_bot_token, self.sosovalue_api_key, self.coinglass_api_key):
            if value is not None:
                yield value.get_secret_value()
        if webhook := self.secret_of_webhook():
            yield webhook
        if self.ping_url is not None:
            yield self.ping_url.get_secret_value()
        # Libraries name what they reach in their errors, as it was written and with its signs decoded.
        for address in self._addresses():
            if password := _password_in(address):
                yield password
                yield unquote(password)

    def _addresses(self) -> Iterator[str]:
        """Every address that may have a password in it."""
        ping = self.ping_url.get_secret_value() if self.ping_url else None
        yield from filter(None, (self.https_proxy, self.webhook_url, self.telegram_api_url, ping))
        yield from filter(None, (self.database, self.database_url))
        yield from self.base_urls.values()


def _password_in(address: str) -> str | None:
    """The password of an address; a PostgreSQL's may stand among its options too."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return parts.password or next(iter(parse_qs(parts.query).get("password", [])), None)
