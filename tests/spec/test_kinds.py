"""Do the kind files say what events are, and does a broken one say what is wrong with it?"""

import json
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from adapter.spec.kinds import BadKind, kind, read_documents, read_kinds
from adapter.spec.language import Column, Word

EVENTS = Path(__file__).parents[2] / "schemas" / "events"
DOCUMENTS = {Path(file).name.removesuffix(".v1.json"): each for file, each in read_documents([EVENTS]).items()}
KINDS = read_kinds([EVENTS])
PROVENANCE = {"vendor": "netease", "channel": "sms/1", "spec": "4f2d", "extra": {}, "warnings": []}
MINIMAL: dict[str, Any] = {
    "title": "A parcel moved",
    "type": "object",
    "properties": {
        "parcel": {"type": "string"},
        "place": {"type": ["string", "null"]},
        "weight": {"type": ["number", "null"]},
        "seen_at": {"type": ["string", "null"], "format": "date-time"},
    },
    "required": ["parcel"],
}
SAMPLES: dict[str, dict[str, Any]] = {
    "sms.delivery": {
        "message_id": "1490", "to": "12345678945", "status": "delivered", "reason": None, "final": True,
        "code": "DELIVRD", "code_known": True, "segments": 1, "done_at": "2017-06-06T10:40:30+08:00",
    },
    "sms.inbound": {"message_id": None, "from": "12345678945", "text": "", "attachments": []},
    "email.event": {"event_id": "e1", "status": "bounced", "reason": "invalid", "tags": ["a"], "metadata": {"a": 1}},
    "contact.event": {"type": "opt_out", "from": "12345678945"},
    "chat.message": {"from": "12345678945", "text": "hi", "location": {"latitude": "1"}, "attachments": None},
    "voice.call": {"call_id": "CA1", "status": "completed", "final": True, "duration": 1.5, "direction": "inbound"},
    "generic.event": {"type": "template.approved", "data": {"a": [1]}},
}  # fmt: skip


def sample(name: str, **changes: Any) -> dict[str, Any]:
    return {**PROVENANCE, **SAMPLES[name], **changes}


def without(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != name}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_event_of_each_kind_is_valid(name: str) -> None:
    Draft7Validator(DOCUMENTS[name]).validate(sample(name))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("sms.delivery", sample("sms.delivery", status="DELIVRD")),
        ("sms.delivery", sample("sms.delivery", status=None)),
        ("sms.delivery", sample("sms.delivery", reason="because")),
        ("sms.delivery", sample("sms.delivery", phone="12345678945")),
        ("sms.delivery", sample("sms.delivery", segments="1")),
        ("sms.delivery", sample("sms.delivery", message_id=None)),
        ("sms.delivery", without(sample("sms.delivery"), "message_id")),
        ("sms.delivery", without(sample("sms.delivery"), "vendor")),
        ("sms.inbound", sample("sms.inbound", **{"from": None})),
        ("sms.inbound", sample("sms.inbound", attachments="https://media.example.com/1.jpg")),
        ("email.event", sample("email.event", reason="unknown_reason")),
        ("email.event", sample("email.event", final=True)),
        ("contact.event", sample("contact.event", type="STOP")),
        ("chat.message", sample("chat.message", status="read")),
        ("voice.call", sample("voice.call", duration="1.5")),
        ("generic.event", sample("generic.event", warnings=["bad time"])),
    ],
)
def test_an_event_that_breaks_its_kind_is_refused(name: str, data: dict[str, Any]) -> None:
    assert not Draft7Validator(DOCUMENTS[name]).is_valid(data)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_property_of_a_kind_is_described_and_its_example_is_valid(name: str) -> None:
    for field, described in DOCUMENTS[name]["properties"].items():
        assert described["description"], field
        for example in described["examples"]:
            Draft7Validator(described).validate(example)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_required_is_what_may_not_be_null(name: str) -> None:
    document = DOCUMENTS[name]
    never_null = {field for field, each in document["properties"].items() if "null" not in each["type"]}
    assert set(document["required"]) == never_null


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_groups_of_x_one_of_and_of_any_of_agree(name: str) -> None:
    document = DOCUMENTS[name]
    parts = [document] if "anyOf" in document else document.get("allOf", [])
    assert [[each["required"][0] for each in part["anyOf"]] for part in parts] == document.get("x-one-of", [])
    for group in document.get("x-one-of", []):
        unknown = sample(name, **dict.fromkeys(group))
        assert not Draft7Validator(document).is_valid(unknown)
        for member in group:
            Draft7Validator(document).validate({**unknown, member: "1"})


@pytest.mark.parametrize("name", KINDS)
def test_the_dataschema_of_a_kind_is_the_id_of_its_file(name: str) -> None:
    assert KINDS[name].dataschema == DOCUMENTS[name]["$id"]


@pytest.mark.parametrize("name", KINDS)
def test_status_words_stand_in_the_order_of_their_rank(name: str) -> None:
    words = list(KINDS[name].words.values())
    assert words == sorted(words, key=lambda word: word.rank)
    assert tuple(word.name for word in words) == tuple(DOCUMENTS[name]["properties"].get("status", {}).get("enum", ()))


