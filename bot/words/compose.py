"""The words of an alert. Pure: from changes of one moment to the text and the buttons for one chat."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Self

from bot.words.answer import Button, Buttons
from bot.words.board import CONDITIONS
from bot.words.episode import levels_of_shock
from bot.words.evidence import news, statements
from bot.words.marks import MARKS
from bot.words.outlook import need, outlook, turns_back
from bot.words.subjects import SHORT
from bot.words.taken import take_button
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.conditions import Alarm, Change, Kind, Standing, State, Verdict
from signals.episode import Episode, ShockState
from signals.eth_btc import EthBtcRules
from signals.moments import from_ms
from signals.policy import urgency
from signals.verdict import VERDICT

_STATEMENTS_IN_NEWS = 2
"""What a notification shows of the evidence, beside the news itself."""


class _Telling(NamedTuple):
    """In which words, and where everything stands after the changes."""

    words: Wording
    standings: Mapping[str, Standing]
    rules: EthBtcRules


def compose_alert(
    words: Wording,
    alert_id: int,
    changes: Sequence[Change],
    standings: Mapping[str, Standing],
    *,
    before: Standing | None = None,
    rules: EthBtcRules | None = None,
    in_group: bool = False,
) -> tuple[Html, Buttons]:
    """The text and the buttons of an alert.

    Args:
        words: how the chat is spoken to, at the moment of the alert.
        alert_id: the number that people see, as A-<id>.
        changes: what changed at one moment, at least one.
        standings: where everything stands after it, by id.
        before: where the verdict stood until then, to say since when and at which price.
        rules: the thresholds of `eth_btc`, which the outlook names.
        in_group: whether somebody may take the alert, for the others to see.
    """
    telling, turned = _Telling(words, standings, rules or EthBtcRules()), _Turned.of(changes)
    lines = [*_body(telling, turned, before), _signature(words, alert_id, changes[0], turned.verdict)]
    buttons = _buttons(words, alert_id, turned.first)
    if in_group:
        buttons = (*buttons, (take_button(words, alert_id),))
    return Html("\n".join(filter(None, lines))), buttons


class _Turned(NamedTuple):
    """The changes of an alert by their kinds."""

    verdict: Change | None
    shocks: Sequence[Change]
    conditions: Sequence[Change]
    warnings: Sequence[Change]

    @classmethod
    def of(cls, changes: Sequence[Change]) -> Self:
        """What begins comes before what ends: the first line is all that a notification shows."""
        kinds = {kind: [change for change in changes if change.kind is kind] for kind in Kind}
        return cls(
            next(iter(kinds[Kind.VERDICT]), None),
            kinds[Kind.SHOCK],
            kinds[Kind.CONDITION],
            sorted(kinds[Kind.WARNING], key=urgency),
        )

    @property
    def first(self) -> Change:
        """What the alert is about first of all."""
        return self.verdict or [*self.shocks, *self.conditions, *self.warnings][0]


def _body(telling: _Telling, turned: _Turned, before: Standing | None) -> Iterator[Html]:
    """What is told of each kind of change, and where the verdict stands."""
    if turned.verdict is not None:
        yield from _about_verdict(telling, turned.verdict, turned.conditions, before)
    for change in turned.shocks:
        yield from _about_shock(telling.words, change)
    if turned.verdict is None and turned.conditions:
        yield from _about_conditions(telling, turned.conditions)
    for change in turned.warnings:
        yield from _about_warning(telling.words, change)
    if turned.warnings and turned.verdict is None and not turned.conditions:
        yield _verdict_stays(telling)


def _about_verdict(
    telling: _Telling, verdict: Change, conditions: Sequence[Change], before: Standing | None
) -> Iterator[Html]:
    """The verdict turned: that is the news; the conditions that turned it are the evidence."""
    words = telling.words
    yield _verdict_news(telling, verdict, conditions)
    for change in conditions:
        yield words(
            "alert.evidence",
            mark=MARKS[change.to_state],
            name=words(f"name.{change.id}"),
            state=words(f"state.{change.to_state}"),
            evidence=words.joined(statements(words, change)),
        )
    yield _stood(words, verdict, before)
    yield outlook(words, telling.standings, telling.rules)
    yield words("alert.meaning", meaning=words(f"meaning.verdict.{verdict.to_state}"))


def _verdict_news(telling: _Telling, verdict: Change, conditions: Sequence[Change]) -> Html:
    words, mark, count = telling.words, MARKS[verdict.to_state], _count(telling)
    told = news(words, verdict)
    if not conditions:
        return words("alert.verdict", mark=mark, news=told, count=count)
    causes = Html(words.listed([news(words, change) for change in conditions]))
    return words("alert.verdict_because", mark=mark, news=told, count=count, causes=causes)


def _about_conditions(telling: _Telling, conditions: Sequence[Change]) -> Iterator[Html]:
    """Conditions changed and the verdict stayed: each is news, and says what would turn it."""
    for change in conditions:
        yield from _condition_news(telling.words, change)
    yield _verdict_stays(telling)
    for change in conditions:
        yield _turn(telling, change)
        yield telling.words("alert.meaning", meaning=telling.words(f"meaning.{change.id}.{change.to_state}"))


def _about_shock(words: Wording, change: Change) -> Iterator[Html]:
    """What happened, and what the shock is measured from."""
    yield from _condition_news(words, change)
    episode = Episode.of(change.evidence)
    if episode is not None and change.to_state == ShockState.OPEN:
        yield levels_of_shock(words, episode)
    yield words("alert.meaning", meaning=words(f"meaning.shock.{change.to_state}"))


def _about_warning(words: Wording, change: Change) -> Iterator[Html]:
    """What is warned of, and what it means; that a warning is over means nothing more."""
    yield from _condition_news(words, change)
    if change.to_state == Alarm.ON:
        yield words("alert.meaning", meaning=words(f"meaning.{change.id}.{change.reason}"))


def _condition_news(words: Wording, change: Change) -> Iterator[Html]:
    """The news with the most telling evidence; what is left of it below."""
    said, mark, told = statements(words, change), MARKS[change.to_state], news(words, change)
    if not said:
        yield words("why.news", mark=mark, news=told)
        return
    evidence = words.joined(said[:_STATEMENTS_IN_NEWS])
    yield words("alert.condition", mark=mark, news=told, evidence=evidence)
    yield words.joined(said[_STATEMENTS_IN_NEWS:])


def _turn(telling: _Telling, change: Change) -> Html:
    """What would turn a condition again."""
    words = telling.words
    match change.to_state:
        case State.MET:
            return words("outlook.broken", what=turns_back(words, [change.id]))
        case State.NO_DATA:
            return words("outlook.unknown", what=words(f"want.{change.id}"))
        case _:
            return words("alert.met_when", what=need(words, change.id, change.to_state, telling.rules))


def _verdict_stays(telling: _Telling) -> Html:
    """Where the verdict stands, how many conditions are met and which are not."""
    words, state = telling.words, telling.standings[VERDICT].state
    verdict = words(
        "alert.verdict_stays", mark=MARKS[state], verdict=words(f"state.{state}"), count=_count(telling)
    )
    states = _condition_states(telling)
    missing = [words.plain(f"name.{id_}") for id_, condition in states.items() if condition != State.MET]
    return words.joined([verdict, words("alert.open", names=words.listed(missing)) if missing else Html()])


def _count(telling: _Telling) -> Html:
    states = list(_condition_states(telling).values())
    return telling.words("alert.count", n=states.count(State.MET), all=len(states))


def _condition_states(telling: _Telling) -> Mapping[str, str]:
    return {id_: telling.standings[id_].state for id_ in CONDITIONS}


def _stood(words: Wording, verdict: Change, before: Standing | None) -> Html:
    """How long the verdict had been another one, and where BTC was at both ends."""
    now_usd = verdict.evidence.get("btc_usd")
    if before is None or before.since_ms is None or before.state == Verdict.UNKNOWN:
        return words("alert.btc", price=words.price(now_usd)) if now_usd is not None else Html()
    since, was = words.since(from_ms(before.since_ms)), words(f"state.{before.state}")
    then_usd = before.evidence.get("btc_usd")
    if now_usd is None or then_usd is None:
        return words("alert.stood", verdict=was, since=since)
    then, now = words.price(then_usd), words.price(now_usd)
    return words("alert.stood_at", verdict=was, since=since, then=then, now=now)


def _signature(words: Wording, alert_id: int, change: Change, verdict: Change | None) -> Html:
    """By what the alert is known, and the moment it is about."""
    return words.joined(
        [
            words("alert.number", number=alert_id),
            Html(words.moment(from_ms(change.at_ms))),
            words("status.disclaimer") if verdict else Html(),
        ]
    )


def _buttons(words: Wording, alert_id: int, change: Change) -> Buttons:
    chart = "btc" if change.id == VERDICT else SHORT[change.id]
    return (
        (
            Button(words.plain("button.why"), f"why:A-{alert_id}"),
            Button(words.plain("button.chart"), f"chart:{chart}"),
            Button(words.plain("button.mute_kind"), f"mute:{SHORT[change.id]}"),
        ),
    )
