"""Does a rule hold for a request? Every live value of its secrets is tried, and none stops the others."""

import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import product

from adapter.expressions.evaluate import lookup
from adapter.expressions.templates import Missing, render
from adapter.expressions.times import time_reader
from adapter.expressions.view import content_type
from adapter.formats.json_text import loads, repeats_a_key
from adapter.model import Json, Secrets
from adapter.signatures import sns
from adapter.signatures.algorithms import ALGORITHMS, BadKey
from adapter.signatures.arrange import list_text, pairs_of
from adapter.signatures.evidence import Evidence, scalar
from adapter.signatures.keys import key_bytes
from adapter.signatures.tokens import claims, live
from adapter.signatures.written import Read, begins, parts, read
from adapter.spec.language import Applies, Clock, Reference, Rule

SNS = "aws-sns"


class Differs(Exception):
    """The evidence is complete, and does not prove what it should: `code` is bad_signature or stale."""

    def __init__(self, message: str, code: str = "bad_signature") -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Trial:
    """One rule, one request, one choice of live secrets: what its templates resolve to.

    `chosen` says which value of each secret that has several it is, like `2 of 2`: a rotation is over when the old
    one proves nothing any more.
    """

    rule: Rule
    evidence: Evidence
    secrets: Mapping[str, bytes]
    chosen: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, list[bytes]] = field(default_factory=dict)
    claims: Mapping[str, Json] = field(default_factory=dict)
    known: Secrets = field(default_factory=dict)

    def resolve(self, reference: Reference) -> bytes:
        own = _OWN.get(reference.source)
        return own(self, reference) if own else self.evidence.find(reference)

    def key(self) -> bytes | None:
        """The key, empty where the rule needs none; None where this live value is another id's."""
        key = self.rule.key
        return key_bytes(key, self.secrets[key.secret], self.resolve) if key else b""

    def message(self) -> bytes:
        return render(self.rule.message, self.resolve)


def _sig(trial: Trial, reference: Reference) -> bytes:
    values = trial.named.get(reference.path[0], [])
    if not values and reference.optional:
        return b""
    if len(values) != 1 or not values[0]:
        raise Missing(f"{reference.name} is {'there twice' if len(values) > 1 else 'missing'}")
    return values[0]


def _let(trial: Trial, reference: Reference) -> bytes:
    name, *path = reference.path
    template = trial.rule.let[name]
    text = render(template, trial.resolve)
    if not path:
        return text
    if repeats_a_key(text):
        raise Missing(f"{name} has a key twice")
    try:
        value = lookup(loads(text), tuple(path))
    except (ValueError, RecursionError) as error:
        raise Missing(f"{name} is not JSON") from error
    if value in (None, "") and not reference.optional:
        raise Missing(f"{reference.name} is missing")
    return scalar(value, reference.name)


def _claim(trial: Trial, reference: Reference) -> bytes:
    value = trial.claims.get(reference.path[0])
    if value is None and not reference.optional:
        raise Missing(f"{reference.name} is missing")
    return scalar(value, reference.name)


def _list(trial: Trial, _: Reference) -> bytes:
    assert trial.rule.listed
    return list_text(trial.rule.listed, trial.resolve)


def _pairs(trial: Trial, reference: Reference) -> bytes:
    return pairs_of(trial.rule.pairs[reference.source], trial.evidence, trial.resolve)


_OWN: dict[str, Callable[[Trial, Reference], bytes]] = {
    "secret": lambda trial, reference: trial.secrets[reference.path[0]],
    "sig": _sig,
    "let": _let,
    "claim": _claim,
    "list": _list,
    "pairs": _pairs,
    "pairs2": _pairs,
}


def applies(when: Applies, evidence: Evidence) -> bool:
    """Is a rule for this request? By method, headers that are there, or media type."""
    if not (when.methods or when.headers or when.bodies):
        return True
    request = evidence.request
    present = {name.decode("latin-1") for name, _ in request.headers}
    media_type = content_type(request)[0]
    return (
        (not when.methods or request.method in when.methods)
        and all(name in present for name in when.headers)
        and (not when.bodies or any(_MEDIA_TYPES.get(word, word) in media_type for word in when.bodies))
    )


