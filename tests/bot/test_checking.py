"""`check`, with Telegram and every source on loopback."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.settings import load_settings
from bot.verbs.checking import Mark, check_all
from signals.calendar import last_closed_session
from storage.database import open_database
from storage.feed_runs import record_job_done, record_job_failed, record_job_skipped, record_job_started
from tests.playground.stage import new_playground
from tests.venues import Fault, Venues

NOW = datetime(2025, 11, 3, 20, tzinfo=UTC)


@pytest.fixture
async def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Checks under these settings: {name: finding}."""
    monkeypatch.chdir(tmp_path)

    async def check(**environment: str):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AFTERSHOCK_DATABASE", str(tmp_path / "bot.db"))
        return {finding.name.strip(): finding for finding in await check_all(load_settings())}

    return check


BESIDE = (
    "binance ADL",
    "bybit ADL",
    "okx ADL",
    "okx announcements en-US",
    "okx announcements zh-CN",
    "bybit announcements en-US",
    "bybit announcements zh-TW",
    "binance announcements",
    "coinbaseexchange depth",
    "binance depth",
    "binanceusdm depth",
    "okx depth",
    "bybit depth",
    "binance leverage",
    "okx leverage",
    "bybit leverage",
    "binance liquidations",
    "bybit liquidations",
    "okx liquidations",
    "defillama exploits",
    "newyorkfed macro",
)
"""Every feed that no condition needs."""


async def test_it_says_what_is_configured_reachable_and_missing(found):
    async with new_playground() as server, Venues() as venues:
        venues["farside"].fault = Fault.CHALLENGE
        for asset in ("BTC", "ETH"):
            venues.publish(
                asset, last_closed_session(datetime.now(UTC) - timedelta(days=1)).day, {"IBIT": 1e6}
            )
        findings = await found(
            TELEGRAM_BOT_TOKEN=server.token,
            TELEGRAM_API_URL=server.base_url,
            AFTERSHOCK_BASE_URLS=json.dumps(venues.base_urls()),
        )
    assert {name: finding.mark for name, finding in findings.items()} == {
        "database": Mark.OK,
        "telegram": Mark.OK,
        "coinbaseexchange quotes": Mark.OK,
        "binance quotes": Mark.OK,
        "kraken quotes": Mark.OK,
        "coinbaseexchange candles": Mark.OK,
        "binance candles": Mark.OK,
        "kraken candles": Mark.OK,
        "sosovalue BTC flows": Mark.MISSING,
        "sosovalue ETH flows": Mark.MISSING,
        "coinmarketcap BTC flows": Mark.OK,
        "coinmarketcap ETH flows": Mark.OK,
        "farside BTC flows": Mark.FAILED,
        "farside ETH flows": Mark.FAILED,
        "coinglass liquidations": Mark.MISSING,
        **dict.fromkeys(BESIDE, Mark.OK),
    }
    assert findings["telegram"].detail == "@aftershock_bot"


async def test_a_wrong_token_is_not_repeated(found):
    async with new_playground() as server, Venues() as venues:
        findings = await found(
            TELEGRAM_BOT_TOKEN="7000000001:not-the-token",
            TELEGRAM_API_URL=server.base_url,
            AFTERSHOCK_BASE_URLS=json.dumps(venues.base_urls()),
        )
    assert findings["telegram"].mark is Mark.FAILED
    assert "not-the-token" not in str(findings)


async def test_it_tells_of_the_jobs_of_the_last_run(found, tmp_path):
    db = open_database(tmp_path / "bot.db")
    record_job_started(db, "quotes", NOW)
    record_job_done(db, "quotes", NOW)
    record_job_skipped(db, "quotes")
    record_job_failed(db, "prune", "OSError: no room")
    db.close()
    async with Venues() as venues:
        findings = await found(AFTERSHOCK_BASE_URLS=json.dumps(venues.base_urls()))
    assert findings["job quotes"].mark is Mark.OK
    assert "1 skipped" in findings["job quotes"].detail
    assert findings["job prune"].mark is Mark.FAILED
    assert findings["job prune"].detail.endswith("never done; OSError: no room")


async def test_a_database_that_is_none_is_said_to_be_none(found, tmp_path):
    (tmp_path / "bot.db").write_text("no database " * 100, encoding="utf-8")
    async with Venues() as venues:
        findings = await found(AFTERSHOCK_BASE_URLS=json.dumps(venues.base_urls()))
    assert (findings["database"].mark, "not an SQLite database" in findings["database"].detail) == (
        Mark.FAILED,
        True,
    )
