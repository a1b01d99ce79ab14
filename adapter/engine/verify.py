"""Did the vendor really send it? The claiming spec's rules, over the untouched bytes; all of them must hold."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from adapter.expressions.evaluate import lookup
from adapter.expressions.templates import render
from adapter.expressions.times import time_reader
from adapter.expressions.values import as_text
from adapter.formats.form_text import pairs
from adapter.model import Json, Refused, Request, Secrets
from adapter.spec.language import Clock, Reference, Rule, Spec, Template


@dataclass(frozen=True, slots=True)
class Algorithm:
    """How a message becomes a signature. A keyed one needs `key:`."""

    keyed: bool
    sign: Callable[[bytes, bytes], bytes]


def _digest(name: str) -> Algorithm:
    return Algorithm(False, lambda _, message: hashlib.new(name, message, usedforsecurity=False).digest())


def _hmac(name: str) -> Algorithm:
    return Algorithm(True, lambda key, message: hmac.digest(key, message, name))


_HASHES = ("md5", "sha1", "sha256", "sha384", "sha512")
ALGORITHMS: dict[str, Algorithm] = {
    **{name: _digest(name) for name in _HASHES},
    **{f"hmac-{name}": _hmac(name) for name in _HASHES},
}

_HEX = re.compile(rb"(?:[0-9a-fA-F]{2})+")


def _from_hex(text: bytes) -> bytes | None:
    return bytes.fromhex(text.decode()) if _HEX.fullmatch(text) else None


def _from_base64(text: bytes) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return None


def _from_base64url(text: bytes) -> bytes | None:
    if not re.fullmatch(rb"[A-Za-z0-9_-]+={0,2}", text):
        return None
    return _from_base64(
        text.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/")) + b"=" * (-len(text.rstrip(b"=")) % 4)
    )


@dataclass(frozen=True, slots=True)
class Encoding:
    """How signature bytes are written. Reading is strict: None for what is not well-formed."""

    read: Callable[[bytes], bytes | None]
    write: Callable[[bytes], bytes]


ENCODINGS: dict[str, Encoding] = {
    "hex": Encoding(_from_hex, lambda raw: raw.hex().encode()),
    "base64": Encoding(_from_base64, base64.b64encode),
    "base64url": Encoding(_from_base64url, base64.urlsafe_b64encode),
}


class Missing(Exception):
    """A part that a rule needs is missing, empty or there twice."""


class Evidence:
    """What a rule may look at: the request's bytes, and its body as a tree when a rule asks for it."""

    def __init__(self, request: Request, tree: Callable[[], Json]) -> None:
        self._request, self._tree = request, tree

    def find(self, reference: Reference) -> bytes:
        """The one value that a reference points at. Raises Missing for none, an empty one, or several."""
        values = _SOURCES[reference.source](self._request, reference, self._tree)
        if len(values) != 1 or (not values[0] and reference.source != "body"):
            if reference.optional and not any(values):
                return b""
            many = "there twice" if len(values) > 1 else "missing"
            raise Missing(f"{reference.source} {'.'.join(reference.path)} is {many}")
        return values[0]


def _header(request: Request, reference: Reference, _: Callable[[], Json]) -> list[bytes]:
    wanted = reference.path[0].encode()
    return [value for name, value in request.headers if name == wanted]


def _parameters(raw: bytes, reference: Reference) -> list[bytes]:
    wanted = reference.path[0].encode()
    try:
        return [value for name, value in pairs(raw) if name == wanted]
    except ValueError as error:
        raise Missing(str(error)) from error


def _json(_: Request, reference: Reference, tree: Callable[[], Json]) -> list[bytes]:
    text = as_text(lookup(tree(), reference.path))
    return [] if text is None else [text.encode()]


_SOURCES: dict[str, Callable[[Request, Reference, Callable[[], Json]], list[bytes]]] = {
    "body": lambda request, _, __: [request.body],
    "method": lambda request, _, __: [request.method.encode()],
    "path": lambda request, _, __: [request.path.encode()],
    "header": _header,
    "query": lambda request, reference, _: _parameters(request.query, reference),
    "form": lambda request, reference, _: _parameters(request.body, reference),
    "json": _json,
}


