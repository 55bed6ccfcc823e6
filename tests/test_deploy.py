"""What the program is deployed with: the unit, the container file and the lock fit the program."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from bot.__main__ import cli
from bot.settings import setting_names

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "docs/deploy/aftershock.service"
TEMPLATE = ROOT / "docs/deploy/aftershock@.service"
CONTAINER = ROOT / "docs/deploy/Containerfile"
COMPOSE = ROOT / "docs/deploy/compose.yaml"


@pytest.mark.parametrize("path", [UNIT, TEMPLATE, CONTAINER, COMPOSE], ids=lambda path: path.name)
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


@pytest.mark.parametrize(("unit", "name"), [(UNIT, UNIT.name), (TEMPLATE, "aftershock@worker.service")])
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


@pytest.mark.parametrize(
    "line",
    [
        "DynamicUser=yes",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ProtectSystem=strict",
        "Restart=always",
    ],
)
def test_the_units_give_no_rights_and_start_again(line: str) -> None:
    for unit in (UNIT, TEMPLATE):
        assert line in unit.read_text(encoding="utf-8").splitlines()


def test_the_container_runs_as_nobody_in_particular_on_what_the_first_stage_built() -> None:
    text = CONTAINER.read_text(encoding="utf-8")
    first, last = text.split("\nFROM ")[1:]
    for copied in re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", first):
        assert all((ROOT / source).exists() for source in copied.split())
    assert re.search(r"(?m)^USER [1-9]\d*$", last)
    # Neither a compiler nor the sources: only what the first stage installed.
    assert re.findall(r"(?m)^COPY (.+)$", last) == ["--from=build /opt/aftershock /opt/aftershock"]
    [port] = re.findall(r"AFTERSHOCK_METRICS_PORT=(\d+)", last)
    assert f"http://127.0.0.1:{port}/healthz" in last


def locked() -> dict[str, list[str]]:
    """The lines of each requirement in the lock by its name: the pin first, then its hashes."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = [entry.split(" \\\n    ") for entry in re.split(r"\n(?=\S)", text.strip())]
    return {Requirement(entry[0]).name: entry for entry in entries}


def test_everything_that_is_installed_is_pinned_to_one_version_and_its_files_by_their_hashes() -> None:
    for name, (pin, *hashes) in locked().items():
        assert re.search(r"^[\w.\[\]-]+==[^\s*]+( ;.*)?$", pin), name
        assert hashes, name
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", each) for each in hashes), name


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = locked()
    for wanted in map(Requirement, [*project["dependencies"], *project["optional-dependencies"]["dev"]]):
        [pinned] = Requirement(pins[wanted.name][0]).specifier
        assert wanted.specifier.contains(pinned.version), f"{wanted}: {pinned.version} is locked"
