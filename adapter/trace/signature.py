"""Does the signature hold, rule by rule? What was signed, what was sent, and with which live value does it agree?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapter.expressions.templates import Missing, render
from adapter.model import Refused, Request, Secrets
from adapter.signatures.algorithms import ALGORITHMS, BadKey
from adapter.signatures.evidence import Evidence
from adapter.signatures.rules import Differs, Trial, applies, prove, trials
from adapter.signatures.sns import CertificateNeeded
from adapter.signatures.written import parts, write
from adapter.signing import evidence
from adapter.spec.diagnostics import plural
from adapter.spec.language import Reference, Rule, Segment, Spec, Template
from adapter.trace.hints import hints
from adapter.trace.masking import Mask, ends

FAILURES = (Missing, Differs, BadKey, CertificateNeeded, Refused)


@dataclass(frozen=True, slots=True)
class Step:
    """One rule. `state` is ok, differs, stale, missing, no secret, or not asked; `detail` says more of it.

    `message` is what is signed, secrets masked; `sent` and `ours` show only the ends of signatures; `hints` say what
    would have agreed.
    """

    name: str
    formula: str
    state: str
    detail: str = ""
    message: str = ""
    sent: str = ""
    ours: tuple[str, ...] = ()
    live: str = ""
    hints: tuple[str, ...] = ()
    place: str = ""

    @property
    def good(self) -> bool:
        return self.state in ("ok", "not asked")


def steps(spec: Spec, rules: Sequence[Rule], request: Request, secrets: Secrets, mask: Mask) -> tuple[Step, ...]:
    """Each rule; of those under `any` the one that holds, else all."""
    seen = evidence(spec, request)
    return tuple(step for rule in rules for step in _rule(rule, spec.vendor, seen, secrets, mask))


def _rule(rule: Rule, vendor: str, seen: Evidence, secrets: Secrets, mask: Mask, one_of: str = "") -> Iterator[Step]:
    if rule.any and applies(rule.when, seen):
        count = len(rule.any)
        ways = [
            step
            for number, inner in enumerate(rule.any)
            for step in _rule(inner, vendor, seen, secrets, mask, f", way {number + 1} of {count}")
        ]
        yield from [step for step in ways if step.state == "ok"][:1] or ways
        return
    name = f"{rule.signature.name if rule.signature else rule.algorithm or 'any'}{one_of}"
    formula = "any of several" if rule.any else f"{rule.algorithm}({rule.message.text or 'its own claims'})"
    place = str(rule.place)
    unset = [one for one in rule.secrets if not any(secrets.get(f"{vendor}.{one}", ()))]
    if not applies(rule.when, seen):
        yield Step(name, formula, "not asked", "it is not for such a request", place=place)
    elif unset:
        yield Step(name, formula, "no secret", f"{', '.join(unset)} is not set", place=place)
    else:
        yield _tried(rule, vendor, seen, secrets, mask, Step(name, formula, "ok", place=place))


def _tried(rule: Rule, vendor: str, seen: Evidence, secrets: Secrets, mask: Mask, bare: Step) -> Step:
    choices = list(trials(rule, vendor, seen, secrets))
    held = [at for at, trial in enumerate(choices) if _proves(rule, vendor, seen, _only(trial, vendor, secrets))]
    chosen = choices[held[0] if held else 0]
    _read_named(chosen)
    state, detail = _verdict(rule, vendor, seen, secrets)
    differs = state in ("differs", "missing")  # read in another way it may be there
    return Step(
        bare.name,
        bare.formula,
        state,
        mask.hide(detail),
        message=mask.short(masked(rule.message, chosen)),
        sent=_sent(rule, seen, mask),
        ours=tuple(text for trial in choices if (text := _ours(trial, mask))) if differs else (),
        live=_live(rule, held, len(choices)),
        hints=tuple(dict.fromkeys(hint for trial in choices for hint in hints(trial, vendor))) if differs else (),
        place=bare.place,
    )


def _only(trial: Trial, vendor: str, secrets: Secrets) -> dict[str, tuple[bytes, ...]]:
    """The secrets with one choice of live values."""
    return {**secrets, **{f"{vendor}.{name}": (value,) for name, value in trial.secrets.items()}}


def _proves(rule: Rule, vendor: str, seen: Evidence, secrets: Secrets) -> bool:
    return _verdict(rule, vendor, seen, secrets)[0] == "ok"


_STATES: Mapping[type[Exception], str] = {
    Missing: "missing",
    Refused: "missing",
    BadKey: "no secret",
    CertificateNeeded: "missing",
}


def _verdict(rule: Rule, vendor: str, seen: Evidence, secrets: Secrets) -> tuple[str, str]:
    try:
        prove(rule, vendor, seen, secrets, seen.request.received_at)
    except Differs as differs:
        return ("stale" if differs.code == "stale" else "differs"), str(differs)
    except FAILURES as failure:
        return _STATES[type(failure)], str(failure)
    return "ok", ""


def _read_named(trial: Trial) -> None:
    """The named parts beside the signature, for `{sig.name}`."""
    rule = trial.rule
    try:
        found = parts(rule.written, trial.evidence.find(rule.signature)) if rule.signature else []
    except FAILURES:
        found = []
    trial.named = {name.decode("latin-1"): [value] for name, value in found}


def masked(template: Template, trial: Trial) -> bytes:
    """What a template gives, with the name of a secret wherever one has a part in it."""
    return b"".join(_masked(part, trial) for part in template.parts)


def _masked(part: bytes | Reference | Segment, trial: Trial) -> bytes:
    if isinstance(part, bytes):
        return part
    if isinstance(part, Segment):
        inner = [_masked(one, trial) for one in part.parts]
        return b"" if any(not found for found in inner) else b"".join(inner)
    if not secret_in(part, trial.rule):
        return _rendered(part, trial)
    if part.source == "let" and not part.filters and len(part.path) == 1:
        return masked(trial.rule.let[part.path[0]], trial)
    if part.source == "list" and not part.filters and trial.rule.listed:
        return trial.rule.listed.join.join(masked(item, trial) for item in trial.rule.listed.items)
    filters = "".join(f"|{one.name}" for one in part.filters)
    return f"‹{part.name}{filters}›".encode()


def _rendered(part: Reference, trial: Trial) -> bytes:
    try:
        return render(Template("", (part,)), trial.resolve)
    except (*FAILURES, KeyError):
        return f"‹{part.name} is missing›".encode()


def secret_in(reference: Reference, rule: Rule) -> bool:
    """Does a secret have a part in what a reference gives?"""
    arguments = (one for each in reference.filters for one in each.arguments)
    return (
        reference.source in ("secret", "key")
        or any(secret_in(one, rule) for one in arguments)
        or any(secret_in(one, rule) for template in _behind(reference, rule) for one in template.references)
    )


def _behind(reference: Reference, rule: Rule) -> tuple[Template, ...]:
    if reference.source == "let":
        return (rule.let[reference.path[0]],) if reference.path[0] in rule.let else ()
    return rule.listed.items if reference.source == "list" and rule.listed else ()


def _plainly(rule: Rule) -> bool:
    """Is the signature the secret itself, or might it be?"""
    return rule.algorithm == "equal" or rule.written.encoding == "text"


def _sent(rule: Rule, seen: Evidence, mask: Mask) -> str:
    try:
        text = seen.find(rule.signature) if rule.signature else b""
    except FAILURES as failure:
        return mask.hide(str(failure))
    shown = mask.hide(text)
    return f"{len(shown)} characters" if _plainly(rule) and text else ends(shown) if text else ""


def _ours(trial: Trial, mask: Mask) -> str:
    """The ends of the signature that a live value makes; empty where it cannot be made, or would be the secret."""
    rule = trial.rule
    algorithm = ALGORITHMS.get(rule.algorithm)
    if algorithm is None or algorithm.pair or rule.token or _plainly(rule):
        return ""
    try:
        key = trial.key()
        made = None if key is None else algorithm.make(key, trial.message())
    except (*FAILURES, KeyError):
        return ""
    return "" if made is None else ends(mask.hide(write(rule.written, made, b"", b"")))


def _live(rule: Rule, held: Sequence[int], count: int) -> str:
    names = ", ".join(rule.secrets)
    if not names:
        return ""
    return (
        f"live value {held[0] + 1} of {count} of {names}" if held else f"{names}, {plural(count, 'live value')} tried"
    )
