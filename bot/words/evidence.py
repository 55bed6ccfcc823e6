"""The stored evidence of a change, in words: a list of statements, the most telling first.

Evidence is JSON from the database, perhaps of an older version: what is not there is not said.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta

from bot.words.episode import episode_statements
from bot.words.sources import source_name
from bot.words.texts import Html
from bot.words.warned import warning_statements
from bot.words.wording import Wording
from signals.conditions import Change, Evidence, Kind, State
from signals.episode import Episode

_ALL = 1.0


def news(words: Wording, change: Change) -> Html:
    """What happened, in a few words without numbers."""
    key = f"news.{change.id}.{change.reason}"
    if key in words.texts.forms:
        return words(key)
    # A reason from a version that has been undone: say at least what became of it.
    return words("news.other", name=words(f"name.{change.id}"), state=words(f"state.{change.to_state}"))


def statements(words: Wording, change: Change) -> list[Html]:
    """The evidence of a change, and what is missing where there is no data."""
    if change.kind is Kind.WARNING:
        return list(warning_statements(words, change.id, change.evidence))
    said = list(_STATEMENTS[change.id](words, change.evidence))
    if change.to_state == State.NO_DATA:
        said.insert(0, words(f"missing.{change.id}"))
    return said


def _premium(words: Wording, evidence: Evidence) -> Iterator[Html]:
    if (value := evidence.get("value_pct")) is not None:
        yield words("evidence.premium.value", value=words.percent(value))
    if (mean := evidence.get("mean_pct")) is not None:
        yield words("evidence.premium.mean", mean=words.percent(mean))
    if (share := evidence.get("share_positive")) is not None:
        yield words("evidence.premium.share", share=words.share(share))
    if session := evidence.get("session"):
        key = "evidence.premium.half_day" if evidence.get("half_day") else "evidence.premium.session"
        yield words(key, day=words.weekday(date.fromisoformat(session)))
    if (coverage := evidence.get("coverage")) is not None and coverage < _ALL:
        yield words("evidence.premium.coverage", share=words.share(coverage))
    if (adjusted := evidence.get("adjusted_share")) is not None and adjusted < _ALL:
        yield words("evidence.premium.raw", share=words.share(_ALL - adjusted))


def _etf_flow(words: Wording, evidence: Evidence) -> Iterator[Html]:
    if (total := evidence.get("total_usd")) is not None:
        yield words("evidence.etf_flow.total", total=words.usd(total), day=_day(words, evidence["session"]))
    if previous := evidence.get("previous"):
        flows = [
            words.plain("evidence.etf_flow.flow", total=words.usd(total), day=_day(words, session))
            for session, total in reversed(previous)
        ]
        yield words("evidence.etf_flow.previous", flows=words.listed(flows))
    if (together := evidence.get("last3_usd")) is not None:
        yield words(
            "evidence.etf_flow.together", n=1 + len(evidence.get("previous", ())), total=words.usd(together)
        )
    if source := evidence.get("source"):
        yield words("evidence.source", source=source_name(words, source))


def _eth_btc(words: Wording, evidence: Evidence) -> Iterator[Html]:
    if (ratio := evidence.get("ratio")) is not None:
        yield words("evidence.eth_btc.ratio", ratio=words.ratio(ratio))
    # At the low itself nothing is regained yet, and the ratio is the low.
    if low_age_hours := evidence.get("low_age_hours"):
        yield words("evidence.eth_btc.regained", share=words.share(max(evidence["regained"], 0.0)))
        yield words(
            "evidence.eth_btc.low",
            low=words.ratio(evidence["low"]),
            moment=words.moment(datetime.fromisoformat(evidence["low_at"])),
            age=words.duration(timedelta(hours=low_age_hours)),
        )
    if (peak := evidence.get("peak")) is not None:
        yield words("evidence.eth_btc.peak", peak=words.ratio(peak))
    if (beta := evidence.get("beta")) is not None:
        yield words("evidence.eth_btc.beta", beta=words.number(beta, 1))


def _verdict(words: Wording, evidence: Evidence) -> Iterator[Html]:
    for key in ("met", "missing"):
        if conditions := evidence.get(key):
            names = [words.plain(f"name.{condition}") for condition in conditions]
            yield words(f"evidence.verdict.{key}", names=words.listed(names))
    for asset in ("btc", "eth"):
        if (price := evidence.get(f"{asset}_usd")) is not None:
            yield words("evidence.verdict.price", asset=asset.upper(), price=words.price(price))


def _shock(words: Wording, evidence: Evidence) -> Iterator[Html]:
    if (episode := Episode.of(evidence)) is not None:
        yield from episode_statements(words, episode)


def _day(words: Wording, session: str) -> str:
    return words.day(date.fromisoformat(session))


_STATEMENTS: Mapping[str, Callable[[Wording, Evidence], Iterator[Html]]] = {
    "premium": _premium,
    "etf_flow": _etf_flow,
    "eth_btc": _eth_btc,
    "verdict": _verdict,
    "shock": _shock,
}
