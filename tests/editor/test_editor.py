"""Does an editor complete, explain and mark what an author writes? Asked of the server that editors use."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import ROOT, run
from tests.editor.language_server import Editor, editor, installed

MODELINE = "# yaml-language-server: $schema=../schemas/vendor.v1.json\n"
FOLDER = ROOT / "vendors.d"
SHIPPED = sorted(FOLDER.glob("*.yaml"))
PROGRAM = installed()

needs_the_server = pytest.mark.skipif(
    PROGRAM is None, reason="no npm: set YAML_LANGUAGE_SERVER to the program of yaml-language-server"
)


@pytest.fixture(scope="module")
def session() -> Iterator[Editor]:
    assert PROGRAM
    with editor(PROGRAM, ROOT) as found:
        yield found


def _spec(events: str) -> str:
    return (
        f"{MODELINE}spec: v1\nvendor: draft\ntitle: A draft\ndocs: [https://docs.example]\nbody: json\n"
        f"unsigned: a test\nack: {{status: 200}}\nstatus: {{otherwise: unknown}}\nevents:\n{events}"
        "examples:\n  - {name: one, request: POST /notify/sms/1/111, outcome: ignored}\n"
    )


def _place(text: str, mark: str) -> tuple[str, int, int]:
    """The text without the mark `|`, which stands behind some words, and where it stood."""
    before, after = text.split(mark, 1)
    head = before + mark.removesuffix("|")
    return head + after, head.count("\n"), len(head) - head.rfind("\n") - 1


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_file_names_its_schema_in_its_first_line(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith(MODELINE)
    assert (path.parent / "../schemas/vendor.v1.json").is_file()


@needs_the_server
@pytest.mark.parametrize("kind", ["sms.delivery", "sms.inbound", "email.event", "voice.call"])
def test_the_fields_of_an_entry_are_those_of_its_kind_with_what_they_are(session: Editor, kind: str) -> None:
    (file,) = (ROOT / "schemas" / "events").glob(f"{kind}.v*.json")
    properties = json.loads(file.read_text(encoding="utf-8"))["properties"]
    wanted = {name: one["description"] for name, one in properties.items() if not one.get("readOnly")}
    text, line, column = _place(_spec(f"  - kind: {kind}\n    fields:\n      |\n"), "      |")
    offered = session.completions(session.draft(FOLDER, text), line, column)
    assert set(offered) == set(wanted)
    for name, description in wanted.items():
        assert description in offered[name].replace("\\", "")


@needs_the_server
@pytest.mark.parametrize(
    ("events", "mark", "offered"),
    [
        ("  - kind: |\n", "kind: |", {"sms.delivery", "sms.inbound", "email.event", "ignore"}),
        ("  - kind: sms.delivery\n    |\n", "\n    |", {"each", "fields", "where", "equals", "extra", "set"}),
        ("  - kind: sms.delivery\n    set:\n      status: |\n", "status: |", {"delivered", "undelivered", "expired"}),
        ("  - kind: sms.delivery\n    set:\n      |\n", "      |", {"status", "reason"}),
    ],
)
def test_words_are_offered_where_they_may_stand(session: Editor, events: str, mark: str, offered: set[str]) -> None:
    text, line, column = _place(_spec(events), mark)
    assert offered <= set(session.completions(session.draft(FOLDER, text), line, column))


@needs_the_server
@pytest.mark.parametrize("key", ["verify", "match", "unsigned", "ack", "time", "status", "events", "examples"])
def test_a_key_explains_itself(session: Editor, key: str) -> None:
    schema = json.loads((ROOT / "schemas" / "vendor.v1.json").read_text(encoding="utf-8"))
    description = schema["properties"][key]["description"]
    path = next(one for one in SHIPPED if f"\n{key}:" in one.read_text(encoding="utf-8"))
    lines = path.read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines) if text.startswith(f"{key}:"))
    shown = session.hover(session.open(path), line, 1).replace("\\", "").replace("&nbsp;", " ")
    assert description[:40] in shown


@needs_the_server
def test_a_field_explains_itself(session: Editor) -> None:
    text = _spec("  - kind: sms.delivery\n    fields: {message_id: id, code: state, done_at: when}\n")
    line = next(number for number, each in enumerate(text.splitlines()) if "done_at" in each)
    shown = session.hover(session.draft(FOLDER, text), line, text.splitlines()[line].index("done_at") + 2)
    assert "When the message reached this status" in shown


@needs_the_server
@pytest.mark.parametrize(
    ("events", "wrong"),
    [
        ("  - {kind: sms.delivery, set: {status: deliverd}, fields: {message_id: id}}\n", "deliverd"),
        ("  - {kind: sms.inbound, fields: {form: phone}}\n", "form"),
        ("  - {kind: sms.deliverd, fields: {message_id: id}}\n", "sms.deliverd"),
        ("  - {kind: sms.delivery, feilds: {message_id: id}}\n", "feilds"),
        ("  - {kind: ignore, fields: {message_id: id}}\n", "fields"),
    ],
)
def test_a_wrong_word_is_marked_where_it_stands(session: Editor, events: str, wrong: str) -> None:
    text = _spec(events)
    marks = session.squiggles(session.draft(FOLDER, text))
    assert [_marked(text, mark) for mark in marks] == [wrong], marks


@needs_the_server
def test_a_wrong_algorithm_is_marked(session: Editor) -> None:
    rule = 'verify:\n  - {header: X-Sign, is: hmac-sha265, key: secret, of: "{body}"}'
    text = _spec("  - {kind: sms.inbound, fields: {from: phone}}\n").replace("unsigned: a test", rule)
    marks = session.squiggles(session.draft(FOLDER, text))
    assert [_marked(text, mark) for mark in marks] == ["hmac-sha265"], marks


def _marked(text: str, mark: dict[str, dict[str, dict[str, int]]]) -> str:
    start, end = mark["range"]["start"], mark["range"]["end"]
    assert start["line"] == end["line"]
    return text.splitlines()[start["line"]][start["character"] : end["character"]]


@needs_the_server
def test_a_shipped_file_has_no_mark_at_all(session: Editor) -> None:
    opened = {path.name: session.open(path) for path in SHIPPED}
    marks = {name: [one["message"] for one in session.squiggles(uri)] for name, uri in opened.items()}
    assert {name: found for name, found in marks.items() if found} == {}


@needs_the_server
def test_the_settings_that_are_printed_do_for_a_file_without_the_line(tmp_path: Path) -> None:
    """In a folder of its own, as `adapter schema --vscode` says for it."""
    assert PROGRAM
    (tmp_path / "specs").mkdir()
    path = tmp_path / "specs" / "draft.yaml"
    text = _spec("  - {kind: sms.delivery, set: {status: deliverd}, fields: {message_id: id}}\n").removeprefix(MODELINE)
    path.write_text(text, encoding="utf-8")
    (tmp_path / "schemas").mkdir()
    schema = run("schema").stdout
    (tmp_path / "schemas" / "vendor.v1.json").write_text(schema, encoding="utf-8")
    settings = json.loads(run("schema", "--vscode", "--vendors", "specs").stdout)
    with editor(PROGRAM, tmp_path, settings["yaml.schemas"]) as session:
        marks = session.squiggles(session.open(path))
        assert [_marked(text, mark) for mark in marks] == ["deliverd"], marks
