"""Which exit code, which message, and never a traceback that nobody asked for."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import AKC, ROOT, acme, environment, run

USAGE = [
    (("validate", "--vendors", "{empty}"), "there is no vendor file"),
    (("validate", "--vendors", "{empty}/missing"), "there is no such folder"),
    (("validate", "--schemas", "{empty}"), "there is no kind in it"),
    (("validate", "--schemas", "{empty}/missing"), "there is no such folder"),
    (("validate", "{empty}"), "nothing to check"),
    (("validate", "{empty}/missing.yaml"), "does not exist"),
    (("validate", "-o", "xml"), "xml"),
    (("test", "--vendors", "{empty}"), "there is no vendor file"),
    (("test", "{empty}"), "nothing to check"),
    (("demo", "--vendors", "{empty}"), "there is no vendor file"),
    (("serve", "--vendors", "{empty}"), "there is no vendor file"),
    (("serve", "--host", "0.0.0.0"), "in open mode"),
    (("serve", "--port", "x"), "x"),
    (("serve", "--port", "0", "--store", "mysql://here/db"), "mysql"),
    (("events", "--store", "{empty}/none.db"), "there is no such file"),
    (("events", "--store", "mysql://here/db"), "mysql"),
    (("try", "{empty}/missing.http"), "No such file"),
    (("schema", "--check", "--write"), "one of"),
    (("schema", "--schemas", "{empty}"), "no folder events"),
    (("nothing",), "No such command"),
]


@pytest.mark.parametrize(("arguments", "told"), USAGE, ids=[" ".join(case[0]) for case in USAGE])
def test_wrong_usage_exits_with_2(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    result = run(*(each.replace("{empty}", str(tmp_path)) for each in arguments))
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_a_kind_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "own.alarm.v1.json").write_text("{", encoding="utf-8")
    result = run("validate", "--schemas", tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"adapter: {tmp_path}/events/own.alarm.v1.json: not JSON")
    assert len(result.stderr.splitlines()) == 1


def test_a_file_that_cannot_be_read_is_a_failure_of_the_tool(tmp_path: Path) -> None:
    kind = tmp_path / "events" / "own.alarm.v1.json"
    kind.mkdir(parents=True)
    result = run("validate", "--schemas", tmp_path)
    assert (result.exit_code, result.stderr) == (4, f"adapter: {kind}: Is a directory\n")


def test_a_file_that_is_no_database_is_a_failure_of_the_tool() -> None:
    result = run("events", "--store", ROOT / "pyproject.toml")
    assert result.exit_code == 4
    assert "not a database" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_traceback_is_shown_when_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "events" / "own.alarm.v1.json").mkdir(parents=True)
    result = run("validate", "--schemas", tmp_path, ADAPTER_TRACEBACK="1")
    assert result.exit_code == 4
    assert "Traceback" in result.stderr


def test_a_missing_folder_of_secrets_is_named(tmp_path: Path) -> None:
    result = run("serve", ADAPTER_SECRETS_DIR=str(tmp_path / "none"))
    assert result.exit_code == 2
    assert "ADAPTER_SECRETS_DIR" in result.stderr


def test_a_reader_that_leaves_ends_it_with_4() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "adapter", "schema"],
        env=environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (4, b"adapter: whoever read the output has left\n")


@pytest.mark.parametrize(("environ", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_has_colour_unless_it_is_unwanted(tmp_path: Path, environ: dict[str, str], coloured: bool) -> None:
    folder = acme(tmp_path / "own", AKC)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "adapter", "validate", str(folder)]
    subprocess.run(
        command, env=environment(TERM="xterm", **environ), stdout=theirs, stderr=subprocess.PIPE, check=False
    )
    text = os.read(ours, 100_000)
    os.close(ours)
    os.close(theirs)
    assert (b"\x1b[" in text) is coloured
    assert b"SPEC001" in text


def test_a_pipe_has_no_colour(tmp_path: Path) -> None:
    assert "\x1b" not in run("validate", acme(tmp_path / "own", AKC)).stdout
    assert "\x1b" not in run("test", acme(tmp_path / "own")).stdout


def test_the_installed_command_and_the_module_are_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "adapter", "--version"], env=environment(), capture_output=True, check=True, text=True
    )
    assert done.stdout.startswith("adapter, version ")
