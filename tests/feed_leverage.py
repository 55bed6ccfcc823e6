"""Open interest and funding in the formats of three venues, now and before, for the sources on loopback."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import web

from signals.moments import to_ms
from tests.signals.feeds.moments import NOW

_OKX_KEEPS_MS = 92 * 86_400_000
"""Three months."""
_FIVE_MS, _HOUR_MS, _EIGHT_HOURS_MS = 300_000, 3_600_000, 28_800_000
_STEPS_MS = {"5m": _FIVE_MS, "5min": _FIVE_MS, "5": _FIVE_MS, "1h": _HOUR_MS, "1H": _HOUR_MS, "60": _HOUR_MS}


@dataclass
class LeverageSide:
    """The same position on every venue, in its own units."""

    price: Mapping[str, float] = field(default_factory=lambda: {"BTC": 82_500.0, "ETH": 2_500.0})
    coins: dict[str, float] = field(default_factory=lambda: {"BTC": 28_000.0, "ETH": 400_000.0})
    """Open interest of one side."""
    rate: str = "0.00010000"
    interval: timedelta = timedelta(hours=8)
    says_single: bool = True
    """Bybit says the one side's number as well."""
    now_ms: int = to_ms(NOW)

    def answer(self, request: web.Request) -> Any:
        """The answer to a request, None where it is about something else."""
        query = request.query
        coin = (query.get("symbol") or query.get("instId") or "BTC")[:3]
        find = {
            "/fapi/v1/premiumIndex": self._mark,
            "/fapi/v1/openInterest": self._interest,
            "/fapi/v1/fundingRate": self._rates,
            "/futures/data/openInterestHist": self._interest_history,
            "/api/v5/public/funding-rate": self._okx_rate,
            "/api/v5/public/open-interest": self._okx_interest,
            "/api/v5/public/funding-rate-history": self._okx_rates,
            "/api/v5/rubik/stat/contracts/open-interest-history": self._okx_history,
            "/v5/market/tickers": self._bybit_ticker,
            "/v5/market/open-interest": self._bybit_history,
            "/v5/market/kline": self._bybit_bars,
            "/v5/market/funding/history": self._bybit_rates,
        }.get(request.path)
        return find(coin, query) if find else None

    def _mark(self, coin: str, query: Mapping[str, str]) -> Any:
        del query
        price = f"{self.price[coin]:.8f}"
        return {
            "symbol": f"{coin}USDT",
            "markPrice": price,
            "indexPrice": price,
            "estimatedSettlePrice": price,
            "lastFundingRate": self.rate,
            "interestRate": "0.00010000",
            "nextFundingTime": 1597392000000,
            "time": 1597370495002,
        }

    def _interest(self, coin: str, query: Mapping[str, str]) -> Any:
        del query
        return {"openInterest": f"{self.coins[coin]:.3f}", "symbol": f"{coin}USDT", "time": 1589437530011}

    def _rates(self, coin: str, query: Mapping[str, str]) -> Any:
        rows = self._settled(int(query["startTime"]))[: int(query["limit"])]
        more = {"symbol": f"{coin}USDT", "fundingRate": self.rate, "markPrice": "34287.5"}
        return [{**more, "fundingTime": at_ms + 3} for at_ms in rows]

    def _interest_history(self, coin: str, query: Mapping[str, str]) -> Any:
        usd = self.coins[coin] * self.price[coin]
        return [
            {
                "symbol": f"{coin}USDT",
                "sumOpenInterest": f"{self.coins[coin]:.8f}",
                "sumOpenInterestValue": f"{usd:.8f}",
                "timestamp": at_ms,
            }
            for at_ms in _moments(query["startTime"], query["endTime"], query["period"])
        ]

    def _okx_rate(self, coin: str, query: Mapping[str, str]) -> Any:
        del query
        step_ms = self.interval // timedelta(milliseconds=1)
        row = {
            "instId": f"{coin}-USDT-SWAP",
            "fundingRate": self.rate,
            "nextFundingRate": "",
            "fundingTime": "1703088000000",
            "nextFundingTime": str(1703088000000 + step_ms),
        }
        return _okx([row])

    def _okx_interest(self, coin: str, query: Mapping[str, str]) -> Any:
        assert query["instType"] == "SWAP"
        contract = {"BTC": 0.01, "ETH": 0.1}[coin]
        row = {
            "instId": f"{coin}-USDT-SWAP",
            "instType": "SWAP",
            "oi": str(self.coins[coin] / contract),
            "oiCcy": str(self.coins[coin]),
            "oiUsd": str(self.coins[coin] * self.price[coin]),
            "ts": "1597026383085",
        }
        return _okx([row])

    def _okx_rates(self, coin: str, query: Mapping[str, str]) -> Any:
        # The newest first.
        kept_since_ms = self.now_ms - _OKX_KEEPS_MS
        rows = self._settled(kept_since_ms, int(query["after"]) - 1)[::-1][: int(query["limit"])]
        more = {"instId": f"{coin}-USDT-SWAP", "fundingRate": self.rate, "realizedRate": self.rate}
        return _okx([{**more, "fundingTime": str(at_ms)} for at_ms in rows])

    def _okx_history(self, coin: str, query: Mapping[str, str]) -> Any:
        coins, usd = self.coins[coin], self.coins[coin] * self.price[coin]
        rows = _moments(query["begin"], query["end"], query["period"])[::-1][: int(query["limit"])]
        return _okx([[str(at_ms), str(coins * 100), str(coins), str(usd)] for at_ms in rows])

    def _bybit_ticker(self, coin: str, query: Mapping[str, str]) -> Any:
        assert query["category"] == "linear"
        coins, usd = self.coins[coin], self.coins[coin] * self.price[coin]
        row = {
            "symbol": f"{coin}USDT",
            "openInterest": str(2 * coins),
            "openInterestValue": str(2 * usd),
            "fundingIntervalHour": str(self.interval // timedelta(hours=1)),
            "fundingRate": self.rate,
            "nextFundingTime": "1791619200000",
        }
        if self.says_single:
            row |= {"singleOpenInterest": str(coins), "singleOpenInterestValue": str(usd)}
        return _bybit({"category": "linear", "list": [row]})

    def _bybit_history(self, coin: str, query: Mapping[str, str]) -> Any:
        rows = _moments(query["startTime"], query["endTime"], query["intervalTime"])[::-1]
        coins = self.coins[coin]
        single = {"singleOpenInterest": str(coins)} if self.says_single else {}
        told = [{"openInterest": str(2 * coins), **single, "timestamp": str(at_ms)} for at_ms in rows]
        return _bybit({"symbol": f"{coin}USDT", "list": told, "nextPageCursor": ""})

    def _bybit_bars(self, coin: str, query: Mapping[str, str]) -> Any:
        price = str(self.price[coin])
        rows = _moments(query["start"], query["end"], query["interval"])[::-1]
        return _bybit({"list": [[str(at_ms), *[price] * 4, "1", "1"] for at_ms in rows]})

    def _bybit_rates(self, coin: str, query: Mapping[str, str]) -> Any:
        rows = self._settled(int(query["startTime"]), int(query["endTime"]))[::-1][: int(query["limit"])]
        more = {"symbol": f"{coin}USDT", "fundingRate": self.rate}
        return _bybit({"list": [{**more, "fundingRateTimestamp": str(at_ms)} for at_ms in rows]})

    def _settled(self, since_ms: int, until_ms: int | None = None) -> list[int]:
        """The settlements of a time, none of them in the future."""
        first_ms = -(-since_ms // _EIGHT_HOURS_MS) * _EIGHT_HOURS_MS
        last_ms = self.now_ms if until_ms is None else min(until_ms, self.now_ms)
        return list(range(first_ms, last_ms + 1, _EIGHT_HOURS_MS))


def _moments(first: str, last: str, period: str) -> list[int]:
    step_ms = _STEPS_MS[period]
    return list(range(-(-int(first) // step_ms) * step_ms, int(last) + 1, step_ms))


def _okx(data: Any) -> Any:
    return {"code": "0", "data": data, "msg": ""}


def _bybit(result: Any) -> Any:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 1672304486868}
