"""Are examples run, and is what differs shown?"""

import json
from pathlib import Path

import pytest

from adapter.model import Json
from adapter.rehearsal import same
from tests.cli.command import acme, run


def test_a_right_file_shows_its_examples_and_forged_copies(tmp_path: Path) -> None:
    result = run("test", acme(tmp_path / "own"))
    first, example, last = result.stdout.splitlines()
    assert result.exit_code == 0
    counts = "1/1 examples   fields 4/4   kinds 1/1   entries 1/1   codes 1/2   acks 1/1"
    assert first == f"ok   {tmp_path}/own/acme.yaml   {counts}"
    assert example == "     ok   delivered   (+5 forged copies refused)"
    assert last == f"1 spec read from {tmp_path}/own, 1 example, 0 failed"


WRONG = [
    (("status: delivered}", "status: expired}"), "event 0 · status: expected 'expired', got 'delivered'"),
    (("message_id: a-1", "message_id: a-2"), "event 0 · message_id: expected 'a-2', got 'a-1'"),
    (("    ack: {status: 200, json: {ok: true}}", "    ack: {status: 200, json: {ok: false}}"), "ack · json: "),
    (("message_id: id, to: phone", "message_id: none, to: phone"), "expected 1 events, got 0"),
]


@pytest.mark.parametrize(("change", "told"), WRONG)
def test_what_differs_is_told_field_by_field(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    text = acme(tmp_path / "own") / "acme.yaml"
    text.write_text(text.read_text().replace(*change, 1), encoding="utf-8")
    result = run("test", text)
    assert result.exit_code == 1
    assert result.stdout.startswith("FAIL ")
    assert f"          {told}" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("1 example, 1 failed")


@pytest.mark.parametrize(
    ("wanted", "found", "equal"),
    [
        ("2024-05-01T01:00:00Z", "2024-05-01T01:00:00+00:00", True),
        ("2024-05-01T09:00:00+08:00", "2024-05-01T01:00:00+00:00", True),
        ("2024-05-01T01:00:00.500Z", "2024-05-01T01:00:00.5+00:00", True),
        ("2024-05-01T01:00:01Z", "2024-05-01T01:00:00+00:00", False),
        ("2024-05-01T01:00:00", "2024-05-01T01:00:00+00:00", False),
        ("2024-02-30T01:00:00Z", "2024-02-30T01:00:00+00:00", False),
        ("aZb", "a+00:00b", False),
        ("ZZ", "+00:00+00:00", False),
        ("1", 1, True),
    ],
)
def test_times_are_compared_as_instants_and_everything_else_as_text(wanted: Json, found: Json, equal: bool) -> None:
    assert same(wanted, found) is equal


def test_an_answer_may_be_expected_by_the_name_it_has_under_ack(tmp_path: Path) -> None:
    text = acme(tmp_path / "own") / "acme.yaml"
    wanted = "    ack: {status: 200, json: {ok: true}}"
    for key in ("text", "xml", "body"):
        right = text.read_text().replace(wanted, f"    ack: {{{key}: '{{\"ok\":true}}'}}", 1)
        wrong = text.read_text().replace(wanted, f"    ack: {{{key}: no}}", 1)
        for content, code in ((right, 0), (wrong, 1)):
            other = tmp_path / key / str(code) / "acme.yaml"
            other.parent.mkdir(parents=True)
            other.write_text(content, encoding="utf-8")
            result = run("test", other)
            assert (result.exit_code, f"ack · {key}: expected 'no'" in result.stdout) == (code, bool(code))


def test_a_broken_vendor_fails_with_its_mistakes_and_does_not_stop_the_others(tmp_path: Path) -> None:
    folder = acme(tmp_path / "own")
    (folder / "aaa.yaml").write_text("spec: v1\nvendor: [\n", encoding="utf-8")
    result = run("test", folder)
    assert result.exit_code == 1
    assert f"FAIL {folder}/aaa.yaml    not tested" in result.stdout
    assert "error[YAML001]" in result.stdout
    assert f"ok   {folder}/acme.yaml   1/1 examples" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("1 example, 0 failed, 1 file not tested")


def test_an_example_that_cannot_be_signed_fails_alone(tmp_path: Path) -> None:
    change = ('of: "{body}"', 'of: "{header.X-Missing}{body}"')
    result = run("test", acme(tmp_path / "own", change))
    assert result.exit_code == 1
    assert "X-Missing" in result.stdout.lower() or "x-missing" in result.stdout


def test_json_tells_the_same(tmp_path: Path) -> None:
    result = run("test", "-o", "json", acme(tmp_path / "own", ("message_id: a-1", "message_id: a-2")))
    (file,) = json.loads(result.stdout)
    assert (result.exit_code, file["ok"], file["errors"]) == (1, False, [])
    (example,) = file["examples"]
    assert (example["name"], example["ok"], example["line"]) == ("delivered", False, 20)
    assert example["differences"] == ["event 0 · message_id: expected 'a-2', got 'a-1'"]


def test_no_example_is_nothing_to_test() -> None:
    result = run("test", Path(__file__).parent)
    assert result.exit_code == 2
    assert "nothing to check" in result.stderr


def test_the_packaged_files_pass() -> None:
    result = run("test")
    assert result.exit_code == 0, result.stdout
    assert result.stdout.splitlines()[-1].endswith(" 0 failed")
