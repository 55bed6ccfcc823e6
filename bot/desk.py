"""The desk: what the bot knows at this moment. Commands read from it; only the watch moves it on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.settings import Settings
from signals.conditions import Condition
from signals.deleveraging import DeleveragingRules
from signals.engine import Standings, first_standings
from signals.etf_flow import EtfFlowCondition, read_etf_flow
from signals.eth_btc import EthBtc, EthBtcRules, read_eth_btc
from signals.market import Market
from signals.moments import to_ms
from signals.premium import Premium, PremiumRules, read_premium
from signals.price import read_price
from signals.readings import EtfReading, EthBtcReading, PremiumReading, PriceReading
from signals.session_report import SessionRules
from signals.shock import SHOCK, ShockRules
from signals.shock_reading import ShockReading, read_shock
from storage.database import Database

Clock = Callable[[], datetime]
"""Gives the present moment, aware and in UTC; virtual in the playground."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The thresholds of the break conditions and of a shock, as they are set."""

    premium: PremiumRules
    eth_btc: EthBtcRules
    shock: ShockRules

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
        ShockRules(
            DeleveragingRules(settings.shock_fall, settings.shock_volume),
            deeper=settings.shock_deeper,
            held_sessions=settings.shock_sessions,
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

    def shock(self) -> ShockReading:
        """The open or last episode, and what the last 24 hours show."""
        return read_shock(self.standings[SHOCK], self.market, self.now, self.rules.shock.signs)

    def price(self, asset: str) -> PriceReading:
        """The price of BTC or ETH now."""
        return read_price(self.market, asset, self.now)
