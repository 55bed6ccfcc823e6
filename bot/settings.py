"""Settings: one typed table of everything that can be set, read from the environment, `.env` and `NAME_FILE`.

The only reader of the environment. A wrong value stops the start with one line that names the setting.
"""

import hmac
import os
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import (
    SettingsError as SourceError,
)

PREFIX = "AFTERSHOCK_"


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


def _ids(value: Any) -> Any:
    return [part for part in value.replace(",", " ").split() if part] if isinstance(value, str) else value


def _a_postgres_url(value: str) -> str:
    if not value.startswith(("postgresql://", "postgres://")):
        raise ValueError("should be an address such as postgresql://user:password@host/database")
    return value


Address = Annotated[str, AfterValidator(_an_address)]
PostgresUrl = Annotated[str, AfterValidator(_a_postgres_url)]
PingUrl = Annotated[SecretStr, AfterValidator(_a_secret_address)]
WebhookSecret = Annotated[SecretStr, AfterValidator(_a_webhook_secret)]
Share = Annotated[float, Field(gt=0, le=1)]
Hours = Annotated[int, Field(gt=0, le=24 * 90)]
Days = Annotated[int, Field(ge=1, le=3650)]


def _named(name: str, default: Any, help_: str, **more: Any) -> Any:
    return Field(default=default, validation_alias=name, description=help_, **more)


