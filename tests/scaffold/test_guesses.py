"""Does a draft guess what a person would?"""

# A row of a table is one line.
# ruff: noqa: E501

import gzip
import re

import pytest

from adapter.http_text import Written
from adapter.model import Json
from adapter.rehearsal import rehearse
from adapter.scaffold.compiled import spec_of
from adapter.scaffold.draft import Captured, draft
from adapter.scaffold.nouns import NoDraft
from tests.scaffold.world import ALONE, WORLD, differences, drafted, post, said

REPORT = '"id": "a-1", "phone": "13912345678", "status": "DELIVRD"'
MORE = ', "time": "2024-05-01 09:00:00"'


def _fields(body: str) -> dict[str, Json]:
    (entry,) = said(drafted(post(body)))["events"]
    return {"kind": entry["kind"], **entry["fields"]}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ('{"sid": "s1", "mobile": "13912345678", "errmsg": "MK:0001", "description": "空号"}', {"message_id": "sid", "to": "mobile", "code": "errmsg", "description": "description"}),
        ('{"mobile": "13912345678", "content": "4121908f3d1b4edb9210f0eb4742f62c", "deliverCode": "DELIVRD"}', {"message_id": "content", "code": "deliverCode"}),
        ('{"mobile": "13912345678", "content": "TD 退订", "moTime": "2024-05-01 09:00:00", "destCode": "1069"}', {"kind": "sms.inbound", "from": "mobile", "to": "destCode", "text": "content", "received_at": "moTime"}),
        ('{"msgId": "m", "phone": "13912345678", "status": "0", "submitTime": "20240501090000", "doneTime": "20240501090001"}', {"code": "status", "sent_at": "submitTime", "done_at": "doneTime"}),
        ('{"msgId": "m", "phone": "13912345678", "status": "0", "count": "2", "nationcode": "86", "ext": "o-1"}', {"segments": "count", "country_code": "nationcode", "reference": "ext"}),
        ('{"callId": "c", "callStatus": "completed", "caller": "+4930123456", "callee": "+4930123457", "duration": 5}', {"kind": "voice.call", "call_id": "callId", "from": "caller", "to": "callee"}),
        ('{"event": "bounce", "email": "a@b.example", "sg_event_id": "e", "timestamp": 1714525207}', {"kind": "email.event", "code": "event", "to": "email", "occurred_at": "timestamp"}),
        ('{"event": "template.approved", "templateId": "t-1"}', {"kind": "generic.event", "type": "event", "subject": "templateId"}),
        ('{"data": {"attributes": {"message": {"id": "m-1"}, "phone_number": "+4915112345678", "status": "delivered"}}}', {"message_id": "message.id", "to": "phone_number", "code": "status"}),
    ],
)  # fmt: skip
def test_fields_are_found_by_name_and_by_look(body: str, fields: dict[str, str]) -> None:
    assert fields.items() <= _fields(body).items()


@pytest.mark.parametrize(
    ("body", "each"),
    [
        (f"[{{{REPORT}}}]", None),
        (f"{{{REPORT}}}", None),
        (f'{{"reports": [{{{REPORT}}}]}}', "reports"),
        (f'{{"code": 0, "data": {{"list": [{{{REPORT}}}]}}}}', "data.list"),
        (f'{{"Request": {{{REPORT}}}}}', "Request"),
        (f'{{"jobs": [{{"no": 1, "reports": [{{{REPORT}}}]}}]}}', ["jobs", "reports"]),
        (f'[{{"no": 1, "reports": [{{{REPORT}}}]}}]', ["@", "reports"]),
        (f'{{{REPORT}, "errors": [{{"title": "none"}}]}}', None),
    ],
)  # fmt: skip
def test_the_records_are_found_wherever_they_are(body: str, each: Json) -> None:
    made = drafted(post(body))
    (entry,) = said(made)["events"]
    assert entry.get("each") == each
    assert entry["fields"]["message_id"] == "id"
    assert differences(made) == []


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ('"2024-05-01 09:00:00"', {"zone": "Asia/Shanghai", "formats": ["yyyy-MM-dd HH:mm:ss"]}),
        ('"20240501090000"', {"zone": "Asia/Shanghai", "formats": ["yyyyMMddHHmmss"]}),
        ('"2024/05/01 09:00"', {"zone": "Asia/Shanghai", "formats": ["yyyy/MM/dd HH:mm"]}),
        ("1714525207", {"formats": ["unix"]}),
        ("1714525207123", {"formats": ["unix_ms"]}),
        ('"Wed, 01 May 2024 09:00:00 +0800"', {"formats": ["rfc2822"]}),
        ('"2024-05-01T09:00:00Z"', None),
        ('"2024-05-01T09:00:00"', {"zone": "Asia/Shanghai", "formats": ["iso8601"]}),
    ],
)  # fmt: skip
def test_a_time_tells_its_format_and_asks_for_a_zone_only_where_it_has_none(written: str, time: Json) -> None:
    made = drafted(post(f'{{{REPORT}, "reportTime": {written}}}'))
    assert said(made).get("time") == time
    assert ("TODO: the zone is a guess" in made.text) is bool(time and "zone" in time)
    assert re.search(r'done_at: "2024-05-01T0[19]:00:0', made.text)


