"""The texts of every language: gettext catalogues whose message ids are keys, read and checked once at start.

A language is a folder with one catalogue a subject, so that what belongs together stands together. A text has
named `{placeholders}`. Whatever is put in is escaped, unless it is `Html` already. A text with plural forms
takes its form from the value named `n`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations
from html import escape
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent / "locales"
DEFAULT_LANGUAGE = "en"


class Html(str):
    """Markup that Telegram can take as it is."""

    __slots__ = ()


class CatalogueError(Exception):
    """The catalogues do not fit together. One line a fault."""


@dataclass(frozen=True, eq=False)
class Texts:
    """The texts of one language."""

    language: str
    forms: Mapping[str, tuple[str, ...]]
    """Every text by its key, in all its plural forms."""
    translations: GNUTranslations

    def __call__(self, key: str, /, **values: object) -> Html:
        """A text as markup, with values escaped unless they are `Html`.

        Raises:
            KeyError: there is no such text, or it needs a value that is not given.
        """
        return Html(self._form(key, values).format_map({name: _as_html(v) for name, v in values.items()}))

    def plain(self, key: str, /, **values: object) -> str:
        """A text for places that know no markup: buttons, toasts, menus, charts. Raises like a call."""
        return self._form(key, values).format_map(values)

    def __reduce__(self) -> tuple[Callable[[str], "Texts"], tuple[str]]:
        """For another process by name: it reads the same catalogues, and a plural rule is code."""
        return texts_of, (self.language,)

    def _form(self, key: str, values: Mapping[str, object]) -> str:
        forms = self.forms[key]
        n = values.get("n")
        if len(forms) > 1 and isinstance(n, int):
            return self.translations.ngettext(key, key, n)
        return forms[-1]


def _as_html(value: object) -> Html:
    return value if isinstance(value, Html) else Html(escape(str(value)))


def texts_of(language: str) -> Texts:
    """The texts of a language by its code."""
    return every_language()[language]


def pick_language(code: str | None) -> str:
    """The language to speak to somebody whose app says `code`, an IETF tag such as `zh-hans`."""
    primary = (code or "").lower().replace("_", "-").split("-")[0]
    return primary if primary in every_language() else DEFAULT_LANGUAGE


@cache
def every_language() -> Mapping[str, Texts]:
    """All languages by their code, the default one first. Raises CatalogueError."""
    return read_languages(LOCALES)


def read_languages(folder: Path) -> Mapping[str, Texts]:
    """The languages of a folder of `<language>/<subject>.po`.

    Raises:
        CatalogueError: a language lacks a key or a translation, says one twice, or its placeholders differ
            from English.
    """
    codes = sorted({path.parent.name for path in folder.glob("*/*.po")})
    codes.sort(key=lambda code: code != DEFAULT_LANGUAGE)
    languages = {code: read_texts(folder / code, code) for code in codes}
    if DEFAULT_LANGUAGE not in languages:
        raise CatalogueError(f"{folder} has no catalogue of {DEFAULT_LANGUAGE}")
    faults = [fault for texts in languages.values() for fault in _faults(languages[DEFAULT_LANGUAGE], texts)]
    if faults:
        raise CatalogueError("\n".join(faults))
    return languages


def read_texts(folder: Path, language: str) -> Texts:
    """All catalogues of one language. Raises CatalogueError."""
    catalogue = Catalog(locale=language)
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id and message.id in catalogue:
                    raise CatalogueError(f"locales/{language}/{path.name}: {_key(message)} is there twice")
                if message.id:
                    catalogue[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    forms = {_key(message): _forms(message) for message in catalogue if message.id}
    return Texts(language, forms, GNUTranslations(compiled))


def placeholders(text: str) -> frozenset[str]:
    """The names that a text wants values for."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string or "",) if isinstance(message.string, str | None) else tuple(message.string)


def _faults(model: Texts, texts: Texts) -> Iterator[str]:
    where = f"locales/{texts.language}"
    for key in sorted(model.forms.keys() - texts.forms.keys()):
        yield f"{where}: {key} is missing"
    for key, forms in texts.forms.items():
        if not all(forms):
            yield f"{where}: {key} is not translated"
        elif key not in model.forms:
            yield f"{where}: {key} is not in {model.language}"
        elif _wanted(forms) != _wanted(model.forms[key]):
            yield f"{where}: {key} has other placeholders than in {model.language}"


def _wanted(forms: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*map(placeholders, forms))