_MEDIA_TYPES = {"form": "x-www-form-urlencoded"}
"""What a media type has in it, where that is not the word itself."""


def prove(rule: Rule, vendor: str, evidence: Evidence, secrets: Secrets, now: datetime) -> Trial:
    """The trial that holds. Raises Missing or Differs where none does, BadKey where a secret is no key for the rule."""
    if rule.any:
        return _prove_any(rule, vendor, evidence, secrets, now)
    failures: list[Missing | Differs] = []
    for trial in _held(rule, vendor, evidence, secrets, now):
        try:
            _check(trial)
            _check_time(trial, now)
        except (Missing, Differs) as failure:
            failures.append(failure)
        else:
            return trial
    raise failures[0]


def _check(trial: Trial) -> None:
    """The further texts that must be equal, with the live values of this trial."""
    for left, right in trial.rule.checks:
        if not hmac.compare_digest(render(left, trial.resolve), render(right, trial.resolve)):
            raise Differs(f"{left.text} is not {right.text}")


def _held(rule: Rule, vendor: str, evidence: Evidence, secrets: Secrets, now: datetime) -> list[Trial]:
    """The choices of live values with which the rule holds; a bad value does not stand in the way of a good one."""
    held: list[Trial] = []
    failures: list[BadKey | Missing] = []
    for trial in trials(rule, vendor, evidence, secrets):
        try:
            held += [trial] if _holds(trial, now) else []
        except (BadKey, Missing) as failure:
            failures.append(failure)
    if not held and failures:
        raise next((failure for failure in failures if isinstance(failure, BadKey)), failures[0])
    if not held:
        raise Differs(f"{rule.signature.name if rule.signature else rule.algorithm} differs")
    return held


def _prove_any(rule: Rule, vendor: str, evidence: Evidence, secrets: Secrets, now: datetime) -> Trial:
    failures: list[Missing | Differs] = []
    for one in rule.any:
        if applies(one.when, evidence):
            try:
                return prove(one, vendor, evidence, secrets, now)
            except (Missing, Differs) as failure:
                failures.append(failure)
    if not failures:
        raise Differs("no rule is for such a request")
    raise next((one for one in failures if isinstance(one, Differs) and one.code == "stale"), failures[0])


def trials(rule: Rule, vendor: str, evidence: Evidence, secrets: Secrets) -> Iterator[Trial]:
    """One trial for each choice of live values."""
    if not rule.secrets:
        yield Trial(rule, evidence, {}, {}, known=secrets)
        return
    live = {name: [value for value in secrets[f"{vendor}.{name}"] if value] for name in rule.secrets}
    for places in product(*(range(len(values)) for values in live.values())):
        picked = dict(zip(live, places, strict=True))
        values = {name: live[name][place] for name, place in picked.items()}
        chosen = {name: f"{place + 1} of {len(live[name])}" for name, place in picked.items() if len(live[name]) > 1}
        yield Trial(rule, evidence, values, chosen, known=secrets)


def _holds(trial: Trial, now: datetime) -> bool:
    rule = trial.rule
    if rule.token:
        return _token_holds(trial, now)
    if rule.algorithm == SNS:
        return sns.prove(trial.evidence.request.body, trial.key() or b"", trial.known)
    found = _read(trial)
    trial.named = found.named
    key = trial.key()
    if key is None:
        return False
    message = trial.message()
    matches = ALGORITHMS[rule.algorithm].matches
    matched = False
    for candidate in found.candidates:  # all are tried, none stops early
        matched |= matches(key, message, candidate)
    return matched


def _read(trial: Trial) -> Read:
    """The signatures that the request has; `pick` may look at other named parts of the same text."""
    rule = trial.rule
    assert rule.signature
    text = trial.evidence.find(rule.signature)
    for name, value in parts(rule.written, text):
        trial.named = {**trial.named, name.decode("latin-1"): [value]}
    pick = render(rule.written.pick, trial.resolve) if rule.written.pick else b""
    try:
        return read(rule.written, text, pick)
    except Missing as missing:
        raise Missing(f"{rule.signature.name}: {missing}") from missing


