"""Where a signature differs: with which small change would it have agreed?

The parts in another order, hex in upper case, a line break more or less, another encoding or algorithm. It says which
change, never what the right signature is.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, permutations, product

from adapter.expressions.templates import Missing
from adapter.model import Refused, Secrets
from adapter.signatures.algorithms import ALGORITHMS, BadKey
from adapter.signatures.encodings import ENCODINGS
from adapter.signatures.evidence import Evidence
from adapter.signatures.keys import DECODES
from adapter.signatures.rules import Differs, Trial, prove
from adapter.signatures.sns import CertificateNeeded
from adapter.spec.language import Filter, Reference, Rule, Template

TRIES = 3000
BYTES = 50_000_000
"""No more is tried, and no more is hashed."""

MAX_PARTS = 6

Change = tuple[str, Rule]
Body = tuple[str, bytes]


def hints(trial: Trial, vendor: str) -> Iterator[str]:
    """Every change with which this choice of live values agrees, those with the fewest words first."""
    rule = trial.rule
    if rule.algorithm not in ALGORITHMS or rule.algorithm == "equal" or rule.token:
        return
    secrets = {f"{vendor}.{name}": (value,) for name, value in trial.secrets.items()}
    most = min(TRIES, BYTES // (len(trial.evidence.request.body) + 1) + 10)
    for words, changed, seen in islice(_changes(rule, trial.evidence), most):
        if _agrees(changed, vendor, seen, secrets):
            yield words
            return


def _agrees(rule: Rule, vendor: str, seen: Evidence, secrets: Secrets) -> bool:
    try:
        prove(replace(rule, timestamp=None, checks=()), vendor, seen, secrets, seen.request.received_at)
    except (Missing, Differs, BadKey, CertificateNeeded, Refused, ValueError, LookupError):
        return False
    return True


def _changes(rule: Rule, seen: Evidence) -> Iterator[tuple[str, Rule, Evidence]]:
    """Single changes first, then orders together with line breaks and hex."""
    bodies = [(words, _with_body(seen, body)) for words, body in _bodies(seen.request.body)]
    for words, changed in (*_cases(rule), *_encodings(rule), *_algorithms(rule), *_keys(rule), *_arrangements(rule)):
        yield words, changed, seen
    for (order, changed), (line, other) in product([("", rule), *_orders(rule)], [("", seen), *bodies]):
        for case, each in [("", changed), *_cases(changed)]:
            words = _joined(order, line, case)
            yield from [(words, each, other)] if words else []


def _joined(*words: str) -> str:
    return ", and ".join(word for word in words if word)


def _with_body(seen: Evidence, body: bytes) -> Evidence:
    return replace(seen, request=replace(seen.request, body=body))


def _bodies(body: bytes) -> Iterator[Body]:
    yield "if a line break stood at the end of the body", body + b"\n"
    yield "if CR and LF stood at the end of the body", body + b"\r\n"
    if body != body.rstrip(b"\r\n"):
        yield "if no line break stood at the end of the body", body.rstrip(b"\r\n")
    if b"\n" in body.replace(b"\r\n", b""):
        yield "if the body's lines ended in CR and LF", body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _orders(rule: Rule) -> Iterator[Change]:
    """Every other order of the declared parts; what stands between them stays where it is."""
    places = [at for at, part in enumerate(rule.message.parts) if isinstance(part, Reference)]
    if not 1 < len(places) <= MAX_PARTS:
        return
    for order in islice(permutations(places), 1, None):
        pieces = list(rule.message.parts)
        for place, source in zip(places, order, strict=True):
            pieces[place] = rule.message.parts[source]
        names = ", ".join(part.name for part in pieces if isinstance(part, Reference))
        yield f"if the order were {names}", replace(rule, message=Template(rule.message.text, tuple(pieces)))


def _cases(rule: Rule) -> Iterator[Change]:
    """Hex inside the message in upper case, where it is in lower case."""
    pieces = tuple(_upper(part) if isinstance(part, Reference) else part for part in rule.message.parts)
    if pieces != rule.message.parts:
        yield "if the hex inside were in upper case", replace(rule, message=Template(rule.message.text, pieces))


def _upper(part: Reference) -> Reference:
    if not part.filters or part.filters[-1].name != "hex":
        return part
    return replace(part, filters=(*part.filters, Filter("upper")))


def _encodings(rule: Rule) -> Iterator[Change]:
    for word in ENCODINGS:
        if word not in (rule.written.encoding, "text"):
            yield f"if encoding were {word}", replace(rule, written=replace(rule.written, encoding=word))
    if not rule.written.prefix and not rule.written.pair:
        for prefix in (f"{rule.algorithm.removeprefix('hmac-')}=", f"{rule.algorithm}=", "v1="):
            yield f"if prefix were '{prefix}'", replace(rule, written=replace(rule.written, prefix=prefix))


def _algorithms(rule: Rule) -> Iterator[Change]:
    """Others that take as much of a key."""
    for word, algorithm in ALGORITHMS.items():
        if algorithm.keyed is bool(rule.key) and not algorithm.pair and word not in (rule.algorithm, "equal"):
            yield f"if it were {word}", replace(rule, algorithm=word)


def _keys(rule: Rule) -> Iterator[Change]:
    if rule.key and not ALGORITHMS[rule.algorithm].pair:
        for word in DECODES:
            if word not in (rule.key.decode, "text") and (word or rule.key.decode != "text"):
                words = f"decoded from {word}" if word else "taken as it is"
                yield f"if the secret were {words}", replace(rule, key=replace(rule.key, decode=word))


def _arrangements(rule: Rule) -> Iterator[Change]:
    """Lists and pairs in another order, with empty values or without."""
    if rule.listed:
        words = "as they stand" if rule.listed.sort else "sorted"
        yield f"if the list were {words}", replace(rule, listed=replace(rule.listed, sort=not rule.listed.sort))
    for name, pairs in rule.pairs.items():
        for sort in ("", "name", "rendered"):
            if sort != pairs.sort:
                words = f"sorted by {sort}" if sort else "as they stand"
                yield f"if the pairs were {words}", replace(rule, pairs={**rule.pairs, name: replace(pairs, sort=sort)})
        empty = "with" if pairs.drop_empty else "without"
        other = replace(pairs, drop_empty=not pairs.drop_empty)
        yield f"if the pairs were taken {empty} empty values", replace(rule, pairs={**rule.pairs, name: other})
