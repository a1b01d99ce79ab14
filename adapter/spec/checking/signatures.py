"""Does what stands under `verify` prove anything?"""

import re
from collections.abc import Iterator

from adapter.signatures.algorithms import ALGORITHMS
from adapter.signatures.proof import proves
from adapter.spec.build.draft import Draft
from adapter.spec.checking.complaint import Found, error, warning
from adapter.spec.diagnostics import Path
from adapter.spec.language import Rule, Spec


def trusted_or_not(draft: Draft, _: Spec) -> Found:
    if "verify" not in draft.document.data and "unsigned" not in draft.document.data:
        hint = "say how the vendor signs under verify:, or why it does not under unsigned:"
        yield error(("vendor",), "neither verify nor unsigned", hint)


def trusted_and_not(draft: Draft, _: Spec) -> Found:
    if "verify" in draft.document.data and "unsigned" in draft.document.data:
        yield error(("unsigned",), "both verify and unsigned", "keep one of them")


def uses_a_secret(draft: Draft, spec: Spec) -> Found:
    broken = any(one.code.startswith("TMPL") for one in draft.mistakes)
    if spec.verify and not broken and not any(map(proves, spec.verify)):
        message = "no rule uses a secret: anybody could make this signature"
        yield error(("verify",), message, "a rule needs key: or {secret.…} in of:")


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_VALUES = (
    re.compile(r"[0-9a-fA-F]{16,}"),
    re.compile(r"(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+/_=-]{20,}"),
    re.compile(r"(?:sk|pk|whsec|xox[bp]|AKIA|SG)[_.-]?[A-Za-z0-9+/_.=-]{12,}"),
)


def secrets_are_names(draft: Draft, spec: Spec) -> Found:
    """A spec is inert and public: what a secret is stands in the deployment."""
    for path, rule in _rules(spec):
        for name in rule.secrets if not rule.any else ():
            if any(value.fullmatch(name) for value in _VALUES):
                message = "this looks like a secret itself; a file names secrets and never holds one"
                yield error(path, message, f"write a name such as app_secret, and set {_setting(spec, 'app_secret')}")
            elif not _NAME.fullmatch(name):
                message = f"'{name}' cannot be the name of a secret"
                yield error(path, message, "use letters, digits, _ . and -, such as app_secret")


def _setting(spec: Spec, name: str) -> str:
    return f"ADAPTER_SECRET_{spec.vendor}_{name}".upper().replace("-", "_")


def bound_digests(draft: Draft, spec: Spec) -> Found:
    """A digest of the body that anybody can make proves nothing, unless a rule with a secret covers it or the body."""
    rules = list(_rules(spec))
    signed = {reference for _, rule in rules if rule.secrets for reference in _covered(rule)}
    for path, rule in rules if signed else ():
        if rule.signature is None or rule.secrets or not {one.source for one in rule.message.references} & _BODY:
            continue
        where = rule.signature.source, rule.signature.path
        if where not in signed and not {source for source, _ in signed} & _BODY:
            message = f"no rule with a secret covers the {rule.signature.name}, nor the body itself"
            hint = (
                "put {"
                + f"{rule.signature.source}.{'.'.join(rule.signature.path)}"
                + "} or {body} into the of: of that rule"
            )
            yield error(path, message, hint)


_BODY = {"body", "pairs", "pairs2", "form", "json", "xml"}


def _covered(rule: Rule) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((one.source, one.path) for template in rule.templates for one in template.references)
    yield from ((one.source.source, ()) for one in rule.pairs.values())


def static_signatures(draft: Draft, spec: Spec) -> Found:
    """A signature over nothing that changes: whoever has seen one can send anything. A token that is compared as it
    is (`is: equal`) does not pretend to be more."""
    for path, rule in _rules(spec):
        known = ALGORITHMS.get(rule.algorithm)
        sources = {one.source for template in rule.templates for one in template.references} - {"secret"}
        if known and rule.algorithm != "equal" and rule.secrets and rule.message.parts and not sources:
            message = "it is the same for every callback: whoever has seen one can forge all others"
            yield warning(path, message, "name in of: what the vendor signs: {body}, {header.…}, {pairs}")


def _rules(spec: Spec) -> Iterator[tuple[Path, Rule]]:
    """Every rule with its path; rules under `any` too."""
    for place, rule in enumerate(spec.verify):
        yield from _inner(("verify", place), rule)


def _inner(path: Path, rule: Rule) -> Iterator[tuple[Path, Rule]]:
    if not rule.any:
        yield path, rule
    for place, one in enumerate(rule.any):
        yield from _inner((*path, "any", place), one)
