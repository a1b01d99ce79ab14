"""Is the vendor answered in its own words, and can nothing that it sends change them?"""

# A row of a table is one line.
# ruff: noqa: E501

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.model import Ack, Request
from tests.specs import ARRIVAL, arrived, become, tiny

EVENTS = """\
body: json
status: {from: [c], codes: {'drop': ignore}, otherwise: undelivered}
events:
  - {kind: sms.delivery, each: list, where: "!other", fields: {message_id: id, code: c}}
"""
BODIES = {
    "accepted": '{"list": [{"id": 1}], "n": "%s"}',
    "partial": '{"list": [{"id": 1}, {}]}',
    "quarantined": '{"list": [{}]}',
    "ignored": '{"list": []}',
    "unclaimed": '{"renamed": []}',
    "unreadable_body": "{",
}
PLAIN = (b"content-type", b"text/plain; charset=utf-8")


def answered(ack: str, outcome: str = "accepted", request: Request | None = None) -> Ack:
    text = tiny((f"ack: {ack}\n" if ack else "") + EVENTS)
    found = become(text, request or arrived(BODIES[outcome]))
    assert request or outcome in (found.name, found.code)
    return found.ack


@pytest.mark.parametrize("outcome", [name for name in BODIES if name != "unreadable_body"])
def test_everything_that_is_stored_is_success(outcome: str) -> None:
    assert answered("", outcome) == Ack(200, (PLAIN,), b"OK")
    assert answered("{status: 202, json: {code: 0}}", outcome) == Ack(
        202, ((b"content-type", b"application/json"),), b'{"code":0}'
    )


def test_what_cannot_be_read_is_answered_with_400_and_one_word() -> None:
    assert answered("", "unreadable_body") == Ack(400, (PLAIN,), b"unreadable")
    assert answered("{json: {code: 0}}", "unreadable_body").status == 400


@pytest.mark.parametrize("outcome", BODIES)
@pytest.mark.parametrize("own", ["{status: 207}", "{text: own}", "{status: 299, json: [1]}", "{headers: {X-Own: a}}"])
def test_each_outcome_may_have_its_own_answer(outcome: str, own: str) -> None:
    worded = answered(f"{{status: 201, text: all, {outcome}: {own}}}", outcome)
    other = next(name for name in BODIES if name not in (outcome, "unreadable_body"))
    assert answered(f"{{status: 201, text: all, {outcome}: {own}}}", other) == Ack(201, (PLAIN,), b"all")
    default = (400, b"unreadable") if outcome == "unreadable_body" else (201, b"all")
    wanted = {"{status: 207}": (207, default[1]), "{text: own}": (default[0], b"own"), "{status: 299, json: [1]}": (299, b"[1]"),
              "{headers: {X-Own: a}}": default}[own]  # fmt: skip
    assert (worded.status, worded.body) == wanted
    assert ((b"x-own", b"a") in worded.headers) == ("X-Own" in own)


def test_duplicates_and_our_own_failures_have_answers_too() -> None:
    found = become(
        tiny("ack: {text: ok, duplicate: {text: again}, retry_status: 500}\n" + EVENTS), arrived(BODIES["accepted"])
    )
    assert (found.ack.body, found.duplicate_ack.body, found.retry_ack.status) == (b"ok", b"again", 500)
    plain = become(tiny(EVENTS), arrived(BODIES["accepted"]))
    assert (plain.duplicate_ack, plain.retry_ack.status) == (plain.ack, 503)
    assert dict(plain.retry_ack.headers)[b"retry-after"]


@pytest.mark.parametrize(
    ("ack", "body", "content_type"),
    [
        ('{text: ""}', b"", None),
        ("{text: success}", b"success", b"text/plain; charset=utf-8"),
        ("{xml: <r>ok</r>}", b"<r>ok</r>", b"application/xml; charset=utf-8"),
        ("{text: '<html>', type: text/html}", b"<html>", b"text/html"),
        ("{json: {code: 0, msg: 接收成功}}", '{"code":0,"msg":"接收成功"}'.encode(), b"application/json"),
        ("{json: [true, null, x]}", b'[true,null,"x"]', b"application/json"),
        ("{json: x}", b'"x"', b"application/json"),
        ("{status: 204}", b"", None),
        ("{text: '{method} {path}'}", b"POST /t", b"text/plain; charset=utf-8"),
        ("{text: '{header.X-A}|{query.q}|{json.n}|{json.list.0.id}|{request.id}'}", b"a|1|9|1|request-1", b"text/plain; charset=utf-8"),
        ("{text: '{header.X-None}|{json.none.x}|{query.none}|{json.list}'}", b"|||", b"text/plain; charset=utf-8"),
        ("{json: {id: '{json.n}', list: ['{request.id}']}}", b'{"id":"9","list":["request-1"]}', b"application/json"),
        ("{text: '{json.n|md5|hex}'}", b"45c48cce2e2d7fbdea1afc51c7c6ad26", b"text/plain; charset=utf-8"),
    ],
)  # fmt: skip
def test_an_answer_is_made_of_its_template(ack: str, body: bytes, content_type: bytes | None) -> None:
    found = answered(ack, request=arrived('{"list": [{"id": 1}], "n": 9}', {"X-A": "a"}, "q=1&r=2", path="/t"))
    assert found.body == body
    assert dict(found.headers).get(b"content-type") == content_type


@pytest.mark.parametrize(
    "value", ['"', "\\", "\n", "</r>", "<&\"'", "{request.id}", "{secret.k}", "\u2028", "中", '","admin":true,"x":"']
)
def test_what_the_vendor_sends_cannot_leave_the_text_it_is_filled_into(value: str) -> None:
    request = arrived(json.dumps({"list": [{"id": 1}], "n": value}))
    assert json.loads(answered("{json: {echo: '{json.n}', more: 1}}", request=request).body) == {
        "echo": value,
        "more": 1,
    }
    xml = answered("{xml: '<r a=\"{json.n}\">{json.n}</r>'}", request=request).body.decode()
    inner = xml.removeprefix('<r a="').removesuffix("</r>")
    assert inner.count("<") == 0
    assert inner.count('"') == 1


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_no_header_can_be_injected(value: str) -> None:
    request = arrived(json.dumps({"list": [{"id": 1}], "n": value}))
    found = answered("{headers: {X-Echo: 'a{json.n}b'}}", request=request)
    echo = dict(found.headers)[b"x-echo"]
    assert not set(echo) & {0x0A, 0x0D, 0x00}
    assert echo.startswith(b"a")
    assert echo.endswith(b"b")


def test_a_header_value_that_is_no_text_is_no_trouble() -> None:
    request = Request("POST", "sms/1", "", b"", ((b"x-a", b"\xff\xfe\r\n"),), BODIES["accepted"].encode(), ARRIVAL)
    assert json.loads(answered("{json: {a: '{header.X-A}'}, headers: {X-B: '{header.X-A}'}}", request=request).body)


def test_names_of_headers_are_lower_case_and_a_type_of_ones_own_wins() -> None:
    found = answered("{text: x, headers: {X-Up: 'A', Content-Type: text/special}}")
    assert found.headers == ((b"content-type", b"text/special"), (b"x-up", b"A"))