def _token_holds(trial: Trial, now: datetime) -> bool:
    rule = trial.rule
    assert rule.signature
    assert rule.token
    prefix = rule.written.prefix.encode()
    text = trial.evidence.find(rule.signature)
    key = trial.key()
    if key is None or not begins(text, prefix):
        return False
    found = claims(text[len(prefix) :].strip(), key, rule.token)
    if found is None:
        return False
    if not live(found, rule.token, now):
        raise Differs("the token is not valid now", "stale")
    trial.claims = found
    return all(_claim_holds(trial, name, template_text) for name, template_text in _wanted(trial))


def _wanted(trial: Trial) -> list[tuple[str, bytes]]:
    assert trial.rule.token
    return [(name, render(template, trial.resolve)) for name, template in trial.rule.token.claims]


def _claim_holds(trial: Trial, name: str, wanted: bytes) -> bool:
    """Equal as bytes; a claim that must be empty must not be there."""
    value = trial.claims.get(name)
    if isinstance(value, list) and name == "aud":  # an audience may be several: RFC 7519, 4.1.3
        return any(isinstance(one, str) and hmac.compare_digest(one.encode(), wanted) for one in value)
    if isinstance(value, list | dict):
        return False
    return hmac.compare_digest(b"" if value is None else scalar(value, name), wanted)


_UNITS = {"s": (re.compile(r"[0-9]{1,12}"), 1), "ms": (re.compile(r"[0-9]{1,15}"), 1000)}
_NOWADAYS = range(10**9, 10**10)
"""Where no `within` bounds a time in seconds, digits could slide between it and what is signed beside it."""

_WRITTEN = {"rfc3339": time_reader(Clock(None, ("iso8601",))), "rfc1123": time_reader(Clock(None, ("rfc2822",)))}
_COMPACT = time_reader(Clock("UTC", ("yyyyMMdd'T'HHmmss'Z'",)))
UNITS = (*_UNITS, *_WRITTEN)
"""How a vendor may write when it signed."""


def moment(text: bytes, unit: str) -> float | None:
    """A signing time in seconds since 1970; None for what is no such time."""
    plain = text.decode("ascii", "replace")
    if unit in _UNITS:
        shape, size = _UNITS[unit]
        return int(plain) / size if shape.fullmatch(plain) else None
    written, _ = _WRITTEN[unit](plain)
    if written is None and unit == "rfc3339":
        written, _ = _COMPACT(plain)  # ISO 8601's basic form, as in X-Sdk-Date
    return datetime.fromisoformat(written).timestamp() if written else None


_STAMPS: dict[str, Callable[[datetime], str]] = {
    "s": lambda at: str(int(at.timestamp())),
    "ms": lambda at: str(int(at.timestamp() * 1000)),
    "rfc3339": lambda at: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "rfc1123": lambda at: format_datetime(at.astimezone(UTC), usegmt=True),
}


def stamp(at: datetime, unit: str) -> bytes:
    """A signing time as its vendor writes it."""
    return _STAMPS[unit](at).encode()


def signed_at(trial: Trial) -> float | None:
    """When the vendor says it signed; None where the rule has no time."""
    stamp = trial.rule.timestamp
    return moment(render(stamp.at, trial.resolve), stamp.unit) if stamp else None


def _check_time(trial: Trial, now: datetime) -> None:
    stamp = trial.rule.timestamp
    if stamp is None:
        return
    at = signed_at(trial)
    if at is None:
        raise Differs(f"the time {stamp.at.text} is not in {stamp.unit}")
    if stamp.within is None and int(at) not in _NOWADAYS:
        raise Differs(f"the time {stamp.at.text} is not of this age")
    if stamp.within is not None and abs(now.timestamp() - at) > stamp.within:
        raise Differs(f"signed more than {stamp.within:g} s away from its arrival", "stale")
