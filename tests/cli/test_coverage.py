"""How much of a file do its examples show, and are the vendors told apart?"""

# A row of a table is one line.
# ruff: noqa: E501

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.coverage import GROUPS, coverage
from adapter.matrix import detected
from adapter.observed import observe_example
from adapter.spec import packaged
from adapter.spec.language import Registry
from tests.cli.command import acme, run
from tests.vendors.shipped import REGISTRY

IGNORED = ("examples:\n", "  - kind: ignore\n    when: \"type == 'chat'\"\nexamples:\n")
EXTRA = ("done_at: when}", "done_at: when}\n    extra: {price: price}")
REFUSAL = (
    "ack: {status: 200, json: {ok: true}}\ntime",
    "ack: {status: 200, json: {ok: true}, refused: {status: 403, text: no}}\ntime",
)


@pytest.fixture(scope="module", autouse=True)
def _few_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Only the shared tables come with the package: what is tested here does not depend on its vendors."""
    folder = tmp_path_factory.mktemp("packaged")
    shutil.copytree(packaged.vendors() / "tables", folder / "tables")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packaged, "vendors", lambda: folder)
        yield


@pytest.mark.parametrize(
    ("changes", "line", "missing"),
    [
        ((), "fields 4/4   kinds 1/1   entries 1/1   codes 1/2   acks 1/1", ["codes   021: never sent"]),
        ((EXTRA,), "fields 4/5   kinds 1/1", ["fields  extra.price: never has a value"]),
        ((IGNORED,), "kinds 1/2   entries 1/2", ["kinds   ignore: never comes out", "entries entry 2, ignore: never lists a record"]),
        ((REFUSAL,), "acks 1/2", ["acks    bad_signature, stale, unreadable_body: never answered"]),
        ((), "fields 4/4", ["fields  to: never asserted", "fields  done_at: never asserted"]),
    ],
)  # fmt: skip
def test_what_no_example_shows_is_counted_and_listed(
    tmp_path: Path, changes: tuple[tuple[str, str], ...], line: str, missing: list[str]
) -> None:
    result = run("test", "--coverage", acme(tmp_path / "own", *changes))
    assert result.exit_code == 0, result.stdout
    assert line in result.stdout.splitlines()[0]
    for words in missing:
        assert f"     {words}   (" in result.stdout


@pytest.mark.parametrize(("least", "code"), [("0", 0), ("88", 0), ("89", 1), ("100", 1)])
def test_too_little_coverage_fails(tmp_path: Path, least: str, code: int) -> None:
    result = run("test", "--min-coverage", least, acme(tmp_path / "own"))
    assert result.exit_code == code  # 8 of 9
    assert ("the examples show 88.9 % of it, less than" in result.stdout) is (code == 1)
    assert result.stdout.splitlines()[-1].endswith("1 file shown too little") is (code == 1)


@pytest.mark.parametrize("output", ["concise", "json", "github", "junit", "sarif"])
def test_too_little_coverage_is_told_in_every_format(tmp_path: Path, output: str) -> None:
    result = run("test", "--min-coverage", "100", "-o", output, acme(tmp_path / "own"))
    assert result.exit_code == 1
    assert "the examples show 88.9 %" in result.stdout


def test_data_has_the_coverage_too(tmp_path: Path) -> None:
    (file,) = json.loads(run("test", "-o", "json", acme(tmp_path / "own")).stdout)
    assert file["coverage"]["percent"] == 88.9
    assert file["coverage"]["groups"]["codes"] == {"shown": 1, "all": 2}
    assert [one["name"] for one in file["coverage"]["missing"] if not one["shown"]] == ["021"]


def test_a_code_counts_though_a_flag_decided_before_it(tmp_path: Path) -> None:
    flag = ("  tables: [cn-carrier]\n", "  tables: [cn-carrier]\n  success: \"result == '000'\"\n")
    assert "codes 1/2" in run("test", acme(tmp_path / "own", flag)).stdout


def test_every_part_of_the_shipped_specs_is_counted_once() -> None:
    for spec in REGISTRY.specs.values():
        found = coverage(spec, [(one, observe_example(spec, REGISTRY.kinds, one)) for one in spec.examples])
        named = [(part.group, part.name, part.place) for part in found.parts]
        assert len(named) == len(set(named))
        assert found.groups["kinds"][0] == found.groups["kinds"][1], f"{spec.vendor}: a kind that no example shows"


@given(st.data())
def test_more_examples_never_show_less(data: st.DataObject) -> None:
    spec = data.draw(st.sampled_from(list(REGISTRY.specs.values())))
    some = data.draw(st.lists(st.sampled_from(spec.examples), unique_by=lambda one: one.name, max_size=4))
    more = data.draw(st.sampled_from(spec.examples))
    runs = [(one, observe_example(spec, REGISTRY.kinds, one)) for one in [*some, more]]
    less, all_of_it = coverage(spec, runs[:-1]), coverage(spec, runs)
    assert [one.name for one in less.parts] == [one.name for one in all_of_it.parts]
    assert all(then.exercised >= now.exercised for now, then in zip(less.parts, all_of_it.parts, strict=True))
    assert set(all_of_it.groups) <= set(GROUPS)


def test_the_shipped_vendors_are_told_apart() -> None:
    assert [one for one in detected(REGISTRY, list(REGISTRY.specs.values())) if not one.right] == []


def test_the_matrix_counts_examples_by_who_claims_them(tmp_path: Path) -> None:
    result = run("test", "--matrix", acme(tmp_path / "own"))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[3].split() == ["examples", "claimed", "by", "1"]
    assert lines[4].split() == ["1", "acme", "1"]
    assert lines[5] == "ok   1 example on a shared URL, 0 not told apart"


LOOSE = ("match: {headers: [X-Acme-Signature], has: [reports]}", "match: {has: [reports]}")


def test_an_example_that_another_spec_claims_too_fails(tmp_path: Path) -> None:
    folder = acme(tmp_path / "own", LOOSE)
    text = (folder / "acme.yaml").read_text(encoding="utf-8")
    (folder / "other.yaml").write_text(text.replace("vendor: acme", "vendor: other"), encoding="utf-8")
    result = run("test", "--matrix", folder)
    assert result.exit_code == 1
    assert "FAIL acme: on a shared URL 'delivered' is claimed by acme, other" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("0 failed, 2 not told apart")
    assert run("test", folder).exit_code == 0
    for output in ("concise", "github", "sarif", "junit"):
        assert "MATCH002" in run("test", "--matrix", "-o", output, folder).stdout


def test_a_spec_without_match_is_not_asked_on_a_shared_url(tmp_path: Path) -> None:
    match = ("match: {headers: [X-Acme-Signature], has: [reports]}\n", "")
    result = run("test", "--matrix", acme(tmp_path / "own", match))
    assert result.exit_code == 0
    assert "acme has no match: on a shared URL it is not asked" in result.stdout


def test_an_example_that_says_nothing_is_not_asked_about() -> None:
    spec = REGISTRY.specs["netease"]
    asked = detected(Registry({spec.vendor: spec}, REGISTRY.kinds), [spec])
    assert "the empty probe" not in [each.example.name for each in asked]
    assert "the empty probe" in [each.name for each in spec.examples]
