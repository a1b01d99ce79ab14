"""Whose callback is it, and does nobody guess?"""

# A row of a table is one line.
# ruff: noqa: E501

import pytest

from adapter.engine.flow import process
from adapter.model import Request
from adapter.spec.language import Channel, Registry
from tests.specs import arrived, become, registry, tiny

PARTS = 'For people.\r\n--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n1\r\n--b--\r\n'
EVENTS = "status: {from: [c], otherwise: undelivered}\nevents:\n  - {kind: sms.delivery, fields: {message_id: id, code: c}}\n"


def claiming(match: str, vendor: str = "acme", body: str = "json", more: str = "") -> str:
    return tiny(f"body: {body}\nmatch: {match}\n{more}{EVENTS}", vendor)


def asked(match: str, request: Request, body: str = "json", more: str = "") -> str:
    known = registry(claiming(match, body=body, more=more))
    return process(known, request, {}).name


def test_a_multipart_body_is_claimed_behind_its_preamble() -> None:
    request = arrived(PARTS, {"Content-Type": "multipart/form-data; boundary=b"})
    assert asked("{has: id}", request, "multipart") == "accepted"
    assert asked("{has: other}", request, "multipart") == "unmatched"


@pytest.mark.parametrize(
    ("match", "request_", "claimed"),
    [
        ("{headers: [X-Sign, Via]}", arrived('{"id": 1}', [("x-sign", ""), ("VIA", "1")]), True),
        ("{headers: [X-Sign, Via]}", arrived('{"id": 1}', {"x-sign": "1"}), False),
        ("{method: put}", arrived('{"id": 1}', method="PUT"), True),
        ("{method: PUT}", arrived('{"id": 1}'), False),
        ("{path: /status}", arrived('{"id": 1}', path="/status"), True),
        ("{path: /status}", arrived('{"id": 1}', path="/status/x"), False),
        ("{path: '/status/*'}", arrived('{"id": 1}', path="/status/x"), True),
        ("{content_type: application/json}", arrived('{"id": 1}', {"Content-Type": "Application/JSON; charset=utf-8"}), True),
        ("{content_type: application/json}", arrived('{"id": 1}', {"Content-Type": "text/plain"}), False),
        # has: present and not null
        ("{has: id}", arrived('{"id": 1}'), True),
        ("{has: id}", arrived('{"id": ""}'), True),
        ("{has: id}", arrived('{"id": false}'), True),
        ("{has: id}", arrived('{"id": null}'), False),
        ("{has: Id}", arrived('{"id": 1}'), False),
        ("{has: [a.b, id]}", arrived('{"a": {"b": 0}, "id": 1}'), True),
        ("{has: [a.b, id]}", arrived('{"a": {"c": 0}, "id": 1}'), False),
        ("{has: a.0.b}", arrived('{"a": [{"b": 1}], "id": 1}'), True),
        # on a list in its first item that is an object
        ("{has: id}", arrived('[null, "x", {"id": 1}, {"other": 1}]'), True),
        ("{has: id}", arrived('[{"other": 1}, {"id": 1}]'), False),
        ("{has: id}", arrived("[]"), False),
        ("{has: id}", arrived('"text"'), False),
        ("{has: id}", arrived("{"), None),
        # equals: as text
        ('{equals: {type: "11"}}', arrived('{"id": 1, "type": 11}'), True),
        ("{equals: {type: 11}}", arrived('{"id": 1, "type": "11"}'), True),
        ('{equals: {type: ["11", "12"]}}', arrived('{"id": 1, "type": 12}'), True),
        ('{equals: {type: "11"}}', arrived('{"id": 1, "type": 11.0}'), False),
        ("{equals: {ok: true}}", arrived('{"id": 1, "ok": true}'), True),
        ('{equals: {ok: "true"}}', arrived('{"id": 1, "ok": true}'), True),
        ('{equals: {a: ""}}', arrived('{"id": 1, "a": ""}'), True),
        ('{equals: {a: ""}}', arrived('{"id": 1}'), False),
        ("{equals: {a: x}}", arrived('{"id": 1, "a": ["x", "y"]}'), True),
        ("{equals: {a: x}}", arrived('{"id": 1, "a": {"x": "x"}}'), False),
        # when
        ("{when: 'length(id) > `2`'}", arrived('{"id": "abc"}'), True),
        ("{when: 'abs(id)'}", arrived('{"id": "raises"}'), False),
        ("{when: \"_.headers.x == 'y'\"}", arrived('{"id": 1}', {"X": "y"}), True),
        # all of a mapping must hold, one of a list
        ("{has: id, headers: [X]}", arrived('{"id": 1}'), False),
        ("[{has: other}, {has: id}]", arrived('{"id": 1}'), True),
        ("[{has: other}, {has: more}]", arrived('{"id": 1}'), False),
    ],
)  # fmt: skip
def test_a_match_claims_what_it_says(match: str, request_: Request, claimed: bool | None) -> None:
    names = {True: ("accepted", "partial", "quarantined"), False: ("unmatched",), None: ("refused",)}
    assert asked(match, request_) in names[claimed]


