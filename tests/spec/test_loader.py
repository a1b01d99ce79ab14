"""Do folders of files become a registry, layer upon layer, whatever is in them?"""

# A row of a table is one line.
# ruff: noqa: E501

import json
from pathlib import Path
from typing import Any

import pytest

from adapter.engine.flow import process
from adapter.spec.kinds import BadKind
from adapter.spec.loader import Loaded, load
from adapter.spec.packaged import schemas, vendors
from tests.specs import arrived, loaded, tiny

SPEC = tiny(
    "match: {has: id}\nbody: json\nstatus: {tables: [t], otherwise: unknown}\nevents:\n  - {kind: sms.delivery, fields: {message_id: id, code: c}}\n"
)
TABLE = 'table: v1\nname: t\ncodes: {"a": expired}\n'


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / ("tables" if text.startswith("table:") else "") / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def of(*folders: Path) -> Loaded:
    return load(folders, [schemas()])


def status(known: Loaded, code: str = "a") -> str:
    return str(
        process(known.registry, arrived(json.dumps({"id": 1, "c": code})), {}).events[0].envelope["data"]["status"]
    )


def test_the_shipped_specs_load_without_an_error() -> None:
    known = of(vendors())
    assert [one.message for one in known.diagnostics if one.severity == "error"] == []
    assert known.held_back == ()
    assert sorted(known.registry.specs) == sorted(path.stem for path in vendors().glob("*.yaml"))


def test_a_later_folder_is_laid_over_an_earlier_one_by_file_name(tmp_path: Path) -> None:
    one = written(
        tmp_path / "one", acme=SPEC, other=SPEC.replace("acme", "other").replace("has: id", "has: nothing"), t=TABLE
    )
    assert status(of(one)) == "expired"
    two = written(tmp_path / "two", t=TABLE.replace("expired", "rejected"))
    assert status(of(one, two)) == "rejected"
    assert status(of(two, one)) == "expired"
    three = written(
        tmp_path / "three", acme=SPEC.replace("otherwise: unknown", 'codes: {"a": read}, otherwise: unknown')
    )
    known = of(one, two, three)
    assert (status(known), sorted(known.registry.specs)) == ("read", ["acme", "other"])
    assert len(known.vendors) == 2


def test_a_bad_file_stands_in_for_a_good_one_and_holds_its_vendor_back(tmp_path: Path) -> None:
    one, two = (
        written(tmp_path / "one", acme=SPEC, t=TABLE),
        written(tmp_path / "two", acme=SPEC.replace("otherwise: unknown", "otherwise: read")),
    )
    known = of(one, two)
    assert (known.held_back, known.registry.specs, known.errors) == (("acme",), {}, True)


def test_a_warning_holds_nothing_back() -> None:
    known = loaded({"acme.yaml": SPEC.replace("match: {has: id}\n", ""), "tables/t.yaml": TABLE})
    assert [one.code for one in known.diagnostics] == ["MATCH007"]
    assert (known.errors, known.held_back, list(known.registry.specs)) == (False, (), ["acme"])


def test_a_broken_file_does_not_hide_the_others() -> None:
    known = loaded(
        {"acme.yaml": SPEC, "tables/t.yaml": TABLE, "bad.yaml": "a: [", "worse.yaml": "", "tables/u.yaml": "- x\n"}
    )
    assert list(known.registry.specs) == ["acme"]
    assert known.held_back == ("bad", "worse")


def test_files_of_other_kinds_are_not_read(tmp_path: Path) -> None:
    folder = written(tmp_path, acme=SPEC, t=TABLE)
    for name in (".hidden.yaml", "README.md", "acme.yaml~", "acme.yaml.bak", "acme.yamlx"):
        (folder / name).write_text("not: [a spec", encoding="utf-8")
    assert of(folder).diagnostics == ()


@pytest.mark.parametrize("ending", ["yml", "yaml"])
def test_both_endings_are_read(tmp_path: Path, ending: str) -> None:
    written(tmp_path, t=TABLE)
    (tmp_path / f"acme.{ending}").write_text(SPEC, encoding="utf-8")
    assert list(of(tmp_path).registry.specs) == ["acme"]


def test_an_empty_folder_gives_nothing(tmp_path: Path) -> None:
    known = of(tmp_path)
    assert (known.registry.specs, known.vendors, known.diagnostics) == ({}, (), ())


def hash_of(spec: str = SPEC, table: str = TABLE, other: str = "") -> str:
    files = {"acme.yaml": spec, "tables/t.yaml": table, **({"tables/u.yaml": other} if other else {})}
    return loaded(files).registry.specs["acme"].hash


def test_the_hash_is_about_the_file_and_the_tables_it_uses() -> None:
    assert hash_of() == hash_of()
    assert (
        len(
            {
                hash_of(),
                hash_of(SPEC + "# a comment\n"),
                hash_of(table=TABLE.replace("expired", "read")),
                hash_of(table=TABLE + "#\n"),
            }
        )
        == 4
    )
    assert hash_of(other=TABLE.replace("name: t", "name: u")) == hash_of()


