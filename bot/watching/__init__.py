"""Watches: the alert path, once around for every new fact, and what keeps it going."""
