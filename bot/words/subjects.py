"""What the commands can be about, by the words that people use for it."""

from bot.commands.mistakes import Misunderstood
from signals.engine import WARNINGS

WARNING_IDS = tuple(warning.id for warning in WARNINGS)
LEVEL_WARNINGS = ("rally_zone", "support")
"""The warnings about levels."""

SUBJECTS = {
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

SHORT = {
    "verdict": "verdict",
    "premium": "premium",
    "etf_flow": "etf",
    "eth_btc": "eth",
    "shock": "shock",
    **{warning: warning for warning in WARNING_IDS},
}
"""The word for each subject that examples and buttons use."""


def subject_of(word: str) -> str:
    """The subject's id. Raises Misunderstood."""
    try:
        return SUBJECTS[word.lower()]
    except KeyError:
        raise Misunderstood(word) from None
