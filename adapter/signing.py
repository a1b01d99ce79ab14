"""How would the vendor sign this, and how would somebody without the secret try?"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote

from adapter.engine.challenge import challenged
from adapter.engine.decode import decode
from adapter.expressions.templates import Missing, render
from adapter.formats.form_text import pairs
from adapter.http_text import Written, request
from adapter.model import Json, Refused, Request, Secrets
from adapter.signatures import sns
from adapter.signatures.algorithms import ALGORITHMS
from adapter.signatures.encodings import ENCODINGS
from adapter.signatures.evidence import Evidence
from adapter.signatures.rules import SNS, Trial, applies, signed_at, stamp
from adapter.signatures.tokens import issue
from adapter.signatures.written import others, parts, write
from adapter.spec.language import Key, Reference, Rule, Spec

ARRIVAL = datetime(2026, 1, 1, tzinfo=UTC)
"""When a request arrives that says no time of its own."""

LIFETIME = 300
"""Seconds that a made token lives."""


def made_up_secrets(spec: Spec, written: Written, salt: str = "test") -> dict[str, tuple[bytes, ...]]:
    """A value for every secret of a spec, in the form that its rules want; public keys are new ones."""
    found: dict[str, tuple[bytes, ...]] = {name: (f"{salt}-secret-of-{name}".encode(),) for name in spec.secrets}
    for rule in _flat((*spec.verify, *(rule for one in spec.challenges for rule in one.rules))):
        if rule.algorithm == SNS and rule.key:
            found |= _of_sns(f"{spec.vendor}.{rule.key.secret}", written)
        elif rule.key:
            name = f"{spec.vendor}.{rule.key.secret}"
            found[name] = (_made_up(rule, rule.key, found[name][0], written, spec),)
    return found


def _of_sns(name: str, written: Written) -> dict[str, tuple[bytes, ...]]:
    """The topic that the example names, and the certificate that it will be signed with."""
    found = re.search(rb'"TopicArn"\s*:\s*"([^"]+)"', written.body)
    topic = found[1] if found else b"arn:aws:sns:us-east-1:000000000000:none"
    return {name: (topic,), sns.certificate_name(TEST_CERTIFICATE): (_pair_of("rsa-sha256")[1],)}


def _made_up(rule: Rule, key: Key, value: bytes, written: Written, spec: Spec) -> bytes:
    pair = _pair(rule)
    if pair:
        return pair[1]
    encode = ENCODINGS[key.decode].write if key.decode in ("base64", "hex") else bytes
    made = key.strip.encode() + encode(value)
    if key.id is None:
        return made
    trial = Trial(rule, evidence(spec, request(written, ARRIVAL)), {key.secret: made})
    trial.named = _beside(trial)
    return render(key.id, trial.resolve) + b":" + made


def _pair(rule: Rule, number: int = 0) -> tuple[bytes, bytes] | None:
    """A private and a public key, where the rule wants such; always the same ones for a number."""
    if rule.token:
        word = {"RS": "rsa-sha256", "PS": "rsa-sha256", "ES": "ecdsa-sha256", "Ed": "ed25519"}
        name = word.get(rule.token.allow[0][:2])
        make = ALGORITHMS[name].pair if name else None
    else:
        make = ALGORITHMS[rule.algorithm].pair if rule.algorithm in ALGORITHMS else None
    return make(number) if make else None


def evidence(spec: Spec, asked: Request) -> Evidence:
    """What the spec's rules may look at."""
    return Evidence(asked, spec.manner, lambda: decode(asked, spec.manner).tree)


def _rules(spec: Spec, asked: Request) -> tuple[Rule, ...]:
    """The rules that this request must satisfy: a handshake may have its own."""
    handshake = challenged(
        [(spec, one) for one in spec.challenges], asked, lambda reader: decode(asked, reader.manner).tree
    )
    return handshake[1].rules if handshake else spec.verify


