"""What the program is deployed with: the unit, the container file and the lock fit the program."""

import re
import shutil
import subprocess
import tomllib
from importlib.metadata import requires
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.__main__ import cli
from bot.settings import setting_names

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "docs/deploy/aftershock.service"
TEMPLATE = ROOT / "docs/deploy/aftershock@.service"
BOTS = ROOT / "docs/deploy/aftershock-bot@.service"
CONTAINER = ROOT / "docs/deploy/Containerfile"
COMPOSE = ROOT / "docs/deploy/compose.yaml"


@pytest.mark.parametrize("path", [UNIT, TEMPLATE, BOTS, CONTAINER, COMPOSE], ids=lambda path: path.name)
def test_only_settings_that_exist_are_set_and_verbs_that_exist_are_run(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"\b(?:AFTERSHOCK|TELEGRAM)_[A-Z_]+", text))
    assert named
    assert {name.removesuffix("_FILE") for name in named} <= set(setting_names())
    assert set(re.findall(r"-m bot ([a-z]+)", text)) <= set(cli.commands)


@pytest.mark.parametrize("name", ["Procfile", "docs/deploy/compose.yaml", "docs/deploy/aftershock@.service"])
def test_the_parts_of_several_processes_are_options_of_run(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace("run, --", "run --")
    options = {option for parameter in cli.commands["run"].params for option in parameter.opts}
    parts = set(re.findall(r"\brun (--[a-z]+)", text)) | {
        f"--{instance}" for instance in re.findall(r"aftershock@([a-z]+)", text)
    }
    assert parts >= {"--worker", "--webhook"}
    assert parts - {"--service"} <= options


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        (UNIT, UNIT.name),
        (TEMPLATE, "aftershock@worker.service"),
        (BOTS, "aftershock-bot@first.service"),
    ],
)
def test_the_unit_is_one_that_systemd_takes(tmp_path: Path, unit: Path, name: str) -> None:
    if not (analyze := shutil.which("systemd-analyze")):
        pytest.skip("systemd-analyze is not there to look at the unit")
    # What it starts is not installed here.
    copy = tmp_path / name
    copy.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(encoding="utf-8")))
    verified = subprocess.run(
        [analyze, "verify", copy], capture_output=True, text=True, timeout=60, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")


def test_the_units_give_no_rights_and_start_again() -> None:
    alone, *templates = (unit.read_text(encoding="utf-8") for unit in (UNIT, TEMPLATE, BOTS))
    lines = alone[alone.index("Restart=") :]
    assert {
        "DynamicUser=yes",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ProtectSystem=strict",
        "Restart=always",
    } <= set(lines.splitlines())
    for template in templates:
        assert template.endswith(lines)
    # A dynamic user is one for all instances, unless it is named: bots could read each other's databases.
    assert "User=aftershock-%i\n" in BOTS.read_text(encoding="utf-8")


def test_what_is_killed_after_a_while_has_longer_than_the_program_takes_to_end() -> None:
    """It ends within 10 seconds, which is also when containers are killed unless they say otherwise."""
    graces = [
        int(seconds)
        for path in (UNIT, TEMPLATE, BOTS, CONTAINER, COMPOSE)
        for seconds in re.findall(
            r"(?:TimeoutStopSec=|--stop-timeout |stop_grace_period: )(\d+)", path.read_text(encoding="utf-8")
        )
    ]
    assert len(graces) == 5
    assert min(graces) > 10


def test_the_container_runs_as_nobody_in_particular_on_what_the_first_stage_built() -> None:
    text = CONTAINER.read_text(encoding="utf-8")
    first, last = text.split("\nFROM ")[1:]
    copied = {each for line in re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", first) for each in line.split()}
    assert all((ROOT / source).exists() for source in copied)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == copied
    assert re.search(r"(?m)^USER [1-9]\d*$", last)
    # Neither a compiler nor the sources: only what the first stage installed.
    assert re.findall(r"(?m)^COPY (.+)$", last) == ["--from=build /opt/aftershock /opt/aftershock"]
    [port] = re.findall(r"AFTERSHOCK_METRICS_PORT=(\d+)", last)
    assert f"http://127.0.0.1:{port}/healthz" in last


def locked(name: str) -> set[tuple[str, ...]]:
    """The lines of each requirement in a lock: the pin first, then its hashes."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return {tuple(entry.split(" \\\n    ")) for entry in re.split(r"\n(?=\S)", text.strip())}


def names(lock: set[tuple[str, ...]]) -> set[str]:
    return {Requirement(pin).name for pin, *_ in lock}


def wanted(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    of_extras = chain.from_iterable(project["optional-dependencies"][extra] for extra in extras)
    return [*map(Requirement, project["dependencies"]), *map(Requirement, of_extras)]


def needed(wants: list[Requirement]) -> set[str]:
    """The names of all that comes along where these are installed, here."""
    found: set[tuple[str, str]] = set()
    asked = [(each, "") for each in wants]
    while asked:
        requirement, extra = asked.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for each in {"", *requirement.extras}:
            if (name, each) not in found:
                found.add((name, each))
                asked += [(Requirement(further), each) for further in requires(name) or ()]
    return {name for name, _ in found}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements.txt"])
def test_everything_that_is_installed_is_pinned_to_one_version_and_its_files_by_their_hashes(
    name: str,
) -> None:
    for pin, *hashes in locked(name):
        assert re.search(r"^[\w.\[\]-]+==[^\s*]+( ;.*)?$", pin), pin
        assert hashes, pin
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", each) for each in hashes), pin


def test_the_lock_holds_what_the_project_asks_for() -> None:
    for each in wanted("dev"):
        pins = [Requirement(pin) for pin, *_ in locked("requirements.lock")]
        [*versions] = [next(iter(pin.specifier)).version for pin in pins if pin.name == each.name]
        assert versions, f"{each} is not locked"
        assert all(map(each.specifier.contains, versions)), f"{each}: {versions} is locked"


def test_platforms_and_images_get_what_the_tests_ran_with_and_not_the_tools_of_the_tests() -> None:
    """Platforms know a Python program by its requirements.txt, and install that."""
    pins = locked("requirements.txt")
    assert pins <= locked("requirements.lock")
    assert needed(wanted("postgres")) <= names(pins)
    tools = {each.name for each in wanted("dev")} - {each.name for each in wanted("postgres")}
    assert tools.isdisjoint(names(pins))