def secret_names(spec: Spec) -> tuple[str, ...]:
    """Every secret that the spec's rules use, in order, by its full name (`vendor.name`)."""
    names = [f"{spec.vendor}.{name}" for rule in spec.verify for name in rule_secrets(rule)]
    return tuple(dict.fromkeys(names))


def rule_secrets(rule: Rule) -> tuple[str, ...]:
    """The secrets of one rule: its key, and those in its templates."""
    templates = [rule.message, *([rule.timestamp.at] if rule.timestamp else [])]
    named = [part.path[0] for template in templates for part in template.references if part.source == "secret"]
    return tuple(dict.fromkeys([*([rule.key] if rule.key else []), *named]))


def verify(spec: Spec, request: Request, secrets: Secrets, tree: Callable[[], Json]) -> None:
    """Raises Refused: bad_signature or stale (401), secret_unset (the vendor's retry status)."""
    if not spec.verify:
        return
    for name in secret_names(spec):
        if not any(secrets.get(name, ())):
            raise Refused("secret_unset", f"secret {name} is not set", 503)
    evidence = Evidence(request, tree)
    for rule in spec.verify:
        try:
            _check(rule, spec.vendor, evidence, secrets, request.received_at)
        except Missing as missing:
            raise Refused("bad_signature", str(missing), 401) from missing


def _check(rule: Rule, vendor: str, evidence: Evidence, secrets: Secrets, now: datetime) -> None:
    written = evidence.find(rule.signature)
    if not written.startswith(rule.prefix.encode()):
        raise Missing(f"{_name(rule.signature)} does not begin with {rule.prefix}")
    signature = ENCODINGS[rule.encoding].read(written[len(rule.prefix) :])
    if signature is None:
        raise Missing(f"{_name(rule.signature)} is not {rule.encoding}")
    matched = False
    for values in _live(rule, vendor, secrets):  # every live value is tried, none early
        matched |= hmac.compare_digest(signed(rule, values, evidence), signature)
    if not matched:
        raise Refused("bad_signature", f"{_name(rule.signature)} differs", 401)
    if rule.timestamp:
        _check_time(rule, evidence, now)


def _name(reference: Reference) -> str:
    return f"{reference.source} {'.'.join(reference.path)}"


def _live(rule: Rule, vendor: str, secrets: Secrets) -> Iterator[Mapping[str, bytes]]:
    names = rule_secrets(rule)
    for values in product(*([value for value in secrets[f"{vendor}.{name}"] if value] for name in names)):
        yield dict(zip(names, values, strict=True))


def signed(rule: Rule, values: Mapping[str, bytes], evidence: Evidence) -> bytes:
    """The signature that the rule makes of the evidence with these secrets, as bytes before their encoding."""
    message = render(rule.message, _resolver(values, evidence))
    return ALGORITHMS[rule.algorithm].sign(values[rule.key] if rule.key else b"", message)


def _resolver(values: Mapping[str, bytes], evidence: Evidence) -> Callable[[Reference], bytes]:
    return lambda reference: values[reference.path[0]] if reference.source == "secret" else evidence.find(reference)


_UNITS = {"s": (re.compile(r"[0-9]{1,12}"), 1), "ms": (re.compile(r"[0-9]{1,15}"), 1000)}
_WRITTEN = {"rfc3339": time_reader(Clock(None, ("iso8601",))), "rfc1123": time_reader(Clock(None, ("rfc2822",)))}
UNITS = (*_UNITS, *_WRITTEN)


def signed_at(at: Template, unit: str, evidence: Evidence) -> float | None:
    """When the vendor says it signed, in seconds since 1970; None for what is no such time."""
    text = render(at, evidence.find).decode("ascii", "replace")
    if unit in _UNITS:
        shape, size = _UNITS[unit]
        return int(text) / size if shape.fullmatch(text) else None
    moment, _ = _WRITTEN[unit](text)
    return datetime.fromisoformat(moment).timestamp() if moment else None


def _check_time(rule: Rule, evidence: Evidence, now: datetime) -> None:
    stamp = rule.timestamp
    assert stamp
    moment = signed_at(stamp.at, stamp.unit, evidence)
    if moment is None:
        raise Refused("bad_signature", f"the time {stamp.at.text} is not in {stamp.unit}", 401)
    if stamp.within is not None and abs(now.timestamp() - moment) > stamp.within:
        raise Refused("stale", f"signed more than {stamp.within:g} s away from its arrival", 401)
