"""The names of those whose facts we use: proper names, the same in every language, and what has none."""

from bot.words.wording import Wording

_NAMES = {
    "binance": "Binance",
    "binanceusdm": "Binance futures",
    "bybit": "Bybit",
    "coinbaseexchange": "Coinbase",
    "coinglass": "CoinGlass",
    "coinmarketcap": "CoinMarketCap",
    "defillama": "DefiLlama",
    "farside": "Farside",
    "kraken": "Kraken",
    "newyorkfed": "New York Fed",
    "okx": "OKX",
    "sosovalue": "SoSoValue",
}


_NAMED_IN_EACH_LANGUAGE = {"etf_flows", "import", "scenario"}
"""What is no proper name: the text `source.NAME` says it."""


def source_name(words: Wording, name: str) -> str:
    """A venue's or feed's name as it writes it; one that we do not know stays as it is."""
    if name in _NAMED_IN_EACH_LANGUAGE:
        return words.plain(f"source.{name}")
    venue, space, rest = name.partition(" ")
    return _NAMES.get(venue, venue) + space + rest