class Settings(BaseSettings):
    """Every setting with its name, type, default and help; README's table is made from this."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, case_sensitive=True
    )

    telegram_bot_token: SecretStr | None = _named(
        "TELEGRAM_BOT_TOKEN",
        None,
        "the bot's token from @BotFather; without it `make run` opens the playground",
    )
    telegram_api_url: Address | None = _named(
        "TELEGRAM_API_URL", None, "a self-hosted Bot API server, such as http://localhost:8081"
    )
    database: str = _named(
        "AFTERSHOCK_DATABASE",
        "aftershock.db",
        "the SQLite file, or a PostgreSQL: postgresql://user:password@host/database",
        min_length=1,
        repr=False,
    )
    database_url: PostgresUrl | None = _named(
        "DATABASE_URL",
        None,
        "the PostgreSQL, as a platform gives it; counts where AFTERSHOCK_DATABASE is not set",
        repr=False,
    )
    owner_ids: Annotated[frozenset[int], NoDecode, BeforeValidator(_ids)] = _named(
        "AFTERSHOCK_OWNER_IDS",
        frozenset(),
        "Telegram user ids of the operators, with commas between: /admin, /broadcast, /levels set are theirs",
    )
    groups: Literal["open", "approve"] = _named(
        "AFTERSHOCK_GROUPS",
        "open",
        "open: groups and channels may add the bot; approve: an operator has to agree first",
    )
    webhook_url: Address | None = _named(
        "AFTERSHOCK_WEBHOOK_URL",
        None,
        "with `run --webhook`: the public https address at which Telegram reaches this bot",
    )
    webhook_secret: WebhookSecret | None = _named(
        "AFTERSHOCK_WEBHOOK_SECRET",
        None,
        "with `run --webhook`: what Telegram has to show; else it is worked out from the token",
    )
    listen_host: str = _named(
        "AFTERSHOCK_LISTEN_HOST",
        "127.0.0.1",
        "the address to listen on, for the webhook and for /metrics; 0.0.0.0 where a platform routes to it",
        min_length=1,
    )
    port: int = _named(
        "PORT", 8080, "with `run --webhook`: the port to listen on; platforms set it", ge=1, le=65535
    )
    metrics_port: int | None = _named(
        "AFTERSHOCK_METRICS_PORT",
        None,
        "port of /healthz and /metrics, at AFTERSHOCK_LISTEN_HOST; without it there are none",
        ge=1,
        le=65535,
    )
    ping_url: PingUrl | None = _named(
        "AFTERSHOCK_PING_URL",
        None,
        "asked each minute while the bot is well, with /fail after it when it is not, such as https://hc-ping.com/KEY",
    )
    sosovalue_api_key: SecretStr | None = _named(
        "SOSOVALUE_API_KEY",
        None,
        "key of SoSoValue, the first source of ETF flows; without it the keyless ones serve",
    )
    coinglass_api_key: SecretStr | None = _named(
        "COINGLASS_API_KEY",
        None,
        "key of CoinGlass, for liquidations over all exchanges",
    )
    base_urls: Mapping[str, Address] = _named(
        "AFTERSHOCK_BASE_URLS",
        {},
        'JSON: source -> base address that replaces its scheme and host, such as {"binance": "https://mirror.example"}',
    )
    paid_broadcast: bool = _named(
        "AFTERSHOCK_PAID_BROADCAST",
        False,
        "1: pay Telegram 0.1 Star for each message above 30 a second, and send alerts at up to 1,000",
    )
    poll_seconds: int = _named(
        "AFTERSHOCK_POLL_SECONDS", 10, "seconds between two looks at the prices", ge=1, le=60
    )
    https_proxy: Address | None = _named("HTTPS_PROXY", None, "forward proxy for everything that is fetched")
    chart_theme: Literal["dark", "light"] = _named(
        "AFTERSHOCK_CHART_THEME", "dark", "how charts look: dark or light"
    )
    log_format: Literal["text", "json"] = _named(
        "AFTERSHOCK_LOG_FORMAT", "text", "how is logged: text, or json, one object a line"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _named(
        "AFTERSHOCK_LOG_LEVEL", "INFO", "what is logged to standard error: DEBUG, INFO, WARNING or ERROR"
    )
    premium_share: Share = _named(
        "AFTERSHOCK_PREMIUM_SHARE", 0.9, "share of a US session's samples on one side of zero that decides it"
    )
    premium_coverage: Share = _named(
        "AFTERSHOCK_PREMIUM_COVERAGE", 0.9, "share of a US session that needs samples before it is judged"
    )
    eth_window_hours: Hours = _named(
        "AFTERSHOCK_ETH_WINDOW_HOURS", 336, "hours of the trailing window of ETH/BTC"
    )
    eth_met_low_hours: Hours = _named(
        "AFTERSHOCK_ETH_MET_LOW_HOURS", 72, "hours that ETH/BTC's low has to be old", validate_default=True
    )
    eth_holding_low_hours: Hours = _named(
        "AFTERSHOCK_ETH_HOLDING_LOW_HOURS",
        24,
        "hours after which ETH/BTC's low counts as holding",
        validate_default=True,
    )
    eth_regained: Share = _named(
        "AFTERSHOCK_ETH_REGAINED", 0.5, "share of ETH/BTC's fall from peak to low that has to be regained"
    )
    shock_fall: Share = _named(
        "AFTERSHOCK_SHOCK_FALL", 0.04, "share that BTC has to be below its 24 h high for a shock"
    )
    shock_volume: Annotated[float, Field(gt=0)] = _named(
        "AFTERSHOCK_SHOCK_VOLUME",
        0.8,
        "share by which volume has to exceed that of the 24 h before for a shock",
    )
    shock_deeper: Share = _named(
        "AFTERSHOCK_SHOCK_DEEPER", 0.03, "share that a new low has to be below the one told to be told again"
    )
    shock_sessions: Annotated[int, Field(ge=1, le=60)] = _named(
        "AFTERSHOCK_SHOCK_SESSIONS",
        5,
        "US sessions for which the verdict has to be broken for a shock to be over",
    )
    quorum_tolerance: Annotated[float, Field(ge=0.015, le=0.1)] = _named(
        "AFTERSHOCK_QUORUM_TOLERANCE",
        0.02,
        "share within which venues agree on a price in dollars; wider than any real premium",
    )
    blind_minutes: Annotated[int, Field(ge=2, le=1440)] = _named(
        "AFTERSHOCK_BLIND_MINUTES", 10, "minutes without a price, or without a look, that are told as blind"
    )
    zone_margin: Annotated[float, Field(ge=0, le=0.1)] = _named(
        "AFTERSHOCK_ZONE_MARGIN",
        0.01,
        "share by which BTC has to be outside a zone of its levels to have left it",
    )
    eth_beta_times: Annotated[float, Field(gt=1, le=10)] = _named(
        "AFTERSHOCK_ETH_BETA_TIMES", 2.0, "how many times as far as BTC ETH has to fall in 24 h for a warning"
    )
    eth_beta_fall: Share = _named(
        "AFTERSHOCK_ETH_BETA_FALL", 0.03, "share that ETH has to fall in 24 h for that warning"
    )
    adl_review_hours: Hours = _named(
        "AFTERSHOCK_ADL_REVIEW_HOURS",
        48,
        "hours after a shock within which an exchange's word on ADL counts as a review",
    )
    adl_over_minutes: Annotated[int, Field(ge=1, le=1440)] = _named(
        "AFTERSHOCK_ADL_OVER_MINUTES", 30, "minutes after which an ADL state that was up counts as over"
    )
    relever_regained: Share = _named(
        "AFTERSHOCK_RELEVER_REGAINED",
        0.4,
        "share of the open interest a shock took that has to be back within 48 h for a warning",
    )
    liquidations_usd: Annotated[float, Field(gt=0)] = _named(
        "AFTERSHOCK_LIQUIDATIONS_USD",
        500e6,
        "dollars liquidated in 24 h, as far as three venues tell, from which on it is a warning",
    )
    exploit_usd: Annotated[float, Field(gt=0)] = _named(
        "AFTERSHOCK_EXPLOIT_USD", 50e6, "dollars that a DeFi exploit has to take for a warning"
    )
    repo_usd: Annotated[float, Field(gt=0)] = _named(
        "AFTERSHOCK_REPO_USD",
        20e9,
        "dollars that the Fed has to lend on one day in repo operations for a warning",
    )
    funding_high_pct: Annotated[float, Field(gt=0, le=1)] = _named(
        "AFTERSHOCK_FUNDING_HIGH_PCT", 0.05, "funding in percent per 8 h from which on it is extreme"
    )
    funding_low_pct: Annotated[float, Field(lt=0, ge=-1)] = _named(
        "AFTERSHOCK_FUNDING_LOW_PCT", -0.02, "funding in percent per 8 h from which down it is extreme"
    )
    thin_book_share: Share = _named(
        "AFTERSHOCK_THIN_BOOK_SHARE",
        0.5,
        "share of its median of a week below which the depth of a book counts as thin",
    )
    cooldown_minutes: Annotated[int, Field(ge=0, le=1440)] = _named(
        "AFTERSHOCK_COOLDOWN_MINUTES",
        30,
        "minutes after an alert for which the next one about the same subject waits; 0: none",
    )
    daily_cap: Annotated[int, Field(ge=0, le=1000)] = _named(
        "AFTERSHOCK_DAILY_CAP", 30, "alerts a day that a chat gets unless it chose a number; 0: no cap"
    )
    keep_quotes_days: Days = _named(
        "AFTERSHOCK_KEEP_QUOTES_DAYS", 3, "days to keep live quotes; candles cover the time before"
    )
    keep_candles_days: Days = _named("AFTERSHOCK_KEEP_CANDLES_DAYS", 400, "days to keep candles", ge=20)
    keep_fine_candles_days: Days = _named(
        "AFTERSHOCK_KEEP_FINE_CANDLES_DAYS",
        60,
        "days after which candles that only own alerts of other coins look at become hourly",
        ge=60,
    )
    keep_gauges_days: Days = _named(
        "AFTERSHOCK_KEEP_GAUGES_DAYS", 400, "days to keep open interest, depth and the like", ge=20
    )
    keep_outbox_days: Days = _named("AFTERSHOCK_KEEP_OUTBOX_DAYS", 30, "days to keep what was sent")

    @model_validator(mode="before")
    @classmethod
    def _take_the_platforms_database(cls, values: dict[str, Any]) -> dict[str, Any]:
        given = values.get("DATABASE_URL")
        return {"AFTERSHOCK_DATABASE": given, **values} if given else values

    @field_validator("eth_met_low_hours", "eth_holding_low_hours")
    @classmethod
    def _can_be_reached(cls, hours: int, others: ValidationInfo) -> int:
        """A low older than the window cannot be: the condition would wait for ever."""
        limit = "eth_window_hours" if others.field_name == "eth_met_low_hours" else "eth_met_low_hours"
        if hours > others.data.get(limit, hours):
            name = cls.model_fields[limit].validation_alias
            raise ValueError(f"has to be at most {name}, which is {others.data[limit]}")
        return hours

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

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then NAME_FILE, then `.env`."""
        del file_secret_settings
        return init_settings, env_settings, _NamedFiles(settings_cls), dotenv_settings


