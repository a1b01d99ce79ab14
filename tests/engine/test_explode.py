"""Which records does a body list, who takes them, and what is left over?"""

# A row of a table is one line.
# ruff: noqa: E501

import json

import pytest

from adapter.engine.explode import Exploded, explode
from adapter.expressions.view import View
from adapter.model import Json
from tests.specs import arrived, become, spec, tiny

STATUS = "status: {from: [c], codes: {'drop': ignore, 'ok': delivered}, otherwise: undelivered}\n"
INBOUND = "fields: {from: f}"


def entries(*lines: str) -> str:
    status = STATUS if any("sms.delivery" in line for line in lines) else ""
    return tiny(f"body: json\n{status}events:\n" + "".join(f"  - {{{line}}}\n" for line in lines))


def exploded(text: str, tree: Json) -> Exploded:
    made = spec(text)
    return explode(made, tree, View(arrived(json.dumps(tree)), made.vendor, tree, {}))


def values(found: Exploded) -> list[list[Json]]:
    return [[record.value for record in records] for _, records in found.taken]


@pytest.mark.parametrize(
    ("each", "tree", "listed"),
    [
        # without each: the body
        ("", {"f": 1}, [[{"f": 1}]]),
        ("", [{"f": 1}, {"f": 2}], [[{"f": 1}, {"f": 2}]]),
        ("", [None, {"f": 1}, None], [[{"f": 1}]]),
        ("", "text", [["text"]]),
        ("", 5, [[5]]),
        ("", 0, [[0]]),
        ("", False, [[False]]),
        # a list, another value, null
        ("each: a", {"a": [1, "x", {}]}, [[1, "x", {}]]),
        ("each: a", {"a": {"b": 1}}, [[{"b": 1}]]),
        ("each: a", {"a": "text"}, [["text"]]),
        ("each: a", {"a": 0}, [[0]]),
        ("each: a", {"a": [None, 1, None]}, [[1]]),
        ("each: 'a[?b]'", {"a": [{"b": 1}, {"b": 0}, {"b": ""}]}, [[{"b": 1}, {"b": 0}]]),
        # steps
        ("each: [a, b]", {"a": [{"b": [1, 2]}, {"b": 3}, {"b": None}, {"b": []}]}, [[1, 2, 3]]),
        ("each: [a, b.c]", {"a": {"b": {"c": [1]}}}, [[1]]),
        ("each: [a, 'b || c']", {"a": [{"b": [1]}, {"c": 2}]}, [[1, 2]]),
    ],
)  # fmt: skip
def test_what_each_lists(each: str, tree: Json, listed: list[list[Json]]) -> None:
    found = exploded(entries(f"kind: sms.inbound, {each}{', ' if each else ''}{INBOUND}"), tree)
    assert values(found) == listed
    assert not found.unclaimed_body


def test_null_items_are_counted() -> None:
    assert exploded(entries(f"kind: sms.inbound, each: a, {INBOUND}"), {"a": [None, 1, None]}).nulls == 2
    assert exploded(entries(f"kind: sms.inbound, {INBOUND}"), [None, {"f": 1}]).nulls == 1


def test_parents_stand_from_the_outermost_to_the_nearest_and_the_index_is_the_place_among_the_records() -> None:
    line = "kind: sms.inbound, each: [a, b, c], fields: {from: f, to: '_.parents[0].n', text: '_.parents[-1].n', segments: _.index}"
    tree = {
        "a": [
            {"n": "a1", "b": [{"n": "b1", "c": [{"f": 1}, None]}, {"n": "b2", "c": {"f": 2}}]},
            {"n": "a2", "b": {"n": "b3", "c": [{"f": 3}]}},
        ]
    }
    outcome = become(entries(line), arrived(json.dumps(tree)))
    found = [[event.envelope["data"][name] for name in ("from", "to", "text", "segments")] for event in outcome.events]
    assert found == [["1", "a1", "b1", 0], ["2", "a1", "b2", 1], ["3", "a2", "b3", 2]]


