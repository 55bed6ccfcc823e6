"""Speaks: the texts of both languages, numbers and dates as each writes them, the board and the alerts."""
