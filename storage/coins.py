"""Whose price is meant where a rule names a coin: settled once, so that it stays the same after a restart."""

from signals.coins import Coin
from signals.facts import Instrument
from storage.database import Database


def save_coin(db: Database, coin: Coin) -> None:
    """Settle a coin, or settle it anew."""
    db.execute(
        """INSERT INTO coins (coin, venue, symbol, market_id) VALUES (?, ?, ?, ?)
           ON CONFLICT (coin) DO UPDATE
           SET (venue, symbol, market_id) = (excluded.venue, excluded.symbol, excluded.market_id)""",
        (coin.name, *coin.instrument, coin.market_id),
    )


def read_coins(db: Database) -> dict[str, Coin]:
    """Every coin that was settled, by its name."""
    rows = db.rows("SELECT coin, venue, symbol, market_id FROM coins ORDER BY coin")
    return {name: Coin(name, Instrument(venue, symbol), id_) for name, venue, symbol, id_ in rows}
