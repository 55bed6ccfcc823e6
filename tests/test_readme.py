"""The documents say what the code does: generated parts are up to date, and everything named exists."""

import re
import subprocess
import sys
from contextlib import closing

import pytest
from click.testing import CliRunner

from bot.__main__ import cli
from bot.commands.table import BY_NAME
from storage.database import open_database
from storage.tables import tables
from tests.readme import ENV_EXAMPLE, PACKAGES, README, ROOT, env_example, filled, summary

DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/groups.md",
    "docs/members.md",
    "docs/scale.md",
    "docs/deploy/several.md",
)
GUIDES = ("docs/groups.md", "docs/members.md")


def test_the_generated_parts_are_up_to_date():
    text = README.read_text(encoding="utf-8")
    assert text == filled(text), "run `make docs`"


def test_the_example_of_settings_is_up_to_date():
    assert ENV_EXAMPLE.read_text(encoding="utf-8") == env_example(), "run `make docs`"


def test_the_map_shows_every_package() -> None:
    found = {
        path.parent for part in ("bot", "signals", "storage") for path in (ROOT / part).rglob("__init__.py")
    }
    assert {str(folder.relative_to(ROOT)) for folder in found} == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_says_what_it_is_for(package):
    assert [path.name for path in (ROOT / package).glob("*.py") if not summary(path)] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_that_a_document_links_to_is_there(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    linked = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    assert [target for target in linked if not ((ROOT / name).parent / target).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_line_in_a_document_is_understood(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    verbs = set(re.findall(r"python -m bot ([a-z]+)", text))
    assert verbs <= set(cli.commands)


def test_every_verb_is_in_the_readme():
    text = README.read_text(encoding="utf-8")
    assert [verb for verb in cli.commands if f"python -m bot {verb}" not in text] == []


def test_what_is_stored_names_every_table_of_the_database():
    text = README.read_text(encoding="utf-8").partition("## What is stored")[2].partition("\n## ")[0]
    first_columns = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    named = [name for column in first_columns for name in re.findall(r"`(\w+)`", column)]
    with closing(open_database(":memory:")) as db:
        assert sorted(named) == sorted(tables(db))


def test_every_target_of_make_that_a_document_names_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        target for name in DOCUMENTS for target in re.findall(r"`make ([a-z-]+)`", (ROOT / name).read_text())
    }
    assert named <= targets


@pytest.mark.parametrize("verb", sorted(cli.commands))
def test_every_verb_explains_itself(verb):
    # Not by way of the program itself: it would set up logging, for all tests that follow in this process.
    helped = CliRunner().invoke(cli.commands[verb], ["--help"], prog_name=f"aftershock {verb}")
    assert helped.exit_code == 0
    assert f"Usage: aftershock {verb}" in helped.output


def test_the_program_explains_itself():
    command = [sys.executable, "-m", "bot", "--help"]
    helped = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=60)
    assert "Usage: aftershock" in helped.stdout
    assert [verb for verb in cli.commands if verb not in helped.stdout] == []


@pytest.mark.parametrize("name", GUIDES)
def test_every_command_that_a_guide_names_is_there(name):
    named = set(re.findall(r"`/([a-z]+)", (ROOT / name).read_text(encoding="utf-8")))
    assert named
    assert named <= set(BY_NAME)
