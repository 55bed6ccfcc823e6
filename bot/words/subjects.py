"""The short word for each subject."""

SHORT = {"verdict": "verdict", "premium": "premium", "etf_flow": "etf", "eth_btc": "eth"}
"""The word for each subject that examples and buttons use."""
