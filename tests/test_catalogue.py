"""The catalogues hold together: same keys and placeholders, valid markup, nothing missing or unused."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands.table import COMMANDS
from bot.playground.markup import parse_html
from bot.words.numbers import MONEY
from bot.words.subjects import SHORT, WARNING_IDS
from bot.words.texts import (
    CatalogueError,
    Html,
    Texts,
    every_language,
    pick_language,
    placeholders,
    read_languages,
)
from signals.conditions import Alarm, State, Verdict
from signals.episode import ShockState

BOT = Path(__file__).parents[1] / "bot"
LANGUAGES = tuple(every_language().values())
ENGLISH = every_language()["en"]
KEYS = sorted(ENGLISH.forms)

WITHOUT_MARKUP = (
    "button.",
    "note.",
    "menu.",
    "profile.",
    "chart.title",
    "chart.unit",
    "chart.source",
    "name.",
)
REASONS = {
    "premium": (
        "session_positive session_negative session_mixed session_unknown samples_positive "
        "sample_not_positive stale fresh"
    ),
    "etf_flow": (
        "two_sessions_not_out outflow_resumed inflow_after_outflow flow_negative stale fresh revised"
    ),
    "eth_btc": "new_low half_regained low_aged low_renewed stale fresh",
    "verdict": "all_met condition_lost conditions_unmet no_data",
    "rally_zone": "entered fell_into verdict_fragile left verdict_broken verdict_unknown no_levels no_price",
    "support": "entered below closed_below recovered no_levels no_price",
    "eth_beta": "eth_falls_farther eased no_price",
    "adl": "raised high announced reviewed silence clear no_state",
    "thin_book": "thin filled no_books",
    "blind": "silent disputed more back fresh not_watched",
    "exploit": "exploited days_ago none",
    "repo": "lent little",
    "liquidations": "longs shorts both few not_heard",
    "relever": "rebuilt longs_pay_up eased no_interest no_premium",
    "funding": "longs_pay shorts_pay calm no_funding",
    "shock": "deleveraging aftershock deeper verdict_held",
}

WARNS = {
    "rally_zone": "entered fell_into verdict_fragile",
    "support": "entered below closed_below",
    "eth_beta": "eth_falls_farther",
    "adl": "raised high announced reviewed silence",
    "thin_book": "thin",
    "blind": "silent disputed more not_watched",
    "exploit": "exploited",
    "repo": "lent",
    "liquidations": "longs shorts both",
    "relever": "rebuilt longs_pay_up",
    "funding": "longs_pay shorts_pay",
}
"""The reasons for which each warning is on."""

STATES = {"verdict": Verdict, "shock": ShockState}

CATALOGUE = """msgid ""
msgstr ""
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "greeting"
msgstr "{greeting}"
"""


@pytest.mark.parametrize("texts", LANGUAGES, ids=lambda texts: texts.language)
def test_every_language_has_the_same_keys_and_placeholders(texts: Texts):
    assert sorted(texts.forms) == KEYS
    for key, forms in texts.forms.items():
        assert all_placeholders(forms) == all_placeholders(ENGLISH.forms[key]), key


@pytest.mark.parametrize("texts", LANGUAGES, ids=lambda texts: texts.language)
def test_every_text_is_markup_that_telegram_takes(texts: Texts):
    for key, forms in texts.forms.items():
        values = dict.fromkeys(all_placeholders(forms), "<b>&amp; \u202e")
        for n in (1, 2):
            parse_html(texts(key, **{**values, **({"n": n} if "n" in values else {})}))


@pytest.mark.parametrize("texts", LANGUAGES, ids=lambda texts: texts.language)
def test_texts_for_buttons_and_menus_have_no_markup(texts: Texts):
    for key in (key for key in KEYS if key.startswith(WITHOUT_MARKUP)):
        assert not re.search("[<>&]", "".join(texts.forms[key])), key


@pytest.mark.parametrize("texts", LANGUAGES, ids=lambda texts: texts.language)
def test_the_profile_and_the_menu_fit_telegrams_limits(texts: Texts):
    assert len(texts.plain("profile.description")) <= 512
    assert len(texts.plain("profile.short_description")) <= 120
    assert all(len(texts.plain(f"menu.{command.name}")) <= 256 for command in COMMANDS)


def test_no_text_is_missing_or_unused():
    # Compiled here: there are more of them than `re` remembers.
    used = [re.compile(pattern) for pattern in set(used_patterns())]
    namespaces = {key.split(".")[0] for key in KEYS}
    for wanted in used:
        if wanted.pattern.split(".")[0].replace("\\", "") in namespaces:
            assert any(wanted.fullmatch(key) for key in KEYS), f"the code wants {wanted.pattern}"
    unused = [key for key in KEYS if not any(wanted.fullmatch(key) for wanted in used)]
    assert unused == []


def test_everything_that_can_be_said_has_its_text():
    for subject in SHORT:
        # A warning means something where it is on, and what that is depends on the reason.
        meant = WARNS[subject].split() if subject in WARNING_IDS else STATES.get(subject, State)
        assert {f"name.{subject}", f"topic.{subject}"} <= set(KEYS)
        assert {f"meaning.{subject}.{what}" for what in meant} <= set(KEYS)
        assert {f"news.{subject}.{reason}" for reason in REASONS[subject].split()} <= set(KEYS)
    assert {f"state.{state}" for state in (*State, *Verdict, *ShockState, *Alarm)} <= set(KEYS)
    assert {f"menu.{command.name}" for command in COMMANDS} <= set(KEYS)
    assert {f"usage.{command.name}" for command in COMMANDS} <= set(KEYS)


def test_every_language_has_its_scales_of_money():
    assert set(MONEY) == set(every_language())


def test_chinese_uses_full_width_punctuation():
    for key, forms in every_language()["zh"].forms.items():
        shown = re.sub(r"<[^>]*>|\{\w+\}|\d+:\d+", "", "".join(forms))
        assert not re.search("[,;:!?()]", shown), key


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("zh", "zh"),
        ("zh-hans", "zh"),
        ("zh-TW", "zh"),
        ("zh_CN", "zh"),
        ("en-GB", "en"),
        ("de", "en"),
        (None, "en"),
    ],
)
def test_the_language_follows_telegrams_language_code(code: str | None, language: str):
    assert pick_language(code) == language


def test_values_are_escaped_unless_they_are_markup():
    assert ENGLISH("status.old_source", name="<b>", age="&") == "&lt;b&gt; &amp;"
    assert ENGLISH("status.old_source", name=Html("<b>x</b>"), age=1) == "<b>x</b> 1"
    assert ENGLISH.plain("status.old_source", name="<b>", age="&") == "<b> &"


def test_english_counts_in_the_singular_and_the_plural():
    assert ENGLISH("gist.premium_negative", n=1) == "last session negative"
    assert ENGLISH("gist.premium_negative", n=3) == "3 negative sessions in a row"


@pytest.mark.parametrize(
    ("other", "fault"),
    [
        (CATALOGUE.replace("greeting}", "name}"), "greeting has other placeholders"),
        (CATALOGUE.replace('"{greeting}"', '""'), "greeting is not translated"),
        (CATALOGUE.replace('"greeting"', '"farewell"'), "greeting is missing"),
    ],
)
def test_a_catalogue_that_does_not_fit_stops_the_start(tmp_path: Path, other: str, fault: str):
    for language, text in (("en", CATALOGUE), ("zh", other)):
        (tmp_path / language).mkdir()
        (tmp_path / language / "messages.po").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=fault):
        read_languages(tmp_path)


def test_a_text_that_stands_in_two_catalogues_of_a_language_stops_the_start(tmp_path: Path):
    (tmp_path / "en").mkdir()
    for name in ("alerts.po", "status.po"):
        (tmp_path / "en" / name).write_text(CATALOGUE, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"status\.po: greeting is there twice"):
        read_languages(tmp_path)


def test_an_unknown_key_is_an_error():
    with pytest.raises(KeyError):
        ENGLISH("no.such.text")


def all_placeholders(forms: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*map(placeholders, forms))


def used_patterns() -> Iterator[str]:
    """Every text in the code that looks like a key, as a pattern where parts of it are worked out."""
    for path in BOT.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        parts = {part for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in parts:
                pattern = re.escape(node.value)
            elif isinstance(node, ast.JoinedStr):
                pattern = "".join(map(part_pattern, node.values))
            else:
                continue
            if re.fullmatch(r"[a-z]\w*(\\\.[\w\[\]+\\]+)+", pattern):
                yield pattern


def part_pattern(part: ast.expr) -> str:
    return re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
