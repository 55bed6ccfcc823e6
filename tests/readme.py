"""Makes the parts of the documents that come from the code: `make docs` writes them, a test compares.

python -m tests.readme          # write
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic_core import PydanticUndefined

from bot.commands.table import COMMANDS, OPERATOR_COMMANDS
from bot.settings import setting_names
from bot.words.texts import every_language

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
ENV_EXAMPLE = ROOT / ".env.example"
_NOTHING: tuple[object, ...] = (None, PydanticUndefined, frozenset(), {})
PACKAGES = (
    "signals",
    "signals/feeds",
    "signals/own",
    "storage",
    "storage/engines",
    "storage/schema",
    "bot",
    "bot/settings",
    "bot/lead",
    "bot/shared",
    "bot/intake",
    "bot/words",
    "bot/talk",
    "bot/watching",
    "bot/telling",
    "bot/own",
    "bot/upkeep",
    "bot/commands",
    "bot/delivery",
    "bot/pictures",
    "bot/charts",
    "bot/history",
    "bot/verbs",
    "bot/vitals",
    "bot/playground",
    "bot/playground/methods",
    "bot/playground/deeds",
    "bot/playground/people",
)


def generated() -> dict[str, str]:
    """The generated parts of README by the name of their marker."""
    return {"settings": settings_table(), "commands": commands_table(), "map": code_map()}


def filled(text: str) -> str:
    """A document with its generated parts made anew."""
    for name, part in generated().items():
        begin, end = f"<!-- {name}: generated, run `make docs` -->\n", f"<!-- end of {name} -->"
        pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"README has no part {name!r}")
        before, _, after = pattern.sub("\0", text).partition("\0")
        text = f"{before}{begin}{part}\n{end}{after}"
    return text


def settings_table() -> str:
    """Every setting with its default and help."""
    rows = (
        f"| `{name}` | {default_of(name)} | {setting_names()[name].description} |" for name in setting_names()
    )
    return "\n".join(("| setting | default | what it is |", "| --- | --- | --- |", *rows))


def default_of(name: str) -> str:
    """A setting's default, as it would be written."""
    default = setting_names()[name].default
    return "" if default in _NOTHING else f"`{default}`"


def commands_table() -> str:
    """Every command with its line of the menu."""
    english = every_language()["en"]
    commands = (*COMMANDS, *OPERATOR_COMMANDS)
    rows = (f"| `/{row.name}` | {english.plain(f'menu.{row.name}')} |" for row in commands)
    return "\n".join(("| command | what it answers |", "| --- | --- |", *rows))


def code_map() -> str:
    """Every module with the first sentence of its docstring."""
    return "\n\n".join(_package_map(package) for package in PACKAGES)


def _package_map(package: str) -> str:
    folder = ROOT / package
    rows = [f"**`{package}/`**: {summary(folder / '__init__.py')}", ""]
    rows += [
        f"- `{path.name}`: {summary(path)}" for path in sorted(folder.glob("*.py")) if path.stem != "__init__"
    ]
    return "\n".join(rows)


def summary(path: Path) -> str:
    """The first paragraph of a module's docstring, on one line."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n", 1)[0].split())


def env_example() -> str:
    """`.env.example`: every setting, commented out, with its default."""
    return "\n".join(_env_lines())


def _env_lines() -> Iterator[str]:
    yield "# Copy this file to .env and fill in what you need."
    yield "# NAME_FILE names a file that holds the value of NAME, for secrets that come as files."
    for name, field in setting_names().items():
        default = default_of(name).strip("`")
        yield f"\n# {field.description}\n# {name}={default}"
    yield ""


def main() -> None:
    """Write README and .env.example anew."""
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
    ENV_EXAMPLE.write_text(env_example(), encoding="utf-8")


if __name__ == "__main__":
    main()
