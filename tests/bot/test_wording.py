"""Moments, lengths of time and prices in the words and the zone of a chat."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.words.texts import every_language
from bot.words.wording import Wording, wording_for
from storage.chats import ChatRow

NOW = datetime(2025, 11, 3, 20, 14, tzinfo=UTC)


def words(language: str = "en", zone: str = "UTC", now: datetime = NOW) -> Wording:
    return Wording(every_language()[language], ZoneInfo(zone), now)


@pytest.mark.parametrize(
    ("length", "english", "chinese"),
    [
        (timedelta(seconds=40), "40 s", "40 秒"),
        (timedelta(minutes=59, seconds=59), "59 min", "59 分钟"),
        (timedelta(hours=2), "2 h", "2 小时"),
        (timedelta(hours=6, minutes=30), "6 h 30 min", "6 小时 30 分钟"),
        (timedelta(hours=36), "1 d 12 h", "1 天 12 小时"),
        (timedelta(days=4), "4 d", "4 天"),
        (timedelta(days=29, hours=5), "29 d", "29 天"),
        (timedelta(seconds=-5), "0 s", "0 秒"),
    ],
)
def test_a_length_of_time_has_two_units_at_most(length: timedelta, english: str, chinese: str):
    assert words("en").duration(length) == english
    assert words("zh").duration(length) == chinese


@pytest.mark.parametrize(
    ("zone", "english", "chinese"),
    [
        ("UTC", "30 Oct 20:00 UTC", "10 月 30 日 20:00 UTC"),
        ("Asia/Shanghai", "31 Oct 04:00 UTC+8", "10 月 31 日 04:00 UTC+8"),
        ("America/New_York", "30 Oct 16:00 EDT", "10 月 30 日 16:00 UTC−4"),
        ("Asia/Kolkata", "31 Oct 01:30 UTC+5:30", "10 月 31 日 01:30 UTC+5:30"),
    ],
)
def test_a_moment_is_told_in_the_chats_zone_with_its_name(zone: str, english: str, chinese: str):
    at = datetime(2025, 10, 30, 20, tzinfo=UTC)
    assert words("en", zone).moment(at) == english
    assert words("zh", zone).moment(at) == chinese


def test_since_is_a_moment_and_a_length():
    since = datetime(2025, 10, 30, 20, tzinfo=UTC)
    assert words("en").since(since) == "since 30 Oct 20:00 UTC (4 d)"
    assert words("zh").since(since) == "自 10 月 30 日 20:00 UTC 起（4 天）"


def test_a_date_far_away_tells_its_year():
    assert words().day(date(2025, 10, 30)) == "30 Oct"
    assert words().day(date(2024, 10, 30)) == "30 Oct 2024"
    assert words("zh").day(date(2024, 10, 30)) == "2024 年 10 月 30 日"
    assert words().weekday(date(2025, 11, 28)) == "Fri 28 Nov"
    assert words("zh").weekday(date(2025, 11, 28)) == "11 月 28 日（周五）"


@pytest.mark.parametrize(
    ("value_usd", "shown"), [(106_929.4, "106,929"), (999.994, "999.99"), (0.5, "0.50"), (1_000.0, "1,000")]
)
def test_a_price_has_cents_only_where_they_count(value_usd: float, shown: str):
    assert words().price(value_usd) == shown


def test_percentages_follow_the_language():
    assert words("en").percent(-0.0261) == "−0.026 %"
    assert words("zh").percent(-0.0261) == "−0.026%"
    assert words("en").share(0.93) == "93 %"


@pytest.mark.parametrize(
    ("chosen", "stored", "told", "language"),
    [
        ("zh", "en", "en", "zh"),
        (None, "en", "zh-hans", "zh"),
        (None, "zh-hans", None, "zh"),
        (None, None, None, "en"),
        ("en", "zh", "zh", "en"),
    ],
)
def test_a_chosen_language_goes_before_what_the_app_says(
    chosen: str | None, stored: str | None, told: str | None, language: str
):
    chat = ChatRow(1, "private", "Alice", chosen, "UTC", "active", None, None, NOW, None, stored)
    assert wording_for(chat, NOW, told).language == language
