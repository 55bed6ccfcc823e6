"""The desk: what the bot knows at this moment. Commands read from it; only the watch moves it on."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.charts.picture import Drawable
from bot.coins import Coins
from bot.health import Health
from bot.settings import Settings
from signals.adl import Adl, AdlRules
from signals.adl_reading import AdlReading, read_adl
from signals.believed import believed
from signals.blind import Blind, BlindRules
from signals.conditions import Condition
from signals.contagion import ExploitsReading, MacroReading, read_exploits, read_macro
from signals.deleveraging import DeleveragingRules
from signals.depth import DepthReading, read_depth
from signals.engine import WARNINGS, Outcome, Standings, first_standings, judge
from signals.episode import Episode, ShockState
from signals.etf_flow import EtfFlowCondition, read_etf_flow
from signals.eth_beta import EthBeta, EthBetaRules
from signals.eth_btc import EthBtc, EthBtcRules, read_eth_btc
from signals.exploit import Exploit, ExploitRules
from signals.funding import FundingRules, FundingWarning
from signals.levels import LevelsSet
from signals.levels_reading import LevelsReading, read_levels
from signals.leverage_reading import LeverageReading, read_leverage
from signals.liquidations import LiquidationRules, Liquidations
from signals.liquidations_reading import LiquidationsReading, read_liquidations
from signals.market import Market
from signals.moments import to_ms
from signals.premium import Premium, PremiumRules, read_premium
from signals.price import read_price
from signals.rally_zone import RallyZone
from signals.readings import EtfReading, EthBtcReading, PremiumReading, PriceReading
from signals.relever import Relever, ReleverRules
from signals.repo import Repo, RepoRules
from signals.session_report import SessionRules
from signals.shock import SHOCK, Shock, ShockRules, levels_set_by
from signals.shock_reading import ShockReading, read_shock
from signals.support import Support
from signals.thin_book import ThinBook, ThinBookRules
from signals.warnings import WarningRule
from signals.zones import ZoneRules
from storage.database import Database
from storage.market import save_facts
from storage.nudges import nudge

Clock = Callable[[], datetime]
"""Gives the present moment, aware and in UTC; virtual in the playground."""


Draw = Callable[[Drawable], Awaitable[bytes]]
"""Draws a picture without holding up anybody."""


async def draw_beside(picture: Drawable) -> bytes:
    """Draw in a thread of this process: enough for a command in the terminal."""
    return await asyncio.to_thread(picture.drawn)


@dataclass(frozen=True, slots=True)
class Rules:
    """The thresholds of the break conditions, of a shock and of the warnings, as they are set."""

    premium: PremiumRules
    eth_btc: EthBtcRules
    shock: ShockRules
    zones: ZoneRules
    eth_beta: EthBetaRules
    adl: AdlRules
    thin_book: ThinBookRules
    relever: ReleverRules
    funding: FundingRules
    liquidations: LiquidationRules
    exploit: ExploitRules
    repo: RepoRules
    blind: BlindRules

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The three break conditions under these thresholds."""
        return Premium(self.premium), EtfFlowCondition(), EthBtc(self.eth_btc)

    @property
    def warnings(self) -> tuple[WarningRule, ...]:
        """The warnings, under these thresholds where they have any that can be set."""
        rules: tuple[WarningRule, ...] = (
            RallyZone(self.zones),
            Support(self.zones),
            EthBeta(self.eth_beta),
            Adl(self.adl),
            ThinBook(self.thin_book),
            Relever(self.relever),
            FundingWarning(self.funding),
            Liquidations(self.liquidations),
            Exploit(self.exploit),
            Repo(self.repo),
            Blind(self.blind),
        )
        set_here = {warning.id: warning for warning in rules}
        return tuple(set_here.get(warning.id, warning) for warning in WARNINGS)


def rules_of(settings: Settings) -> Rules:
    """The thresholds that the settings choose."""
    return Rules(
        PremiumRules(_session_rules(settings)),
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
        ZoneRules(settings.zone_margin),
        EthBetaRules(settings.eth_beta_times, settings.eth_beta_fall),
        AdlRules(
            over_after=timedelta(minutes=settings.adl_over_minutes),
            review_within=timedelta(hours=settings.adl_review_hours),
        ),
        ThinBookRules(settings.thin_book_share, ends_above=settings.thin_book_share * 1.2),
        ReleverRules(settings.relever_regained),
        FundingRules(settings.funding_high_pct / 100, settings.funding_low_pct / 100),
        LiquidationRules(settings.liquidations_usd),
        ExploitRules(settings.exploit_usd),
        RepoRules(settings.repo_usd),
        BlindRules(timedelta(minutes=settings.blind_minutes), _session_rules(settings)),
    )


