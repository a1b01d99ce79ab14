"""What becomes of a whole callback, good or bad?"""

# A row of a table is one line.
# ruff: noqa: E501

import json
from typing import Any

import pytest

from adapter.engine.flow import CHUNK, process, steps
from adapter.model import Json, Outcome, Request, dumps
from tests.specs import arrived, become, bound, data, tiny

SPEC = tiny("""\
body: json
match: {has: reports}
time: {zone: Asia/Shanghai, formats: [yyyy-MM-dd HH:mm:ss]}
status: {codes: {'ok': delivered, 'drop': ignore}, otherwise: undelivered}
events:
  - kind: sms.delivery
    each: reports
    fields: {message_id: id, to: to, code: c, segments: n, done_at: t, description: d}
    extra: [x]
""")
FORM = SPEC.replace("body: json", "body: form").replace("    each: reports\n", "")


def reports(*records: Json) -> Request:
    return arrived(json.dumps({"reports": list(records)}))


def done(*records: Json) -> Outcome:
    return become(SPEC, reports(*records))


def codes(outcome: Outcome) -> list[tuple[str, int | None]]:
    return [(problem.code, problem.record) for problem in outcome.problems]


def warned(outcome: Outcome) -> list[tuple[str, str]]:
    found: Any = data(outcome)["warnings"]
    return [(one["code"], one["field"]) for one in found]


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b"a=1", b'{"reports": [NaN]}', b"[" * 200_000, b'{"reports": "' + b"\xff" * 9]
)
def test_what_cannot_be_parsed_is_400_and_kept(body: bytes) -> None:
    found = become(SPEC, arrived(body))
    assert (found.name, found.code, found.ack.status, found.keep) == ("refused", "unreadable_body", 400, True)
    assert [(one.stage, one.code) for one in found.problems] == [("decode", "unreadable_body")]
    assert not found.events


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n", b"\t \n" * 100])
def test_a_body_of_nothing_but_blanks_is_none(body: bytes) -> None:
    found = become(SPEC, arrived(body))
    assert (found.name, found.ack.status, found.problems) == ("ignored", 200, ())


@pytest.mark.parametrize("digits", ["1" * 40, "18446744073709551616", "9007199254740993", "-" + "9" * 39, "7" * 4000])
def test_a_long_id_is_kept_digit_by_digit(digits: str) -> None:
    found = become(SPEC, arrived(f'{{"reports": [{{"id": {digits}, "c": "ok", "x": {digits}}}]}}'))
    assert data(found)["message_id"] == digits
    assert b'"x":%s' % digits.encode() in dumps(found.events[0].envelope)


@pytest.mark.parametrize("bad", [{}, {"id": ""}, {"id": None}, {"id": {}}, "text", 5, [], [1], {"ID": 1}])
def test_one_bad_record_of_a_hundred_spares_its_neighbours(bad: Json) -> None:
    records: list[Json] = [{"id": place, "c": "ok"} for place in range(100)]
    records[41] = bad
    found = done(*records)
    assert (found.name, found.ack.status) == ("partial", 200)
    assert codes(found) == [("missing_field", 41)]
    assert found.problems[0].content == bad
    assert found.problems[0].place.split(":")[0].endswith("acme.yaml")
    assert [event.record for event in found.events] == [place for place in range(100) if place != 41]


def test_only_bad_records_are_quarantined_and_acked() -> None:
    found = done({}, {})
    assert (found.name, found.ack.status, found.keep) == ("quarantined", 200, True)
    assert codes(found) == [("missing_field", 0), ("missing_field", 1)]


def test_an_unknown_code_is_kept_and_said_to_be_unknown() -> None:
    found = data(done({"id": 1, "c": "NEW:1"}))
    assert [found[name] for name in ("code", "status", "reason", "code_known", "final")] == [
        "NEW:1",
        "undelivered",
        "unknown_reason",
        False,
        True,
    ]


@pytest.mark.parametrize("time", ["soon", "2024-13-01 00:00:00", "9" * 18, "9" * 400, True, {"a": 1}])
def test_a_time_that_cannot_be_read_is_null_with_a_warning(time: Json) -> None:
    found = done({"id": 1, "c": "ok", "t": time})
    assert (found.name, data(found)["done_at"], warned(found)) == ("accepted", None, [("bad_time", "done_at")])


@pytest.mark.parametrize("form", ["unix", "unix_ms", "unix_any", "iso8601", "rfc2822"])
@pytest.mark.parametrize("time", ["9" * 18, "1" + "0" * 17, "-" + "9" * 18, "9" * 30, "253402300800"])
def test_a_time_far_outside_of_the_calendar_never_loses_the_report(form: str, time: str) -> None:
    found = become(
        SPEC.replace("formats: [yyyy-MM-dd HH:mm:ss]", f"formats: [{form}]"), reports({"id": 1, "c": "ok", "t": time})
    )
    assert found.name == "accepted"


@pytest.mark.parametrize(
    ("record", "warnings"),
    [
        ({"n": "two"}, [("bad_value", "segments")]), ({"n": {"a": 1}}, [("bad_value", "segments")]), ({"to": ["1", "2"]}, [("bad_value", "to")]),
        ({"to": {"a": 1}}, [("bad_value", "to")]), ({"n": "", "t": "", "to": ""}, []), ({"n": None, "t": 0}, []), ({"d": 0, "n": 0}, []),
    ],
)  # fmt: skip
def test_a_value_of_an_optional_field_that_does_not_fit_is_null_with_a_warning(
    record: dict[str, Json], warnings: list[tuple[str, str]]
) -> None:
    found = done({"id": 1, "c": "ok", **record})
    assert (found.name, warned(found)) == ("accepted", warnings)


