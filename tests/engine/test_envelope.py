"""Does an event's id depend on what the vendor said, and on nothing else?"""

# A row of a table is one line.
# ruff: noqa: E501

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.engine.envelope import event_id, identified
from adapter.engine.flow import process
from adapter.expressions.keys import key_parts
from adapter.model import Element, Event, Integer, Json, Number, Refused, dumps
from tests.specs import ARRIVAL, arrived, become, bound, tiny

RECORD: dict[str, Json] = {
    "id": "m-1",
    "ref": "r",
    "to": "138",
    "n": 1,
    "c": "a",
    "ok": False,
    "t": "2024-05-01 10:00:00",
    "x": "y",
}
SPEC = tiny("""\
body: json
time: {zone: Asia/Shanghai, formats: [yyyy-MM-dd HH:mm:ss]}
status: {from: [c], success: ok, tables: [t], codes: {'b': expired}, otherwise: undelivered}
events:
  - kind: sms.delivery
    fields: {message_id: id, reference: ref, to: to, part: n, code: c, done_at: t, description: d}
    extra: {x: x}
""")
TABLE = "table: v1\nname: t\ncodes: {'a': rejected}\n"
INBOUND = tiny(
    "body: json\nevents:\n  - {kind: sms.inbound, fields: {message_id: id, from: f, to: to, text: x, received_at: t}}\n"
)
MAIL = tiny("""\
body: json
status: {from: [c], otherwise: unknown}
events:
  - {kind: email.event, fields: {event_id: e, message_id: id, to: to, occurred_at: t, url: u}}
""")


def event(text: str = SPEC, table: str = TABLE, at: datetime = ARRIVAL, **changes: Json) -> Event:
    (found,) = become(text, arrived(json.dumps({**RECORD, **changes}), at=at), tables={"t": table}).events
    return found


@pytest.mark.parametrize(
    ("text", "table"),
    [
        (SPEC, TABLE.replace("rejected", "expired/suspended")),
        (SPEC, TABLE.replace("'a': rejected", "'z': deleted")),
        (SPEC.replace("Asia/Shanghai", "UTC"), TABLE),
        (SPEC.replace("yyyy-MM-dd HH:mm:ss", "unix"), TABLE),
        (SPEC.replace("otherwise: undelivered", "otherwise: unknown"), TABLE),
        (SPEC.replace("'b': expired", "'a': deleted"), TABLE),
        (SPEC.replace("    extra: {x: x}\n", ""), TABLE),
        (SPEC.replace("extra: {x: x}", "extra: {z: abs(x)}"), TABLE),
        (SPEC.replace("description: d", "description: abs(x)"), TABLE),
        (SPEC.replace(", description: d", "").replace(", done_at: t", ""), TABLE),
        (SPEC.replace("to: to", "to: [nothing, to]"), TABLE),
    ],
)
def test_mending_a_table_a_zone_or_an_extra_keeps_the_id(text: str, table: str) -> None:
    before, after = event(), event(text, table)
    assert after.id == before.id
    assert after.envelope["data"] != before.envelope["data"]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "m-2"},
        {"ref": "s"},
        {"to": "139"},
        {"n": 2},
        {"c": "b"},
        {"ok": True},
        {"ref": None},
        {"to": " 138"},
        {"c": "A"},
        {"n": "01"},
    ],
)
def test_what_tells_two_reports_apart_changes_the_id(changes: dict[str, Json]) -> None:
    assert event(**changes).id != event().id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"ref": None}, {"ref": ""}), ({"n": 1}, {"n": "1"}), ({"id": 7}, {"id": "7"}), ({"ok": False}, {"ok": ""}), ({"c": None}, {"c": ""}),
        ({"x": 1}, {"x": 2}), ({"t": "2024-05-01 10:00:00"}, {"t": "soon"}), ({"d": "one"}, {"d": {"an": "object"}}),
    ],
)  # fmt: skip
def test_null_and_empty_are_the_same_and_so_are_a_number_and_its_text(
    one: dict[str, Json], other: dict[str, Json]
) -> None:
    assert event(**one).id == event(**other).id


def test_the_id_is_not_about_when_it_was_heard() -> None:
    assert event(at=ARRIVAL + timedelta(days=1)).id == event().id


def test_the_id_is_about_vendor_channel_and_kind() -> None:
    registry, request = bound(SPEC, {"t": TABLE}), arrived(json.dumps(RECORD))
    moved = replace(request, channel="sms/2")
    channels = {"sms/2": replace(registry.channel("sms/1"), name="sms/2")}  # type: ignore[type-var]
    (there,) = process(replace(registry, channels=channels), moved, {}).events  # type: ignore[arg-type]
    other = SPEC.replace("vendor: acme", "vendor: other")
    assert len({event().id, there.id, event(other).id}) == 3
    assert event_id("a", "b", "k", ["x"]) != event_id("a", "b", "l", ["x"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["ab", "c"], ["a", "bc"]),
        (["", "a"], ["a", ""]),
        (["a"], ["a", ""]),
        (["1:a"], ["a"]),
        ([], [""]),
        (["a1:b"], ["a", "b"]),
    ],
)
def test_parts_cannot_flow_into_each_other(one: list[str], other: list[str]) -> None:
    assert event_id("v", "c", "k", one) != event_id("v", "c", "k", other)


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_only_the_same_parts_have_the_same_id(one: list[str], other: list[str]) -> None:
    assert (event_id("v", "c", "k", one) == event_id("v", "c", "k", other)) == (one == other)


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("x", "x"), ("", ""), (None, ""), (0, "0"), (False, "false"), (Number("0.10"), "0.10"), (Integer(10**39), str(10**39)), ([], ""),
        ({}, ""), (["a", 1], '["a",1]'), ({"a": Number("1.0")}, '{"a":1.0}'), (Element({"a": "1"}, "x"), "x"),
    ],
)  # fmt: skip
def test_parts_are_source_texts(value: Json, part: str) -> None:
    assert key_parts([["a", "b"]], {"a": value, "b": "known"}, [], None) == [part, "known"]