@pytest.mark.parametrize(
    ("body", "request_"), [("form", arrived("id=&c=1")), ("query", arrived(query="id=&c=1", method="GET"))]
)
def test_a_parameter_that_is_there_may_be_empty(body: str, request_: Request) -> None:
    assert asked("{has: id}", request_, body) != "unmatched"


def test_keys_that_the_vendor_spells_as_it_likes_are_folded() -> None:
    assert (
        asked("{has: MsgId, equals: {Type: A}}", arrived('{"msgID": 1, "TYPE": "A", "ID": 1}'), more="keys: fold\n")
        == "accepted"
    )
    assert asked("{equals: {Type: A}}", arrived('{"TYPE": "a"}'), more="keys: fold\n") == "unmatched"


@pytest.mark.parametrize("field", ["_.query.MsgId", "\"_.query.MsgId || 'none'\"", '"_.body.Id || id"', "Inner.Id"])
def test_folding_reaches_every_place_that_an_expression_names(field: str) -> None:
    text = tiny(
        f"body: json\nkeys: fold\nstatus: {{otherwise: unknown}}\nevents:\n  - {{kind: sms.delivery, fields: {{message_id: {field}, code: c}}}}\n"
    )
    outcome = become(text, arrived('{"ID": "m", "inner": {"iD": "m"}}', query="MSGID=m"))
    assert [event.envelope["data"]["message_id"] for event in outcome.events] == ["m"]


def test_folding_leaves_settings_alone() -> None:
    text = tiny("body: json\nkeys: fold\nsettings: {Address: m}\nstatus: {otherwise: unknown}\nevents:\n"
                "  - {kind: sms.delivery, fields: {message_id: \"_.settings.Address || 'none'\", reference: _.settings.Address, code: c}}\n")  # fmt: skip
    found = become(text, arrived('{"a": 1}')).events[0].envelope["data"]
    assert (found["message_id"], found["reference"]) == ("m", "m")


@pytest.mark.parametrize("template", ["{form.MsgId}"])
def test_folding_reaches_the_names_in_an_answer(template: str) -> None:
    text = tiny(
        f"body: form\nkeys: fold\nack: {{text: '{template}'}}\nstatus: {{otherwise: unknown}}\nevents:\n  - {{kind: sms.delivery, fields: {{message_id: MsgId, code: c}}}}\n"
    )
    assert become(text, arrived("MsgId=5")).ack.body == b"5"


# Several vendors


def shared(*vendors: str, names: tuple[str, ...] | None = None) -> Registry:
    known = registry(*vendors)
    return Registry(known.specs, known.kinds, None if names is None else {"sms/1": Channel("sms/1", names)})


