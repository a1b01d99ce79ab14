"""How would the vendor sign this?"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from adapter.engine.challenge import challenged
from adapter.engine.decode import decode
from adapter.expressions.templates import Missing, render
from adapter.http_text import Written, request
from adapter.model import Json, Refused, Request, Secrets
from adapter.placing import PLACES, put
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
    for rule in flat((*spec.verify, *(rule for one in spec.challenges for rule in one.rules))):
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
    pair = key_pair(rule)
    if pair:
        return pair[1]
    encode = ENCODINGS[key.decode].write if key.decode in ("base64", "hex") else bytes
    made = key.strip.encode() + encode(value)
    if key.id is None:
        return made
    trial = Trial(rule, evidence(spec, request(written, ARRIVAL)), {key.secret: made})
    trial.named = _beside(trial)
    return render(key.id, trial.resolve) + b":" + made


def key_pair(rule: Rule, number: int = 0) -> tuple[bytes, bytes] | None:
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


def rules_for(spec: Spec, asked: Request) -> tuple[Rule, ...]:
    """The rules that this request must satisfy: a handshake may have its own."""
    handshake = challenged(
        [(spec, one) for one in spec.challenges], asked, lambda reader: decode(asked, reader.manner).tree
    )
    return handshake[1].rules if handshake else spec.verify


def arriving(spec: Spec, written: Written, otherwise: datetime = ARRIVAL) -> Request:
    """The request at the moment its signature was made, or else at another one."""
    asked = request(written, otherwise, "example")
    for rule in flat(rules_for(spec, asked)):
        try:
            trial = Trial(rule, evidence(spec, asked), {})
            trial.named = _beside(trial)
            at = signed_at(trial)
            if at:
                return replace(asked, received_at=datetime.fromtimestamp(at, UTC))
        except (Missing, Refused, KeyError, OverflowError, ValueError, OSError):
            continue
    return asked


def sign(spec: Spec, written: Written, secrets: Secrets, at: datetime = ARRIVAL) -> Written:
    """The request with the signatures that the spec's rules make of it, in the order of the rules.

    `at` is when, where the request does not say it. Raises Missing where it lacks something that a rule signs.
    """
    for rule in rules_for(spec, request(written, ARRIVAL)):
        seen = evidence(spec, arriving(spec, written, at))
        written = _signed(spec, list(applying((rule,), seen)), seen, written, secrets)
    return written


def applying(rules: tuple[Rule, ...], seen: Evidence) -> Iterator[Rule]:
    """The rules that are for a request, those under `any` each on its own."""
    for rule in rules:
        if applies(rule.when, seen):
            yield from applying(rule.any, seen) if rule.any else (rule,)


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
    pair = key_pair(rule)
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
    """The request with its signing times set to a moment, where a rule for it reads one that it has."""
    seen = evidence(spec, request(written, ARRIVAL))
    for rule in applying(spec.verify, seen):
        only = rule.timestamp.at.parts[0] if rule.timestamp and len(rule.timestamp.at.parts) == 1 else None
        if rule.timestamp and isinstance(only, Reference) and _has(seen, only):
            text = stamp(at, rule.timestamp.unit)
            if only.source in PLACES:
                written = put(written, only, text)
            elif only.source == "sig" and rule.signature:
                written = put(written, rule.signature, _part_replaced(spec, rule, written, only.path[0], text))
    return written


def _has(seen: Evidence, reference: Reference) -> bool:
    try:
        return reference.source not in PLACES or bool(seen.values(reference))
    except (Missing, Refused):
        return False


def _part_replaced(spec: Spec, rule: Rule, written: Written, name: str, text: bytes) -> bytes:
    assert rule.signature
    beside = b",".join(evidence(spec, request(written, ARRIVAL)).values(rule.signature)[:1])
    made = others(rule.written, beside, name.encode())
    own = name.encode() + rule.written.pair.encode() + text
    return rule.written.prefix.encode() + rule.written.split.encode().join([own, *made])


def flat(rules: tuple[Rule, ...]) -> Iterator[Rule]:
    """Every rule, those under `any` each on its own."""
    for rule in rules:
        yield from flat(rule.any) if rule.any else (rule,)
