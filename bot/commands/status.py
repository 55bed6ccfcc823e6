"""`/status`: the verdict first, then the evidence, then what would change it; at most twelve lines."""

from bot.commands.admin_note import note_line
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.behind import clock_line
from bot.words.board import CONDITIONS, Board, read_board
from bot.words.gist import etf_gist, eth_btc_gist, premium_gist, price_gist, shock_gist
from bot.words.marks import MARKS, WARNING
from bot.words.outlook import outlook
from bot.words.sources import source_name
from bot.words.texts import Html
from bot.words.warned import warnings_line
from bot.words.wording import Wording
from signals.conditions import Standing, State
from signals.eth_btc import EthBtcRules
from signals.moments import from_ms


async def status(ask: Ask) -> Answer:
    """The board, with buttons for more."""
    text = board_text(ask.words, read_board(ask.desk), ask.desk.rules.eth_btc)
    lines = filter(None, [text, note_line(ask.words, ask.desk.db)])
    return Answer(Html("\n".join(lines)), _buttons(ask.words))


def board_text(words: Wording, board: Board, rules: EthBtcRules) -> Html:
    """The whole board."""
    gists = {
        "premium": premium_gist(words, board.premium),
        "etf_flow": etf_gist(words, board.etf),
        "eth_btc": eth_btc_gist(words, board.eth_btc),
    }
    # Both lines of ⚠ take the place of an empty one.
    notices = list(filter(None, (shock_gist(words, board.shock), warnings_line(words, board.standings))))
    lines = [
        verdict_line(words, board),
        words.joined([price_gist(words, price) for price in board.prices]),
        *([] if len(notices) > 1 else [Html()]),
        *(line for c in CONDITIONS for line in (condition_line(words, c, board.standings[c]), gists[c])),
        *(notices or [Html()]),
        outlook(words, board.standings, rules, board.eth_btc.target_ratio),
        _data_line(words, board),
    ]
    return Html("\n".join(lines))


def verdict_line(words: Wording, board: Board) -> Html:
    """The news of the board on one line."""
    verdict = board.verdict
    met = len(board.conditions_in(State.MET))
    line = words(f"status.{verdict.state}", mark=MARKS[verdict.state], n=met, all=len(CONDITIONS))
    return words.joined([line, _since(words, verdict)])


def condition_line(words: Wording, condition: str, standing: Standing) -> Html:
    """A condition's mark, name and state, and since when."""
    line = words(
        "status.condition",
        mark=MARKS[standing.state],
        name=words(f"name.{condition}"),
        state=words(f"state.{standing.state}"),
    )
    return words.joined([line, _since(words, standing)])


def _since(words: Wording, standing: Standing) -> Html:
    return words.since(from_ms(standing.since_ms)) if standing.since_ms is not None else Html()


def _data_line(words: Wording, board: Board) -> Html:
    clock = words("status.as_of", clock=words.clock(words.now))
    troubles = clock_line(words, board.standings), _quality(words, board), _jobs(words, board)
    return words.joined([*troubles, clock, words("status.disclaimer")])


def _jobs(words: Wording, board: Board) -> Html:
    """The jobs that failed when they last ran: our own trouble, not a source's."""
    names = words.listed(list(board.failed_jobs))
    return words("status.jobs", mark=WARNING, names=names) if names else Html()


def _quality(words: Wording, board: Board) -> Html:
    """How many sources are fresh, and which are not; that nothing was ever heard, where it is so."""
    sources = board.sources()
    if board.has_heard_nothing():
        return words("status.unreachable" if board.failing else "status.waiting", mark=WARNING)
    fresh = words("status.fresh", fresh=sum(sources.values()), all=len(sources))
    old = [
        words("status.old_source", name=source_name(words, source.name), age=words.duration(source.age))
        if source.age is not None
        else words("status.silent_source", name=source_name(words, source.name))
        for source, is_fresh in sources.items()
        if not is_fresh
    ]
    names = Html(words.listed(list(old)))
    return words.joined([fresh, words("status.old", mark=WARNING, names=names) if old else Html()])


def _buttons(words: Wording) -> Buttons:
    return (
        (
            Button(words.plain("button.refresh"), "here:status"),
            Button(words.plain("button.why"), "why"),
            Button(words.plain("button.chart"), "chart:btc"),
        ),
        (
            Button(words.plain("name.premium"), "premium"),
            Button(words.plain("name.etf_flow"), "etf"),
            Button(words.plain("name.eth_btc"), "eth"),
        ),
    )
