"""`/language`: the language of a chat, chosen or as Telegram says."""

from dataclasses import replace

from bot.commands.back import back_to_settings
from bot.commands.mistakes import Misunderstood
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.texts import every_language
from bot.words.wording import Wording, wording_for
from storage.chats import set_language

_AUTOMATIC = "auto"
_ALSO = {
    **dict.fromkeys(("english", "英文", "英语"), "en"),
    **dict.fromkeys(("chinese", "中文", "汉语", "简体中文"), "zh"),
}
"""Languages by their names."""


async def language(ask: Ask) -> Answer:
    """Without a word after it: buttons."""
    if not ask.args:
        return Answer(ask.words("language.now"), _buttons(ask.words))
    chosen = _chosen(ask.args[0])
    set_language(ask.desk.db, ask.chat.id, chosen)
    words = wording_for(replace(ask.chat, language=chosen), ask.words.now, ask.told_language)
    text = words("language.automatic" if chosen is None else "language.chosen")
    return Answer(text, _buttons(words))


def _chosen(word: str) -> str | None:
    code = _ALSO.get(word.lower(), word.lower())
    if code == _AUTOMATIC:
        return None
    if code not in every_language():
        raise Misunderstood(word)
    return code


def _buttons(words: Wording) -> Buttons:
    """Each language by its own name, so that everybody finds theirs."""
    own_names = (
        Button(texts.plain("language.own_name"), f"here:language:{code}")
        for code, texts in every_language().items()
    )
    automatic = Button(words.plain("button.automatic"), f"here:language:{_AUTOMATIC}")
    return (tuple(own_names), (automatic,), back_to_settings(words))