def test_a_delivery_report_is_read_as_the_file_says() -> None:
    report = KINDS["sms.delivery"]
    assert report.columns["segments"] == Column("segments", "integer")
    assert report.columns["done_at"] == Column("done_at", "date-time")
    assert not {"status", "reason", "final", "code_known", "vendor", "extra"} & set(report.columns)
    assert report.results == ("status", "reason", "final", "code_known")
    assert report.required == (("message_id", "reference"),)
    assert report.key == (("message_id", "reference", "to", "part", "status.from", "status.success"),)
    assert report.times == ("done_at", "sent_at")
    assert report.words["expired"] == Word("expired", 4, final=True, success=False, reasoned=True)
    assert (report.subject, report.success, report.unknown_reason) == ("message_id", "delivered", "unknown_reason")
    assert "absent_subscriber" in report.reasons
    assert None not in report.reasons


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("sms.inbound", Column("attachments", "list of text")),
        ("email.event", Column("metadata", "object")),
        ("voice.call", Column("duration", "number")),
        ("contact.event", Column("type", "enum", ("opt_out", "opt_in", "started", "referral"))),
    ],
)
def test_a_property_becomes_a_column_of_its_type(name: str, column: Column) -> None:
    assert KINDS[name].columns[column.name] == column


def test_a_minimal_kind_needs_no_keyword_of_ours() -> None:
    parcel = kind(MINIMAL, "parcel.moved.v2.json")
    assert (parcel.name, parcel.version, parcel.title) == ("parcel.moved", "v2", "A parcel moved")
    assert parcel.key == (("parcel",),)
    assert parcel.times == ("seen_at",)
    assert (parcel.subject, parcel.words, parcel.success, parcel.reasons) == ("", {}, "", ())


def test_a_kind_without_required_fields_is_keyed_by_all_of_them() -> None:
    assert kind(without(MINIMAL, "required"), "parcel.v1.json").key == (("parcel", "place", "weight", "seen_at"),)


def test_a_later_folder_lays_over_an_earlier_one(tmp_path: Path) -> None:
    for name, title in (("sms.inbound.v2.json", "Ours"), ("parcel.moved.v1.json", "A parcel moved")):
        (tmp_path / name).write_text(json.dumps({**MINIMAL, "title": title}), encoding="utf-8")
    kinds = read_kinds([EVENTS, tmp_path])
    assert set(kinds) == {*KINDS, "parcel.moved"}
    assert (kinds["sms.inbound"].title, kinds["sms.inbound"].version) == ("Ours", "v2")
    assert kinds["sms.delivery"] == KINDS["sms.delivery"]


def test_of_two_versions_in_a_folder_the_higher_counts(tmp_path: Path) -> None:
    for version in ("v2", "v10", "v9"):
        (tmp_path / f"parcel.{version}.json").write_text(json.dumps(MINIMAL), encoding="utf-8")
    assert read_kinds([tmp_path])["parcel"].version == "v10"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("parcel.v1.json", b'{"a": }', "not JSON: Expecting value in line 1, column 7"),
        ("parcel.v1.json", b"\xff", "not UTF-8: byte 0"),
        ("parcel.v1.json", b"[]", "a kind is a JSON object"),
        ("parcel.json", b"{}", "a kind's file is named like sms.delivery.v1.json"),
        ("ignore.v1.json", b"{}", "'ignore' is the word for what nobody wants; a kind needs another name"),
    ],
)
def test_an_unreadable_kind_file_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadKind) as caught:
        read_kinds([tmp_path])
    assert (caught.value.file, caught.value.message) == (str(tmp_path / name), message)


STATUSES = {"moving": {"rank": 1}, "here": {"rank": 2, "final": True, "success": True}}
STATUS = {"type": "string", "enum": ["moving", "here"], "readOnly": True}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "array"}, "not a kind: type: 'object' was expected"),
        ({"properties": {"a": {"type": 5}}}, "not a JSON Schema: properties.a.type: 5 is not valid"),
        ({"properties": {"a": True}}, "not a kind: properties.a: True is not of type 'object'"),
        ({"properties": {"parcel": {"type": ["string", "integer"]}}}, "property 'parcel' has the type ['string', 'int"),
        ({"properties": {"parcel": {"type": "array"}}}, "property 'parcel' has the type 'array'; a field is string,"),
        ({"properties": {"parcel": {}}}, "property 'parcel' has the type None; a field is string"),
        ({"required": ["sender"]}, "required names 'sender', which is not a property of this kind (parcel, place"),
        ({"x-key": [["parcel"], ["plaice"]]}, "x-key names 'plaice', which is not a field of this kind (parcel, pl"),
        ({"x-key": [["status.from"]]}, "x-key names 'status.from', which is not a field of this kind"),
        ({"x-key": ["parcel"]}, "not a kind: x-key.0: 'parcel' is not of type 'array'"),
        ({"x-one-of": [["parcel", "sender"]]}, "x-one-of names 'sender', which is not a field"),
        ({"x-times": ["place"]}, "x-times names 'place', which is not a date-time field of this kind (seen_at)"),
        ({"x-subject": "sender"}, "x-subject names 'sender', which is not a field"),
        ({"x-statuses": STATUSES}, "x-statuses and the enum of a readOnly property 'status' must list the same words"),
        ({"x-statuses": {"here": {"final": "yes"}}}, "not a kind: x-statuses.here.final: 'yes' is not of type 'bool"),
        ({"x-unknown-reason": "other"}, "x-unknown-reason names 'other', which is not a reason"),
    ],
)
def test_a_broken_kind_says_what_is_wrong(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BadKind) as caught:
        kind({**deepcopy(MINIMAL), **changes}, "parcel.v1.json")
    assert caught.value.message.startswith(message)
    assert str(caught.value) == f"parcel.v1.json: {caught.value.message}"


def test_the_success_word_must_be_one() -> None:
    document = {**MINIMAL, "properties": {**MINIMAL["properties"], "status": STATUS}, "x-statuses": STATUSES}
    assert kind(document, "parcel.v1.json").success == "here"
    with pytest.raises(BadKind, match="x-success names 'moving', which is not a success word of this kind"):
        kind({**document, "x-success": "moving"}, "parcel.v1.json")