def arriving(spec: Spec, written: Written) -> Request:
    """The request at the moment its signature was made, or else at a fixed one."""
    asked = request(written, ARRIVAL, "example")
    for rule in _flat(_rules(spec, asked)):
        try:
            trial = Trial(rule, evidence(spec, asked), {})
            trial.named = _beside(trial)
            at = signed_at(trial)
            if at:
                return replace(asked, received_at=datetime.fromtimestamp(at, UTC))
        except (Missing, Refused, KeyError, OverflowError, ValueError, OSError):
            continue
    return asked


def sign(spec: Spec, written: Written, secrets: Secrets) -> Written:
    """The request with the signatures that the spec's rules make of it, in the order of the rules.

    Raises Missing where the request lacks something that a rule signs.
    """
    for rule in _rules(spec, request(written, ARRIVAL)):
        seen = evidence(spec, arriving(spec, written))
        written = _signed(spec, list(_applying((rule,), seen)), seen, written, secrets)
    return written


def _applying(rules: tuple[Rule, ...], seen: Evidence) -> Iterator[Rule]:
    """The rules that are for a request, those under `any` each on its own."""
    for rule in rules:
        if applies(rule.when, seen):
            yield from _applying(rule.any, seen) if rule.any else (rule,)


def _signed(spec: Spec, able: list[Rule], seen: Evidence, written: Written, secrets: Secrets) -> Written:
    """The request signed by the first of some rules for which it has everything."""
    failures: list[Missing] = []
    for rule in able:
        trial = Trial(rule, seen, {name: secrets[f"{spec.vendor}.{name}"][0] for name in rule.secrets})
        trial.named = _beside(trial)
        try:
            if rule.algorithm == SNS:
                return _signed_by_sns(written)
            assert rule.signature
            _check(trial)
            return put(written, rule.signature, _made(trial, seen.request.received_at))
        except Missing as missing:
            failures.append(missing)
    if failures:
        raise failures[0]
    return written


def _check(trial: Trial) -> None:
    """Raises Missing where further texts of the request are not equal: then this is not the way it was signed."""
    for left, right in trial.rule.checks:
        known = all(one.source != "claim" for one in (*left.references, *right.references))
        if known and render(left, trial.resolve) != render(right, trial.resolve):
            raise Missing(f"{left.text} is not {right.text}")


TEST_CERTIFICATE = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-test.pem"


def _signed_by_sns(written: Written) -> Written:
    """An SNS message as Amazon would sign it, with a key of our own in place of the certificate."""
    private, _ = _pair_of("rsa-sha256")
    message = {**json.loads(written.body), "SignatureVersion": "2", "SigningCertURL": TEST_CERTIFICATE}
    made = ALGORITHMS["rsa-sha256"].make(private, sns.signed_text(message))
    message["Signature"] = ENCODINGS["base64"].write(made).decode()
    return replace(written, body=json.dumps(message, ensure_ascii=False).encode())


def _pair_of(algorithm: str) -> tuple[bytes, bytes]:
    pair = ALGORITHMS[algorithm].pair
    assert pair
    return pair(0)


def _made(trial: Trial, now: datetime) -> bytes:
    rule = trial.rule
    assert rule.signature
    pair = _pair(rule)
    key = pair[0] if pair and rule.key and trial.secrets[rule.key.secret] == pair[1] else trial.key() or b""
    if rule.token:
        return rule.written.prefix.encode() + _issued(trial, key, now)
    signature = ALGORITHMS[rule.algorithm].make(key, trial.message())
    pick = render(rule.written.pick, trial.resolve) if rule.written.pick else b""
    beside = b",".join(trial.evidence.values(rule.signature)[:1])
    return write(rule.written, signature, pick, beside)


def _issued(trial: Trial, key: bytes, now: datetime) -> bytes:
    assert trial.rule.token
    at = int(now.timestamp())
    content: dict[str, Json] = {"iat": at, "nbf": at, "exp": at + LIFETIME}
    content |= {name: f"made-up-{name}" for name in trial.rule.token.require if name not in content}
    wanted = {name: render(template, trial.resolve).decode() for name, template in trial.rule.token.claims}
    content |= {name: text for name, text in wanted.items() if text}
    return issue(content, key, trial.rule.token.allow)


