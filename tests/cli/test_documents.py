"""Is what the pages say still true?"""

import json
import re
import subprocess
from pathlib import Path

import click
import pytest

from adapter.cli.main import main
from tests.cli.command import CALLBACKS, ROOT, run

README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "vendors.d" / "README.md").read_text(encoding="utf-8")
SETUP = [
    "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/adapter demo",
    "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/python -m pytest -q",
]
WORDS = re.compile(r"\badapter ([a-z]+)((?: --?[a-z-]+)*)")


def _blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


CONTEXT = click.Context(main)
COMMANDS = {name: found for name in main.list_commands(CONTEXT) if (found := main.get_command(CONTEXT, name))}


def test_the_readme_has_the_two_commands_that_set_it_up() -> None:
    lines = [line for block in _blocks(README, "sh") for line in block.splitlines()]
    assert [line for line in lines if "venv" in line and "python3 -m venv" in line] == SETUP


def test_the_list_of_commands_is_the_real_one() -> None:
    listed = re.findall(r"^\| `adapter ([a-z]+)[^`]*` \| (.*) \|$", README, re.MULTILINE)
    assert listed == [(name, command.get_short_help_str(200)) for name, command in COMMANDS.items()]


@pytest.mark.parametrize("page", ["README.md", "vendors.d/README.md", "examples/README.md"])
def test_every_command_on_a_page_exists_with_its_options(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for name, flags in WORDS.findall("\n".join([*_blocks(text, "sh"), *re.findall(r"`(adapter [^`]*)`", text)])):
        assert name in COMMANDS
        known = {flag for option in COMMANDS[name].params for flag in option.opts} | {"--help"}
        assert set(flags.split()) <= known


@pytest.mark.parametrize("page", ["README.md", "vendors.d/README.md", "examples/README.md", "CHANGELOG.md"])
def test_every_link_leads_to_a_file(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8")):
        assert target.startswith("https://") or ((ROOT / page).parent / target).exists(), target


@pytest.mark.parametrize("page", [README, GUIDE], ids=["README.md", "vendors.d/README.md"])
def test_the_vendor_file_on_the_page_is_right_and_its_examples_pass(tmp_path: Path, page: str) -> None:
    (text,) = _blocks(page, "yaml")
    name = re.search(r"^vendor: (\w+)$", text, re.MULTILINE)
    assert name
    (tmp_path / f"{name[1]}.yaml").write_text(text, encoding="utf-8")
    assert run("validate", "--strict", tmp_path).exit_code == 0, run("validate", tmp_path).stdout
    assert run("test", tmp_path).exit_code == 0, run("test", tmp_path).stdout


def test_the_event_on_the_page_is_what_comes_out() -> None:
    (shown,) = [json.loads(block) for block in _blocks(README, "json")]
    (real,) = json.loads(run("try", "-o", "json", CALLBACKS / "tencent.http").stdout)["events"]
    for one in (shown, real):
        one.pop("recordedtime")  # the arrival
        one["data"].pop("spec")  # the file's hash
    assert shown == real


def test_the_checks_in_one_command_are_a_script_that_bash_reads() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o100
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
