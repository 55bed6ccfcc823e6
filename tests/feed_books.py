"""Order books in the formats of five venues, for the sources on loopback."""

from dataclasses import dataclass, field
from typing import Any

_PATHS = {
    "/products/BTC-USD/book",
    "/api/v3/depth",
    "/fapi/v1/depth",
    "/api/v5/market/books-full",
    "/v5/market/orderbook",
}


@dataclass
class Books:
    """The books that tests set. A book is flat: the same amount at every step away from the middle."""

    middle: float = 82_500.0
    step_usd: float = 5.0
    levels: int = 500
    """How many levels a side has: 500 steps of 5 dollars reach 3 %."""
    coins: float = 0.5
    """What stands on each level, in bitcoin."""
    reach: dict[str, int] = field(default_factory=dict)
    """Fewer levels for a source."""

    def knows(self, path: str) -> bool:
        """Whether a path is that of a book."""
        return path in _PATHS

    def answer(self, name: str) -> dict[str, Any]:
        """The answer of one of the sources."""
        bids, asks = (self._side(name, sign) for sign in (-1, 1))
        match name:
            case "coinbaseexchange":
                more = {
                    "sequence": 13051505638,
                    "auction_mode": False,
                    "auction": None,
                    "time": "2026-10-10T12:00:00Z",
                }
                return {"bids": _rows(bids, 3), "asks": _rows(asks, 3), **more}
            case "binance" | "binance_vision":
                return {"lastUpdateId": 1027024, "bids": _rows(bids), "asks": _rows(asks)}
            case "binanceusdm":
                times = {"E": 1589436922972, "T": 1589436922959}
                return {"lastUpdateId": 1027024, **times, "bids": _rows(bids), "asks": _rows(asks)}
            case "okx":
                # Contracts of a hundredth of a bitcoin.
                sides = [[(price, coins * 100) for price, coins in side] for side in (bids, asks)]
                data = {"asks": _rows(sides[1], 3), "bids": _rows(sides[0], 3), "ts": "1629966436396"}
                return {"code": "0", "msg": "", "data": [data]}
            case _:
                result = {
                    "s": "BTCUSDT",
                    "b": _rows(bids),
                    "a": _rows(asks),
                    "ts": 1716863719031,
                    "u": 230704,
                }
                return {
                    "retCode": 0,
                    "retMsg": "OK",
                    "result": result,
                    "retExtInfo": {},
                    "time": 1716863719382,
                }

    def _side(self, name: str, sign: int) -> list[tuple[float, float]]:
        steps = range(1, self.reach.get(name, self.levels) + 1)
        return [(self.middle + sign * self.step_usd * (step - 0.5), self.coins) for step in steps]


def _rows(side: list[tuple[float, float]], columns: int = 2) -> list[list[Any]]:
    """Numbers as text; Coinbase and OKX say how many orders there are as well."""
    return [[f"{price:.2f}", f"{amount:.8f}", 4][:columns] for price, amount in side]