ONE, TWO = claiming("{has: one}", "one"), claiming("{has: two}", "two")
UNREADABLE = arrived("{", {"Content-Type": "application/json", "X": "1"})


@pytest.mark.parametrize(
    ("body", "name", "vendor", "code"),
    [
        ('{"one": 1, "id": 1}', "accepted", "one", ""),
        ('{"two": 1, "id": 1}', "accepted", "two", ""),
        ('{"one": 1, "two": 1, "id": 1}', "unmatched", "", "ambiguous"),
        ('{"three": 1}', "unmatched", "", "unmatched"),
        ("{}", "unmatched", "", "unmatched"),
        ("", "unmatched", "", "unmatched"),
    ],
)
@pytest.mark.parametrize("names", [None, ("one", "two")])
def test_the_one_that_claims_it_has_it(
    body: str, name: str, vendor: str, code: str, names: tuple[str, ...] | None
) -> None:
    found = process(shared(ONE, claiming("{has: two}", "two", "[json, form]"), names=names), arrived(body), {})
    assert (found.name, found.vendor, found.code) == (name, vendor, code)
    if name == "unmatched":
        assert (found.ack.status, found.ack.body, found.keep) == (200, b"OK", True)
        assert [problem.code for problem in found.problems] == [code]


def test_an_ambiguous_request_names_those_who_claim_it() -> None:
    found = process(shared(ONE, TWO), arrived('{"one": 1, "two": 1}'), {})
    assert "one, two" in found.problems[0].message


def test_two_claims_are_never_a_guess_even_where_the_body_cannot_be_read() -> None:
    by_header = shared(claiming("{headers: [X]}", "one"), claiming("{headers: [X]}", "two"))
    found = process(by_header, UNREADABLE, {})
    assert (found.name, found.code) == ("unmatched", "ambiguous")


def test_what_nobody_claims_and_nobody_can_read_is_unreadable() -> None:
    found = process(shared(ONE, TWO), UNREADABLE, {})
    assert (found.name, found.code, found.ack.status, found.keep) == ("refused", "unreadable_body", 400, True)


def test_only_the_vendors_of_the_channel_are_asked_and_only_their_body_types_are_tried() -> None:
    found = process(shared(ONE, claiming("{has: two}", "two", "form"), TWO.replace("vendor: two", "vendor: three"), names=("one", "three")),
                    arrived("two=1"), {})  # fmt: skip
    assert (found.name, found.code) == ("refused", "unreadable_body")
    assert process(shared(ONE, TWO, names=("one",)), arrived('{"two": 1}'), {}).vendor == "one"


def test_a_spec_without_match_claims_nothing_where_several_may_post() -> None:
    assert process(shared(tiny("body: json\n" + EVENTS)), arrived('{"id": 1}'), {}).name == "unmatched"


def test_on_a_bound_channel_a_mismatch_is_only_noted() -> None:
    found = become(claiming("{has: one}"), arrived('{"id": 1}'))
    assert (found.name, found.notes) == ("accepted", ("match_mismatch",))
    assert become(claiming("{has: id}"), arrived('{"id": 1}')).notes == ()
    assert become(tiny("body: json\n" + EVENTS), arrived('{"id": 1}')).notes == ()


def test_a_channel_that_does_not_exist_is_unknown() -> None:
    known = registry(ONE)
    found = process(Registry(known.specs, known.kinds, {}), arrived('{"id": 1}'), {})
    assert (found.name, found.code, found.ack.status, found.keep) == ("refused", "unknown_channel", 404, False)


def test_a_vendor_that_is_held_back_does_not_break_its_channel() -> None:
    known = registry(ONE)
    found = process(
        Registry(known.specs, known.kinds, {"sms/1": Channel("sms/1", ("gone",))}), arrived('{"id": 1}'), {}
    )
    assert not found.events
    assert found.keep or found.ack.status == 503
