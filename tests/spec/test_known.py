"""Does a load that is given what an earlier one built say the same as one that starts with nothing?"""

import json
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.spec.loader import Known, Loaded, load
from adapter.spec.packaged import schemas
from tests.specs import tiny

SPEC = tiny("""
match: {has: id}
body: json
status: {tables: [t], otherwise: unknown}
events:
  - {kind: sms.delivery, fields: {message_id: id, code: c}}
""")
TABLE = 'table: v1\nname: t\ncodes: {"a": expired}\n'
OTHER = SPEC.replace("acme", "other")

TEXTS = {
    "acme.yaml": [SPEC, SPEC.replace("has: id", "has: [id, b]"), SPEC.replace("c}}", "c("), "", OTHER, SPEC + "x: y"],
    "acme.yml": [SPEC],
    "other.yaml": [OTHER, OTHER.replace("[t]", "[u]"), OTHER.replace("has: id", "has: [id, other]"), "a: [b"],
    "third.yaml": [SPEC.replace("acme", "third").replace("tables: [t], ", "").replace("has: id", "headers: X")],
    "tables/t.yaml": [TABLE, TABLE.replace("expired", "rejected"), TABLE.replace("expired", "nonsense"), "codes: ["],
    "tables/u.yaml": [TABLE.replace("name: t", "name: u"), "table: v1"],
}  # fmt: skip
GROUND = load([], [schemas()]).known.ground
EDITS = st.sampled_from([(name, text) for name, texts in TEXTS.items() for text in (None, *texts)])


@pytest.fixture
def kinds(tmp_path: Path) -> Path:
    """A schema folder of its own, to be edited."""
    return Path(shutil.copytree(schemas(), tmp_path / "schemas"))


def edit(folder: Path, name: str, text: str | None) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    if text is None:
        path.unlink(missing_ok=True)
    else:
        path.write_text(text, encoding="utf-8")


def written(loaded: Loaded) -> str:
    """All that was built, without where it lies in memory."""
    return re.sub(" at 0x[0-9a-f]+", "", f"{dict(loaded.registry.specs)} {dict(loaded.registry.kinds)}")


def same(one: Loaded, other: Loaded) -> None:
    assert written(one) == written(other)
    assert list(one.registry.specs) == list(other.registry.specs)
    assert (one.diagnostics, one.vendors, one.held_back) == (other.diagnostics, other.vendors, other.held_back)
    assert list(one.sources.items()) == list(other.sources.items())


@given(st.lists(st.lists(EDITS, max_size=3), min_size=1, max_size=6))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_edited_what_is_known_changes_nothing_in_what_comes_out(
    rounds: list[list[tuple[str, str | None]]],
) -> None:
    with TemporaryDirectory() as place:
        folder, known = Path(place), Known(GROUND)
        for name, text in (("acme.yaml", SPEC), ("other.yaml", OTHER), ("tables/t.yaml", TABLE)):
            edit(folder, name, text)
        for edits in ([], *rounds):
            for one in edits:
                edit(folder, *one)
            found = load([folder], [schemas()], known)
            same(found, load([folder], [schemas()], Known(GROUND)))
            known = found.known


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "vendors"
    place.mkdir()
    for name in ("acme.yaml", "other.yaml", "third.yaml", "tables/t.yaml", "tables/u.yaml"):
        edit(place, name, TEXTS[name][0])
    return place


def rebuilt(before: Known, after: Known) -> list[str]:
    """The vendor files that were built anew."""
    return [Path(name).stem for name, one in after.vendors.items() if before.vendors.get(name) is not one]


@pytest.mark.parametrize(
    ("name", "text", "anew"),
    [
        ("acme.yaml", SPEC, []),
        ("acme.yaml", SPEC + "# more\n", ["acme"]),
        ("tables/t.yaml", TABLE + "# more\n", ["acme", "other"]),
        ("tables/u.yaml", TEXTS["tables/u.yaml"][0] + "# more\n", []),
        ("tables/u.yaml", None, ["acme", "other", "third"]),
        ("acme.yaml", None, []),
        ("fourth.yaml", SPEC.replace("acme", "fourth"), ["fourth"]),
    ],
)
def test_only_what_an_edit_may_change_is_built_anew(folder: Path, name: str, text: str | None, anew: list[str]) -> None:
    before = load([folder], [schemas()]).known
    edit(folder, name, text)
    assert rebuilt(before, load([folder], [schemas()], before).known) == anew


def test_another_word_of_a_kind_builds_everything_anew(folder: Path, kinds: Path) -> None:
    before = load([folder], [kinds]).known
    assert rebuilt(before, load([folder], [kinds], before).known) == []
    path = next((kinds / "events").glob("sms.delivery.*"))
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, "title": "another"}), encoding="utf-8")
    after = load([folder], [kinds], before)
    assert rebuilt(before, after.known) == ["acme", "other", "third"]
    same(after, load([folder], [kinds]))


def test_an_overlap_comes_and_goes_with_the_other_file(folder: Path) -> None:
    def codes(found: Loaded) -> Iterator[str]:
        return (one.code for one in found.diagnostics)

    both = load([folder], [schemas()])
    edit(folder, "other.yaml", None)
    alone = load([folder], [schemas()], both.known)
    edit(folder, "other.yaml", OTHER)
    again = load([folder], [schemas()], alone.known)
    assert ["MATCH001" in codes(found) for found in (both, alone, again)] == [True, False, True]


def test_threads_may_share_what_is_known(folder: Path) -> None:
    first = load([folder], [schemas()])
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: load([folder], [schemas()], first.known), range(12)):
            same(found, first)
