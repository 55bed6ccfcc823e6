"""`/why`: the stored evidence of the last changes, in words; of one subject, or of an alert by its number."""

import re
from collections.abc import Iterator

from bot.commands.subjects import subject_of
from bot.words.answer import Answer, Ask, Button
from bot.words.board import CONDITIONS
from bot.words.evidence import news, statements
from bot.words.marks import MARKS
from bot.words.subjects import SHORT
from bot.words.taken import taken_line
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.conditions import Change
from signals.moments import from_ms
from signals.verdict import VERDICT
from storage.acknowledgements import read_taken
from storage.alerts import last_change, read_alert

_ALERT = re.compile(r"^(?:a-?)?(\d{1,18})$", re.IGNORECASE)


async def why(ask: Ask) -> Answer:
    """Without a word after it: the last change of the verdict and of each condition."""
    if not ask.args:
        return _of_subjects(ask, (VERDICT, *CONDITIONS))
    [word] = ask.args
    if number := _ALERT.match(word):
        return _of_alert(ask, int(number[1]))
    return _of_subjects(ask, (subject_of(word),))


def _of_subjects(ask: Ask, subjects: tuple[str, ...]) -> Answer:
    parts = [_last_change(ask, subject) for subject in subjects]
    chart = SHORT[subjects[0]] if subjects[0] != VERDICT else "btc"
    buttons = (Button(ask.words.plain("button.chart"), f"chart:{chart}"),)
    return Answer(Html("\n\n".join(parts)), (buttons,))


def _last_change(ask: Ask, subject: str) -> Html:
    saved = last_change(ask.desk.db, subject)
    if saved is not None:
        return explained(ask.words, saved.change, saved.alert_id)
    name, state = ask.words(f"name.{subject}"), ask.desk.standings[subject].state
    return ask.words("why.never", mark=MARKS[state], name=name, state=ask.words(f"state.{state}"))


def _of_alert(ask: Ask, number: int) -> Answer:
    alert = read_alert(ask.desk.db, number)
    if alert is None:
        return Answer(ask.words("why.no_such_alert", number=number))
    parts = [explained(ask.words, change, None) for change in alert.changes]
    title = ask.words("why.alert", number=number)
    taken = read_taken(ask.desk.db, ask.chat.id, [number])
    if number in taken:
        title = Html(f"{title}\n{taken_line(ask.words, taken[number])}")
    return Answer(Html("\n\n".join((title, *parts))))


def explained(words: Wording, change: Change, alert_id: int | None) -> Html:
    """A change with its moment, and all of its evidence in a quote that opens."""
    return Html("\n".join(_lines(words, change, alert_id)))


def _lines(words: Wording, change: Change, alert_id: int | None) -> Iterator[Html]:
    yield change_line(words, change, alert_id)
    if said := statements(words, change):
        yield words("why.evidence", statements=Html("\n".join(said)))


def change_line(words: Wording, change: Change, alert_id: int | None) -> Html:
    """A change on one line: mark, news, new state, moment, alert."""
    return words.joined(
        [
            words("why.news", mark=MARKS[change.to_state], news=news(words, change)),
            words(
                "why.became",
                name=words(f"name.{change.id}"),
                state=words(f"state.{change.to_state}"),
                moment=words.moment(from_ms(change.at_ms)),
            ),
            words("alert.number", number=alert_id) if alert_id is not None else Html(),
        ]
    )
