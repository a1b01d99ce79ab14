"""Are the committed schema and reference what their kinds make of them?"""

import json
from pathlib import Path

import pytest

from adapter.spec import packaged
from tests.cli.command import ROOT, run

COMMITTED = ROOT / "schemas" / "vendor.v1.json"
GENERATED = ["schemas/vendor.v1.json", "schemas/README.md"]


def _own_kind(folder: Path) -> Path:
    (folder / "events").mkdir()
    kind = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
    (folder / "events" / "own.alarm.v1.json").write_text(json.dumps(kind), encoding="utf-8")
    return folder


def test_the_committed_files_are_fresh() -> None:
    checked = run("schema", "--check")
    assert (checked.exit_code, checked.stdout.splitlines()) == (0, [f"{name} is up to date" for name in GENERATED])
    assert run("schema").stdout == COMMITTED.read_text(encoding="utf-8")


def test_a_stale_reference_is_named_and_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "schemas"
    (copy / "events").mkdir(parents=True)
    for path in (*COMMITTED.parent.glob("*.*"), *(COMMITTED.parent / "events").glob("*.json")):
        place = copy / path.relative_to(COMMITTED.parent)
        place.write_bytes(path.read_bytes())
    monkeypatch.setattr(packaged, "schemas", lambda: copy)
    (copy / "README.md").write_text("old", encoding="utf-8")
    stale = run("schema", "--check")
    assert (stale.exit_code, "README.md is not what its kinds make of it" in stale.stdout) == (1, True)
    assert run("schema", "--write").exit_code == 0
    assert (copy / "README.md").read_text(encoding="utf-8").startswith("# Reference")
    assert run("schema", "--check").exit_code == 0


def test_own_kinds_make_a_schema_of_their_own(tmp_path: Path) -> None:
    _own_kind(tmp_path)
    stale = run("schema", "--schemas", tmp_path, "--check")
    assert (stale.exit_code, "adapter schema --write" in stale.stdout) == (1, True)
    assert run("schema", "--schemas", tmp_path, "--write").exit_code == 0
    assert run("schema", "--schemas", tmp_path, "--check").exit_code == 0
    written = json.loads((tmp_path / "vendor.v1.json").read_text(encoding="utf-8"))
    assert "own.alarm" in written["definitions"]["kind"]["enum"]
    assert "own.alarm" not in COMMITTED.read_text(encoding="utf-8")


def test_a_page_of_somebody_else_is_never_written_over(tmp_path: Path) -> None:
    _own_kind(tmp_path)
    (tmp_path / "README.md").write_text("ours", encoding="utf-8")
    assert run("schema", "--schemas", tmp_path, "--write").exit_code == 0
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "ours"


def test_the_settings_of_an_editor_name_the_schema_of_the_project() -> None:
    found = json.loads(run("schema", "--vscode").stdout)["yaml.schemas"]
    assert found["./schemas/vendor.v1.json"] == ["vendors.d/*.yaml", "my-vendors/*.yaml"]
    assert found["./schemas/table.v1.json"] == ["vendors.d/tables/*.yaml", "my-vendors/tables/*.yaml"]
    own = json.loads(run("schema", "--vscode", "--vendors", "specs").stdout)["yaml.schemas"]
    assert own["./schemas/vendor.v1.json"] == ["specs/*.yaml"]


def test_a_project_without_a_schema_uses_the_packaged_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = json.loads(run("schema", "--vscode").stdout)["yaml.schemas"]
    assert COMMITTED.as_uri() in found


@pytest.mark.parametrize("flags", [("--check", "--write"), ("--vscode", "--check")])
def test_one_thing_at_a_time(flags: tuple[str, str]) -> None:
    refused = run("schema", *flags)
    assert (refused.exit_code, "choose one of" in refused.output) == (2, True)