def test_the_first_alternative_that_knows_anything_is_taken_and_none_is_a_problem() -> None:
    assert key_parts([["a"], ["b"]], {"a": "", "b": "x"}, [], None) == ["x"]
    wanted = [["a"], ["b", "status.from"]]
    with pytest.raises(Refused, match=r"no a, b, status\.from") as caught:
        identified(wanted, key_parts(wanted, {"a": None}, [None, ""], None))
    assert caught.value.code == "no_key"


def test_an_inbound_message_is_known_by_its_id_or_else_by_its_content() -> None:
    first = event(INBOUND, f="138", x="hello")
    assert event(INBOUND, f="139", x="other").id == first.id
    nameless = event(INBOUND, id=None, f="138", x="hello")
    assert nameless.id == event(INBOUND, id="", f="138", x="hello").id
    assert (
        len(
            {
                nameless.id,
                first.id,
                event(INBOUND, id="", f="138", x="hello!").id,
                event(INBOUND, id="", f="138", x="hello", t="").id,
            }
        )
        == 4
    )


def test_a_mail_event_is_known_by_its_event_id_or_else_by_what_happened() -> None:
    assert event(MAIL, e="1", c="open").id == event(MAIL, e="1", c="click", id="other").id
    others: list[dict[str, Json]] = [{}, {"c": "click"}, {"u": "https://x"}, {"t": "2024-05-01T10:00:00Z"}, {"id": "o"}]
    without = [event(MAIL, **changes).id for changes in others]
    assert len(set(without)) == 5


def test_a_spec_may_say_the_key_itself() -> None:
    text = SPEC.replace("    extra", "    key: [message_id, description]\n    extra")
    assert event(text, d="1").id != event(text, d="2").id
    assert event(text, to="1").id == event(text, to="2").id


def test_an_event_is_a_cloudevent_with_every_field() -> None:
    found = event(d=None).envelope
    assert set(found) == {
        "specversion",
        "id",
        "source",
        "type",
        "subject",
        "time",
        "datacontenttype",
        "dataschema",
        "recordedtime",
        "data",
    }
    assert (found["specversion"], found["source"], found["type"]) == ("1.0", "/sms/1/acme", "sms.delivery")
    assert (found["subject"], found["dataschema"]) == ("m-1", "urn:callback-adapter:sms.delivery:v1")
    assert (found["time"], found["recordedtime"]) == ("2024-05-01T10:00:00+08:00", "2026-01-01T00:00:00.000Z")
    assert set(found["data"]) == {
        "message_id",
        "to",
        "status",
        "reason",
        "final",
        "code",
        "code_known",
        "description",
        "segments",
        "part",
        "reference",
        "country_code",
        "operator",
        "sent_at",
        "done_at",
        "vendor",
        "channel",
        "spec",
        "extra",
        "warnings",
    }
    assert (found["data"]["vendor"], found["data"]["channel"], found["data"]["part"]) == ("acme", "sms/1", 1)
    assert json.loads(dumps(found)) == found


@pytest.mark.parametrize(
    ("changes", "time"), [({"t": "soon"}, "2026-01-01T00:00:00.000Z"), ({"t": ""}, "2026-01-01T00:00:00.000Z")]
)
def test_without_a_time_of_its_own_an_event_has_its_arrival(changes: dict[str, Json], time: str) -> None:
    assert event(**changes).envelope["time"] == time


def test_the_subject_is_left_out_where_there_is_no_message_id() -> None:
    assert "subject" not in event(id="").envelope
    assert "subject" not in event(INBOUND, id="", f="138").envelope


def test_a_big_number_beside_a_fraction_is_written_digit_by_digit() -> None:
    text = SPEC.replace("part: n", "segments: n")
    (found,) = become(
        text, arrived(json.dumps({**RECORD, "n": "1" * 40}).replace('"y"', "0.10")), tables={"t": TABLE}
    ).events
    assert b'"x":0.10' in dumps(found.envelope)
    assert b'"segments":' + b"1" * 40 in dumps(found.envelope)


def test_arrival_is_in_utc() -> None:
    assert event(at=datetime(2026, 1, 1, 0, 0, 0, 123456, UTC)).envelope["recordedtime"] == "2026-01-01T00:00:00.123Z"
