"""How would somebody without the secret try? Copies of a genuine request that must be refused."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from adapter.expressions.templates import Missing
from adapter.http_text import Written
from adapter.model import Refused, Secrets
from adapter.placing import PLACES, put
from adapter.signatures.encodings import ENCODINGS
from adapter.signing import applying, arriving, evidence, flat, key_pair, rules_for
from adapter.spec.language import Reference, Rule, Spec


@dataclass(frozen=True, slots=True)
class Forgery:
    """A copy that nobody with the secret has made: what was done to it, and the secrets to try it with."""

    what: str
    written: Written
    secrets: Secrets


def forgeries(spec: Spec, written: Written, secrets: Secrets) -> Iterator[Forgery]:
    """Copies that must be refused: a changed byte, changed, missing and doubled parts, another secret."""
    seen = evidence(spec, arriving(spec, written))
    rules = list(applying(rules_for(spec, seen.request), seen))
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
    keys = {f"{spec.vendor}.{rule.key.secret}": rule for rule in flat(spec.verify) if rule.key}
    return {name: (_another(keys.get(name), value[0]),) for name, value in secrets.items()}


def _another(rule: Rule | None, value: bytes) -> bytes:
    if rule is None or rule.key is None:
        return b"another-" + value
    pair = key_pair(rule, 1)
    if pair:
        return pair[1]
    owner, colon, _ = value.partition(b":") if rule.key.id else (b"", b"", b"")
    encode = ENCODINGS[rule.key.decode].write if rule.key.decode in ("base64", "hex") else bytes
    return owner + colon + rule.key.strip.encode() + encode(b"another key, as long as the first one was")


def _used(rules: list[Rule]) -> list[Reference]:
    """Every header and field that a rule looks at, once."""
    found = {}
    for rule in rules:
        references = (one for template in rule.templates for one in template.references)
        for one in (*([rule.signature] if rule.signature else []), *references):
            if one.source in PLACES:
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
