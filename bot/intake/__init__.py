"""Brings facts in: what is fetched when, what of it is believed, and how each source is doing."""
