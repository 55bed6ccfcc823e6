"""All settings as one table, and loading it from the environment, `NAME_FILE` and `.env`.

The only reader of the environment. A wrong value stops the start with one line that names the setting.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as SourceError

from bot.settings.judging import JudgingSettings
from bot.settings.kinds import SettingsError
from bot.settings.running import RunningSettings
from bot.settings.telling import TellingSettings

PREFIX = "AFTERSHOCK_"


# Fields come in the order of the bases from the last to the first; README's table has it.
class Settings(TellingSettings, JudgingSettings, RunningSettings):
    """Every setting with its name, type, default and help; README's table is made from this."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, case_sensitive=True
    )

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
