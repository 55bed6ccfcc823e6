"""What is logged: without secrets in either form, and one object a line as JSON."""

import json
import logging
from datetime import UTC, datetime

import pytest

from bot.logs import JsonLines, Redacted

TOKEN = "7000000001:a-secret-token-of-thirty-five-chars"
QUOTED = 'a "secret" \\ of its own'


def record(message: str, *args: object, error: Exception | None = None) -> logging.LogRecord:
    told = logging.LogRecord("bot.watch", logging.WARNING, __file__, 1, message, args, None)
    if error is not None:
        told.exc_info = (type(error), error, error.__traceback__)
    told.created = datetime(2025, 11, 3, 20, 14, 0, 125_000, tzinfo=UTC).timestamp()
    return told


def raised(text: str) -> Exception:
    with pytest.raises(KeyError) as caught:
        raise KeyError(text)
    return caught.value


def test_a_record_is_one_json_object_on_one_line() -> None:
    line = JsonLines([TOKEN]).format(record("two\nlines of %s", "溢价", error=raised("because\nof this")))
    assert "\n" not in line
    told = json.loads(line)
    assert list(told) == ["at", "level", "logger", "message", "exception"]
    assert told["at"] == "2025-11-03T20:14:00.125+00:00"
    assert (told["level"], told["logger"], told["message"]) == ("WARNING", "bot.watch", "two\nlines of 溢价")
    assert told["exception"].startswith("Traceback")
    assert told["exception"].endswith(r"KeyError: 'because\nof this'")


def test_without_an_error_there_is_no_exception() -> None:
    assert "exception" not in json.loads(JsonLines([]).format(record("x")))


@pytest.mark.parametrize("secret", [TOKEN, TOKEN.split(":")[1], QUOTED])
def test_secrets_are_blotted_out_of_both_forms(secret: str) -> None:
    for formatter in (JsonLines([TOKEN, QUOTED]), Redacted("%(message)s", [TOKEN, QUOTED])):
        line = formatter.format(record("GET /bot%s/getMe", secret, error=raised(f"no {secret}")))
        assert "***" in line
        assert secret not in line
        assert json.dumps(secret)[1:-1] not in line
