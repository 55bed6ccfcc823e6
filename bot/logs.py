"""Logs: to standard error, one line an event, never with a secret in them; the last complaints are kept."""

import json
import logging
import sys
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

_NOISY = {
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
        return self.blotted(super().format(record))

    def blotted(self, text: str) -> str:
        """A text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


class JsonLines(Redacted):
    """A record as one JSON object on one line, for programs that collect logs."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(message)s", secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The record: at, level, logger, message, and the exception where there is one; without secrets."""
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        # Blotted before they are quoted: JSON may write a secret in other letters.
        return json.dumps({name: self.blotted(text) for name, text in told.items()}, ensure_ascii=False)


class Complaint(NamedTuple):
    """A warning or an error: when, its level (WARNING, ERROR ...), whose it is, and one line of it."""

    at: datetime
    level: str
    logger: str
    line: str


class Complaints(logging.Handler):
    """Keeps the last warnings and errors, without secrets, for whoever has no hands on the logs."""

    def __init__(self, secrets: Iterable[str], most: int = 50) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(Redacted("%(message)s", secrets))
        self._kept: deque[Complaint] = deque(maxlen=most)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record: its first line, and of a traceback the last one, which names the error."""
        first, *more = self.format(record).splitlines() or [""]
        line = f"{first} ({more[-1].strip()})" if more and record.exc_info else first
        at = datetime.fromtimestamp(record.created, UTC)
        self._kept.append(Complaint(at, record.levelname, record.name, line))

    def newest_first(self) -> Sequence[Complaint]:
        """What was complained of since the start, as far as it is kept."""
        return tuple(reversed(self._kept))


def set_up_logging(
    level: str, secrets: Iterable[str], format_: Literal["text", "json"] = "text"
) -> Complaints:
    """Log to standard error from a level on; what is complained of from now on is kept in the answer."""
    secrets = tuple(secrets)
    handler, complaints = logging.StreamHandler(sys.stderr), Complaints(secrets)
    text = Redacted("%(asctime)s %(levelname)s %(name)s: %(message)s", secrets)
    handler.setFormatter(JsonLines(secrets) if format_ == "json" else text)
    logging.basicConfig(level=level, handlers=[handler, complaints], force=True)
    for name, least in _NOISY.items():
        logging.getLogger(name).setLevel(least)
    return complaints
