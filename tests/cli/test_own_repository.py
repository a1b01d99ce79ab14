"""Do the files work that people copy into a repository of their own vendor files?"""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from tests.cli.command import AKC, ROOT, acme, environment

WORKFLOW = (ROOT / "examples" / "ci" / "github-actions.yml").read_text(encoding="utf-8")
(HOOK,) = yaml.load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
TABLE = "table: v1\nname: own\ntitle: Own codes\ncodes: {000: delivered}\n"


def _steps() -> list[dict[str, Any]]:
    document = yaml.load(WORKFLOW, Loader=yaml.BaseLoader)
    assert set(document["on"]) == {"push", "pull_request"}
    return [step for job in document["jobs"].values() for step in job["steps"]]


RUNS = [step["run"] for step in _steps() if "run" in step]
COMMANDS = [line for line in RUNS if line.startswith("adapter ")]


def _run(line: str, repository: Path) -> subprocess.CompletedProcess[str]:
    """One line of a shell in the repository, with `adapter` on its path."""
    tools = repository / ".tools"
    tools.mkdir(exist_ok=True)
    tool = tools / "adapter"
    tool.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m adapter "$@"\n', encoding="utf-8")
    tool.chmod(0o755)
    env = environment(GITHUB_STEP_SUMMARY="")
    env["PATH"] = f"{tools}:{env['PATH']}"
    return subprocess.run(["bash", "-ec", line], cwd=repository, env=env, capture_output=True, text=True, check=False)


def _repository(folder: Path, *changes: tuple[str, str]) -> Path:
    acme(folder / "vendors.d", *changes)
    return folder


def test_the_workflow_installs_one_package_and_runs_two_checks() -> None:
    assert [line for line in RUNS if line not in COMMANDS] == ["pip install callback-adapter"]
    assert [shlex.split(line)[1] for line in COMMANDS] == ["validate", "test"]


def test_the_workflow_passes_on_good_files_and_leaves_a_report(tmp_path: Path) -> None:
    repository = _repository(tmp_path)
    for line in COMMANDS:
        done = _run(line, repository)
        assert done.returncode == 0, done.stdout + done.stderr
    report = ElementTree.parse(repository / "junit.xml").getroot()
    assert [case.get("name") for case in report.iter("testcase")] == ["delivered"]


@pytest.mark.parametrize(
    ("change", "command", "told"),
    [
        (AKC, "validate", "::error file=vendors.d/acme.yaml,line=9"),
        (("status: delivered}", "status: expired}"), "test", "expired"),
    ],
)
def test_the_workflow_fails_on_a_mistake_and_says_where(
    tmp_path: Path, change: tuple[str, str], command: str, told: str
) -> None:
    repository = _repository(tmp_path, change)
    done = _run(next(line for line in COMMANDS if f" {command} " in line), repository)
    shown = done.stdout + (repository / "junit.xml").read_text(encoding="utf-8") if command == "test" else done.stdout
    assert (done.returncode, told in shown) == (1, True), shown


@pytest.mark.parametrize(
    ("path", "looked_at"),
    [
        ("vendors.d/acme.yaml", True),
        ("vendors.d/tables/own.yml", True),
        ("my-vendors/acme.yaml", True),
        ("vendors.d/README.md", False),
        ("docs/vendors.d/acme.yaml", False),
        (".github/workflows/vendor-files.yml", False),
    ],
)
def test_the_hook_looks_at_vendor_files_only(path: str, looked_at: bool) -> None:
    assert bool(re.search(HOOK["files"], path)) is looked_at


@pytest.mark.parametrize(
    ("changes", "files", "code", "told"),
    [
        ([], ["vendors.d/acme.yaml"], 0, "0 errors, 0 warnings"),
        ([AKC], ["vendors.d/acme.yaml"], 1, "did you mean 'ack'?"),
        ([], ["vendors.d/tables/own.yaml"], 3, 'write "000":'),
        ([], ["vendors.d/acme.yaml", "vendors.d/tables/own.yaml"], 3, 'write "000":'),
    ],
)
def test_the_hook_checks_what_was_changed(
    tmp_path: Path, changes: list[tuple[str, str]], files: list[str], code: int, told: str
) -> None:
    repository = _repository(tmp_path, *changes)
    (repository / "vendors.d" / "tables").mkdir()
    (repository / "vendors.d" / "tables" / "own.yaml").write_text(TABLE, encoding="utf-8")
    assert (HOOK["id"], HOOK["language"]) == ("adapter-validate", "python")
    done = _run(shlex.join([*shlex.split(HOOK["entry"]), *files]), repository)
    assert (done.returncode, told in done.stdout) == (code, True), done.stdout + done.stderr
