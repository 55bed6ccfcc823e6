"""What the commands can be about, by the words that people use for it."""

from bot.commands.mistakes import Misunderstood
from bot.words.subjects import WARNING_IDS

_SUBJECTS = {
    "verdict": "verdict",
    "premium": "premium",
    "etf": "etf_flow",
    "etf_flow": "etf_flow",
    "eth": "eth_btc",
    "eth_btc": "eth_btc",
    "shock": "shock",
    **{warning: warning for warning in WARNING_IDS},
}
"""The id of each subject; its topic in subscriptions has the same name."""


def subject_of(word: str) -> str:
    """The subject's id. Raises Misunderstood."""
    try:
        return _SUBJECTS[word.lower()]
    except KeyError:
        raise Misunderstood(word) from None
