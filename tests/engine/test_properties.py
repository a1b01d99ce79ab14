"""Does the engine keep its promises whatever arrives?"""

# A row of a table is one line.
# ruff: noqa: E501

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.engine.flow import process
from adapter.http_text import parse
from adapter.model import Outcome, Request, Secrets, dumps
from adapter.rehearsal import bound, prepared
from adapter.signing import arriving, made_up_secrets
from adapter.spec.language import Example, Registry, Spec
from adapter.spec.loader import load
from adapter.spec.packaged import schemas, vendors
from tests.specs import ARRIVAL

SHIPPED = load([vendors()], [schemas()]).registry
SPECS = sorted(SHIPPED.specs)
SECRETS = {
    name: value
    for spec in SHIPPED.specs.values()
    for name, value in made_up_secrets(spec, parse(spec.examples[0].request)).items()
}
NAMES = ("accepted", "partial", "quarantined", "ignored", "unclaimed", "unmatched", "refused")
# Half of what arrives should come as far as the records.
WORDS = sorted({name for spec in SHIPPED.specs.values() for entry in spec.entries for field in entry.shape.fields
                for one in field.inputs for name in one.text.split(".") if name.isidentifier()})  # fmt: skip


def run(registry: Registry, request: Request, secrets: Secrets = SECRETS) -> Outcome:
    return process(registry, request, secrets)


def registry_of(name: str) -> Registry:
    return bound(SHIPPED.specs[name], SHIPPED.kinds, "sms/1") if name else SHIPPED


VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.sampled_from(
    ["11", "12", "DELIVRD", "SUCCESS", "2024-05-01 10:00:00", "9" * 18, "1714557600", "0", "MK:0001", "20240501100000"]
)  # fmt: skip
DOCUMENTS = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip
JSON_BODIES = DOCUMENTS.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
FORM_BODIES = st.lists(st.tuples(st.sampled_from(WORDS), st.binary(max_size=8))).map(
    lambda found: b"&".join(name.encode() + b"=" + value for name, value in found)
)
BODIES = st.binary(max_size=60) | JSON_BODIES | FORM_BODIES | st.just(b"<r><a b='1'>x</a></r>") | st.just(b"")
HEADERS = st.lists(
    st.tuples(
        st.sampled_from([b"content-type", b"content-encoding", b"md5", b"curtime", b"checksum", b"x-other", b"authorization"]) | st.binary(max_size=5),
        st.sampled_from([b"application/json", b"text/xml; charset=gbk", b"multipart/form-data; boundary=x", b"x; charset=\xff", b"gzip", b"1"])
        | st.binary(max_size=20),
    ),
    max_size=4,
).map(tuple)  # fmt: skip
REQUESTS = st.builds(
    Request,
    method=st.sampled_from(["POST", "GET", "PUT", "DELETE"]) | st.text(max_size=3),
    channel=st.just("sms/1"),
    path=st.sampled_from(["", "/status", "/"]) | st.text(max_size=5),
    query=FORM_BODIES | st.binary(max_size=20),
    headers=HEADERS,
    body=BODIES,
    received_at=st.just(ARRIVAL),
    id=st.just("request-1"),
    url=st.sampled_from(["", "https://x.example/notify/sms/1/t?a=b"]),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["", *SPECS]), REQUESTS)
def test_nothing_that_arrives_makes_the_engine_raise_and_the_same_bytes_have_the_same_outcome(
    name: str, request: Request
) -> None:
    registry = registry_of(name)
    outcome = run(registry, request)
    assert outcome == run(registry, request)
    assert outcome.name in NAMES
    assert 100 <= outcome.ack.status < 600
    assert (outcome.ack.status < 300) == (outcome.name != "refused")
    for event in outcome.events:
        assert json.loads(dumps(event.envelope))["id"] == event.id
    for problem in outcome.problems:
        dumps(problem.content)
    assert len({event.id for event in outcome.events}) == len(outcome.events)
    records = [event.record for event in outcome.events]
    assert len(SHIPPED.specs.get(outcome.vendor, _NOBODY).entries) > 1 or records == sorted(records)


_NOBODY: Any = type("Nobody", (), {"entries": ()})

ALL = [(spec, example) for spec in SHIPPED.specs.values() for example in spec.examples if not example.reject]
EXAMPLES = [pytest.param(spec, example, id=f"{spec.vendor}: {example.name}") for spec, example in ALL]


def written(spec: Spec, example: Example) -> tuple[Request, Secrets]:
    secrets = {**SECRETS, **made_up_secrets(spec, parse(example.request))}
    return replace(arriving(spec, prepared(spec, example, secrets)), channel="sms/1"), secrets


@pytest.mark.parametrize(("spec", "example"), EXAMPLES)
def test_a_retry_has_the_same_ids(spec: Spec, example: Example) -> None:
    first, secrets = written(spec, example)
    again = replace(first, id="request-2", peer="10.0.0.2", received_at=first.received_at + timedelta(seconds=7))
    before, after = (run(registry_of(spec.vendor), request, secrets) for request in (first, again))
    assert [event.id for event in before.events] == [event.id for event in after.events]
    assert before.name == after.name


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_an_example_with_a_few_bytes_changed_is_still_dealt_with(drawn: st.DataObject) -> None:
    spec, example = drawn.draw(st.sampled_from(ALL))
    request, secrets = written(spec, example)
    body = bytearray(request.body)
    for _ in range(drawn.draw(st.integers(1, 3)) if body else 0):
        body[drawn.draw(st.integers(0, len(body) - 1))] = drawn.draw(st.integers(0, 255))
    changed = replace(request, body=bytes(body[: drawn.draw(st.integers(0, len(body)))]))
    for registry in (registry_of(spec.vendor), SHIPPED):
        outcome = run(registry, changed, secrets)
        assert outcome == run(registry, changed, secrets)
        assert all(dumps(event.envelope) for event in outcome.events)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["good", "bad", "twice"]), max_size=30))
def test_events_stand_in_the_order_of_their_records(sorts: list[str]) -> None:
    records = [{"good": {"phone_number": "1", "success": True, "biz_id": str(place)}, "bad": {"success": True},
                "twice": {"phone_number": "1", "success": True, "biz_id": "same"}}[sort] for place, sort in enumerate(sorts)]  # fmt: skip
    outcome = run(registry_of("aliyun"), Request("POST", "sms/1", "", b"", (), json.dumps(records).encode(), ARRIVAL))
    wanted = [
        place
        for place, sort in enumerate(sorts)
        if sort == "good" or (sort == "twice" and "twice" not in sorts[:place])
    ]
    assert [event.record for event in outcome.events] == wanted
    assert [problem.record for problem in outcome.problems] == [
        place for place, sort in enumerate(sorts) if sort == "bad"
    ]
