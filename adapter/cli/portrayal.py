"""What would this vendor send right now, and what would somebody send who only pretends to be it?"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapter.engine.flow import process
from adapter.forging import forgeries
from adapter.http_text import Written, parse, request
from adapter.model import Outcome, Secrets
from adapter.signatures.algorithms import ALGORITHMS
from adapter.signatures.proof import covers, replay
from adapter.signatures.rules import SNS
from adapter.signing import LIFETIME, sign, timed
from adapter.spec.language import Example, Registry, Rule, Spec

TRIED = 400
"""Bytes of a body that may be changed, from its middle on, until a copy is still claimed and yet refused."""

MARGIN = 60
APART = 1000
"""Between the message ids of two callbacks, so that the messages of one batch stay apart from those of the next."""

REFUSED = frozenset({"bad_signature", "stale"})


class Unplayable(Exception):
    """This cannot be played; the message says why, and what could."""


@dataclass(frozen=True, slots=True)
class Part:
    """Who is played, before which server: `public` is what the vendor sees before `/notify`, `path` what stands
    behind it. `secrets` are all that the server has, `own` the vendor's by the names of its file."""

    registry: Registry
    spec: Spec
    example: Example
    public: str
    path: str
    secrets: Secrets
    own: Secrets


@dataclass(frozen=True, slots=True)
class Line:
    """A request to be sent to `target`, and what must become of it."""

    written: Written
    target: str
    outcome: Outcome


def genuine(part: Part, at: datetime, number: int | None = None) -> Line:
    """The example, its signing times now, signed; with a `number` its message is one of its own. Raises Unplayable,
    and what an example raises that lacks a part which is signed."""
    written = _addressed(part, number)
    if part.example.sign:
        if _only_the_vendor(part.spec):
            raise Unplayable(
                f"{part.spec.vendor} signs with a private key that only it has: "
                "only an example that brings its own signature can be sent (sign: false)"
            )
        written = sign(part.spec, timed(part.spec, written, at), part.own, at)
    line = _line(part, written, at)
    if part.example.sign and line.outcome.code in REFUSED:
        raise Unplayable(f"these secrets do not sign for {part.spec.vendor}: {line.outcome.problems[0].message}")
    return line


def forged(part: Part, at: datetime, how: str) -> Line:
    """A copy that must be refused, in one of the ways of FORGERIES. Raises Unplayable."""
    if not part.spec.verify or not part.example.sign:
        raise Unplayable(f"this example of {part.spec.vendor} is not signed: there is nothing to forge")
    copies = (_line(part, written, at) for written in FORGERIES[how](part, at))
    found = next((line for line in copies if line.outcome.code in REFUSED), None)
    if found is None:
        raise Unplayable(
            f"no such copy would be refused as {part.spec.vendor}'s on this channel: either its rules do not look "
            "there, or without that nobody claims it"
        )
    return found


def _addressed(part: Part, number: int | None) -> Written:
    """The example as if it were sent to this server's public address."""
    written = parse(part.example.request)
    query = written.target.partition("?")[2]
    written = replace(written, target=f"{part.public}{part.path}{'?' + query if query else ''}")
    return written if number is None else _numbered(part.example, written, number)


def _numbered(example: Example, written: Written, number: int) -> Written:
    """With a message id of its own, as far as the example says which it is."""
    ids = [str(one["message_id"]) for one in example.expect or () if one.get("message_id")]
    for known in ids:
        new = str(int(known) + number * APART) if known.isascii() and known.isdigit() else f"{known}-{number}"
        body = written.body.replace(known.encode(), new.encode())
        written = replace(written, body=body, target=written.target.replace(f"={known}", f"={new}"))
    return written


def _line(part: Part, written: Written, at: datetime) -> Line:
    target = written.target.removeprefix(part.public)
    asked = replace(request(replace(written, target=target), at, "send"), url=written.target)
    return Line(written, target, process(part.registry, asked, part.secrets))


def _only_the_vendor(spec: Spec) -> bool:
    return any(_asymmetric(one) for rule in spec.verify for one in (rule.any or (rule,)))


def _asymmetric(rule: Rule) -> bool:
    if rule.token:
        return not rule.token.allow[0].startswith("HS")
    return rule.algorithm == SNS or (rule.algorithm in ALGORITHMS and ALGORITHMS[rule.algorithm].pair is not None)


def _signed(part: Part, at: datetime) -> Written:
    return genuine(part, at).written


def _body(part: Part, at: datetime) -> Iterator[Written]:
    """One bit of one letter or digit, as near to the middle as still leaves it the vendor's; of a GET, in its query."""
    if not covers(part.spec.verify):
        raise Unplayable(f"{part.spec.vendor} does not sign the whole body, so another body would be believed")
    written = _signed(part, at)
    if written.body:
        yield from (replace(written, body=body) for body in _flipped(written.body))
        return
    path, _, query = written.target.partition("?")
    yield from (replace(written, target=f"{path}?{text.decode()}") for text in _flipped(query.encode()))


def _flipped(text: bytes) -> Iterator[bytes]:
    middle = len(text) // 2
    for place in sorted(range(len(text)), key=lambda one: abs(one - middle))[:TRIED]:
        if chr(text[place]).isalnum():
            yield text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]


def _missing(part: Part, at: datetime) -> Iterator[Written]:
    copies = forgeries(part.spec, _signed(part, at), part.own)
    yield from (one.written for one in copies if one.what.endswith(" missing"))


def _secret(part: Part, at: datetime) -> Iterator[Written]:
    *_, last = forgeries(part.spec, _signed(part, at), part.own)
    yield sign(part.spec, timed(part.spec, _addressed(part, None), at), last.secrets, at)


def _replayed(part: Part, at: datetime) -> Iterator[Written]:
    window = replay(part.spec.verify)
    if window is None:
        raise Unplayable(
            f"the rules of {part.spec.vendor} set no time limit (within:), so what is sent again is acked again "
            "and stored once"
        )
    long_ago = at - timedelta(seconds=(window or LIFETIME) + MARGIN)
    yield sign(part.spec, timed(part.spec, _addressed(part, None), long_ago), part.own, long_ago)


FORGERIES: Mapping[str, Callable[[Part, datetime], Iterator[Written]]] = {
    "body": _body,
    "secret": _secret,
    "replay": _replayed,
    "missing": _missing,
}
