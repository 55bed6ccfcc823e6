"""What several alerts come to for one chat: each subject's newest state, or that it only went to and fro."""

from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from signals.conditions import Change
from signals.policy import heard, is_pressing, urgency


class Told(NamedTuple):
    """An alert with its changes."""

    alert_id: int
    changes: Sequence[Change]


class Course(NamedTuple):
    """What became of one subject over some alerts, in order of time."""

    alert_ids: tuple[int, ...]
    changes: tuple[Change, ...]

    @property
    def last(self) -> Change:
        """The newest change: the state that counts."""
        return self.changes[-1]

    @property
    def went_back(self) -> bool:
        """Whether it ended where it began, with nothing on the way that nobody wants to miss."""
        pressed = any(map(is_pressing, self.changes))
        return not pressed and self.changes[0].from_state == self.last.to_state


class Sum(NamedTuple):
    """Courses that ended elsewhere than they began, the most urgent first, and those that went back."""

    news: tuple[Course, ...]
    back: tuple[Course, ...]

    @property
    def alert_ids(self) -> tuple[int, ...]:
        """The alerts that anything of this comes from, in order of their numbers."""
        return tuple(sorted(set(chain.from_iterable(c.alert_ids for c in (*self.news, *self.back)))))


def untangled(total: Sum) -> Sum:
    """A sum whose alerts are told whole, each with all of its changes.

    Whoever is told of an alert hears on the way of a subject that went back since: its end is then news too.
    """
    told = {alert_id for course in total.news for alert_id in course.alert_ids}
    mixed = tuple(course for course in total.back if told.intersection(course.alert_ids))
    if not mixed:
        return total
    news = tuple(sorted((*total.news, *mixed), key=lambda course: urgency(course.last)))
    return untangled(Sum(news, tuple(course for course in total.back if course not in mixed)))


def sum_up(alerts: Iterable[Told], topics: Collection[str]) -> Sum:
    """What alerts, in order of time, come to for somebody who hears of these topics."""
    courses: dict[str, Course] = {}
    for alert_id, changes in alerts:
        for change in heard(changes, topics):
            so_far = courses.get(change.id, Course((), ()))
            courses[change.id] = Course((*so_far.alert_ids, alert_id), (*so_far.changes, change))
    ordered = sorted(courses.values(), key=lambda course: urgency(course.last))
    back = tuple(course for course in ordered if course.went_back)
    return Sum(tuple(course for course in ordered if not course.went_back), back)
