"""Remembers: one SQLite file or a PostgreSQL, and functions that say what they keep."""
