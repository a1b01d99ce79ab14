"""Are mistakes found, told and counted?"""

import json
from pathlib import Path

import pytest

from tests.cli.command import ACME, AKC, ROOT, acme, run

BROKEN = [
    ("an unknown key", AKC, "SPEC001", "'akc'"),
    ("a word that is no status", ('"000": delivered', '"000": deliverd'), "CODE001", "deliverd"),
    ("an expression that is none", ("to: phone", "to: 'phone no'"), "EXPR001", "phone no"),
    ("a tab", ("  tables:", "\ttables:"), "YAML", "blanks"),
    ("a file of another name", ("vendor: acme", "vendor: emca"), "SPEC010", "emca"),
    ("a table that does not exist", ("cn-carrier", "cn-carier"), "CODE003", "cn-carier"),
    (
        "no word about signatures",
        (
            'verify:\n  - {header: X-Acme-Signature, is: hmac-sha256, key: api_secret, encoding: hex, of: "{body}"}\n',
            "",
        ),
        "SIG001",
        "unsigned",
    ),
    ("an example that says nothing", ("    expect:\n      - {kind: sms.delivery", "    #"), "EX003", "expect"),
]


@pytest.mark.parametrize(("what", "change", "code", "told"), BROKEN, ids=[case[0] for case in BROKEN])
def test_a_mistake_is_told_with_its_code_place_and_line(
    tmp_path: Path, what: str, change: tuple[str, str], code: str, told: str
) -> None:
    result = run("validate", "--vendors", acme(tmp_path / "own", change))
    assert result.exit_code == 1, what
    assert f"error[{code}" in result.stdout
    assert told in result.stdout
    assert "own/acme.yaml:" in result.stdout
    assert result.stdout.splitlines()[-1].endswith(" 0 warnings")


def test_right_files_give_one_line_that_says_what_was_read(tmp_path: Path) -> None:
    result = run("validate", acme(tmp_path / "own") / "acme.yaml")
    assert (result.exit_code, result.stdout) == (0, f"1 spec read from {tmp_path / 'own'}, 0 errors, 0 warnings\n")


@pytest.mark.parametrize(("flags", "code"), [((), 0), (("--strict",), 3)])
def test_warnings_fail_under_strict_only(tmp_path: Path, flags: tuple[str, ...], code: int) -> None:
    folder = acme(tmp_path / "own", ('"000": delivered', "000: delivered"))
    result = run("validate", *flags, folder)
    assert result.exit_code == code
    assert "warning[CODE002]" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("0 errors, 1 warning")


@pytest.mark.parametrize(
    ("output", "first"),
    [("text", "error[SPEC001]: "), ("concise", "acme.yaml:"), ("json", "["), ("github", "::error file=")],
)
def test_every_format_tells_the_mistake(tmp_path: Path, output: str, first: str) -> None:
    result = run("validate", "-o", output, acme(tmp_path / "own", AKC))
    assert result.exit_code == 1
    assert first in result.stdout.splitlines()[0]
    assert "akc" in result.stdout


@pytest.mark.parametrize("output", ["json", "github"])
def test_formats_for_programs_keep_the_summary_off_stdout(tmp_path: Path, output: str) -> None:
    result = run("validate", "-o", output, acme(tmp_path / "own"))
    assert result.stdout.strip() in ("", "[]")
    assert "1 spec read from" in result.stderr


def test_json_is_one_document(tmp_path: Path) -> None:
    (found,) = json.loads(run("validate", "-o", "json", acme(tmp_path / "own", AKC)).stdout)
    assert (found["code"], found["line"], found["col"], found["path"]) == ("SPEC001", 9, 1, ["akc"])


def test_a_path_limits_what_is_reported(tmp_path: Path) -> None:
    folder = acme(tmp_path / "own", AKC)
    result = run("validate", "--vendors", folder, ROOT / "vendors.d" / "tencent.yaml")
    assert result.exit_code == 0
    assert result.stdout.startswith("1 spec read from ")


def test_a_folder_above_a_loaded_one_means_its_files(tmp_path: Path) -> None:
    result = run("validate", "--vendors", acme(tmp_path / "own"), tmp_path)
    assert result.stdout.startswith("1 spec read from ")


def test_a_table_can_be_checked_alone() -> None:
    result = run("validate", ROOT / "vendors.d" / "tables")
    assert result.exit_code == 0
    assert " read from " in result.stdout
    assert "table" in result.stdout


def test_an_own_file_stands_in_for_the_packaged_one_of_that_name(tmp_path: Path) -> None:
    text = (ROOT / "vendors.d" / "tencent.yaml").read_text(encoding="utf-8")
    (tmp_path / "tencent.yaml").write_text(text.replace("title:", "titel:"), encoding="utf-8")
    result = run("validate", "--vendors", tmp_path)
    assert result.exit_code == 1
    assert f"{tmp_path}/tencent.yaml" in result.stdout
    assert run("validate", "--vendors", tmp_path, ROOT / "vendors.d" / "tencent.yaml").exit_code == 2


def test_own_kinds_lie_over_the_packaged_ones(tmp_path: Path) -> None:
    kind = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "level": {"type": "integer"}},
        "required": ["id"],
    }
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "own.alarm.v1.json").write_text(json.dumps(kind), encoding="utf-8")
    status = ACME[ACME.index("\nstatus:") : ACME.index("\nevents:")]
    changes = [
        ("kind: sms.delivery\n", "kind: own.alarm\n"),
        ("fields: {message_id: id, to: phone, code: result, done_at: when}", "fields: {id: id, level: result}"),
        ("{kind: sms.delivery, message_id: a-1, status: delivered}", "{kind: own.alarm, id: a-1, level: 0}"),
        (status, ""),
    ]
    folder = acme(tmp_path / "own", *changes)
    assert run("validate", "--vendors", folder, folder).exit_code == 1
    assert run("validate", "--schemas", tmp_path, folder).exit_code == 0
    assert run("test", "--schemas", tmp_path, folder).exit_code == 0
