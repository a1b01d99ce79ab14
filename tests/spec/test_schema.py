"""Do the committed schemas fit the kinds, and does every mistake come out once, in place, in plain words?"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from adapter.spec.diagnostics import Diagnostic
from adapter.spec.kinds import read_documents
from adapter.spec.mistakes import TRANSLATORS
from adapter.spec.reader import read
from adapter.spec.schema import check_shape, rendered, validator, vendor_schema

SCHEMAS = Path(__file__).parents[2] / "schemas"
VENDOR = json.loads((SCHEMAS / "vendor.v1.json").read_text(encoding="utf-8"))
TABLE = json.loads((SCHEMAS / "table.v1.json").read_text(encoding="utf-8"))
BOTH = pytest.mark.parametrize("schema", [VENDOR, TABLE], ids=["vendor", "table"])
OF_VENDORS, OF_TABLES = validator(VENDOR), validator(TABLE)

GOOD = """\
spec: v1
vendor: netease
title: NetEase Yunxin SMS (网易云信)
docs: [https://vendor.example/docs]
body: json
match:
  headers: [MD5, CurTime, CheckSum]
verify:
  - {header: MD5,      is: md5,  of: "{body}"}
  - {header: CheckSum, is: sha1, of: "{secret.app_secret}{header.MD5}{header.CurTime}", within: 5m}
ack: {status: 200, json: {code: 200}, ignored: {text: ""}, retry_status: 503}
time: {zone: Asia/Shanghai, formats: [yyyy-MM-dd HH:mm:ss]}
status:
  from: [result]
  tables: [cn-carrier]
  codes: {"BLACK": rejected/blacklisted, "MK:0010": /absent_subscriber, "MI:*": expired, "deleted": ignore}
  otherwise: undelivered
events:
  - kind: sms.delivery
    equals: {eventType: "11"}
    each: objects
    fields: {message_id: sendid, to: [mobile, phone], code: result, done_at: reportTime}
    extra: {template_id: templateId}
    key: [message_id, status.from]
  - kind: sms.inbound
    equals: {eventType: ["12", 12]}
    each: [objects, items]
    where: text != null
    fields: {from: mobile, text: content, received_at: receiveTime}
    set: {country_code: "86"}
    extra: [templateId]
    status: {otherwise: unknown}
  - kind: ignore
    when: "!contains(['11', '12'], to_string(eventType))"
examples:
  - name: two receipts in one push
    sign: true
    request: |
      POST /notify/sms/1/111
      CurTime: 1496385645000

      {"eventType": "11", "objects": []}
    expect:
      - {kind: sms.delivery, message_id: "1490", status: delivered}
    ack: {status: 200, json: {code: 200}}
  - {name: the page's own headers do not verify, request: POST /, reject: bad_signature}
"""
GOOD_TABLE = """\
table: v1
name: cn-carrier
title: Codes of the carriers
docs: [https://vendor.example/docs]
fold: true
codes: {"DELIVRD": delivered, "MK:*": undelivered}
"""


def check(text: str) -> list[Diagnostic]:
    document, _ = read(text.encode(), "netease.yaml")
    assert document is not None
    return check_shape(document, OF_TABLES if text.startswith("table:") else OF_VENDORS)


def told(text: str) -> list[tuple[str, str, str]]:
    places = ((each, each.span) for each in check(text))
    return [(each.code, each.message, f"{span.line}:{span.column}") for each, span in places if span]


def changed(before: str, after: str, text: str = GOOD) -> str:
    assert text.count(before) == 1
    return text.replace(before, after)


def test_the_committed_vendor_schema_is_its_own_regeneration() -> None:
    again = vendor_schema(VENDOR, read_documents([SCHEMAS / "events"]))
    assert rendered(again) == (SCHEMAS / "vendor.v1.json").read_text(encoding="utf-8")


def test_the_generated_parts_do_not_depend_on_what_stood_there() -> None:
    bare = json.loads(rendered(VENDOR))
    bare["definitions"]["kind"]["enum"] = []
    bare["definitions"]["entry"]["allOf"] = []
    assert vendor_schema(bare, read_documents([SCHEMAS / "events"])) == VENDOR
    assert bare["definitions"]["entry"]["allOf"] == []


@BOTH
def test_a_schema_is_valid_draft_07(schema: dict[str, Any]) -> None:
    Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"


def nodes(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every schema in a schema, but not the conditions after `if`."""
    yield schema
    below = [each for keyword in ("properties", "definitions") for each in schema.get(keyword, {}).values()]
    below += schema.get("allOf", [])
    below += [schema[key] for key in ("items", "then", "additionalProperties", "propertyNames") if schema.get(key)]
    for each in below:
        yield from nodes(each)


@BOTH
def test_every_property_has_a_description_and_an_example(schema: dict[str, Any]) -> None:
    for node in nodes(schema):
        for name, described in node.get("properties", {}).items():
            assert described.get("description"), name
            assert described.get("examples"), name


@BOTH
def test_every_mapping_is_closed_or_says_what_its_free_keys_hold(schema: dict[str, Any]) -> None:
    for node in nodes(schema):
        if "properties" in node and "then" not in node and node is not VENDOR["properties"]["status"]:
            branch = set(node["properties"]) <= {"fields", "set", "key"}
            assert branch or node.get("additionalProperties") is False, list(node["properties"])


@BOTH
def test_every_keyword_can_fail_in_plain_words_and_none_is_a_choice_of_branches(schema: dict[str, Any]) -> None:
    silent = {"$schema", "$id", "$ref", "title", "description", "examples", "definitions", "properties", "items"}
    known = silent | {"allOf", "if", "then", "propertyNames"} | set(TRANSLATORS)
    for node in nodes(schema):
        assert set(node) <= known
    text = rendered(schema)
    assert not [word for word in ('"oneOf"', '"anyOf"', '"not"', '"else"') if word in text]


@BOTH
def test_an_example_of_a_property_is_valid(schema: dict[str, Any]) -> None:
    for node in nodes(schema):
        for name, described in node.get("properties", {}).items():
            whole = Draft7Validator({**described, "definitions": schema.get("definitions", {})})
            for example in described["examples"]:
                assert whole.is_valid(example), (name, example)


@pytest.mark.parametrize("text", [GOOD, GOOD_TABLE], ids=["vendor", "table"])
def test_a_good_file_has_no_mistakes(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(("text", "schema"), [(GOOD, VENDOR), (GOOD_TABLE, TABLE)], ids=["vendor", "table"])
def test_another_yaml_reader_finds_no_mistakes_either(text: str, schema: dict[str, Any]) -> None:
    Draft7Validator(schema).validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    ("text", "verdict"), [(GOOD, 0), (GOOD.replace("body: json", "body: jsn"), 1), (GOOD.replace("to: [", "too: ["), 1)]
)
def test_check_jsonschema_can_judge_a_vendor_file(tmp_path: Path, text: str, verdict: int) -> None:
    (tmp_path / "netease.yaml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(SCHEMAS / "vendor.v1.json")]
    ran = subprocess.run([*command, str(tmp_path / "netease.yaml")], capture_output=True, check=False)
    assert ran.returncode == verdict, ran.stdout


@pytest.mark.parametrize(
    ("before", "after", "code", "message", "place"),
    [
        ("verify:", "signatrue:", "SPEC001", "unknown key 'signatrue'", "8:1"),
        ("body: json", "bdy: json", "SPEC001", "unknown key 'bdy'", "5:1"),
        ("  otherwise: unde", "  otherwize: unde", "SPEC001", "unknown key 'otherwize'", "17:3"),
        ("  - kind: ignore", "  - kin: ignore", "SPEC001", "unknown key 'kin'", "33:5"),
        ("time:", "when: a\ntime:", "SPEC001", "unknown key 'when'", "12:1"),
        ("  headers: [MD5", "  header: [MD5", "SPEC001", "unknown key 'header'", "7:3"),
        ("ignored: {text", "ignored: {tekst", "SPEC001", "unknown key 'tekst'", "11:49"),
        (
            "ignore\n    when",
            "ignore\n    set: {}\n    when",
            "SPEC001",
            "'set' has no place in an entry of kind ignore",
            "34:5",
        ),
        ("body: json", "body: jsn", "SPEC002", "'jsn' is not a body", "5:7"),
        ("body: json", "body: [form, jsn]", "SPEC002", "'jsn' is not a body", "5:14"),
        ("body: json", "body: 7", "SPEC002", "'body' must be a text or a list, not the number 7", "5:7"),
        ("body: json", "body: []", "SPEC002", "'body' is empty", "5:1"),
        ("kind: sms.delivery\n", "kind: sms.delivry\n", "SPEC002", "'sms.delivry' is not a kind", "19:11"),
        ("kind: sms.inbound", "kind: [sms.inbound]", "SPEC002", "'kind' must be a text, not a list", "25:5"),
        ("is: md5", "is: md-5", "SPEC002", "'md-5' is not an algorithm", "9:28"),
        ("within: 5m", "within: 5 minutes", "SPEC002", "'5 minutes' is not a time span", "10:97"),
        ("vendor: netease", "vendor: Net Ease", "SPEC002", "'Net Ease' is not a vendor name", "2:9"),
        (
            "{status: 200, json: {code: 200}, ig",
            "{status: 99, ig",
            "SPEC002",
            "'status' must be between 100 and 599, not 99",
            "11:15",
        ),
        ("from: [result]", "from: result", "SPEC002", "'from' must be a list, not the text 'result'", "14:9"),
        ("[cn-carrier]", "[cn-carrier, 7]", "SPEC002", "entry 2 of 'tables' must be a text, not the number 7", "15:24"),
        ('"BLACK": rejected/blacklisted', '"BLACK": 3', "SPEC002", "'BLACK' must be a text, not the number 3", "16:20"),
        ("    each: objects", "    each:", "SPEC002", "'each' is empty; it must be a text or a list", "21:5"),
        (
            "fields: {from: mobile, text: content, received_at: receiveTime}",
            "fields: [from]",
            "SPEC002",
            "'fields' must be a mapping, not a list",
            "29:5",
        ),
        ("sign: true", "sign: yes", "SPEC002", "'sign' must be true or false, not the text 'yes'", "37:11"),
        ("reject: bad_sig", "reject: bd_sig", "SPEC002", "'bd_signature' is not a reason to refuse", "46:75"),
        (
            "events:\n",
            "events:\n  - foo\n",
            "SPEC002",
            "entry 1 of 'events' must be a mapping, not the text 'foo'",
            "19:5",
        ),
        (
            'set: {country_code: "86"}',
            "set: {to: [a]}",
            "SPEC002",
            "'to' must be a text, a whole number or true or false, not a list",
            "30:11",
        ),
        ("  otherwise: undelivered\n", "", "SPEC003", "'otherwise' is missing in 'status'", "13:1"),
        ("body: json\n", "", "SPEC003", "'body' is missing", "1:1"),
        ("kind: sms.inbound\n    equals", "equals", "SPEC003", "'kind' is missing in entry 2 of 'events'", "25:5"),
        ("to: [mobile", "phone: [mobile", "FIELD001", "'phone' is not a field of sms.delivery", "22:34"),
        ("to: [mobile", "direction: [mobile", "FIELD001", "'direction' is not a field of sms.delivery", "22:34"),
        (
            "to: [mobile",
            "status: [mobile",
            "FIELD001",
            "'status' is a result, not a field of sms.delivery to be mapped",
            "22:34",
        ),
        ("set: {country_code", "set: {status", "FIELD001", "'status' is not a field of sms.inbound", "30:11"),
        ("key: [message_id", "key: [mesage_id", "FIELD001", "'mesage_id' is not a field of sms.delivery", "24:11"),
        (
            "spec: v1",
            "spec: v2",
            "SPEC005",
            "'v2' is not a version of the spec language that this adapter reads",
            "1:7",
        ),
        ("spec: v1", "spec: 1", "SPEC005", "'1' is not a version of the spec language that this adapter reads", "1:7"),
    ],
)
def test_a_mistake_is_told_once_and_in_place(before: str, after: str, code: str, message: str, place: str) -> None:
    assert told(changed(before, after)) == [(code, message, place)]


@pytest.mark.parametrize(
    ("before", "after", "advice"),
    [
        ("body: json", "body: jsn", "did you mean 'json'? one of: json, form, query, xml, multipart"),
        ("body: json", "body: 7", "one of: json, form, query, xml, multipart"),
        ("body: json", "bdy: json", "did you mean 'body'?"),
        ("time:", "when: a\ntime:", "that key belongs under 'match' or in an entry of 'verify'"),
        ("time:", "fields: {}\ntime:", "that key belongs in an entry of 'events'"),
        ("time:", "codes: {}\ntime:", "that key belongs under 'status'"),
        (
            "    extra: {template_id: templateId}",
            "    verify: []",
            "that key belongs at the top of the file or in an entry of 'challenge'",
        ),
        ("from: [result]", "from: result", "write it as a list: [result]"),
        ("[cn-carrier]", "[7]", 'put it in quotes: "7"'),
        ("vendor: netease", "vendor: Net Ease", "write it like netease or aliyun-intl"),
        (
            "to: [mobile",
            "status: [mobile",
            "map the vendor's code as 'code' and say under 'status' what it means; a constant goes under 'set'",
        ),
        ("spec: v1", "spec: v2", "write 'spec: v1'; a file for a later version needs a later adapter"),
        (
            "body: json\n",
            "",
            "add 'body': What the vendor posts: json, form, query, xml or multipart, or a list to "
            "choose from by Content-Type and first byte.",
        ),
    ],
)
def test_a_mistake_comes_with_one_thing_to_do(before: str, after: str, advice: str) -> None:
    assert [each.help for each in check(changed(before, after))] == [advice]


def test_a_field_without_a_name_near_it_is_sent_to_extra() -> None:
    first, second = check(changed("to: [mobile", "phone: [mobile"))[0].help.split("\n")
    assert first.startswith("one of: message_id, to, code")
    assert second == "what has no field of its own goes under 'extra'"


def test_several_mistakes_are_told_in_the_order_of_the_file() -> None:
    text = changed("body: json", "body: jsn")
    text = changed("kind: sms.inbound", "kind: sms.inbund", text)
    text = changed("to: [mobile", "phone: [mobile", text)
    assert [(code, place) for code, _, place in told(text)] == [
        ("SPEC002", "5:7"),
        ("FIELD001", "22:34"),
        ("SPEC002", "25:11"),
    ]


def test_a_file_for_another_version_is_not_judged_by_this_one() -> None:
    text = changed("spec: v1", "spec: v2\nsteps: []")
    assert [code for code, _, _ in told(text)] == ["SPEC005"]


@pytest.mark.parametrize(
    ("before", "after", "code", "message", "place"),
    [
        (
            "table: v1",
            "table: v3",
            "SPEC005",
            "'v3' is not a version of the table language that this adapter reads",
            "1:8",
        ),
        ("fold: true", "fold: maybe", "SPEC002", "'fold' must be true or false, not the text 'maybe'", "5:7"),
        ("fold: true", "otherwise: unknown", "SPEC001", "unknown key 'otherwise'", "5:1"),
        ("name: cn-carrier\n", "", "SPEC003", "'name' is missing", "1:1"),
    ],
)
def test_a_mistake_in_a_table_is_told_too(before: str, after: str, code: str, message: str, place: str) -> None:
    assert told(changed(before, after, GOOD_TABLE)) == [(code, message, place)]


def test_a_kind_dropped_into_a_folder_can_be_mapped(tmp_path: Path) -> None:
    properties = {"parcel": {"type": "string"}, "place": {"type": ["string", "null"]}, "age": {"type": "integer"}}
    document = {"title": "A parcel moved", "type": "object", "properties": properties, "required": ["parcel"]}
    (tmp_path / "parcel.moved.v1.json").write_text(json.dumps(document), encoding="utf-8")
    schema = vendor_schema(VENDOR, read_documents([SCHEMAS / "events", tmp_path]))
    text = changed("kind: sms.delivery\n", "kind: parcel.moved\n")
    text = changed(
        "{message_id: sendid, to: [mobile, phone], code: result, done_at: reportTime}", "{parcel: id, plaice: at}", text
    )
    read_text, _ = read(changed("key: [message_id, status.from]", "key: [parcel]", text).encode(), "netease.yaml")
    assert read_text is not None
    found = check_shape(read_text, validator(schema))
    assert [(each.message, each.help) for each in found] == [
        ("'plaice' is not a field of parcel.moved", "did you mean 'place'? one of: parcel, place, age")
    ]


WORDS = st.sampled_from([*VENDOR["properties"], "kind", "fields", "to", "v1", "json", "sms.delivery", "ignore", "x"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 999) | WORDS | st.just(""),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(WORDS, below, max_size=4),
    max_leaves=12,
)
FILES = st.dictionaries(st.sampled_from(list(VENDOR["properties"])), VALUES)
ENTRIES = st.dictionaries(st.sampled_from(list(VENDOR["definitions"]["entry"]["properties"])), VALUES)


@settings(max_examples=150, deadline=None)
@given(FILES, st.lists(ENTRIES, max_size=2))
def test_no_file_breaks_the_check_and_no_message_speaks_of_schemas(data: dict[str, Any], entries: list[Any]) -> None:
    document, _ = read(json.dumps({**data, "events": entries}).encode(), "netease.yaml")
    assert document is not None
    found = check_shape(document, OF_VENDORS)
    assert bool(found) is not OF_VENDORS.draft.is_valid(document.data)
    assert len({each.path for each in found}) == len(found)
    for each in found:
        assert each.span is not None
        assert not [word for word in ("instance", "schema", "oneOf", "additionalProp", "$ref") if word in each.message]