@pytest.mark.parametrize(("each", "count"), [("a", 0), ("[a, b]", 1), ("[a, b, c]", 2)])
def test_one_parent_for_each_step_before_the_last(each: str, count: int) -> None:
    tree = {"a": {"b": {"c": {"f": 1}}}}
    found = exploded(entries(f"kind: sms.inbound, each: {each}, {INBOUND}"), tree)
    assert len(found.taken[0][1][0].parents) == count


def test_a_later_step_and_where_see_the_parents_of_their_own_item() -> None:
    line = f'kind: sms.inbound, each: [a, b, "c[?n == _.parents[0].n]"], where: "_.parents[-1].k == \'2\'", {INBOUND}'
    tree = {
        "a": [
            {"n": 7, "b": [{"k": "1", "c": [{"f": 1, "n": 7}]}, {"k": "2", "c": [{"f": 2, "n": 7}, {"f": 3, "n": 8}]}]}
        ]
    }
    assert values(exploded(entries(line), tree)) == [[{"f": 2, "n": 7}]]


def test_when_never_sees_what_another_entry_left_behind() -> None:
    text = entries(
        f"kind: sms.inbound, each: [a, b], where: f == '1', {INBOUND}",
        f"kind: sms.inbound, when: '_.index == null && _.parents == `[]`', each: [a, b], where: f == '2', {INBOUND}",
    )
    assert values(exploded(text, {"a": {"b": [{"f": "1"}, {"f": "2"}]}})) == [[{"f": "1"}], [{"f": "2"}]]


DELIVERY = "kind: sms.delivery, each: reports, fields: {message_id: id, code: c}"


