"""What would change the verdict or a condition, from where it stands now."""

from collections.abc import Iterable, Mapping

from bot.words.board import CONDITIONS
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.conditions import Standing, State, Verdict
from signals.eth_btc import EthBtcRules
from signals.verdict import VERDICT


def outlook(
    words: Wording, standings: Mapping[str, Standing], rules: EthBtcRules, target_ratio: float | None = None
) -> Html:
    """What breaks a fragile verdict, what turns a broken one back, what an unknown one waits for.

    `target_ratio` is where ETH/BTC has to be, if that is known.
    """
    states = {id_: standings[id_].state for id_ in CONDITIONS}
    match standings[VERDICT].state:
        case Verdict.BROKEN:
            return words("outlook.broken", what=turns_back(words, states))
        case Verdict.FRAGILE:
            open_ = {id_: state for id_, state in states.items() if state != State.MET}
            what = words.joined(
                [need(words, id_, state, rules, target_ratio) for id_, state in open_.items()]
            )
            return words("outlook.fragile", what=what)
        case _:
            blind = [id_ for id_, state in states.items() if state == State.NO_DATA]
            return words("outlook.unknown", what=words.joined([words(f"want.{id_}") for id_ in blind]))


def need(
    words: Wording, condition: str, state: str, rules: EthBtcRules, target_ratio: float | None = None
) -> Html:
    """What a condition that is not met still needs."""
    if condition == "etf_flow" and state == State.HOLDING:
        return words("need.etf_flow_one_more")
    if condition != "eth_btc":
        return words(f"need.{condition}")
    age = words.duration(rules.met_low_age)
    if target_ratio is None:
        return words("need.eth_btc_share", share=words.share(rules.regained), age=age)
    return words("need.eth_btc", ratio=words.ratio(target_ratio), age=age)


def turns_back(words: Wording, conditions: Iterable[str]) -> Html:
    """What makes conditions that are met unmet again."""
    return words.joined([words(f"lose.{condition}") for condition in conditions])
