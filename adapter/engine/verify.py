"""Did the vendor really send it? The claiming spec's rules, over the untouched bytes; all of them must hold."""

from collections.abc import Callable

from adapter.expressions.templates import Missing
from adapter.model import Json, Refused, Request, Secrets
from adapter.signatures.algorithms import BadKey
from adapter.signatures.evidence import Evidence
from adapter.signatures.rules import Differs, applies, prove
from adapter.spec.language import Rule, Spec

CLOSED = 503
"""The hint of a refusal that is our own fault; the vendor's retry status answers it."""


def secret_names(spec: Spec) -> tuple[str, ...]:
    """Every secret that the spec's rules use, in order, by its full name (`vendor.name`)."""
    return tuple(dict.fromkeys(f"{spec.vendor}.{name}" for rule in spec.verify for name in rule.secrets))


def verify(spec: Spec, request: Request, secrets: Secrets, tree: Callable[[], Json]) -> None:
    """Raises Refused: bad_signature or stale (401), secret_unset (the vendor's retry status)."""
    if not spec.verify:
        return
    for name in secret_names(spec):
        if not any(secrets.get(name, ())):
            raise Refused("secret_unset", f"secret {name} is not set", CLOSED)
    evidence = Evidence(request, spec.manner, tree)
    rules = [rule for rule in spec.verify if applies(rule.when, evidence)]
    if not rules or (any(map(_proves, spec.verify)) and not any(map(_proves, rules))):
        raise Refused("bad_signature", "no rule is for such a request", 401)
    for rule in rules:
        _hold(rule, spec, evidence, secrets)


def _proves(rule: Rule) -> bool:
    """Does a rule use a secret at all? One that does not may stand beside one that does."""
    return bool(rule.secrets)


def _hold(rule: Rule, spec: Spec, evidence: Evidence, secrets: Secrets) -> None:
    try:
        prove(rule, spec.vendor, evidence, secrets, evidence.request.received_at)
    except BadKey as bad:
        raise Refused("secret_unset", str(bad), CLOSED) from bad
    except Missing as missing:
        raise Refused("bad_signature", str(missing), 401) from missing
    except Differs as differs:
        raise Refused(differs.code, str(differs), 401) from differs
