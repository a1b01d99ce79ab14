"""Does a spec do what its examples say? They run through the engine: no server, no clock, no disk.

Examples with `sign: true` are signed with made-up secrets, and forged copies of them must be refused.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from adapter.engine.flow import process
from adapter.expressions.templates import Missing
from adapter.expressions.values import as_text
from adapter.forging import Forgery, forgeries
from adapter.http_text import BadRequestText, Written, parse
from adapter.model import Ack, Event, Json, Outcome, Refused, Request, Secrets
from adapter.signing import arriving, made_up_secrets, sign
from adapter.spec.language import Channel, Example, Kind, Registry, Spec


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


def bound(spec: Spec, kinds: Mapping[str, Kind], channel: str) -> Registry:
    """A registry in which a channel belongs to this spec alone."""
    return Registry({spec.vendor: spec}, kinds, {channel: Channel(channel, (spec.vendor,))})


def _run(spec: Spec, kinds: Mapping[str, Kind], example: Example) -> Rehearsed:
    try:
        secrets = secrets_for(spec, example)
        written = prepared(spec, example, secrets)
    except (BadRequestText, Missing, Refused) as error:
        return Rehearsed(example, (str(error),), 0, None)
    asked = arriving(spec, written)
    registry = bound(spec, kinds, asked.channel)
    outcome = process(registry, asked, secrets)
    differences = compare(example, outcome)
    tried = list(forgeries(spec, written, secrets)) if example.sign and not differences else []
    accepted = [one.what for one in tried if not _refused(registry, spec, one, asked)]
    differences += [f"a forged copy was accepted: {what}" for what in accepted]
    return Rehearsed(example, tuple(differences), len(tried) - len(accepted), outcome)


def _refused(registry: Registry, spec: Spec, forgery: Forgery, asked: Request) -> bool:
    copy = replace(arriving(spec, forgery.written), received_at=asked.received_at)
    return process(registry, copy, forgery.secrets).name == "refused"


def secrets_for(spec: Spec, example: Example) -> dict[str, tuple[bytes, ...]]:
    """The secrets an example runs with: those that its page publishes, made-up ones for the rest."""
    made_up = made_up_secrets(spec, parse(example.request))
    return {**made_up, **{name: (value.encode(),) for name, value in example.secrets.items()}}


def prepared(spec: Spec, example: Example, secrets: Secrets) -> Written:
    """The example's request, signed if it is to be. Raises BadRequestText, Missing."""
    written = parse(example.request)
    return sign(spec, written, secrets) if example.sign else written


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
        return wanted == found or _one_instant(wanted, found)
    return type(wanted) is type(found) and bool(wanted == found)


_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})")


def _one_instant(wanted: str, found: str) -> bool:
    """Two RFC 3339 times, each with its offset."""
    if not _TIME.fullmatch(wanted) or not _TIME.fullmatch(found):
        return False
    try:
        return datetime.fromisoformat(wanted) == datetime.fromisoformat(found)
    except ValueError:  # the 30th of February
        return False


_BODY = ("body", "text", "xml")
"""Names of the answer's body: an author may say it as `ack:` does."""


def _answer(wanted: Mapping[str, Json], ack: Ack) -> Iterator[str]:
    headers = {name.decode(): value.decode() for name, value in ack.headers}
    found: dict[str, Json] = {"status": ack.status, **dict.fromkeys(_BODY, ack.body.decode()), "headers": headers}
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
