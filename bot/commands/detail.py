"""What detailed answers share: their sources and buttons, and those of a condition its state and its rule."""

from collections.abc import Iterable, Sequence

from bot.commands.status import condition_line
from bot.desk import Rules
from bot.words.answer import Answer, Ask, Button
from bot.words.sources import source_name
from bot.words.subjects import SHORT
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.readings import Source


def page(ask: Ask, lines: Iterable[Html], sources: Sequence[Source], row: tuple[Button, ...]) -> Answer:
    """An answer in detail: its lines, its sources with their ages, and one row of buttons."""
    return Answer(Html("\n".join(filter(None, (*lines, sources_line(ask.words, sources))))), (row,))


def ways_on(
    words: Wording, command: str, *, why: str | None = None, chart: str | None = None
) -> tuple[Button, ...]:
    """Buttons that lead on from an answer: the same anew, why it stands there, its chart."""
    again = Button(words.plain("button.refresh"), f"here:{command}")
    reason = (Button(words.plain("button.why"), f"why:{why}"),) if why else ()
    picture = (Button(words.plain("button.chart"), f"chart:{chart}"),) if chart else ()
    return (again, *reason, *picture)


def detail(ask: Ask, condition: str, lines: Sequence[Html], sources: Sequence[Source]) -> Answer:
    """A condition's answer: its state, these lines, the rule, the sources with their ages."""
    words, name = ask.words, SHORT[condition]
    told = [
        condition_line(words, condition, ask.desk.standings[condition]),
        *lines,
        rule_line(words, condition, ask.desk.rules),
    ]
    return page(ask, told, sources, ways_on(words, name, why=name, chart=name))


def rule_line(words: Wording, condition: str, rules: Rules) -> Html:
    """When the condition is met, with the thresholds as they are set."""
    match condition:
        case "premium":
            session = rules.premium.session
            coverage = words.share(session.coverage)
            return words("rule.premium", share=words.share(session.share), coverage=coverage)
        case "eth_btc":
            share, age = words.share(rules.eth_btc.regained), words.duration(rules.eth_btc.met_low_age)
            return words("rule.eth_btc", share=share, age=age)
        case _:
            return words("rule.etf_flow")


def sources_line(words: Wording, sources: Sequence[Source]) -> Html:
    """Whose facts these are, and how old."""
    named = [
        words("detail.source", name=source_name(words, source.name), age=words.duration(source.age))
        if source.age is not None
        else words("status.silent_source", name=source_name(words, source.name))
        for source in sources
    ]
    clock = words("status.as_of", clock=words.clock(words.now))
    return words.joined([words("detail.sources", names=words.joined(named)) if named else Html(), clock])
