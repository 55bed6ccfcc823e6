"""The proper names of those whose facts we use; they are the same in every language."""

_NAMES = {
    "binance": "Binance",
    "coinbaseexchange": "Coinbase",
    "coinmarketcap": "CoinMarketCap",
    "farside": "Farside",
    "kraken": "Kraken",
    "sosovalue": "SoSoValue",
}


def source_name(name: str) -> str:
    """A venue's or feed's name as it writes it; one that we do not know stays as it is."""
    venue, space, rest = name.partition(" ")
    return _NAMES.get(venue, venue) + space + rest
