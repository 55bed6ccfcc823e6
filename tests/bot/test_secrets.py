"""No secret of any setting is in a log or in what is kept of it: also not where libraries name it."""

import logging
import sys

import pytest

from bot.logs import set_up_logging
from bot.settings import Settings

SECRETS = {
    "TELEGRAM_BOT_TOKEN": "7000000001:AAtoken-of-the-bot",
    "AFTERSHOCK_WEBHOOK_SECRET": "webhook-secret_1",
    "SOSOVALUE_API_KEY": "soso-key-1",
    "COINGLASS_API_KEY": "glass-key-1",
    "AFTERSHOCK_PING_URL": "https://me:ping-word@ping.example/ping-key-1",
    "AFTERSHOCK_WEBHOOK_URL": "https://me:hook-word@bot.example/hook",
    "AFTERSHOCK_BASE_URLS": {"binance": "https://me:mirror-word@mirror.example"},
    "AFTERSHOCK_DATABASE": "postgresql://me:database%2Fpassword@db.example/bot",
    "DATABASE_URL": "postgres:///bot?host=/run/pg&password=platforms-password",
    "HTTPS_PROXY": "http://me:proxy%2Fpassword@proxy.example:3128",
}
PARTS = (
    "AAtoken-of-the-bot",
    "webhook-secret_1",
    "soso-key-1",
    "glass-key-1",
    "https://me:ping-word@ping.example/ping-key-1",
    "ping-word",
    "hook-word",
    "mirror-word",
    "database%2Fpassword",
    "database/password",
    "platforms-password",
    "proxy%2Fpassword",
    "proxy/password",
)


@pytest.fixture
def settings() -> Settings:
    return Settings(_env_file=None, **SECRETS)  # type: ignore[call-arg, arg-type]  # pydantic's own


@pytest.mark.parametrize("part", PARTS)
def test_what_is_logged_holds_no_secret(
    settings: Settings, part: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", logging.DEBUG)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    complaints = set_up_logging("DEBUG", settings.secrets())
    error = OSError(f"cannot connect to https://x/bot{part}/sendMessage")
    logging.getLogger("aiohttp.client").error("a request with %s failed", part, exc_info=error)
    logging.getLogger("bot.x").debug("asked with %r", {"key": part})
    said = capsys.readouterr().err
    assert "cannot connect" in said
    assert "asked with" in said
    assert part not in said
    assert part not in str(complaints.newest_first())


def test_without_a_password_a_proxy_is_no_secret() -> None:
    settings = Settings(_env_file=None, HTTPS_PROXY="http://proxy.example:3128")  # type: ignore[call-arg]
    assert list(settings.secrets()) == []


def test_every_secret_setting_is_kept_out(settings: Settings) -> None:
    secret = [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]
    values = [getattr(settings, name).get_secret_value() for name in secret]
    assert len(values) == 5
    assert {*values} <= {*settings.secrets()}
