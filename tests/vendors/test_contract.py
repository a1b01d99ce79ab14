"""What does every spec inherit? Whatever a vendor sends, nothing raises, nothing is lost, and a retry is a retry."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from adapter.expressions.templates import Missing
from adapter.expressions.values import as_text
from adapter.forging import forgeries
from adapter.http_text import Written, parse
from adapter.http_text import request as request_of
from adapter.model import Outcome, Refused
from adapter.rehearsal import rehearse
from adapter.signing import ARRIVAL, sign
from adapter.spec.language import Spec
from tests.vendors.contract import HANDSHAKE, REFUSALS, STORED, Seen, broken, has_empty_list, run
from tests.vendors.shipped import LOADED, POSTED, REGISTRY, Posted, every_example, every_signed_example, every_spec
from tests.vendors.variations import GONE, VALUES, Place, places

HUGE = 900_000
UNHEARD_OF = "never heard of"

EMPTY = {"nothing": b"", "an empty object": b"{}", "an empty list": b"[]"}
BODIES = {
    **EMPTY,
    "null": b"null",
    "a text": b'"text"',
    "a number": b"7",
    "octets that are no text": b"\xff\xfe\x00\xd8\x80",
    "a huge text": b"x" * HUGE,
    "a huge number": b"9" * HUGE,
    "deep lists": b"[" * HUGE,
    "a huge object": b'{"a": "' + b"x" * HUGE + b'"}',
    "a huge list": b"[" + b'{"a": "%b"},' % (b"x" * 80) * (HUGE // 90) + b"{}]",
    "a huge field": b"a=" + b"%20" * (HUGE // 3),
    "a great many fields": b"&".join(b"a%d=1" % number for number in range(90_000)),
    "XML": b"<?xml version='1.0'?><a><b>1</b></a>",
}


def tried(one: Posted, written: Written, what: str) -> tuple[Outcome, Seen]:
    """Post a copy of an example, signed anew where that can be, and hold what comes out against the laws."""
    if one.example.sign:
        with suppress(Missing, Refused, ValueError, TypeError, AttributeError, LookupError):
            written = sign(one.spec, written, one.secrets)
    request = replace(replace(one, written=written).request, received_at=one.request.received_at)
    outcome, seen = run(one.registry, request, one.secrets)
    laws = broken(REGISTRY, outcome, seen)
    assert laws == [], f"{one.name}, {what}: {outcome.name}"
    return outcome, seen


def places_of(one: Posted) -> Iterator[Place]:
    return places(one.written, one.request, one.spec.body)


def examples_of(spec: Spec) -> list[Posted]:
    return [one for one in POSTED if one.spec is spec]


def as_it_is(one: Posted) -> Outcome:
    return run(one.registry, one.request, one.secrets)[0]


def test_every_shipped_file_is_right() -> None:
    assert [f"{one.span} {one.code} {one.message}" for one in LOADED.diagnostics] == []
    assert not LOADED.held_back


@every_spec
def test_its_examples_come_out_as_they_say_and_forged_copies_are_refused(spec: Spec) -> None:
    for one in rehearse(spec, REGISTRY.kinds):
        assert one.differences == (), one.example.name
        assert bool(one.forged) == one.example.sign, one.example.name


@every_spec
def test_its_examples_show_a_success_a_failure_and_an_unknown_code(spec: Spec) -> None:
    outcomes = [as_it_is(one) for one in examples_of(spec)]
    found = [(REGISTRY.kinds[event.kind], event.envelope["data"]) for one in outcomes for event in one.events]
    words = [(kind.words[data["status"]], data) for kind, data in found if kind.words]
    assert any(word.success for word, _ in words) or not words
    assert any(word.reasoned for word, _ in words) or not words
    assert any(data.get("code_known") is False for _, data in words) or not words


@every_example
def test_a_retry_is_the_same_events(one: Posted) -> None:
    first = as_it_is(one)
    later = replace(one.request, received_at=one.request.received_at + timedelta(seconds=1), id="another")
    again, _ = run(one.registry, later, one.secrets)
    assert [event.id for event in again.events] == [event.id for event in first.events]
    assert len({event.id for event in first.events}) == len(first.events)
    assert (again.name, again.ignored, again.code) == (first.name, first.ignored, first.code)


@every_signed_example
def test_without_the_secret_it_is_asked_to_come_again(one: Posted) -> None:
    for secrets in ({}, dict.fromkeys(one.secrets, ()), dict.fromkeys(one.secrets, (b"",))):
        outcome, _ = run(one.registry, one.request, secrets)
        assert (outcome.name, outcome.code, outcome.ack) == ("refused", "secret_unset", outcome.retry_ack)


@every_signed_example
def test_the_bytes_of_a_forged_copy_are_not_kept(one: Posted) -> None:
    for forgery in forgeries(one.spec, one.written, one.secrets):
        request = replace(replace(one, written=forgery.written).request, received_at=one.request.received_at)
        outcome, seen = run(one.registry, request, forgery.secrets)
        assert (outcome.name, outcome.keep, seen.authentic) == ("refused", False, False), forgery.what
        assert broken(REGISTRY, outcome, seen) == []


@pytest.mark.parametrize("what", BODIES)
@every_spec
def test_a_strange_body_has_a_known_end(spec: Spec, what: str) -> None:
    for one in {one.request.method: one for one in examples_of(spec)}.values():
        outcome, seen = tried(one, replace(one.written, body=BODIES[what]), what)
        if seen.authentic and what in EMPTY and spec.body == ("json",):
            assert outcome.name == "ignored", one.name


@every_example
def test_a_body_that_breaks_off_has_a_known_end(one: Posted) -> None:
    for eighths in range(8):
        tried(one, replace(one.written, body=one.written.body[: len(one.written.body) * eighths // 8]), f"{eighths}/8")


@every_example
def test_a_key_that_is_missing_loses_nothing(one: Posted) -> None:
    """Nor is the rest ever dropped on purpose, unless nothing or an empty list is left of it."""
    was = as_it_is(one).name
    for place in places_of(one):
        for name, value in (("missing", GONE), ("null", None)):
            outcome, seen = tried(one, place.put(value), f"{place.path} is {name}")
            if outcome.name == "ignored" and was != "ignored" and outcome.code != HANDSHAKE:
                assert not seen.tree or has_empty_list(seen.tree), f"{one.name}, {place.path} is {name}"


@every_spec
def test_a_value_that_is_something_else_loses_nothing(spec: Spec) -> None:
    """Every place of every sort of callback once: items of a list, and further examples, are alike."""
    known: set[tuple[object, ...]] = set()
    for one in examples_of(spec):
        sort = (one.request.method, *sorted({event.kind for event in as_it_is(one).events}))
        for place in places_of(one):
            key = (*sort, re.sub(r"\b[0-9]+\b", "0", place.path))
            if key not in known:
                known.add(key)
                for name, value in VALUES.items():
                    tried(one, place.put(value), f"{place.path} is {name}")


@every_spec
def test_a_code_that_nobody_knows_is_kept_and_is_no_success_by_itself(spec: Spec) -> None:
    met = 0
    coded = False
    for one in examples_of(spec):
        codes = {event.envelope["data"].get("code") for event in as_it_is(one).events} - {None}
        coded = coded or bool(codes)
        for place in places_of(one):
            if not isinstance(place.value, dict | list) and as_text(place.value) in codes:
                outcome, seen = tried(one, place.put(UNHEARD_OF), place.path)
                met += sum(_unheard_of(one, outcome, seen, place))
    assert met or not coded


def _unheard_of(one: Posted, outcome: Outcome, seen: Seen, place: Place) -> Iterator[bool]:
    """Each event with the unknown code; only a flag or another code may say that it is known, or a success."""
    statuses = [entry.shape.status for entry, _ in seen.exploded.taken]
    decided_elsewhere = any(one and (one.success or len(one.inputs or ()) > 1) for one in statuses)
    for event in outcome.events:
        data, kind = event.envelope["data"], REGISTRY.kinds[event.kind]
        if data.get("code") == UNHEARD_OF and kind.words:
            word = kind.words[data["status"]]
            known = data.get("code_known") or word.success
            assert not known or (decided_elsewhere and not word.reasoned), f"{one.name}, {place.path}"
            yield True


@every_spec
def test_records_that_come_twice_in_one_body_are_told_once(spec: Spec) -> None:
    """A list in the body said twice over gives the same events as before."""
    for one in examples_of(spec):
        before = as_it_is(one)
        for place in places_of(one):
            if isinstance(place.value, list) and place.value and all(isinstance(item, dict) for item in place.value):
                outcome, _ = tried(one, place.put(place.value * 2), f"{place.path} twice")
                assert {event.id for event in outcome.events} >= {event.id for event in before.events}, one.name


@pytest.mark.parametrize(
    ("body", "text", "found", "without"),
    [
        ("json", 'POST /\n\n{"a": [{"b": 1}]}', ["the body", "a", "a.0", "a.0.b"], b'{"a": [{}]}'),
        ("json", 'POST /\n\n{"a": "{\\"b\\": 1}"}', ["the body", "a", "a.b"], b'{"a": "{}"}'),
        ("form", "POST /\n\na=%5B7%5D&b=%C4%E3", ["the body", "a", "a.0", "b"], b"a=%5B7%5D"),
        ("form", "POST /\n\na=%257B%2522b%2522%253A1%257D", ["the body", "a", "a.b"], b"a=%257B%257D"),
        ("xml", "POST /\n\n<a><b>1</b><c>2</c></a>", ["the body", "0.b", "1.c"], b"<a><b>1</b></a>"),
        ("multipart", "POST /\nContent-Type: multipart/form-data; boundary=x\n\n"
         '--x\nContent-Disposition: form-data; name="a"\n\n1\n--x--\n', ["the body", "a"], b"--x--\r\n"),
    ],
)  # fmt: skip
def test_places_are_found_in_every_sort_of_body(body: str, text: str, found: list[str], without: bytes) -> None:
    written = parse(text)
    places_found = list(places(written, request_of(written, ARRIVAL), (body,)))
    assert [place.path for place in places_found] == found
    assert places_found[-1].put(GONE).body == without


def test_the_laws_notice_what_is_lost() -> None:
    """The laws themselves: an outcome that lost an event, told a lie or dropped the bytes breaks them."""
    one = next(one for one in POSTED if len(as_it_is(one).events) > 1)
    outcome, seen = run(one.registry, one.request, one.secrets)
    event = outcome.events[0]
    data = {**event.envelope["data"], "status": "fine", "final": 1}
    wrong = replace(event, envelope={**event.envelope, "data": data})
    assert broken(REGISTRY, outcome, seen) == []
    for bad in (
        replace(outcome, events=outcome.events[1:]),
        replace(outcome, name="lost"),
        replace(outcome, keep=False),
        replace(outcome, ack=outcome.retry_ack),
        replace(outcome, events=(wrong, *outcome.events[1:])),
        replace(outcome, name="ignored", events=()),
    ):
        assert broken(REGISTRY, bad, seen) != []
    assert set(REFUSALS).isdisjoint(STORED)
    assert json.loads(json.dumps(VALUES)) == VALUES