@pytest.mark.parametrize(
    ("record", "status"),
    [
        ('"status": "DELIVRD"', {"tables": ["cn-carrier"], "otherwise": "undelivered"}),
        ('"status": "delivered"', {"codes": {"delivered": "delivered"}, "otherwise": "unknown"}),
        ('"status": "queued"', {"codes": {"queued": "accepted"}, "otherwise": "unknown"}),
        ('"status": "000"', {"codes": {"000": "delivered"}, "otherwise": "undelivered"}),
        ('"status": "17"', {"codes": {"17": "undelivered"}, "otherwise": "undelivered"}),
        ('"success": true, "code": "DELIVRD"', {"success": "text(success) == 'true'", "tables": ["cn-carrier"], "otherwise": "undelivered"}),
        ('"report_status": "FAIL", "errmsg": "MK:0001"', {"success": "report_status == 'SUCCESS'", "tables": ["cn-carrier"], "otherwise": "undelivered"}),
    ],
)  # fmt: skip
def test_codes_go_to_a_table_a_word_of_ours_or_a_flag(record: str, status: Json) -> None:
    made = drafted(post(f'{{"msgId": "m", "phone": "13912345678", {record}}}'))
    assert said(made)["status"] == status


@pytest.mark.parametrize(("code", "asked"), [("000", True), ("17", True), ("queued", False), ("DELIVRD", False)])
def test_only_a_code_that_nobody_can_know_is_left_to_a_person(code: str, asked: bool) -> None:
    text = drafted(post(f'{{"msgId": "m", "phone": "13912345678", "status": "{code}"}}')).text
    assert ("TODO: what does it mean?" in text) is asked


@pytest.mark.parametrize(
    ("headers", "body", "rules"),
    [
        ("X-Sign: 0123456789abcdef0123456789abcdef", "{}", ['{header: X-Sign, is: md5, of: "{secret.app_secret}{body}"}']),
        (f"X-Hub-Signature: sha256={'a1' * 32}", "{}", ['{header: X-Hub-Signature, prefix: "sha256=", is: hmac-sha256, key: app_secret, of: "{body}"}']),
        (f"X-Time: 1714525207\nX-Signature: {'A1b2' * 11}", "{}", ['{header: X-Signature, is: hmac-sha256, key: app_secret, encoding: base64, of: "{header.X-Time}{body}"}']),
        ("Content-Md5: fa5df4a6c8f6f1ba9b3e93f5fd6a5ac4", "{}", []),
        ("MD5: 0123456789abcdef0123456789abcdef\nCheckSum: 0123456789abcdef0123456789abcdef01234567", "{}", ['{header: Md5, is: md5, of: "{body}"}', '{header: Checksum, is: sha1, of: "{secret.app_secret}{header.Md5}"}']),
        ("Authorization: Basic dTpw", "{}", ['{header: Authorization, prefix: "Basic ", encoding: base64, is: equal, of: "{secret.userpass}"}']),
        ("Authorization: Bearer aa.bb.cc", "{}", ['{header: Authorization, prefix: "Bearer ", is: jwt, key: app_secret, allow: [HS256]}']),
        ("X-Token: abcdef", "{}", ['{header: X-Token, is: equal, of: "{secret.token}"}']),
        ("", '{"timestamp": "1714525207", "sign": "0123456789abcdef0123456789abcdef"}', ['{json: sign, is: md5, of: "{secret.app_secret}{json.timestamp}"}']),
        ("", "{}", []),
    ],
)  # fmt: skip
def test_what_looks_like_a_signature_becomes_a_rule_to_be_confirmed(headers: str, body: str, rules: list[str]) -> None:
    record = f'{{"id": "a-1", "phone": "13912345678", "status": "DELIVRD"{", " if len(body) > 2 else ""}{body[1:]}'
    text = drafted(post(record, f"Content-Type: application/json\n{headers}\n" if headers else "")).text
    found = [
        line.split("  # ")[0].removeprefix("#  - ").strip() for line in text.splitlines() if line.startswith("#  - ")
    ]
    assert {one.lower() for one in found} == {one.lower() for one in rules}
    assert 'unsigned: "TODO' in text


