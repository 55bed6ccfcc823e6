"""The short word for each subject."""

from signals.engine import WARNINGS

WARNING_IDS = tuple(warning.id for warning in WARNINGS)
LEVEL_WARNINGS = ("rally_zone", "support")
"""The warnings about levels."""

SHORT = {
    "verdict": "verdict",
    "premium": "premium",
    "etf_flow": "etf",
    "eth_btc": "eth",
    "shock": "shock",
    **{warning: warning for warning in WARNING_IDS},
}
"""The word for each subject that examples and buttons use."""
