"""What was held back from a chat, told in one message once nothing holds it any more.

due -> still held? -> summed up -> one delivery, and every held alert settled, in one transaction

Nothing of this lives in memory: a bot that was down at the hour tells it when it is back.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from bot.desk import Desk
from bot.telling.alerts import FLAPPED, SUPERSEDED, cap_note
from bot.telling.answering import answered_alert
from bot.telling.listeners import Listener, listener_at
from bot.words.digest import digest_buttons, digest_text
from bot.words.merged import merged
from bot.words.wording import wording_for
from signals.policy import Reason, heard, hold_again, loudness, urgency
from signals.summing import Sum, Told, sum_up, untangled
from storage.alerts import read_alert
from storage.database import StorageError
from storage.held import HeldRow, Place, due_places, hurry, postpone, read_open, settle
from storage.outbox import Delivery, enqueue
from storage.told import told_since

log = logging.getLogger(__name__)

TOLD = "told"
_ONLY_COOLDOWN = frozenset({Reason.COOLDOWN})
_MOST_AT_ONCE = 250
"""So many threads in one go, for everybody else waits meanwhile."""
_RETRY = timedelta(hours=1)


class _Release(NamedTuple):
    """What is told to whom after it was held."""

    listener: Listener
    total: Sum
    reasons: frozenset[Reason]

    @property
    def is_digest(self) -> bool:
        """Whether it sums up a time of silence; what only a cooldown held is an alert that comes late."""
        return self.reasons != _ONLY_COOLDOWN

    @property
    def alert_ids(self) -> tuple[int, ...]:
        """The alerts that are told, the most urgent first: of a cooldown those that led somewhere."""
        courses = (*self.total.news, *self.total.back) if self.is_digest else self.total.news
        return tuple(dict.fromkeys(id_ for course in courses for id_ in reversed(course.alert_ids)))


def make_due_digests(desk: Desk, chat_id: int | None = None) -> bool:
    """Tell what was held back until now, in one chat or in all; whether more of it may be due.

    Raises:
        StorageError: nothing was stored of the thread at which it happened.
    """
    places = due_places(desk.db, desk.now, chat_id, _MOST_AT_ONCE)
    made = sum(_safely_release(desk, place) for place in places)
    if made:
        desk.wake()
    return len(places) == _MOST_AT_ONCE


def decide_anew(desk: Desk, chat_id: int) -> None:
    """A chat changed what holds things back from it: tell at once what nothing holds any more.

    Raises:
        StorageError: nothing was stored of the thread at which it happened.
    """
    hurry(desk.db, chat_id, desk.now)
    make_due_digests(desk, chat_id)


def _safely_release(desk: Desk, place: Place) -> bool:
    try:
        return _release_at(desk, place)
    except StorageError:
        raise
    except Exception:
        # The last resort: a bug in the words for one chat keeps neither the others nor this one from hearing.
        log.exception("Bug: what is held back from chat %d cannot be told; it is tried again", place[0])
        for row in read_open(desk.db, place):
            postpone(desk.db, row, row.reason, desk.now + _RETRY)
        return False


def _release_at(desk: Desk, place: Place) -> bool:
    """Tell a thread what is held back from it, all in one message; whether there was anything to say."""
    with desk.db.transaction():
        listener, rows = listener_at(desk, place), read_open(desk.db, place)
        reasons = frozenset(Reason(row.reason) for row in rows)
        if (still := hold_again(reasons, listener.hearing, desk.now)) is not None:
            for row in rows:
                postpone(desk.db, row, still.reason, still.until)
            return False
        alerts = _not_outdone(desk, place, rows)
        total = sum_up(alerts, listener.hearing.topics)
        release = _Release(listener, total if reasons != _ONLY_COOLDOWN else untangled(total), reasons)
        for row, alert in zip(rows, alerts, strict=True):
            settle(desk.db, row, _outcome(alert, release))
        if release.alert_ids:
            enqueue(desk.db, [_delivery(desk, release)])
        return bool(release.alert_ids)


def _not_outdone(desk: Desk, place: Place, rows: Sequence[HeldRow]) -> list[Told]:
    """The alerts that are held, without those changes that a newer alert has told more about."""
    newest = told_since(desk.db, place, min(row.alert_id for row in rows))
    found = []
    for row in rows:
        alert = read_alert(desk.db, row.alert_id)
        changes = alert.changes if alert else ()
        found.append(Told(row.alert_id, [c for c in changes if newest.get(c.id, 0) < row.alert_id]))
    return found


def _outcome(alert: Told, release: _Release) -> str:
    if alert.alert_id in release.alert_ids:
        return TOLD
    if not alert.changes:
        return SUPERSEDED
    mine = heard(alert.changes, release.listener.hearing.topics)
    return FLAPPED if mine else Reason.NOT_SUBSCRIBED


def _delivery(desk: Desk, release: _Release) -> Delivery:
    listener, total, now = release.listener, release.total, desk.now
    words = wording_for(listener.chat, now)
    text = digest_text(words, total, release.reasons, desk.standings)
    first, *others = release.alert_ids
    silent, _ = loudness([course.last for course in total.news], listener.hearing.topics)
    return Delivery(
        chat_id=listener.chat.id,
        thread_id=listener.thread_id,
        alert_id=first,
        more_alerts=tuple(others),
        kind="digest" if release.is_digest else "alert",
        urgency=urgency(total.news[0].last) if total.news else None,
        text=text if release.is_digest else merged([text, *cap_note(listener.chat, listener.hearing, desk)]),
        buttons=[[button._asdict() for button in row] for row in digest_buttons(words, first)],
        silent=silent,
        created_at=now,
        answers_alert=None if release.is_digest else _taken_back(desk, release),
    )


def _taken_back(desk: Desk, release: _Release) -> int | None:
    """The alert that one which comes late takes back."""
    changes = [course.last for course in release.total.news]
    return answered_alert(desk.db, release.listener.place, changes)
