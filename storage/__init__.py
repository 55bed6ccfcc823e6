"""Remembers: one SQLite file, and functions that say what they keep."""
