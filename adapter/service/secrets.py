"""Which secrets are wanted, and which are live? Values by name, from a file each or the environment; never printed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from adapter.delivery.signed import BadSecret, signing_key
from adapter.model import Secrets
from adapter.service.gate import TOKEN_FORM
from adapter.signatures.algorithms import ALGORITHMS, BadKey
from adapter.signatures.keys import decoded
from adapter.signatures.tokens import jwk
from adapter.spec.language import Key, Registry, Rule, Spec

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PEM = re.compile(rb"-----BEGIN ([^-\r\n]+)-----.*?-----END \1-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A secret that somebody cannot do without. Its values stand under `name`; a vendor's file calls it `full`.

    A channel's token has no vendor, a vendor in open mode no channel, the admin token and a sink's key neither.
    `rules` are those whose key it is.
    """

    name: str
    full: str
    vendor: str
    channel: str
    rules: tuple[Rule, ...] = ()
    sink: str = ""

    @property
    def who(self) -> str:
        """Who cannot do without it."""
        return " ".join(filter(None, (self.channel, self.vendor, self.sink and f"sink {self.sink}")))


@dataclass(frozen=True, slots=True)
class Fault:
    """A wanted secret with which something is wrong: `what` has no part of a value. One that `closes` has no good
    value at all, so nobody can be believed."""

    wanted: Wanted
    what: str
    closes: bool
    missing: bool


def wanted(registry: Registry, tokens: Mapping[str, str] | None = None) -> tuple[Wanted, ...]:
    """Everything that rules, handshakes and channels ask for; `tokens` are names of secrets by channel."""
    gates = [Wanted(name, name, "", channel) for channel, name in (tokens or {}).items()]
    if registry.channels is None:
        return (*gates, *(one for spec in registry.specs.values() for one in _of(spec, "", {})))
    channels = registry.channels.values()
    return (
        *gates,
        *(one for each in channels for spec in registry.of(each) for one in _of(spec, each.name, each.secrets)),
    )


def _of(spec: Spec, channel: str, bound: Mapping[str, str]) -> Iterator[Wanted]:
    rules = list(_flat((*spec.verify, *(rule for one in spec.challenges for rule in one.rules))))
    for full in spec.secrets:
        own = tuple(rule for rule in rules if rule.key and f"{spec.vendor}.{rule.key.secret}" == full)
        yield Wanted(bound.get(full, full), full, spec.vendor, channel, own)


def _flat(rules: tuple[Rule, ...]) -> Iterator[Rule]:
    for rule in rules:
        yield from _flat(rule.any) if rule.any else (rule,)


def faults(those: Iterable[Wanted], secrets: Secrets) -> tuple[Fault, ...]:
    """What is unset, and what is no key for its rule or cannot stand in a URL."""
    return tuple(fault for one in those for fault in _faults(one, secrets.get(one.name, ())))


def _faults(one: Wanted, values: tuple[bytes, ...]) -> Iterator[Fault]:
    if not any(values):
        yield Fault(one, "is not set", closes=True, missing=True)
        return
    found = [_objection(one, value) for value in values]
    for place, what in enumerate(found, 1):
        if what:
            which = f"value {place} of {len(found)} " if len(found) > 1 else ""
            yield Fault(one, f"{which}{what}", closes=all(found), missing=False)


def _objection(one: Wanted, value: bytes) -> str:
    if one.sink:
        return _no_key(value)
    if not one.vendor and not one.channel:
        return ""  # the admin token stands in a header
    if not one.vendor:
        return "" if TOKEN_FORM.fullmatch(value) else "cannot stand in a URL: 1 to 64 of A-Z a-z 0-9 . _ -"
    try:
        for rule in one.rules:
            _try(rule, value)
    except BadKey as bad:
        return str(bad).replace(f"secret {one.full.partition('.')[2]} ", "")
    return ""


def _no_key(value: bytes) -> str:
    try:
        signing_key(value)
    except BadSecret as bad:
        return str(bad)
    return ""


def _try(rule: Rule, value: bytes) -> None:
    """Raises BadKey for a value that no signature could ever be checked with."""
    assert rule.key
    plain = decoded(rule.key, _without_id(rule.key, value))
    if rule.key.derive:
        return
    if rule.token:
        jwk(plain, rule.token.allow)
    elif rule.algorithm in ALGORITHMS:
        ALGORITHMS[rule.algorithm].matches(plain, b"", b"")


def _without_id(key: Key, value: bytes) -> bytes:
    if key.id is None:
        return value
    _, colon, own = value.partition(b":")
    if not colon:
        raise BadKey("is not written id:value")
    return own


def read_secrets(names: Iterable[str], environ: Mapping[str, str], folder: Path | None) -> dict[str, tuple[bytes, ...]]:
    """The live values by name; those without a value are left out.

    The file `name` in `folder` holds one value a line, or one PEM block after the other; where it does not exist
    the environment is asked for ADAPTER_SECRET_NAME, then the same with _2, _3, … Raises OSError for a file that
    cannot be read.
    """
    found = {name: _values(name, environ, folder) for name in names}
    return {name: values for name, values in found.items() if values}


def variable(name: str) -> str:
    """The environment's word for a secret: `acme.app-key` is ADAPTER_SECRET_ACME_APP_KEY."""
    return "ADAPTER_SECRET_" + name.upper().replace("-", "_").replace(".", "_")


def confused(name: str, other: str) -> bool:
    """Would the environment take a value of `other` for one of `name`?"""
    further = re.fullmatch(re.escape(variable(name)) + r"(?:_([0-9]+))?", variable(other))
    return name != other and further is not None and (further[1] is None or int(further[1]) > 1)


def _values(name: str, environ: Mapping[str, str], folder: Path | None) -> tuple[bytes, ...]:
    lines = _file(folder / name) if folder is not None else None
    values = _environment(variable(name), environ) if lines is None else lines
    return tuple(dict.fromkeys(value for value in values if value))


def _file(path: Path) -> list[bytes] | None:
    try:
        content = path.read_bytes().removeprefix(BYTE_ORDER_MARK)
    except FileNotFoundError:
        return None
    blocks = [block.group() for block in PEM.finditer(content)]
    return blocks or [line.strip() for line in content.splitlines()]


def _environment(first: str, environ: Mapping[str, str]) -> list[bytes]:
    values = [environ.get(first, "")]
    while (further := environ.get(f"{first}_{len(values) + 1}")) is not None:
        values.append(further)
    return [value.encode("utf-8", "surrogateescape") for value in values]
