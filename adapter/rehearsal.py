"""Does a spec do what its examples say? They run through the engine: no server, no clock, no disk.

Examples with `sign: true` are signed with test secrets, and forged copies of them must be refused.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote

from adapter.engine.decode import decode
from adapter.engine.flow import process
from adapter.engine.verify import ENCODINGS, Evidence, Missing, rule_secrets, secret_names, signed, signed_at
from adapter.expressions.values import as_text
from adapter.http_text import BadRequestText, Written, parse, request
from adapter.model import Ack, Event, Json, Outcome, Refused, Request, Secrets
from adapter.spec.language import Channel, Example, Kind, Reference, Registry, Rule, Spec

ARRIVAL = datetime(2026, 1, 1, tzinfo=UTC)
"""When an example arrives that says no time of its own."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """An example's run: what differs from what it says (nothing, when it is right), and how many forged copies
    were refused."""

    example: Example
    differences: tuple[str, ...]
    forged: int
    outcome: Outcome | None


def rehearse(spec: Spec, kinds: Mapping[str, Kind]) -> list[Rehearsed]:
    """Run every example of a spec, bound to that spec alone."""
    return [_run(spec, kinds, example) for example in spec.examples]


def secrets_for_tests(spec: Spec) -> dict[str, tuple[bytes, ...]]:
    """A made-up value for every secret of a spec."""
    return {name: (f"test secret of {name}".encode(),) for name in secret_names(spec)}


def bound(spec: Spec, kinds: Mapping[str, Kind], channel: str) -> Registry:
    """A registry in which a channel belongs to this spec alone."""
    return Registry({spec.vendor: spec}, kinds, {channel: Channel(channel, (spec.vendor,))})


def _run(spec: Spec, kinds: Mapping[str, Kind], example: Example) -> Rehearsed:
    secrets = secrets_for_tests(spec)
    try:
        written = prepared(spec, example, secrets)
    except (BadRequestText, Missing, Refused) as error:
        return Rehearsed(example, (str(error),), 0, None)
    asked = arriving(spec, written)
    registry = bound(spec, kinds, asked.channel)
    outcome = process(registry, asked, secrets)
    differences = compare(example, outcome)
    refused = 0
    if example.sign and not differences:
        for what, forged, known in forgeries(spec, written, secrets):
            if (
                process(registry, replace(arriving(spec, forged), received_at=asked.received_at), known).name
                == "refused"
            ):
                refused += 1
            else:
                differences.append(f"a forged copy was accepted: {what}")
    return Rehearsed(example, tuple(differences), refused, outcome)


def prepared(spec: Spec, example: Example, secrets: Secrets) -> Written:
    """The example's request, signed if it is to be. Raises BadRequestText, Missing."""
    written = parse(example.request)
    return sign(spec, written, secrets) if example.sign else written


def arriving(spec: Spec, written: Written) -> Request:
    """The request at the moment its signature was made, or else at a fixed one."""
    asked = request(written, ARRIVAL, "example")
    evidence = _evidence(spec, asked)
    for rule in spec.verify:
        try:
            moment = rule.timestamp and signed_at(rule.timestamp.at, rule.timestamp.unit, evidence)
            if moment:
                return replace(asked, received_at=datetime.fromtimestamp(moment, UTC))
        except (Missing, Refused, OverflowError, ValueError, OSError):
            continue
    return asked


def _evidence(spec: Spec, asked: Request) -> Evidence:
    return Evidence(asked, lambda: decode(asked, spec.manner).tree)


def sign(spec: Spec, written: Written, secrets: Secrets) -> Written:
    """The request with the signatures that the spec's rules make of it, in the order of the rules."""
    for rule in spec.verify:
        asked = request(written, ARRIVAL)
        values = {name: secrets[f"{spec.vendor}.{name}"][0] for name in rule_secrets(rule)}
        made = signed(rule, values, _evidence(spec, asked))
        written = put(written, rule.signature, rule.prefix.encode() + ENCODINGS[rule.encoding].write(made))
    return written


def put(written: Written, reference: Reference, value: bytes | None) -> Written:
    """The request with one value where a reference points, or without it."""
    return _PUT[reference.source](written, reference, value)


def _put_header(written: Written, reference: Reference, value: bytes | None) -> Written:
    return written.with_header(reference.path[0].encode(), value)


def _put_query(written: Written, reference: Reference, value: bytes | None) -> Written:
    path, _, query = written.target.partition("?")
    query = _parameters(query, reference.path[0], value)
    return replace(written, target=f"{path}?{query}" if query else path)


def _put_form(written: Written, reference: Reference, value: bytes | None) -> Written:
    return replace(
        written, body=_parameters(written.body.decode("latin-1"), reference.path[0], value).encode("latin-1")
    )


def _parameters(text: str, name: str, value: bytes | None) -> str:
    kept = [piece for piece in text.split("&") if piece and piece.partition("=")[0] != name]
    return "&".join([*kept, *([] if value is None else [f"{name}={quote(value, safe='')}"])])