def test_a_table_that_only_one_entry_uses_is_part_of_the_hash_too() -> None:
    text = SPEC.replace("tables: [t], ", "").replace("fields:", "status: {tables: [t]}, fields:")
    assert hash_of(text) != hash_of(text, TABLE.replace("expired", "read"))


def test_places_are_shown_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "mine", acme=SPEC.replace("unknown", "nope"), t=TABLE)
    monkeypatch.chdir(tmp_path)
    known = of(Path("mine"))
    assert [one.span.file for one in known.diagnostics if one.span] == ["mine/acme.yaml"]
    assert known.sources["mine/acme.yaml"].startswith("spec: v1")


def test_a_linked_file_is_called_what_the_link_is_called(tmp_path: Path) -> None:
    folder = written(tmp_path / "vendors", t=TABLE)
    (tmp_path / "revision-7").write_text(SPEC, encoding="utf-8")
    (folder / "acme.yaml").symlink_to(tmp_path / "revision-7")
    known = of(folder)
    assert (known.vendors, known.diagnostics) == ((str(folder / "acme.yaml"),), ())


def test_every_problem_has_the_source_that_it_is_about() -> None:
    known = loaded(
        {
            "acme.yaml": SPEC.replace("unknown", "nope"),
            "bad.yaml": "a: [",
            "tables/t.yaml": TABLE.replace("expired", "x"),
        }
    )
    assert len(known.diagnostics) == 3
    assert all(one.span and one.span.file in known.sources for one in known.diagnostics)


# Kinds

FAX: dict[str, Any] = {
    "title": "What became of a fax", "type": "object",
    "properties": {
        "fax_id": {"type": "string", "description": "The fax."}, "pages": {"type": ["integer", "null"]}, "price": {"type": "number"},
        "ok": {"type": "boolean"}, "sent_at": {"type": "string", "format": "date-time"}, "mode": {"type": "string", "enum": ["fine", "coarse"]},
        "tags": {"type": "array", "items": {"type": "string"}}, "meta": {"type": "object"},
        "status": {"type": "string", "enum": ["gone", "through"], "readOnly": True},
    },
    "required": ["fax_id"],
    "x-statuses": {"gone": {"rank": 1, "final": False}, "through": {"rank": 2, "final": True, "success": True}},
}  # fmt: skip
FAX_SPEC = tiny(
    """\
body: json
time: {formats: [unix]}
status: {codes: {"1": through}, otherwise: gone}
events:
  - kind: fax.report
    fields: {fax_id: id, pages: p, price: price, ok: ok, sent_at: t, mode: m, tags: tags, meta: meta}
    status: {from: [c]}
""",
    "fax",
)


def with_kind(folder: Path, document: object) -> Path:
    (folder / "events").mkdir(parents=True, exist_ok=True)
    (folder / "events" / "fax.report.v3.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def test_a_kind_that_is_dropped_into_a_folder_works_from_end_to_end(tmp_path: Path) -> None:
    known = loaded(
        {"fax.yaml": FAX_SPEC.replace("body: json", "match: {has: id}\nbody: json")}, [with_kind(tmp_path, FAX)]
    )
    assert known.diagnostics == ()
    body = {
        "id": "f-1",
        "p": "3",
        "price": "0.5",
        "ok": "true",
        "t": 1714557600,
        "m": "fine",
        "tags": "a",
        "meta": {"x": 1},
        "c": 1,
    }
    outcome = process(known.registry, arrived(json.dumps(body)), {})
    (event,) = outcome.events
    assert (event.kind, event.envelope["dataschema"]) == ("fax.report", "urn:callback-adapter:fax.report:v3")
    assert event.envelope["time"] == "2024-05-01T10:00:00+00:00"
    assert {name: event.envelope["data"][name] for name in FAX["properties"]} == {
        "fax_id": "f-1", "pages": 3, "price": 0.5, "ok": True, "sent_at": "2024-05-01T10:00:00+00:00", "mode": "fine", "tags": ["a"],
        "meta": {"x": 1}, "status": "through",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "code", "fragment"),
    [
        ("fax_id: id, ", "", "FIELD002", "fax.report needs fax_id"),
        ("pages: p", "page: p", "FIELD001", "'page' is not a field of fax.report"),
        ("through}", "delivered}", "CODE001", "'delivered' is not a status"),
        ("otherwise: gone", "otherwise: through", "CODE008", "success"),
    ],
)
def test_specs_of_a_dropped_kind_are_checked_like_all_others(
    tmp_path: Path, old: str, new: str, code: str, fragment: str
) -> None:
    known = loaded({"fax.yaml": FAX_SPEC.replace(old, new)}, [with_kind(tmp_path, FAX)])
    (one,) = [each for each in known.diagnostics if each.severity == "error"]
    assert (one.code, fragment in one.message) == (code, True)


@pytest.mark.parametrize(
    "document", [[], {"type": "object"}, {**FAX, "x-key": [["nope"]]}, {**FAX, "properties": {"a": {"type": "null"}}}]
)
def test_a_kind_that_cannot_be_read_is_named(tmp_path: Path, document: object) -> None:
    with pytest.raises(BadKind, match=r"fax\.report\.v3\.json"):
        loaded({}, [with_kind(tmp_path, document)])
