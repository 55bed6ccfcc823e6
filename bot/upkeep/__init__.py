"""Keeps messages current that are there already: pinned boards, and alerts that somebody has taken."""
