"""Is the committed schema what its kinds make of it?"""

import json
from pathlib import Path

from tests.cli.command import ROOT, run

COMMITTED = ROOT / "schemas" / "vendor.v1.json"


def test_the_committed_schema_is_fresh() -> None:
    assert run("schema", "--check").exit_code == 0
    assert run("schema").stdout == COMMITTED.read_text(encoding="utf-8")


def test_own_kinds_make_a_schema_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    kind = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
    (tmp_path / "events" / "own.alarm.v1.json").write_text(json.dumps(kind), encoding="utf-8")
    stale = run("schema", "--schemas", tmp_path, "--check")
    assert (stale.exit_code, "adapter schema --write" in stale.stdout) == (1, True)
    assert run("schema", "--schemas", tmp_path, "--write").exit_code == 0
    assert run("schema", "--schemas", tmp_path, "--check").exit_code == 0
    written = json.loads((tmp_path / "vendor.v1.json").read_text(encoding="utf-8"))
    assert "own.alarm" in written["definitions"]["kind"]["enum"]
    assert "own.alarm" not in COMMITTED.read_text(encoding="utf-8")
