"""DefiLlama's list of exploits and the New York Fed's operations and rates, for the sources on loopback."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

from aiohttp import web

SOURCES = ("defillama", "newyorkfed")


def hack(day: str, name: str, amount: float | None, **changes: Any) -> dict[str, Any]:
    """An exploit as DefiLlama lists it."""
    at = datetime.combine(datetime.fromisoformat(day), time(), UTC)
    return {
        "date": int(at.timestamp()),
        "name": name,
        "classification": "Protocol Logic",
        "technique": "Unknown",
        "amount": amount,
        "chain": ["Ethereum"],
        "bridgeHack": False,
        "targetType": "DeFi Protocol",
        "source": "",
        "returnedFunds": None,
        "defillamaId": "116",
        **changes,
    }


def operation(day: str, closes: str, usd: float, **changes: Any) -> dict[str, Any]:
    """A repo operation as the New York Fed publishes it."""
    return {
        "operationId": f"RP {day} {closes}",
        "auctionStatus": "Results",
        "operationDate": day,
        "settlementDate": day,
        "operationType": "Repo",
        "operationMethod": "Full Allotment",
        "settlementType": "Same Day",
        "term": "Overnight",
        "releaseTime": "13:30",
        "closeTime": closes,
        "note": "",
        "totalAmtSubmitted": usd,
        "totalAmtAccepted": usd,
        "details": [{"securityType": "Treasury", "amtAccepted": usd, "percentOfferingRate": 3.75}],
        **changes,
    }


@dataclass
class ContagionSide:
    """What the two sources say."""

    hacks: list[Any] = field(default_factory=lambda: [hack("2026-11-10", "Cozy V2", 163_326)])
    locked: dict[str, float] = field(default_factory=dict)
    """By the slug of a protocol."""
    operations: list[dict[str, Any]] = field(default_factory=list)
    rates: list[tuple[str, float]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The answer to a request."""
        if request.path == "/hacks":
            return web.json_response(self.hacks)
        if request.path.startswith("/tvl/"):
            slug = request.path.removeprefix("/tvl/")
            if slug not in self.locked:
                return web.Response(status=400, text="Protocol is not in our database")
            return web.json_response(self.locked[slug])
        if request.path == "/api/rp/results/search.json":
            first, last = request.query["startDate"], request.query["endDate"]
            told = [each for each in self.operations if first <= each["operationDate"] <= last]
            return web.json_response({"repo": {"operations": told}})
        assert request.path == "/api/rates/secured/sofr/last/20.json", request.path
        rates = [
            {"effectiveDate": day, "type": "SOFR", "percentRate": rate, "volumeInBillions": 3126}
            for day, rate in self.rates[::-1]
        ]
        return web.json_response({"refRates": rates})
