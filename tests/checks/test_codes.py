"""Does every code have its explanation, a file that has the mistake and one that has not, and its own words?"""

import os
import re
from pathlib import Path

import pytest

from adapter.examined.examine import EXAMINATIONS
from adapter.spec.checks import CHECKS
from adapter.spec.diagnostics import Diagnostic
from adapter.spec.explanations.book import EXPLANATIONS
from adapter.spec.loader import load
from adapter.spec.packaged import home, schemas
from adapter.spec.reader import read
from tests.checks.fixtures import HOME, fixture, found

GOLDEN = HOME / "golden.txt"
WRITE_GOLDEN = "ADAPTER_WRITE_GOLDEN"
"""With this variable set the golden file is written anew, so that a change of words shows in its diff."""

QUOTED = re.compile(r'"([A-Z]{2,6}[0-9]{3})"')
OF_THE_MACHINE = {"DOC009": "what is installed", "DOC010": "what is installed"}
"""Codes that no file can show, and what they are about."""

BESIDE = {"CHAN008": {"MATCH007"}, "DOC003": {"CODE008"}, "MATCH004": {"MATCH002"}}
"""What a fixture cannot have without another mistake too."""


def written_codes() -> set[str]:
    """Every code in the source."""
    files = [path for path in (home() / "adapter").rglob("*.py") if path.parent.name != "explanations"]
    return {code for path in files for code in QUOTED.findall(path.read_text(encoding="utf-8"))}


SHOWN = [code for code in EXPLANATIONS if code not in OF_THE_MACHINE]
EVERY_CODE = pytest.mark.parametrize("code", SHOWN)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vendors").mkdir()
    return tmp_path / "vendors"


def test_every_code_of_the_source_is_explained_and_nothing_else_is() -> None:
    assert written_codes() == set(EXPLANATIONS)


def test_every_code_has_a_fixture_and_every_fixture_a_code() -> None:
    folders = {path.name for path in HOME.iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert folders == set(SHOWN)


def test_there_are_more_than_sixty_codes() -> None:
    assert len(EXPLANATIONS) >= 60


@EVERY_CODE
def test_the_bad_file_gets_its_code_and_at_most_one_other(code: str, folder: Path) -> None:
    codes = {one.code for one in found(code, "bad", folder)}
    assert code in codes
    assert codes - {code} == BESIDE.get(code, set())


@EVERY_CODE
def test_the_good_file_gets_nothing_at_all(code: str, folder: Path) -> None:
    assert [(one.code, one.message) for one in found(code, "good", folder)] == []


@EVERY_CODE
def test_a_message_has_a_severity_a_place_and_something_to_do(code: str, folder: Path) -> None:
    for one in found(code, "bad", folder):
        if one.code != code:
            continue
        assert one.severity == EXPLANATIONS[code].severity
        assert one.span or code == "SPEC011"
        assert one.help or code.startswith(("TEST", "SIG009", "COV010"))
        assert not one.message.endswith(".")


@pytest.mark.parametrize("code", EXPLANATIONS)
def test_an_explanation_explains(code: str) -> None:
    one = EXPLANATIONS[code]
    assert one.code == code
    assert one.severity in ("error", "warning")
    assert one.title
    assert one.title[0].islower() or one.title[:4] in ("JSON",)
    assert len(one.text) > 40
    assert one.text.endswith(".") or one.text.endswith("…")
    assert one.wrong
    assert one.wrong != one.right


NOT_YAML = ("COV", "CHAN010", "DOC", "YAML009", "YAML010", "SPEC011", "EX0", "TEST")
"""Explanations whose pieces are words about files, or leave something out."""


@pytest.mark.parametrize("code", [code for code in EXPLANATIONS if not code.startswith(NOT_YAML)])
def test_what_an_explanation_calls_right_can_be_read(code: str) -> None:
    right = EXPLANATIONS[code].right
    text = right if right.lstrip()[:1] != "{" else f"rule: {right}"
    _, mistakes = read(text.encode(), "right.yaml")
    assert [one.message for one in mistakes if one.severity == "error"] == []


def test_a_code_belongs_to_one_check() -> None:
    functions = [*CHECKS.values(), *EXAMINATIONS.values()]
    assert len(set(functions)) == len(functions)
    assert not set(CHECKS) & set(EXAMINATIONS)


def test_the_words_of_all_messages_are_those_of_the_golden_file(tmp_path: Path) -> None:
    text = "\n".join(_words(code, tmp_path / code / "vendors") for code in SHOWN)
    if os.environ.get(WRITE_GOLDEN):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), f"set {WRITE_GOLDEN}=1 to write it anew, and look at its diff"


def _words(code: str, folder: Path) -> str:
    folder.mkdir(parents=True)
    lines = [f"{one.code} {one.severity} {_where(one, folder)}: {one.message}\n    {one.help}".rstrip()
             for one in found(code, "bad", folder)]  # fmt: skip
    return "\n".join([*lines, ""]).replace(str(folder.parent), "")


def _where(one: Diagnostic, folder: Path) -> str:
    if one.span is None:
        return fixture(one.code, "bad").name
    return f"{Path(one.span.file).name}:{one.span.line}:{one.span.column}"


def test_a_table_is_told_of_unquoted_codes_too(folder: Path) -> None:
    (folder / "tables").mkdir()
    (folder / "tables" / "t.yaml").write_text("table: v1\nname: t\ncodes: {0012: expired}\n", encoding="utf-8")
    assert [(one.code, one.severity) for one in load([folder], [schemas()]).diagnostics] == [("CODE002", "warning")]
