"""What the commands can be about, by the words that people use for it."""

from bot.commands.mistakes import Misunderstood

SUBJECTS = {
    "verdict": "verdict",
    "premium": "premium",
    "etf": "etf_flow",
    "etf_flow": "etf_flow",
    "eth": "eth_btc",
    "eth_btc": "eth_btc",
    "shock": "shock",
}
"""The id of each subject; its topic in subscriptions has the same name."""

SHORT = {"verdict": "verdict", "premium": "premium", "etf_flow": "etf", "eth_btc": "eth", "shock": "shock"}
"""The word for each subject that examples and buttons use."""


def subject_of(word: str) -> str:
    """The subject's id. Raises Misunderstood."""
    try:
        return SUBJECTS[word.lower()]
    except KeyError:
        raise Misunderstood(word) from None
