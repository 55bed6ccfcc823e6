"""Logs: to standard error, one line an event, and never with a secret in them."""

import logging
import sys
from collections.abc import Iterable

_NOISY = {
    # The address of each call at INFO, and more than that at DEBUG.
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    # Every font of the system that it cannot use, on the first chart.
    "matplotlib": logging.WARNING,
    # A traceback for each page that a proxy sends in Telegram's place; we tell the failure ourselves.
    "telegram.request": logging.CRITICAL,
    # Runs that were skipped: the clockwork says so itself, and by the job's name.
    "apscheduler.scheduler": logging.ERROR,
}
"""What libraries log only from a higher level on."""


class Redacted(logging.Formatter):
    """Blots secrets out of whole records, tracebacks included: libraries log addresses that hold them."""

    def __init__(self, format_: str, secrets: Iterable[str]) -> None:
        super().__init__(format_)
        # A token's first part is the bot's public id, and its second alone is as secret as the whole.
        parts = {part for secret in secrets for part in (secret, secret.partition(":")[2]) if part}
        self._secrets = sorted(parts, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, without secrets."""
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def set_up_logging(level: str, secrets: Iterable[str]) -> None:
    """Log to standard error from a level on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacted("%(asctime)s %(levelname)s %(name)s: %(message)s", secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in _NOISY.items():
        logging.getLogger(name).setLevel(least)
