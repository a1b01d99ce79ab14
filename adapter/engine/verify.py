"""Did the vendor really send it? The claiming spec's rules, over the untouched bytes; all of them must hold."""

from collections.abc import Callable, Sequence

from adapter.expressions.templates import Missing
from adapter.model import Json, Refused, Request, Secrets
from adapter.signatures.algorithms import BadKey
from adapter.signatures.evidence import Evidence
from adapter.signatures.proof import proves
from adapter.signatures.rules import Differs, Trial, applies, prove
from adapter.signatures.sns import CertificateNeeded
from adapter.spec.language import Rule, Spec

CLOSED = 503
"""The hint of a refusal that is our own fault; the vendor's retry status answers it."""


def verify(
    spec: Spec, rules: Sequence[Rule], request: Request, secrets: Secrets, tree: Callable[[], Json]
) -> tuple[str, ...]:
    """Which live values proved it, where a secret has several: `secret acme.key: 2 of 2`.

    Raises Refused: bad_signature or stale (401), secret_unset (the vendor's retry status).
    """
    if not rules:
        return ()
    for name in dict.fromkeys([name for rule in rules for name in rule.secrets]):
        if not any(secrets.get(f"{spec.vendor}.{name}", ())):
            raise Refused("secret_unset", f"secret {spec.vendor}.{name} is not set", CLOSED)
    evidence = Evidence(request, spec.manner, tree)
    asked = [rule for rule in rules if applies(rule.when, evidence)]
    proof_skipped = len(asked) < len(rules) and any(map(proves, rules)) and not any(map(proves, asked))
    if not asked or proof_skipped:
        raise Refused("bad_signature", "no rule is for such a request", 401)
    held = [_held(rule, spec, evidence, secrets).chosen for rule in asked]
    return tuple(dict.fromkeys(f"secret {spec.vendor}.{name}: {which}" for one in held for name, which in one.items()))


def _held(rule: Rule, spec: Spec, evidence: Evidence, secrets: Secrets) -> Trial:
    try:
        return prove(rule, spec.vendor, evidence, secrets, evidence.request.received_at)
    except BadKey as bad:
        raise Refused("secret_unset", str(bad), CLOSED) from bad
    except CertificateNeeded as needed:
        raise Refused("certificate_needed", needed.url, CLOSED) from needed
    except Missing as missing:
        raise Refused("bad_signature", str(missing), 401) from missing
    except Differs as differs:
        raise Refused(differs.code, str(differs), 401) from differs