def _beside(trial: Trial) -> dict[str, list[bytes]]:
    """The named parts that stand in the signature's header already, such as a time."""
    rule = trial.rule
    if not rule.signature or not rule.written.pair:
        return {}
    try:
        found = parts(rule.written, trial.evidence.find(rule.signature))
    except Missing:
        return {}
    return {name.decode("latin-1"): [value] for name, value in found if name}


def timed(spec: Spec, written: Written, at: datetime) -> Written:
    """The request with its signing times set to a moment, where a rule reads one from a single place."""
    for rule in _flat(spec.verify):
        only = rule.timestamp.at.parts[0] if rule.timestamp and len(rule.timestamp.at.parts) == 1 else None
        if rule.timestamp and isinstance(only, Reference):
            text = stamp(at, rule.timestamp.unit)
            if only.source in _PUT:
                written = put(written, only, text)
            elif only.source == "sig" and rule.signature:
                written = put(written, rule.signature, _part_replaced(spec, rule, written, only.path[0], text))
    return written


def _part_replaced(spec: Spec, rule: Rule, written: Written, name: str, text: bytes) -> bytes:
    assert rule.signature
    beside = b",".join(evidence(spec, request(written, ARRIVAL)).values(rule.signature)[:1])
    made = others(rule.written, beside, name.encode())
    own = name.encode() + rule.written.pair.encode() + text
    return rule.written.prefix.encode() + rule.written.split.encode().join([own, *made])


def put(written: Written, reference: Reference, value: bytes | None) -> Written:
    """The request with one value where a reference points, or without it."""
    return _PUT[reference.source](written, reference, value)


def _put_header(written: Written, reference: Reference, value: bytes | None) -> Written:
    return written.with_header(reference.path[0].encode(), value)


def _put_query(written: Written, reference: Reference, value: bytes | None) -> Written:
    path, _, query = written.target.partition("?")
    query = _parameters(query.encode(), reference.path[0].encode(), value).decode("latin-1")
    return replace(written, target=f"{path}?{query}" if query else path)


def _put_form(written: Written, reference: Reference, value: bytes | None) -> Written:
    return replace(written, body=_parameters(written.body, reference.path[0].encode(), value))


def _parameters(raw: bytes, name: bytes, value: bytes | None) -> bytes:
    kept = [piece for piece in raw.split(b"&") if piece and pairs(piece)[0][0] != name]
    return b"&".join([*kept, *([] if value is None else [name + b"=" + quote(value, safe="").encode()])])


def _put_json(written: Written, reference: Reference, value: bytes | None) -> Written:
    """Into the body's JSON; or into a field of a query, a form or a multipart body, or into the JSON of a form's."""
    if written.body.lstrip()[:1] in (b"{", b"["):
        return replace(written, body=_replaced(written.body, reference.path, value))
    field, *rest = reference.path
    inner = Reference("form", (field,))
    if not rest:
        put_field = _put_query if not written.body else _put_part if written.body[:2] == b"--" else _put_form
        return put_field(written, inner, value)
    found = dict(pairs(written.body)).get(field.encode(), b"{}")
    return _put_form(written, inner, _replaced(found, tuple(rest), value))


def _put_part(written: Written, reference: Reference, value: bytes | None) -> Written:
    """Where the part stands already: multipart is not written anew."""
    name = re.escape(reference.path[0].encode())
    part = re.compile(
        rb'(--[^\r\n]+\r\n[^\r\n]*name="' + name + rb'"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n).*?\r\n(?=--)', re.S
    )
    found = part.search(written.body)
    if not found:
        raise Missing(f"the example has no part {reference.path[0]}")
    own = b"" if value is None else found[1] + value + b"\r\n"
    return replace(written, body=written.body[: found.start()] + own + written.body[found.end() :])


def _replaced(text: bytes, path: tuple[str, ...], value: bytes | None) -> bytes:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Missing(f"no JSON to put {'.'.join(path)} in") from error
    *above, last = path
    inner = tree
    for name in above:
        inner = inner[int(name)] if isinstance(inner, list) else inner.setdefault(name, {})
    if not isinstance(inner, dict):
        raise Missing(f"no object to put {'.'.join(path)} in")
    if value is None:
        inner.pop(last, None)
    else:
        inner[last] = value.decode()
    return json.dumps(tree, ensure_ascii=False).encode()


