"""The names of those whose facts we use: proper names, the same in every language, and imported files."""

from bot.words.wording import Wording

_NAMES = {
    "binance": "Binance",
    "coinbaseexchange": "Coinbase",
    "coinmarketcap": "CoinMarketCap",
    "farside": "Farside",
    "kraken": "Kraken",
    "sosovalue": "SoSoValue",
}


_IMPORT = "import"


def source_name(words: Wording, name: str) -> str:
    """A venue's or feed's name as it writes it; one that we do not know stays as it is."""
    if name == _IMPORT:
        return words.plain("source.import")
    venue, space, rest = name.partition(" ")
    return _NAMES.get(venue, venue) + space + rest
