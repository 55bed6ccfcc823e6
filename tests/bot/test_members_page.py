"""The page for members says what the bot does: each command, sentence, link and mark on it is tried."""

import re
from pathlib import Path

import pytest

from bot.commands.links import read_payload
from bot.commands.sentences import Certainty, understand
from bot.commands.table import BY_NAME, answer
from bot.playground.markup import parse_html
from bot.words.marks import MARKS
from storage.alerts import raise_alert
from tests.bot.desks import FRAGILE, HELD_SESSION, NOW, ask_of, market_of_two_days, new_desk

PAGE = (Path(__file__).parents[2] / "docs" / "members.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"`/([^`]+)`", PAGE)))
SENTENCES = [
    row for row in re.findall(r"^\| ([^|`]+) \| `/([^`]+)` \|$", PAGE, re.MULTILINE) if row[0] != "---"
]
PAYLOADS = re.findall(r"\?start(?:group)?=([\w-]+)`", PAGE)


def test_the_page_is_read():
    assert len(COMMANDS) > 15
    assert len(SENTENCES) >= 7
    assert len(PAYLOADS) >= 7


@pytest.mark.parametrize("line", COMMANDS)
async def test_every_command_is_understood(line: str):
    name, *args = line.split()
    assert name in BY_NAME
    with new_desk(market_of_two_days()) as desk:
        desk.standings = FRAGILE
        raise_alert(desk.db, NOW, NOW, [HELD_SESSION])
        said = await answer(ask_of(desk, *args), name)
    assert not parse_html(said.text).text.startswith("I did not understand")


@pytest.mark.parametrize(("sentence", "line"), SENTENCES)
def test_every_sentence_leads_where_the_page_says(sentence: str, line: str):
    found = understand(sentence, NOW.date())
    assert (found.certainty, found.lines[0].replace(":", " ")) == (Certainty.SURE, line)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_every_link_leads_somewhere(payload: str):
    link = read_payload(payload)
    assert link is not None
    assert link.name in BY_NAME


def test_every_mark_of_a_condition_and_of_the_verdict_is_explained():
    missing = {mark for mark in MARKS.values() if mark not in PAGE}
    # That a warning is lifted has a mark of its own only in alerts.
    assert missing <= {"○"}