@pytest.mark.parametrize(
    "body", ['{"Reports": [{"id": 1}]}', '{"data": {"reports": []}}', '{"reports": null}', '[{"id": 1}]', '"text"', "5"]
)
def test_a_list_that_was_renamed_is_unclaimed_acked_and_kept(body: str) -> None:
    found = become(SPEC, arrived(body))
    assert (found.name, found.ack.status, found.keep) == ("unclaimed", 200, True)
    assert codes(found) == [("unclaimed", None)]


@pytest.mark.parametrize("body", ["{}", "[]", '""', "null", '{"reports": []}'])
def test_nothing_is_ignored_and_acked(body: str) -> None:
    found = become(SPEC, arrived(body))
    assert (found.name, found.ack.status, found.problems) == ("ignored", 200, ())


def test_a_probe_without_a_body_is_ignored_and_acked() -> None:
    found = become(SPEC, arrived(b""))
    assert (found.name, found.ack.status) == ("ignored", 200)


def test_dropped_codes_are_counted() -> None:
    assert (done({"id": 1, "c": "drop"}).name, done({"id": 1, "c": "drop"}).ignored) == ("ignored", 1)
    mixed = done({"id": 1, "c": "drop"}, {"id": 2, "c": "ok"}, {})
    assert (mixed.name, mixed.ignored, len(mixed.events), codes(mixed)) == ("partial", 1, 1, [("missing_field", 2)])


def test_the_first_of_two_equal_records_stands_with_a_warning() -> None:
    found = done({"id": 1, "c": "ok", "x": "first"}, {"id": 2, "c": "ok"}, {"id": 1, "c": "ok", "x": "second"})
    assert (found.name, len(found.events)) == ("accepted", 2)
    assert data(found)["extra"] == {"x": "first"}
    assert warned(found) == [("repeated", "")]


@pytest.mark.parametrize(
    ("body", "message_id", "to", "description"),
    [
        (b"id=a&id=b&c=ok&to=1", "a", "1", None),
        (b"id=a+b&c=ok&to=%2B86+138&d=x%26y%3Dz", "a b", "+86 138", "x&y=z"),
        (b"id=a%2Bb&c=ok&to=%252B&d=", "a+b", "%2B", ""),
        ("id=中&c=ok&d=%E4%B8%AD".encode(), "中", None, "中"),
    ],
)
def test_forms_are_decoded_once_and_repeated_keys_give_their_first(
    body: bytes, message_id: str, to: str | None, description: str | None
) -> None:
    found = become(FORM, arrived(body))
    assert [data(found)[name] for name in ("message_id", "to", "description")] == [message_id, to, description]
    assert (("bad_value", "message_id") in warned(found)) == (b"id=a&id=b" in body)


def test_texts_that_hold_no_json_are_warned_about_in_every_event() -> None:
    text = SPEC.replace("body: json", "body: json\nparse_json: [reports.x]")
    found = become(text, reports({"id": 1, "c": "ok", "x": "no"}, {"id": 2, "c": "ok", "x": '{"a": 1}'}))
    assert warned(found) == [("not_json", "")]
    assert [data(found, place)["extra"] for place in (0, 1)] == [{"x": None}, {"x": {"a": 1}}]


def test_every_stage_can_be_watched_in_order() -> None:
    seen: list[str] = []
    process(bound(SPEC), reports({"id": 1, "c": "ok"}, {"id": 2, "c": "ok"}), {}, lambda stage, _: seen.append(stage))
    assert seen == ["identify", "verify", "decode", "explode", "event", "event"]


def test_the_order_of_events_is_the_order_of_records() -> None:
    assert [data(done(*({"id": id_, "c": "ok"} for id_ in "cab")), place)["message_id"] for place in range(3)] == [
        "c",
        "a",
        "b",
    ]


def test_the_settings_of_the_spec_are_read_in_expressions() -> None:
    text = SPEC.replace("match:", "settings: {address: home, on: true}\nmatch:").replace(
        "to: to", 'to: "if(_.settings.on, _.settings.address)"'
    )
    assert data(become(text, reports({"id": 1, "c": "ok"})))["to"] == "home"


def test_an_expression_that_makes_a_value_nobody_can_write_does_not_break_the_event() -> None:
    text = SPEC.replace("extra: [x]", 'extra: {a: "to_number(x)", b: "base64_decode(x, x)", c: "bits(x, x)"}')
    for value in ("nan", "inf", "1e999", "utf-7", "9" * 3000, "unicode_escape", "-1", "\0"):
        found = become(text, reports({"id": 1, "c": "ok", "x": value}))
        assert json.loads(dumps(found.events[0].envelope)) == found.events[0].envelope


@pytest.mark.parametrize("records", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5])
def test_a_batch_gives_way_after_every_chunk_of_records_and_comes_out_the_same(records: int) -> None:
    request = reports(*({"id": place, "c": "ok"} if place % 7 else {} for place in range(records)))
    work = steps(bound(SPEC), request, {})
    for _ in range(records // CHUNK):
        next(work)
    with pytest.raises(StopIteration) as done:
        next(work)
    assert done.value.value == process(bound(SPEC), request, {})
