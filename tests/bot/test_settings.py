"""What the environment, `.env` and NAME_FILE may hold, and the sentence where something there is wrong."""

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load_settings, setting_names

SECRET = "7000000001:a-secret-token-of-thirty-five-chars"


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a `.env`, and an environment without settings."""
    monkeypatch.chdir(tmp_path)
    for name in setting_names():
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    return tmp_path


def test_nothing_has_to_be_set():
    assert load_settings() == Settings()
    assert load_settings().telegram_bot_token is None


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("AFTERSHOCK_POLL_SECONDS", "0", "should be greater than or equal to 1"),
        ("AFTERSHOCK_POLL_SECONDS", "often", "should be a valid integer"),
        ("AFTERSHOCK_PREMIUM_SHARE", "90", "should be less than or equal to 1"),
        ("AFTERSHOCK_CHART_THEME", "pink", "should be 'dark' or 'light'"),
        ("AFTERSHOCK_OWNER_IDS", "alice", "should be a valid integer"),
        ("TELEGRAM_API_URL", "localhost:8081", "should be an address such as https://example.org"),
        ("AFTERSHOCK_BASE_URLS", '{"binance": "mirror"}', "(binance): should be an address"),
        ("AFTERSHOCK_BASE_URLS", "binance", "is not valid JSON"),
        ("AFTERSHOCK_POLL_SECOND", "5", "there is no such setting"),
        ("AFTERSHOCK_ETH_WINDOW_HOURS", "48", "AFTERSHOCK_ETH_MET_LOW_HOURS"),
        ("AFTERSHOCK_ETH_MET_LOW_HOURS", "337", "has to be at most AFTERSHOCK_ETH_WINDOW_HOURS"),
        ("AFTERSHOCK_ETH_HOLDING_LOW_HOURS", "73", "has to be at most AFTERSHOCK_ETH_MET_LOW_HOURS"),
        ("AFTERSHOCK_WEBHOOK_SECRET", "with space", "should be 1 to 256 of"),
        ("AFTERSHOCK_WEBHOOK_URL", "bot.example.org", "should be an address such as"),
        ("PORT", "70000", "should be less than or equal to 65535"),
        ("AFTERSHOCK_METRICS_PORT", "0", "should be greater than or equal to 1"),
        ("DATABASE_URL", "mysql://ann:secret@db.example/bot", "should be an address such as postgresql://"),
        ("AFTERSHOCK_PING_URL", "hc-ping.com/KEY", "should be an address such as"),
        ("AFTERSHOCK_LOG_FORMAT", "xml", "should be 'text' or 'json'"),
        ("AFTERSHOCK_DATABASE_FILE", "/nowhere/at/all", "cannot be read: No such file or directory"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_setting(monkeypatch, name, value, sentence):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    said = str(caught.value)
    assert name in said
    assert sentence in said
    assert "\n" not in said


def test_an_empty_value_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("AFTERSHOCK_POLL_SECONDS", "")
    assert load_settings().poll_seconds == 10


def test_the_environment_comes_before_a_named_file_and_that_before_the_dotenv_file(empty, monkeypatch):
    (empty / ".env").write_text("AFTERSHOCK_DATABASE=from-dotenv\nAFTERSHOCK_POLL_SECONDS=7\n")
    (empty / "named").write_text("from-file\n")
    assert (load_settings().database, load_settings().poll_seconds) == ("from-dotenv", 7)
    monkeypatch.setenv("AFTERSHOCK_DATABASE_FILE", str(empty / "named"))
    assert load_settings().database == "from-file"
    monkeypatch.setenv("AFTERSHOCK_DATABASE", "from-environment")
    assert load_settings().database == "from-environment"


def test_the_platforms_database_counts_where_ours_is_not_set(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://ann:pass%40word@db.example/bot?sslmode=require")
    assert load_settings().database == "postgres://ann:pass%40word@db.example/bot?sslmode=require"
    monkeypatch.setenv("AFTERSHOCK_DATABASE", "bot.db")
    assert load_settings().database == "bot.db"


@pytest.mark.parametrize(
    "address",
    ["postgres://ann:pass%40word@db.example/bot", "postgresql:///bot?host=/run/pg&password=pass%40word"],
)
def test_the_password_of_the_database_is_a_secret_too(monkeypatch, address):
    monkeypatch.setenv("AFTERSHOCK_DATABASE", address)
    settings = load_settings()
    assert "pass@word" in list(settings.secrets())
    assert "pass%40word" not in repr(settings)


def test_a_misspelt_setting_in_the_dotenv_file_is_refused_too(empty):
    (empty / ".env").write_text("AFTERSHOCK_DATABSE=x\n")
    with pytest.raises(SettingsError, match="AFTERSHOCK_DATABSE: there is no such setting"):
        load_settings()


def test_several_owners_are_parted_by_commas_or_spaces(monkeypatch):
    monkeypatch.setenv("AFTERSHOCK_OWNER_IDS", "1001, 1002 1003")
    assert load_settings().owner_ids == {1001, 1002, 1003}


def test_secrets_are_shown_by_nobody(empty, monkeypatch):
    (empty / "token").write_text(f"{SECRET}\n")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN_FILE", str(empty / "token"))
    settings = load_settings()
    assert SECRET not in repr(settings)
    assert list(settings.secrets()) == [SECRET, settings.secret_of_webhook()]


def test_the_address_of_the_monitor_is_a_secret_too(monkeypatch):
    monkeypatch.setenv("AFTERSHOCK_PING_URL", "https://hc-ping.com/a-key/")
    assert "a-key" not in repr(load_settings())
    assert "https://hc-ping.com/a-key" in list(load_settings().secrets())


def test_a_refused_secret_is_not_repeated(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "user:password@proxy")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "password" not in str(caught.value)
