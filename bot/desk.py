"""The desk: what the bot knows at this moment. Commands read from it; only the watch moves it on."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.charts.picture import Picture
from bot.settings import Settings
from signals.conditions import Condition
from signals.engine import Standings, first_standings
from signals.etf_flow import EtfFlowCondition, read_etf_flow
from signals.eth_btc import EthBtc, EthBtcRules, read_eth_btc
from signals.market import Market
from signals.moments import to_ms
from signals.premium import Premium, PremiumRules, read_premium
from signals.price import read_price
from signals.readings import EtfReading, EthBtcReading, PremiumReading, PriceReading
from signals.session_report import SessionRules
from storage.database import Database

Clock = Callable[[], datetime]
"""Gives the present moment, aware and in UTC; virtual in the playground."""


Draw = Callable[[Picture], Awaitable[bytes]]
"""Draws a picture without holding up anybody."""


async def draw_beside(picture: Picture) -> bytes:
    """Draw in a thread of this process: enough for a command in the terminal."""
    return await asyncio.to_thread(picture.drawn)


@dataclass(frozen=True, slots=True)
class Rules:
    """The break conditions' thresholds, as they are set."""

    premium: PremiumRules
    eth_btc: EthBtcRules

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The three break conditions under these thresholds."""
        return Premium(self.premium), EtfFlowCondition(), EthBtc(self.eth_btc)


def rules_of(settings: Settings) -> Rules:
    """The thresholds that the settings choose."""
    return Rules(
        PremiumRules(SessionRules(settings.premium_share, settings.premium_coverage)),
        EthBtcRules(
            settings.eth_window_hours,
            timedelta(hours=settings.eth_met_low_hours),
            timedelta(hours=settings.eth_holding_low_hours),
            settings.eth_regained,
        ),
    )


@dataclass
class Desk:
    """The market, where everything stands, and the readings of now."""

    db: Database
    settings: Settings
    clock: Clock
    market: Market = field(default_factory=Market)
    standings: Standings = field(default_factory=first_standings)
    draw: Draw = draw_beside
    rules: Rules = field(init=False)

    def __post_init__(self) -> None:
        self.rules = rules_of(self.settings)

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.clock()

    @property
    def known(self) -> Market:
        """What is known now: a played market holds the future too."""
        return self.market.known_by(to_ms(self.now))

    def premium(self) -> PremiumReading:
        """The premium now."""
        return read_premium(self.market, self.now, self.rules.premium.session)

    def etf_flow(self, asset: str = "BTC") -> EtfReading:
        """The newest ETF flows of an asset."""
        return read_etf_flow(self.market, asset, self.now)

    def eth_btc(self) -> EthBtcReading:
        """ETH/BTC now."""
        return read_eth_btc(self.market, self.now, self.rules.eth_btc)

    def price(self, asset: str) -> PriceReading:
        """The price of BTC or ETH now."""
        return read_price(self.market, asset, self.now)
