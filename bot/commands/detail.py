"""What the detailed answers of the three conditions share: where it stands, its rule, its sources."""

from collections.abc import Sequence

from bot.commands.status import condition_line
from bot.desk import Rules
from bot.words.answer import Answer, Ask, Button
from bot.words.sources import source_name
from bot.words.subjects import SHORT
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.readings import Source


def detail(ask: Ask, condition: str, lines: Sequence[Html], sources: Sequence[Source]) -> Answer:
    """A condition's answer: its state, these lines, the rule, the sources with their ages."""
    words = ask.words
    text = [
        condition_line(words, condition, ask.desk.standings[condition]),
        *lines,
        rule_line(words, condition, ask.desk.rules),
        sources_line(words, sources),
    ]
    return Answer(Html("\n".join(filter(None, text))), (_buttons(words, SHORT[condition]),))


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


def _buttons(words: Wording, name: str) -> tuple[Button, ...]:
    return (
        Button(words.plain("button.refresh"), f"here:{name}"),
        Button(words.plain("button.why"), f"why:{name}"),
        Button(words.plain("button.chart"), f"chart:{name}"),
    )
