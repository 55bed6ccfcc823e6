"""Settings of telling and remembering: how often a chat is told, and how long what is kept."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings

from bot.settings.kinds import Days, named


class TellingSettings(BaseSettings):
    """How much a chat hears, and how long things are kept."""

    cooldown_minutes: Annotated[int, Field(ge=0, le=1440)] = named(
        "AFTERSHOCK_COOLDOWN_MINUTES",
        30,
        "minutes after an alert for which the next one about the same subject waits; 0: none",
    )
    daily_cap: Annotated[int, Field(ge=0, le=1000)] = named(
        "AFTERSHOCK_DAILY_CAP", 30, "alerts a day that a chat gets unless it chose a number; 0: no cap"
    )
    keep_quotes_days: Days = named(
        "AFTERSHOCK_KEEP_QUOTES_DAYS",
        3,
        "days to keep live quotes, of coins that only own alerts look at 30 hours; "
        "candles cover the time before",
    )
    keep_candles_days: Days = named("AFTERSHOCK_KEEP_CANDLES_DAYS", 400, "days to keep candles", ge=20)
    keep_fine_candles_days: Days = named(
        "AFTERSHOCK_KEEP_FINE_CANDLES_DAYS",
        60,
        "days after which candles that only own alerts of other coins look at become hourly",
        ge=60,
    )
    keep_gauges_days: Days = named(
        "AFTERSHOCK_KEEP_GAUGES_DAYS", 400, "days to keep open interest, depth and the like", ge=20
    )
    keep_outbox_days: Days = named("AFTERSHOCK_KEEP_OUTBOX_DAYS", 30, "days to keep what was sent")