@pytest.mark.parametrize(
    ("lines", "tree", "outcome"),
    [
        # an empty body
        ([DELIVERY], {}, "ignored"),
        ([DELIVERY], [], "ignored"),
        ([DELIVERY], "", "ignored"),
        ([DELIVERY], None, "ignored"),
        # a real empty list
        ([DELIVERY], {"reports": []}, "ignored"),
        (["kind: sms.inbound, each: [a, b], " + INBOUND], {"a": [{"b": []}]}, "ignored"),
        (["kind: sms.inbound, each: [a, b], " + INBOUND], {"a": []}, "ignored"),
        ([DELIVERY, "kind: sms.inbound, each: replies, " + INBOUND], {"reports": []}, "ignored"),
        (["kind: sms.inbound, each: 'from_json(a)', " + INBOUND], {"a": "[]"}, "ignored"),
        (["kind: sms.inbound, each: 'from_json(a)[]', " + INBOUND], {"a": "[]"}, "ignored"),
        # a renamed or changed one
        (["kind: sms.inbound, each: 'from_json(a)', " + INBOUND], {"b": "[]"}, "unclaimed"),
        (["kind: sms.inbound, each: 'from_json(a)', " + INBOUND], {"a": "no JSON"}, "unclaimed"),
        ([DELIVERY], {"renamed": [{"id": 1}]}, "unclaimed"),
        ([DELIVERY], {"reports": None}, "unclaimed"),
        (["kind: sms.inbound, each: [a, b], " + INBOUND], {"a": [{"renamed": []}]}, "unclaimed"),
        (["kind: sms.inbound, each: 'a[?b].c', " + INBOUND], {"a": [{"renamed": 1}]}, "unclaimed"),
        (["kind: sms.inbound, each: 'a[].b', " + INBOUND], {"a": [{"renamed": 1}]}, "unclaimed"),
        (["kind: sms.inbound, each: 'a[].b[]', " + INBOUND], {"a": [{"renamed": [1]}]}, "unclaimed"),
        (["kind: sms.inbound, each: 'a[*].b', " + INBOUND], {"a": [{"renamed": 1}]}, "unclaimed"),
        (["kind: sms.inbound, each: 'a.*.b', " + INBOUND], {"a": {"x": {"renamed": 1}}}, "unclaimed"),
        (["kind: sms.inbound, each: 'a[].b', " + INBOUND], {"a": []}, "ignored"),
        ([DELIVERY], [{"id": 1}], "unclaimed"),
        ([DELIVERY], {"reports": [None]}, "unclaimed"),
        # nothing fires
        (["kind: sms.inbound, equals: {type: mo}, " + INBOUND], {"type": "new", "f": 1}, "unclaimed"),
        (["kind: sms.inbound, has: f, " + INBOUND], {"g": 1}, "unclaimed"),
        (["kind: sms.inbound, when: f, " + INBOUND], {"f": ""}, "unclaimed"),
        (["kind: sms.inbound, when: abs(f), " + INBOUND], {"f": "raises"}, "unclaimed"),
        # an entry that fired and listed nothing, whatever ignore entries say
        ([DELIVERY, "kind: ignore, has: renamed"], {"renamed": [{"id": 1}]}, "unclaimed"),
        ([DELIVERY, "kind: ignore"], {"renamed": [{"id": 1}]}, "unclaimed"),
        # known and unwanted
        (["kind: sms.inbound, equals: {type: mo}, " + INBOUND, "kind: ignore, equals: {type: [x, y]}"], {"type": "y"}, "ignored"),
        (["kind: ignore, each: a, where: b"], {"a": [{"b": 1}, {"b": 2}]}, "ignored"),
        (["kind: ignore, each: a, where: b == `1`"], {"a": [{"b": 1}, {"b": 2}]}, "unclaimed"),
        ([DELIVERY], {"reports": [{"id": 1, "c": "drop"}]}, "ignored"),
        ([DELIVERY], {"reports": [{"id": 1, "c": "drop"}, {"id": 2, "c": "ok"}]}, "accepted"),
        # one of several that fire lists something
        ([DELIVERY, "kind: sms.inbound, each: replies, " + INBOUND], {"reports": [{"id": 1}]}, "accepted"),
        # listed and not claimed
        ([DELIVERY + ", where: id"], {"reports": [{"id": 1}, {"renamed": 2}]}, "partial"),
        ([DELIVERY + ", where: id"], {"reports": [{"renamed": 2}]}, "unclaimed"),
        ([DELIVERY + ", where: id", "kind: ignore, each: reports, where: '!id'"], {"reports": [{"id": 1}, {"x": 2}]}, "accepted"),
        ([DELIVERY + ", where: id", "kind: ignore, each: 'reports[?!id]'"], {"reports": [{"id": 1}, {"x": 2}]}, "accepted"),
        # something inside it was taken
        (["kind: sms.inbound, each: [a, b], " + INBOUND, "kind: ignore, each: a, where: never"], {"a": [{"b": [{"f": 1}]}]}, "accepted"),
        (["kind: sms.inbound, each: [a, b], " + INBOUND, "kind: ignore, each: a, where: never"], {"a": [{"b": [{"f": 1}]}, {"c": 1}]}, "partial"),
        # a text and a number are legal records
        (["kind: sms.inbound, each: a, fields: {from: '@'}"], {"a": ["138", 139]}, "accepted"),
    ],
)  # fmt: skip
def test_what_becomes_of_a_body(lines: list[str], tree: Json, outcome: str) -> None:
    found = become(entries(*lines), arrived(json.dumps(tree)))
    assert found.name == outcome, found.problems
    assert (found.ack.status, found.ack.body) == (200, b"OK")
    assert found.keep


def test_every_entry_that_fires_does_in_file_order() -> None:
    found = become(
        entries(DELIVERY, f"kind: sms.inbound, each: reports, {INBOUND}", DELIVERY),
        arrived('{"reports": [{"id": 1, "f": 2}]}'),
    )
    assert [event.kind for event in found.events] == ["sms.delivery", "sms.inbound"]


def test_dropped_records_are_counted_once_and_not_if_another_entry_took_them() -> None:
    text = entries(DELIVERY + ", where: id", "kind: ignore, each: reports", "kind: ignore, each: reports, where: 'x'")
    assert become(text, arrived('{"reports": [{"id": 1, "c": "ok"}, {"x": 1}, {"y": 1}]}')).ignored == 2


def test_an_unclaimed_record_is_quarantined_with_its_content() -> None:
    found = become(entries(DELIVERY + ", where: id"), arrived('{"reports": [{"id": 1}, {"renamed": 2}]}'))
    (problem,) = found.problems
    assert (problem.code, problem.record, problem.content) == ("unclaimed_record", 1, {"renamed": 2})
