"""Desks for tests of what the bot says: a database in memory, a clock that stands, a market made up."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

from bot.desk import Desk
from bot.settings import Settings
from bot.words.answer import Ask
from bot.words.wording import wording_for
from signals.conditions import Alarm, Change, Kind, Standing, State, Verdict
from signals.facts import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC, COINBASE_USDT, EtfFlow
from signals.market import Market, Prices, Track
from signals.moments import length_ms, to_ms
from signals.shock import NO_SHOCK_YET
from storage.chats import ensure_chat
from storage.database import open_database

NOW = datetime(2025, 11, 3, 20, 14, tzinfo=UTC)
"""A Monday, in a US session."""

_BAR = timedelta(minutes=5)
_BAR_MS = length_ms(_BAR)
_BARS = 12 * 24 * 2
_PRICES = {COINBASE_BTC: 106_900.0, BINANCE_BTC: 106_928.0, BINANCE_ETH: 3_596.0, COINBASE_USDT: 1.0}
_FLOWS_MUSD = {date(2025, 10, 29): -470.7, date(2025, 10, 30): -488.4, date(2025, 10, 31): -191.6}

FRAGILE = {
    "premium": Standing(State.UNMET, State.UNMET, to_ms(NOW - timedelta(days=4))),
    "etf_flow": Standing(State.UNMET, State.UNMET, to_ms(NOW - timedelta(days=4, hours=6))),
    "eth_btc": Standing(State.HOLDING, State.UNMET, to_ms(NOW - timedelta(hours=36))),
    "verdict": Standing(
        Verdict.FRAGILE, since_ms=to_ms(NOW - timedelta(days=4)), evidence={"btc_usd": 108_322.0}
    ),
    "shock": NO_SHOCK_YET,
    "rally_zone": Standing(Alarm.OFF),
    "support": Standing(Alarm.OFF),
    "eth_beta": Standing(Alarm.OFF),
    "adl": Standing(Alarm.OFF),
    "thin_book": Standing(Alarm.OFF),
    "exploit": Standing(Alarm.OFF),
    "repo": Standing(Alarm.OFF),
    "liquidations": Standing(Alarm.OFF),
    "relever": Standing(Alarm.OFF),
    "funding": Standing(Alarm.OFF),
    "blind": Standing(Alarm.OFF, Alarm.OFF),
}

HELD_SESSION = Change(
    to_ms(datetime(2025, 11, 28, 18, tzinfo=UTC)),
    Kind.CONDITION,
    "premium",
    State.UNMET,
    State.MET,
    "session_positive",
    {
        "session": "2025-11-28",
        "half_day": True,
        "share_positive": 0.93,
        "mean_pct": 0.0121,
        "samples": 210,
        "coverage": 1.0,
        "adjusted_share": 1.0,
    },
)


@contextmanager
def new_desk(market: Market | None = None, now: datetime = NOW) -> Iterator[Desk]:
    """A desk that knows nothing, or the facts of a market."""
    db = open_database(":memory:")
    try:
        yield Desk(db, Settings(_env_file=None), lambda: now, market or Market())  # type: ignore[call-arg]  # pydantic's own
    finally:
        db.close()


def ask_of(desk: Desk, *args: str, language: str = "en") -> Ask:
    """Alice's question in her private chat."""
    chat = ensure_chat(desk.db, 1001, "private", "Alice", desk.now)
    return Ask(chat, wording_for(chat, desk.now, language), desk, args, language)


def market_of_two_days(until: datetime = NOW) -> Market:
    """Prices that stand still at a premium of -0.026 %, and three sessions of outflows."""
    end_ms = to_ms(until) // _BAR_MS * _BAR_MS
    prices = {Track(instrument, _BAR): _flat(price, end_ms) for instrument, price in _PRICES.items()}
    return Market(prices, {"BTC": tuple(_flow(day, musd) for day, musd in _FLOWS_MUSD.items())})


def _flat(price: float, end_ms: int) -> Prices:
    closes = (end_ms - _BAR_MS * back for back in range(_BARS))
    return Prices.of((at_ms, at_ms, price) for at_ms in closes)


def _flow(day: date, total_musd: float) -> EtfFlow:
    known_at = datetime(day.year, day.month, day.day, 13, 30, tzinfo=UTC) + timedelta(days=1)
    return EtfFlow("BTC", day, "sosovalue", total_musd * 1e6, known_at, known_at)
