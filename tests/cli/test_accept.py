"""Is what came out written into a file, and nothing else in it?"""

# A row of a table is one line.
# ruff: noqa: E501

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.accepted import flow
from adapter.cli.main import main
from adapter.model import Json
from adapter.rehearsal import same
from adapter.spec import packaged
from adapter.spec.reader import read
from tests.cli.command import ACME, acme, run

HEAD, EXAMPLES = ACME[: ACME.index("  - name: delivered")], ACME[ACME.index("  - name: delivered") :]
EVENT = "{kind: sms.delivery, message_id: a-1, status: delivered}"


@pytest.fixture(scope="module", autouse=True)
def _few_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Only the shared tables come with the package: what is tested here does not depend on its vendors."""
    folder = tmp_path_factory.mktemp("packaged")
    shutil.copytree(packaged.vendors() / "tables", folder / "tables")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packaged, "vendors", lambda: folder)
        yield


def accepted(folder: Path, *flags: str) -> Any:
    return run("test", folder, "--accept", "--yes", *flags)


def example(body: str, keys: str = "sign: true", name: str = "one") -> str:
    lines = "".join(f"    {line}\n" for line in keys.splitlines())
    return f"  - name: {name}\n{lines}    request: |\n      POST /notify/sms/1/111\n\n      {body}\n"


BODY = '{"reports": [{"id": "b-1", "phone": "1", "result": "021", "when": "2024-05-01 09:00:00"}]}'
TWO = '{"reports": [{"id": "b-1", "result": "000"}, {"id": "b-2", "result": "9"}]}'

SPLICED = [
    ("a value that is not so", EXAMPLES.replace("delivered}", "expired}  # kept"), "delivered}", "delivered}  # kept"),
    ("several values", EXAMPLES.replace("message_id: a-1, status: delivered", "message_id: 'x', status: expired"), None, None),
    ("none, and no outcome", example(BODY), None, '    expect:\n      - kind: sms.delivery\n        message_id: b-1\n        to: "1"\n        code: "021"\n'),
    ("none, but an outcome", example(BODY, "sign: true\noutcome: accepted"), None, "        reason: absent_subscriber\n"),
    ("too few", example(TWO, "sign: true\nexpect: []"), None, "      - {kind: sms.delivery, message_id: b-1, code: \"000\", status: delivered}\n"),
    ("too many", example('{"reports": []}', "sign: true\nexpect:\n  - {kind: sms.delivery}"), None, "    expect:\n      []\n"),
    ("another kind", example(BODY, "sign: true\nexpect: [{kind: sms.inbound}]"), None, "expect: [{kind: sms.delivery, message_id: b-1,"),
    ("a flow mapping", "  - {name: one, sign: true, request: 'POST /notify/sms/1/111\n\n\n\n      {\"reports\": [{\"id\": \"c\"}]}' }  # c\n", None, ", expect: [{kind: sms.delivery, message_id: c, status: undelivered, reason: unknown_reason}]}  # c\n"),
    ("a comment behind the last value", example(BODY, "sign: true").replace("  - name", "  - request", 0) + "    outcome: accepted   # as the page says\n", "    outcome: accepted   # as the page says\n", "    outcome: accepted   # as the page says\n    expect:\n"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "text", "before", "after"), SPLICED, ids=[case[0] for case in SPLICED])
def test_what_came_out_is_written_where_it_belongs(
    tmp_path: Path, what: str, text: str, before: str | None, after: str | None
) -> None:
    folder = acme(tmp_path / "own")
    (folder / "acme.yaml").write_text(HEAD + text, encoding="utf-8")
    result = accepted(folder)
    assert result.exit_code == 0, f"{what}: {result.output}"
    assert "wrote   1 example in 1 file" in result.stdout
    written = (folder / "acme.yaml").read_text(encoding="utf-8")
    assert written.startswith(HEAD)
    if after:
        assert after in written
    assert run("validate", "--strict", folder).exit_code == 0
    again = accepted(folder)
    assert "nothing to accept" in again.stdout
    assert (folder / "acme.yaml").read_text(encoding="utf-8") == written


def test_only_fields_that_the_spec_maps_and_that_have_a_value_are_written(tmp_path: Path) -> None:
    folder = acme(tmp_path / "own")
    extra = HEAD.replace("done_at: when}", "done_at: when, operator: carrier}\n    extra: {price: price, none: none}")
    (folder / "acme.yaml").write_text(extra + example(BODY.replace('"id"', '"price": 0.10, "id"')), encoding="utf-8")
    assert accepted(folder).exit_code == 0
    document, _ = read((folder / "acme.yaml").read_bytes(), "acme.yaml")
    assert document
    assert document.data["examples"][0]["expect"] == [
        {"kind": "sms.delivery", "message_id": "b-1", "to": "1", "code": "021", "done_at": "2024-05-01T09:00:00+08:00",
         "status": "undelivered", "reason": "absent_subscriber", "extra": {"price": "0.10"}}
    ]  # fmt: skip


LEFT = [
    ("sign: true\nreject: bad_signature", BODY, "it says that it must be refused as bad_signature"),
    ("sign: false\nexpect: []\noutcome: accepted", BODY, "it is refused: header x-acme-signature is missing"),
    ("sign: true\noutcome: ignored\nexpect: []", BODY, "its outcome is accepted, and it says ignored"),
    (
        "sign: true\nexpect: [{kind: sms.delivery}]",
        '{"reports": [{"result": "1"}]}',
        "it is quarantined: no message_id",
    ),
    ("sign: true\nexpect: [{kind: sms.delivery}]", '{"other": 1}', "it is unclaimed: "),
]


@pytest.mark.parametrize(("keys", "body", "why"), LEFT)
def test_what_a_person_must_judge_is_left_as_it_is(tmp_path: Path, keys: str, body: str, why: str) -> None:
    folder = acme(tmp_path / "own")
    text = HEAD + example(body, keys)
    (folder / "acme.yaml").write_text(text, encoding="utf-8")
    result = accepted(folder)
    assert result.exit_code == 1
    assert f"acme.yaml: one: {why}" in result.stdout
    assert (folder / "acme.yaml").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("n\n", False), ("", False)])
def test_it_asks_and_shows_the_difference(tmp_path: Path, answer: str, written: bool) -> None:
    folder = acme(tmp_path / "own", ("status: delivered}", "status: expired}"))
    before = (folder / "acme.yaml").read_text(encoding="utf-8")
    result = CliRunner().invoke(main, ["test", str(folder), "--accept"], input=answer)
    lines = result.stdout.splitlines()
    assert "-      - {kind: sms.delivery, message_id: a-1, status: expired}" in lines
    assert f"+      - {EVENT}" in lines
    assert "Write 1 example in 1 file? [y/N]" in result.stdout
    assert ((folder / "acme.yaml").read_text(encoding="utf-8") != before) is written
    assert (result.exit_code == 0) is written


def test_data_stays_data_while_the_difference_goes_to_stderr(tmp_path: Path) -> None:
    result = accepted(acme(tmp_path / "own", ("status: delivered}", "status: expired}")), "-o", "json")
    assert result.stdout.startswith("[")
    assert f"+      - {EVENT}" in result.stderr


def test_line_ends_stay(tmp_path: Path) -> None:
    folder = acme(tmp_path / "own")
    text = (HEAD + example(BODY, "sign: true\noutcome: accepted")).replace("\n", "\r\n")
    (folder / "acme.yaml").write_bytes(text.encode())
    accepted(folder)
    written = (folder / "acme.yaml").read_bytes().decode()
    assert written.startswith(text.rstrip())
    assert written.count("\n") == written.count("\r\n") > text.count("\r\n")


def test_a_table_beside_the_file_is_found(tmp_path: Path) -> None:
    folder = acme(tmp_path / "own", ("tables: [cn-carrier]", "tables: [ours]"))
    (folder / "tables").mkdir()
    (folder / "tables" / "ours.yaml").write_text('table: v1\nname: ours\ntitle: Ours\ncodes: {"9": expired}\n', "utf-8")
    text = (folder / "acme.yaml").read_text(encoding="utf-8")
    (folder / "acme.yaml").write_text(text + example(TWO, name="two"), encoding="utf-8")
    assert accepted(folder).exit_code == 0
    assert "status: expired" in (folder / "acme.yaml").read_text(encoding="utf-8")


values = st.recursive(
    st.booleans() | st.integers() | st.text(st.characters(blacklist_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(blacklist_categories=["Cs"])), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(values)
def test_a_value_is_read_as_it_was_written(value: Json) -> None:
    for text in (f"a: {flow(value)}\n", f"a: [{flow(value)}]\n", f"a: {{b: {flow(value)}}}\n"):
        document, mistakes = read(text.encode(), "a.yaml")
        assert mistakes == []
        assert document
        found = document.data["a"]
        assert same(value, found if text == f"a: {flow(value)}\n" else found[0] if text[3] == "[" else found["b"])


plain = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\x85\u2028\u2029\ufeff"), max_size=8
)
records = st.fixed_dictionaries(
    {"id": st.text("abc-1", min_size=1, max_size=4)},
    optional={"phone": plain, "result": st.sampled_from(["000", "021", "9", "MK:0010", ""]), "price": st.floats(0, 9)},
)
keys = st.sampled_from(
    ["sign: true", "sign: true\nexpect: []", "sign: true   # signed\noutcome: accepted # so", 'expect:   # 网\n  - {kind: "sms.delivery"}\nsign: true']
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.lists(records, min_size=1, max_size=3), keys), min_size=1, max_size=3), st.booleans())
def test_accepting_twice_changes_nothing_and_what_stands_elsewhere_is_untouched(
    tmp_path: Path, written: list[tuple[list[dict[str, Any]], str]], crlf: bool
) -> None:
    folder = acme(tmp_path / "own")
    head = HEAD.replace("done_at: when}", "done_at: when}\n    extra: {price: price}   # 'as it came'")
    body = ((json.dumps({"reports": each}), words) for each, words in written)
    text = head + "".join(f"  # before {at}\n{example(one, words, f'e{at}')}" for at, (one, words) in enumerate(body))
    text = text.replace("\n", "\r\n") if crlf else text
    (folder / "acme.yaml").write_bytes(text.encode())
    first = accepted(folder)
    once = (folder / "acme.yaml").read_bytes().decode()
    assert accepted(folder).exit_code == first.exit_code
    assert (folder / "acme.yaml").read_bytes().decode() == once
    if first.exit_code == 0:
        assert run("validate", folder).exit_code == 0
    kept = iter(once.split("\n"))
    for line in text.split("\n"):
        if "expect" not in line and "- {kind" not in line:
            assert line in kept, f"{line!r} is gone, or stands elsewhere"