def _session_rules(settings: Settings) -> SessionRules:
    return SessionRules(settings.premium_share, settings.premium_coverage)


@dataclass
class Desk:
    """The market, where everything stands, and the readings of now."""

    db: Database
    settings: Settings
    clock: Clock
    market: Market = field(default_factory=Market)
    standings: Standings = field(default_factory=first_standings)
    draw: Draw = draw_beside
    leave_work: Callable[[], None] = lambda: None
    """A command calls this where it leaves something to be done in Telegram after its answer."""
    wake: Callable[[], None] = lambda: None
    """To be called when something was put into the outbox."""
    _trusted: tuple[Market, Market] | None = field(default=None, init=False, repr=False)
    """The market, and what is believed of it: worked out once for all who ask."""
    rules: Rules = field(init=False)
    coins: Coins = field(init=False)
    health: Health = field(init=False)

    def __post_init__(self) -> None:
        self.rules = rules_of(self.settings)
        self.coins = Coins(self.db)
        self.health = Health(self.now)

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.clock()

    @property
    def known(self) -> Market:
        """What is known and believed now: a played market holds the future too."""
        return self.trusted.known_by(to_ms(self.now))

    @property
    def trusted(self) -> Market:
        """The market without prices that other venues contradict, as rules judge it.

        The one to read for whatever is shown: `market` itself is for judging, which takes them out anew.
        """
        if self._trusted is None or self._trusted[0] is not self.market:
            self._trusted = self.market, believed(self.market, self.settings.quorum_tolerance)
        return self._trusted[1]

    def premium(self) -> PremiumReading:
        """The premium now."""
        return read_premium(self.trusted, self.now, self.rules.premium.session)

    def etf_flow(self, asset: str = "BTC") -> EtfReading:
        """The newest ETF flows of an asset."""
        return read_etf_flow(self.market, asset, self.now)

    def eth_btc(self) -> EthBtcReading:
        """ETH/BTC now."""
        return read_eth_btc(self.trusted, self.now, self.rules.eth_btc)

    def shock(self) -> ShockReading:
        """The open or last episode, and what the last 24 hours show."""
        return read_shock(self.standings[SHOCK], self.trusted, self.now, self.rules.shock.signs)

    def adl(self) -> AdlReading:
        """What exchanges say of auto-deleveraging, and whether they answered the open shock."""
        return read_adl(self.market, self.standings[SHOCK], self.now, self.rules.adl)

    def depth(self) -> DepthReading:
        """How deep the books are."""
        return read_depth(self.market, self.now, self.rules.thin_book)

    def leverage(self) -> LeverageReading:
        """Open interest and funding, and how fast leverage is rebuilt since an open shock."""
        shock = self.standings[SHOCK]
        episode = Episode.of(shock.evidence) if shock.state == ShockState.OPEN else None
        return read_leverage(self.market, episode, self.now, self.rules.relever)

    def liquidations(self) -> LiquidationsReading:
        """What was liquidated in the last 24 hours."""
        return read_liquidations(self.market, self.now, self.rules.liquidations)

    def exploits(self) -> ExploitsReading:
        """The last DeFi exploits."""
        return read_exploits(self.market, self.now)

    def macro(self) -> MacroReading:
        """The Fed's repo operations and SOFR."""
        return read_macro(self.market, self.now)

    def judged(self, market: Market, until: datetime) -> Outcome:
        """What judging a market from where everything stands to a moment comes to; nothing is moved on."""
        rules = self.rules
        shock = Shock(rules.shock)
        return judge(
            self.standings,
            market,
            to_ms(until),
            rules.conditions,
            rules.warnings,
            shock=shock,
            tolerance=self.settings.quorum_tolerance,
        )

    def levels(self) -> LevelsReading:
        """The levels in force: the operator's, else those of the open shock."""
        derived = Market(levels=tuple(levels_set_by(self.standings[SHOCK])))
        return read_levels(self.trusted.joined(derived), self.now)

    def set_levels(self, fact: LevelsSet) -> None:
        """Store levels that the operator set; the next look of the watch judges by them.

        Raises:
            StorageError: nothing was stored.
        """
        with self.db.transaction():
            save_facts(self.db, [fact])
            nudge(self.db, "levels")
        self.market = self.market.add([fact])

    def price(self, asset: str) -> PriceReading:
        """The price of BTC or ETH now."""
        return read_price(self.trusted, asset, self.now)