def _put_xml(written: Written, reference: Reference, value: bytes | None) -> Written:
    """Where the element stands already: XML is not written anew."""
    name = reference.path[-1].encode()
    start, end = written.body.find(b"<" + name + b">"), written.body.find(b"</" + name + b">")
    if start < 0 or end < 0:
        raise Missing(f"the example has no <{name.decode()}> to put the signature in")
    if value is None:
        return replace(written, body=written.body[:start] + written.body[end + len(name) + 3 :])
    return replace(written, body=written.body[: start + len(name) + 2] + value + written.body[end:])


_PUT: dict[str, Callable[[Written, Reference, bytes | None], Written]] = {
    "header": _put_header,
    "query": _put_query,
    "form": _put_form,
    "json": _put_json,
    "xml": _put_xml,
}


@dataclass(frozen=True, slots=True)
class Forgery:
    """A copy that nobody with the secret has made: what was done to it, and the secrets to try it with."""

    what: str
    written: Written
    secrets: Secrets


def forgeries(spec: Spec, written: Written, secrets: Secrets) -> Iterator[Forgery]:
    """Copies that must be refused: a changed byte, changed, missing and doubled parts, another secret."""
    seen = evidence(spec, arriving(spec, written))
    rules = list(_applying(_rules(spec, seen.request), seen))
    if covers_body(rules):
        yield Forgery("one byte of the body changed", _one_byte_changed(written), secrets)
    for one in _used(rules):
        yield from (Forgery(what, copy, secrets) for what, copy in _spoilt(spec, written, one))
    yield Forgery("signed with another secret", written, _others(spec, secrets))


def covers_body(rules: list[Rule]) -> bool:
    """Is the whole body signed?"""
    return any(one.source == "body" for rule in rules for template in rule.templates for one in template.references)


def _one_byte_changed(written: Written) -> Written:
    middle = len(written.body) // 2
    changed = bytes([written.body[middle] ^ 1]) if written.body else b"x"
    return replace(written, body=written.body[:middle] + changed + written.body[middle + 1 :])


def _others(spec: Spec, secrets: Secrets) -> dict[str, tuple[bytes, ...]]:
    """Other values of the same form."""
    keys = {f"{spec.vendor}.{rule.key.secret}": rule for rule in _flat(spec.verify) if rule.key}
    return {name: (_another(keys.get(name), value[0]),) for name, value in secrets.items()}


def _another(rule: Rule | None, value: bytes) -> bytes:
    if rule is None or rule.key is None:
        return b"another-" + value
    pair = _pair(rule, 1)
    if pair:
        return pair[1]
    owner, colon, _ = value.partition(b":") if rule.key.id else (b"", b"", b"")
    encode = ENCODINGS[rule.key.decode].write if rule.key.decode in ("base64", "hex") else bytes
    return owner + colon + rule.key.strip.encode() + encode(b"another key, as long as the first one was")


def _flat(rules: tuple[Rule, ...]) -> Iterator[Rule]:
    for rule in rules:
        yield from _flat(rule.any) if rule.any else (rule,)


def _used(rules: list[Rule]) -> list[Reference]:
    """Every header and field that a rule looks at, once."""
    found = {}
    for rule in rules:
        references = (one for template in rule.templates for one in template.references)
        for one in (*([rule.signature] if rule.signature else []), *references):
            if one.source in _PUT:
                found[one.source, one.path] = one
    return list(found.values())


def _spoilt(spec: Spec, written: Written, reference: Reference) -> Iterator[tuple[str, Written]]:
    try:
        value = evidence(spec, arriving(spec, written)).find(reference)
        without = put(written, reference, None)
    except (Missing, Refused):
        return
    if not value:
        return
    middle = len(value) // 2
    other = b"0" if value[middle : middle + 1] != b"0" else b"1"
    yield f"{reference.name} missing", without
    yield f"{reference.name} changed", put(written, reference, value[:middle] + other + value[middle + 1 :])
    if reference.source == "header":
        doubled = (*written.headers, (reference.path[0].encode(), value))
        yield f"{reference.name} doubled", replace(written, headers=doubled)