class _NamedFiles(PydanticBaseSettingsSource):
    """NAME_FILE names a file that holds the value of NAME, as container platforms hand out secrets."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        del field_name
        name = str(field.validation_alias)
        path = os.environ.get(f"{name}_FILE")
        if not path:
            return None, name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), name, False
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a text file"
            raise SettingsError(f"{name}_FILE: {path} cannot be read: {reason}.") from error

    def __call__(self) -> dict[str, Any]:
        found = (self.get_field_value(field, name) for name, field in self.settings_cls.model_fields.items())
        return {alias: value for value, alias, _ in found if value is not None}


def _password_in(address: str) -> str | None:
    """The password of an address; a PostgreSQL's may stand among its options too."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return parts.password or next(iter(parse_qs(parts.query).get("password", [])), None)


def load_settings() -> Settings:
    """The settings as the environment has them.

    Raises:
        SettingsError: a value is wrong, or a name that starts with AFTERSHOCK_ is no setting.
    """
    _refuse_unknown({**_dotenv(), **os.environ})
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(" ".join(_sentences(error))) from error
    except SourceError as error:
        raise SettingsError(f"{_json_setting(error)}: is not valid JSON.") from error


def setting_names() -> dict[str, FieldInfo]:
    """Every setting by its name in the environment."""
    return {str(field.validation_alias): field for field in Settings.model_fields.values()}


def _sentences(error: ValidationError) -> Iterator[str]:
    """What is wrong, without the value: it may be a secret."""
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        field, *inner = map(str, problem["loc"])
        # A default that does not fit is told by the name of its field.
        name = Settings.model_fields[field].validation_alias if field in Settings.model_fields else field
        place = f" ({inner[0]})" if inner else ""
        message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
        yield f"{name}{place}: {message}."


def _json_setting(error: SourceError) -> str:
    """The setting whose field pydantic-settings names in quotes when it cannot parse its JSON."""
    fields = Settings.model_fields.items()
    return next(
        (str(field.validation_alias) for name, field in fields if f'"{name}"' in str(error)), "a setting"
    )


def _dotenv() -> dict[str, str]:
    path = Path(str(Settings.model_config["env_file"]))
    if not path.is_file():
        return {}
    read = DotEnvSettingsSource(Settings, env_file=path, case_sensitive=True).env_vars
    return {name: value for name, value in read.items() if value is not None}


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = setting_names()
    for name in sorted(environment):
        if name.startswith(PREFIX) and name.removesuffix("_FILE") not in known:
            raise SettingsError(f"{name}: there is no such setting; `.env.example` lists them all.")