def test_every_rule_that_is_proposed_is_one_that_the_language_has() -> None:
    for headers in ("X-Sign: 0123456789abcdef0123456789abcdef", "Authorization: Basic dTpw", "Authorization: Bearer aa.bb.cc",
                    f"X-Signature: {'A1b2' * 11}", "X-Token: abcdef", f"X-Hub-Signature: sha256={'a1' * 32}"):  # fmt: skip
        text = drafted(post(f"{{{REPORT}{MORE}}}", f"{headers}\n")).text
        lines = [line.removeprefix("#") if line.startswith("#  - ") else line for line in text.splitlines()]
        trusted = "\n".join("verify:" if line.startswith("unsigned:") else line for line in lines)
        signed = spec_of(trusted.replace("    request:", "    sign: true\n    request:"), ALONE)
        assert signed.verify, headers
        assert [run.differences for run in rehearse(signed, ALONE.kinds)] == [()]


def test_two_names_that_are_equally_good_are_left_to_a_person() -> None:
    made = drafted(post('{"msgId": "m-1", "messageId": "m-2", "phone": "13912345678", "status": "DELIVRD"}'))
    line = next(line for line in made.text.splitlines() if "message_id:" in line)
    assert re.search(r"message_id: (msgId|messageId) +# TODO: or (msgId|messageId)\?", line)
    assert any("<- you decide" in text for _, text in made.told)


def test_a_report_without_an_id_is_drafted_and_says_so() -> None:
    made = drafted(post('{"phone": "13912345678", "status": "DELIVRD"}'))
    assert said(made)["events"][0]["fields"]["message_id"] == "TODO"
    assert differences(made) == []


def test_what_no_field_takes_is_kept_and_told() -> None:
    made = drafted(post(f'{{"push": "p-1", "reports": [{{{REPORT}, "colour": "red", "deep": {{"er": 1}}}}]}}'))
    (entry,) = said(made)["events"]
    assert entry["extra"] == {"colour": "colour", "er": "deep.er", "push": "_.body.push"}
    assert ("extra", "colour deep.er _.body.push   (no field of ours: kept under extra)") in made.told


def test_several_requests_become_several_entries_of_one_file() -> None:
    report = post('{"cmd": "DLR", "list": [{"taskId": "t-1", "tel": "13912345678", "result": "UNDELIV"}]}')
    reply = post('{"cmd": "MO", "list": [{"moId": "m-1", "tel": "13912345678", "content": "TD 1"}]}')
    failed = post('{"cmd": "DLR", "list": [{"taskId": "t-2", "tel": "13912345678", "result": "MK:0001", "why": "x"}]}')
    made = drafted(report, reply, failed)
    data = said(made)
    assert [(one["kind"], one["equals"]) for one in data["events"]] == [
        ("sms.delivery", {"cmd": "DLR"}),
        ("sms.inbound", {"cmd": "MO"}),
    ]
    assert len(data["match"]) == 2
    assert [len(one["expect"]) for one in data["examples"]] == [1, 1, 1]
    assert differences(made) == []


def test_records_of_two_sorts_in_one_list_are_told_apart() -> None:
    made = drafted(
        post(
            '{"items": [{"msgId": "m-1", "phone": "13912345678", "status": "DELIVRD"}, {"phone": "13912345678", "content": "TD 1"}]}'
        )
    )
    assert [(one["kind"], one["where"]) for one in said(made)["events"]] == [
        ("sms.delivery", "status != null"),
        ("sms.inbound", "content != null"),
    ]
    assert differences(made) == []


def test_a_kind_can_be_told() -> None:
    made = drafted(
        post('{"phone": "13912345678", "event": "opt_out", "time": "2024-05-01T09:00:00Z"}'), kind="contact.event"
    )
    assert said(made)["events"][0]["kind"] == "contact.event"
    assert differences(made) == []


def test_a_compressed_body_is_shown_as_what_was_compressed() -> None:
    body = gzip.compress(b'{"msgId": "m-1", "phone": "13912345678", "status": "DELIVRD"}')
    written = Written("POST", "/cb", ((b"content-encoding", b"gzip"), (b"content-type", b"application/json")), body)
    made = draft("acme", [Captured("zip", written)], ALONE, lambda text: spec_of(text, ALONE))
    assert '{"msgId": "m-1", "phone": "1390000****", "status": "DELIVRD"}' in made.text
    assert differences(made) == []


@pytest.mark.parametrize("body", ["", "{}", "[]", "[1, 2]", "nothing to see", '{"a": null}'])
def test_nothing_can_be_made_of_a_body_without_a_value(body: str) -> None:
    with pytest.raises(NoDraft):
        drafted(post(body))


def test_a_request_that_another_vendor_claims_is_told() -> None:
    example = next(one for one in WORLD.others if one.vendor == "tencent").examples[0]
    made = drafted(example.request, world=WORLD)
    assert [text for label, text in made.told if label == "note"] == [
        "tencent takes this request for its own: adapter try shows what becomes of it"
    ]
    assert "TODO: tencent takes this too" in made.text