def _put_json(written: Written, reference: Reference, value: bytes | None) -> Written:
    tree = json.loads(written.body)
    *above, last = reference.path
    inner = tree
    for name in above:
        inner = inner[int(name)] if isinstance(inner, list) else inner.setdefault(name, {})
    if value is None:
        inner.pop(last, None)
    else:
        inner[last] = value.decode()
    return replace(written, body=json.dumps(tree, ensure_ascii=False).encode())


_PUT = {"header": _put_header, "query": _put_query, "form": _put_form, "json": _put_json}


def forgeries(spec: Spec, written: Written, secrets: Secrets) -> Iterator[tuple[str, Written, Secrets]]:
    """Copies that nobody with the secret has made: what was done to each, the copy, the secrets to try it with."""
    if any(part.source == "body" for rule in spec.verify for part in rule.message.references):
        middle = len(written.body) // 2
        changed = bytes([written.body[middle] ^ 1]) if written.body else b"x"
        yield (
            "one byte of the body changed",
            replace(written, body=written.body[:middle] + changed + written.body[middle + 1 :]),
            secrets,
        )
    for reference in _used(spec.verify):
        yield from ((what, copy, secrets) for what, copy in _spoilt(written, reference))
    yield "signed with another secret", written, {name: (b"another " + value[0],) for name, value in secrets.items()}


def _used(rules: tuple[Rule, ...]) -> list[Reference]:
    """Every header and field that a rule looks at, once."""
    found = {}
    for rule in rules:
        at = rule.timestamp.at.references if rule.timestamp else ()
        for one in (rule.signature, *rule.message.references, *at):
            if one.source in _PUT:
                found[one.source, one.path] = one
    return list(found.values())


def _spoilt(written: Written, reference: Reference) -> Iterator[tuple[str, Written]]:
    name = f"{reference.source} {'.'.join(reference.path)}"
    value = _value(written, reference)
    if value is None:
        return
    yield f"{name} missing", put(written, reference, None)
    last = b"0" if value[-1:] != b"0" else b"1"
    yield f"{name} changed", put(written, reference, value[:-1] + last)
    if reference.source == "header":
        yield f"{name} doubled", replace(written, headers=(*written.headers, (reference.path[0].encode(), value)))


def _value(written: Written, reference: Reference) -> bytes | None:
    asked = request(written, ARRIVAL)
    try:
        return Evidence(asked, lambda: json.loads(asked.body)).find(reference)
    except (Missing, ValueError):
        return None


def compare(example: Example, outcome: Outcome) -> list[str]:
    """What differs between an outcome and what the example says; only what it names is compared."""
    differences = []
    if example.reject and outcome.code != example.reject:
        differences.append(f"expected it to be refused as {example.reject}, got {_told(outcome)}")
    if example.outcome and outcome.name != example.outcome:
        differences.append(f"outcome: expected {example.outcome}, got {_told(outcome)}")
    if example.expect is not None:
        differences += _events(example.expect, outcome)
    return [*differences, *(_answer(example.ack, outcome.ack) if example.ack else ())]


def _told(outcome: Outcome) -> str:
    problems = "; ".join(f"{problem.code}: {problem.message}" for problem in outcome.problems[:3])
    return f"{outcome.name} ({problems})" if problems else outcome.name


def _events(expected: tuple[Mapping[str, Json], ...], outcome: Outcome) -> list[str]:
    if len(expected) != len(outcome.events):
        return [f"expected {len(expected)} events, got {len(outcome.events)}: {_told(outcome)}"]
    pairs = zip(expected, outcome.events, strict=True)
    return [text for number, (wanted, event) in enumerate(pairs) for text in _event(number, wanted, event)]


def _event(number: int, wanted: Mapping[str, Json], event: Event) -> Iterator[str]:
    data = event.envelope["data"]
    for name, value in wanted.items():
        found = event.kind if name == "kind" else data[name] if name in data else event.envelope.get(name)
        if not same(value, found):
            yield f"event {number} · {name}: expected {value!r}, got {found!r}"


def same(wanted: Json, found: Json) -> bool:
    """Equal, of an object what is named; a number may be written as text, since specs have no fractions."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(same(value, found.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(same, wanted, found))
    if isinstance(wanted, str) and isinstance(found, int | float):
        return as_text(found) == wanted
    if isinstance(wanted, str) and isinstance(found, str):
        return wanted == found or wanted.replace("Z", "+00:00") == found.replace("Z", "+00:00")
    return type(wanted) is type(found) and bool(wanted == found)


def _answer(wanted: Mapping[str, Json], ack: Ack) -> Iterator[str]:
    headers = {name.decode(): value.decode() for name, value in ack.headers}
    found: dict[str, Json] = {"status": ack.status, "body": ack.body.decode(), "headers": headers}
    for name, value in wanted.items():
        if name == "json":
            if _json(ack.body) != value:
                yield f"ack · json: expected {value!r}, got {ack.body.decode()!r}"
        elif name == "headers":
            lower = {key.lower(): text for key, text in value.items()}
            if not same(lower, headers):
                yield f"ack · headers: expected {lower!r}, got {headers!r}"
        elif found[name] != value:
            yield f"ack · {name}: expected {value!r}, got {found[name]!r}"


def _json(body: bytes) -> Json:
    try:
        return json.loads(body)
    except ValueError:
        return None
