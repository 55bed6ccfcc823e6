"""Settings of the rules: from where on a condition is met, and a warning told."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from bot.settings.kinds import Hours, Share, named


class JudgingSettings(BaseSettings):
    """What counts as much, as long, or as far."""

    premium_share: Share = named(
        "AFTERSHOCK_PREMIUM_SHARE", 0.9, "share of a US session's samples on one side of zero that decides it"
    )
    premium_coverage: Share = named(
        "AFTERSHOCK_PREMIUM_COVERAGE", 0.9, "share of a US session that needs samples before it is judged"
    )
    eth_window_hours: Hours = named(
        "AFTERSHOCK_ETH_WINDOW_HOURS", 336, "hours of the trailing window of ETH/BTC"
    )
    eth_met_low_hours: Hours = named(
        "AFTERSHOCK_ETH_MET_LOW_HOURS", 72, "hours that ETH/BTC's low has to be old", validate_default=True
    )
    eth_holding_low_hours: Hours = named(
        "AFTERSHOCK_ETH_HOLDING_LOW_HOURS",
        24,
        "hours after which ETH/BTC's low counts as holding",
        validate_default=True,
    )
    eth_regained: Share = named(
        "AFTERSHOCK_ETH_REGAINED", 0.5, "share of ETH/BTC's fall from peak to low that has to be regained"
    )
    shock_fall: Share = named(
        "AFTERSHOCK_SHOCK_FALL", 0.04, "share that BTC has to be below its 24 h high for a shock"
    )
    shock_volume: Annotated[float, Field(gt=0)] = named(
        "AFTERSHOCK_SHOCK_VOLUME",
        0.8,
        "share by which volume has to exceed that of the 24 h before for a shock",
    )
    shock_deeper: Share = named(
        "AFTERSHOCK_SHOCK_DEEPER", 0.03, "share that a new low has to be below the one told to be told again"
    )
    shock_sessions: Annotated[int, Field(ge=1, le=60)] = named(
        "AFTERSHOCK_SHOCK_SESSIONS",
        5,
        "US sessions for which the verdict has to be broken for a shock to be over",
    )
    quorum_tolerance: Annotated[float, Field(ge=0.015, le=0.1)] = named(
        "AFTERSHOCK_QUORUM_TOLERANCE",
        0.02,
        "share within which venues agree on a price in dollars; wider than any real premium",
    )
    blind_minutes: Annotated[int, Field(ge=2, le=1440)] = named(
        "AFTERSHOCK_BLIND_MINUTES", 10, "minutes without a price, or without a look, that are told as blind"
    )
    zone_margin: Annotated[float, Field(ge=0, le=0.1)] = named(
        "AFTERSHOCK_ZONE_MARGIN",
        0.01,
        "share by which BTC has to be outside a zone of its levels to have left it",
    )
    eth_beta_times: Annotated[float, Field(gt=1, le=10)] = named(
        "AFTERSHOCK_ETH_BETA_TIMES", 2.0, "how many times as far as BTC ETH has to fall in 24 h for a warning"
    )
    eth_beta_fall: Share = named(
        "AFTERSHOCK_ETH_BETA_FALL", 0.03, "share that ETH has to fall in 24 h for that warning"
    )
    adl_review_hours: Hours = named(
        "AFTERSHOCK_ADL_REVIEW_HOURS",
        48,
        "hours after a shock within which an exchange's word on ADL counts as a review",
    )
    adl_over_minutes: Annotated[int, Field(ge=1, le=1440)] = named(
        "AFTERSHOCK_ADL_OVER_MINUTES", 30, "minutes after which an ADL state that was up counts as over"
    )
    relever_regained: Share = named(
        "AFTERSHOCK_RELEVER_REGAINED",
        0.4,
        "share of the open interest a shock took that has to be back within 48 h for a warning",
    )
    liquidations_usd: Annotated[float, Field(gt=0)] = named(
        "AFTERSHOCK_LIQUIDATIONS_USD",
        500e6,
        "dollars liquidated in 24 h, as far as three venues tell, from which on it is a warning",
    )
    exploit_usd: Annotated[float, Field(gt=0)] = named(
        "AFTERSHOCK_EXPLOIT_USD", 50e6, "dollars that a DeFi exploit has to take for a warning"
    )
    repo_usd: Annotated[float, Field(gt=0)] = named(
        "AFTERSHOCK_REPO_USD",
        20e9,
        "dollars that the Fed has to lend on one day in repo operations for a warning",
    )
    funding_high_pct: Annotated[float, Field(gt=0, le=1)] = named(
        "AFTERSHOCK_FUNDING_HIGH_PCT", 0.05, "funding in percent per 8 h from which on it is extreme"
    )
    funding_low_pct: Annotated[float, Field(lt=0, ge=-1)] = named(
        "AFTERSHOCK_FUNDING_LOW_PCT", -0.02, "funding in percent per 8 h from which down it is extreme"
    )
    thin_book_share: Share = named(
        "AFTERSHOCK_THIN_BOOK_SHARE",
        0.5,
        "share of its median of a week below which the depth of a book counts as thin",
    )

    @field_validator("eth_met_low_hours", "eth_holding_low_hours")
    @classmethod
    def _can_be_reached(cls, hours: int, others: ValidationInfo) -> int:
        """A low older than the window cannot be: the condition would wait for ever."""
        limit = "eth_window_hours" if others.field_name == "eth_met_low_hours" else "eth_met_low_hours"
        if hours > others.data.get(limit, hours):
            name = cls.model_fields[limit].validation_alias
            raise ValueError(f"has to be at most {name}, which is {others.data[limit]}")
        return hours
