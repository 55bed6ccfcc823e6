"""Feeds fetch facts: one file a kind of source. The only part of signals that touches clock and network."""
