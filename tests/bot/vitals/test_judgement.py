"""When the bot counts as well, over everything that can keep it from its work."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.health import Hearing, Sending
from bot.vitals.judgement import FIRST_LOOK_WITHIN, HEARD_WITHIN, LOOKS_WITHIN, Part, ailments
from bot.vitals.snapshot import Snapshot

NOW = datetime(2025, 11, 3, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)

WELL = Snapshot(
    now=NOW,
    started_at=NOW - timedelta(hours=5),
    looked_at=NOW - timedelta(seconds=10),
    hearing=Hearing("polling", NOW - timedelta(seconds=25), None),
    sending=Sending(0, None, None, 1),
    states={"verdict": "fragile"},
)
REFUSED = Sending(0, None, "InvalidToken: Not Found", 1, refused_since=NOW - HEARD_WITHIN - SECOND)
STARTING = replace(
    WELL, started_at=NOW - timedelta(seconds=5), looked_at=None, hearing=Hearing("polling", None, None)
)


def parts(snapshot: Snapshot) -> list[Part]:
    return [ailment.part for ailment in ailments(snapshot)]


@pytest.mark.parametrize(
    ("snapshot", "ailing"),
    [
        (WELL, []),
        (replace(WELL, looked_at=NOW - LOOKS_WITHIN), []),
        (replace(WELL, looked_at=NOW - LOOKS_WITHIN - SECOND), [Part.WATCH]),
        (replace(WELL, looked_at=NOW + timedelta(hours=1)), [Part.WATCH]),
        (replace(WELL, hearing=Hearing("polling", NOW - HEARD_WITHIN, None)), []),
        (replace(WELL, hearing=Hearing("polling", NOW - HEARD_WITHIN - SECOND, None)), [Part.TELEGRAM]),
        # One refusal is no ailment: it is asked again a moment later.
        (replace(WELL, hearing=Hearing("polling", NOW, "HTTP 502")), []),
        (replace(WELL, sending=replace(REFUSED, refused_since=NOW - HEARD_WITHIN)), []),
        (replace(WELL, sending=REFUSED), [Part.TELEGRAM]),
        # Who leads and does not hear is the one to say it.
        (replace(WELL, sending=REFUSED, hears=False), [Part.TELEGRAM]),
        (replace(WELL, storage_error="bot.db: the disk is full"), [Part.DATABASE]),
        (STARTING, []),
        (replace(STARTING, looked_at=NOW - timedelta(days=2)), []),
        (replace(STARTING, started_at=NOW - HEARD_WITHIN - SECOND), [Part.TELEGRAM]),
        (
            replace(STARTING, started_at=NOW - FIRST_LOOK_WITHIN - SECOND),
            [Part.WATCH, Part.TELEGRAM],
        ),
        # What is another process's affair is no reason to start this one anew.
        (replace(WELL, looked_at=None, started_at=NOW - timedelta(days=1), watches=False), []),
        (replace(STARTING, started_at=NOW - timedelta(days=1), watches=False, hears=False), []),
        (replace(WELL, storage_error="the disk is full", watches=False, hears=False), [Part.DATABASE]),
    ],
)
def test_what_is_ailing(snapshot: Snapshot, ailing: list[Part]) -> None:
    assert parts(snapshot) == ailing


def test_the_reason_says_since_when_and_why() -> None:
    deaf = replace(WELL, hearing=Hearing("webhook", NOW - timedelta(hours=1), "connection refused"))
    [ailment] = ailments(deaf)
    assert ailment.reason == (
        "webhook has not heard from Telegram since 2025-11-03 11:00:00 UTC: connection refused"
    )


def test_that_the_token_is_refused_is_said_with_telegrams_words() -> None:
    [ailment] = ailments(replace(WELL, sending=REFUSED))
    assert ailment.reason == "takes no messages since 2025-11-03 11:57:59 UTC: InvalidToken: Not Found"
