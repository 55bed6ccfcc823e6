"""The words for what people can ask about: one home, no word for two things, and commands that take them."""

from collections import Counter

import pytest

from bot.commands.mistakes import Misunderstood
from bot.commands.subjects import BY_WORD, SUBJECTS, find_subject, subject_of, tidied
from bot.commands.table import BY_NAME
from bot.words.subjects import SHORT


def test_no_word_stands_for_two_subjects():
    counted = Counter(word for subject in SUBJECTS for word in {*subject.words, tidied(subject.name)})
    assert [word for word, times in counted.items() if times > 1] == []


def test_every_word_is_written_as_it_is_looked_up():
    assert [word for word in BY_WORD if tidied(word) != word] == []


def test_everything_that_changes_can_be_named_by_its_id_and_its_short_word():
    for topic, short in SHORT.items():
        assert subject_of(topic) == subject_of(short) == topic
        assert subject_of(short.upper()) == topic


def test_every_subject_is_told_by_a_command_that_there_is():
    assert [subject.name for subject in SUBJECTS if subject.command.split(":")[0] not in BY_NAME] == []


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("比特币", "btc"),
        ("Bitcoin", "btc"),
        ("大饼", "btc"),
        ("溢价", "premium"),
        ("US Premium", "premium"),
        ("Coinbase 溢价", "premium"),
        ("以太坊", "eth"),
        ("ETH/BTC", "eth"),
        ("爆仓", "liquidations"),
        ("资金费率", "funding"),
        ("open_interest", "leverage"),
        ("未平仓合约", "leverage"),
        ("关键支撑位", "support"),
    ],
)
def test_the_words_of_both_languages(word: str, name: str):
    assert find_subject(word).name == name


@pytest.mark.parametrize("word", ["", "doge", "<b>", "\u202eeth", "e t h", "premium; drop table"])
def test_what_is_no_word_for_anything_is_not_understood(word: str):
    with pytest.raises(Misunderstood):
        find_subject(word)


def test_what_cannot_change_cannot_be_subscribed_to():
    with pytest.raises(Misunderstood):
        subject_of("btc")
