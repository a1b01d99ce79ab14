"""What is weak about a deployment, before anybody has posted? Facts for each channel and vendor, and what to do."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from adapter.model import Secrets
from adapter.service.deployment import Deployment
from adapter.service.gate import Gate
from adapter.service.secrets import Fault, Wanted, faults, variable, wanted
from adapter.signatures.proof import covers, replay
from adapter.spec.diagnostics import Diagnostic, Span
from adapter.spec.language import Channel, Registry, Spec

SHORT = 16
"""Bytes: a token that is shorter can be guessed, or was made up by a person."""

OPEN = Channel("", None)


@dataclass(frozen=True, slots=True)
class Fact:
    """One vendor of one channel (which has no name in open mode). `secrets` and `token` count live values; `replay`
    is in seconds."""

    channel: str
    vendor: str
    held_back: bool
    signed: tuple[str, ...]
    unsigned: str
    whole_body: bool
    replay: float | None
    secrets: Mapping[str, int]
    token: int
    open: str
    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at: a deployment or, without one, every vendor; `held_back` are vendors with a broken file."""

    registry: Registry
    deployment: Deployment | None
    secrets: Secrets
    held_back: Collection[str] = ()

    @property
    def gates(self) -> tuple[Gate, ...]:
        return tuple(self.deployment.gates.values()) if self.deployment else (Gate(OPEN, None, "", (), ""),)

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        return self.deployment.wanted(self.registry) if self.deployment else wanted(self.registry)

    def vendors(self, gate: Gate) -> tuple[str, ...]:
        return tuple(self.registry.specs) if gate.channel.vendors is None else gate.channel.vendors


def facts(patient: Patient) -> Iterator[Fact]:
    for gate in patient.gates:
        for vendor in patient.vendors(gate):
            yield _fact(patient, gate, vendor, patient.registry.specs.get(vendor))


def _fact(patient: Patient, gate: Gate, vendor: str, spec: Spec | None) -> Fact:
    rules = spec.verify if spec else ()
    flat = [one for rule in rules for one in (rule.any or (rule,)) if one.secrets]
    bound = gate.channel.secrets
    names = {bound.get(full, full) for full in spec.secrets} if spec else set()
    return Fact(
        channel=gate.channel.name,
        vendor=vendor,
        held_back=spec is None,
        signed=tuple(dict.fromkeys("jwt" if rule.token else rule.algorithm for rule in flat)),
        unsigned=spec.unsigned or "" if spec else "",
        whole_body=covers(rules),
        replay=replay(rules),
        secrets={name: _count(patient, name) for name in sorted(names)},
        token=_count(patient, gate.token) if gate.token else 0,
        open=gate.open,
        networks=tuple(map(str, gate.networks)),
    )


def _count(patient: Patient, name: str) -> int:
    return len([value for value in patient.secrets.get(name, ()) if value])


def findings(patient: Patient) -> Iterator[Diagnostic]:
    """Errors are what closes a channel; warnings what makes it weak. In open mode a vendor without secret is one."""
    yield from (_of_a_secret(patient, fault) for fault in faults(patient.wanted, patient.secrets))
    for gate in patient.gates if patient.deployment else ():
        yield from _of_a_gate(patient, gate)
    for vendor in dict.fromkeys(vendor for gate in patient.gates for vendor in patient.vendors(gate)):
        if vendor in patient.registry.specs:
            yield from _of_a_vendor(patient.registry.specs[vendor])


def _of_a_secret(patient: Patient, fault: Fault) -> Diagnostic:
    one = fault.wanted
    who = one.who or one.full
    severity = "error" if fault.closes and patient.deployment else "warning"
    advice = f"put it into the file {one.name} of ADAPTER_SECRETS_DIR, or into {variable(one.name)}"
    return Diagnostic("DOC001" if fault.missing else "DOC002", severity, f"{who}: secret {one.name} {fault.what}",
                      _place(patient, one), advice)  # fmt: skip


def _place(patient: Patient, one: Wanted) -> Span | None:
    if patient.deployment and one.sink:
        return patient.deployment.sinks[one.sink].span
    if patient.deployment and one.channel:
        return patient.deployment.gates[one.channel].span
    return _of_the_file(patient.registry.specs[one.vendor]) if one.vendor else None


def _of_the_file(spec: Spec) -> Span:
    place = spec.place
    return Span(place.file, place.line, place.column, place.line, place.column + len(spec.vendor))


def _of_a_gate(patient: Patient, gate: Gate) -> Iterator[Diagnostic]:
    name, specs = gate.channel.name, patient.registry.of(gate.channel)
    for vendor in patient.vendors(gate):
        if vendor in patient.held_back:
            yield Diagnostic("DOC003", "error", f"{name}: the file of {vendor} has mistakes, so it is held back",
                             gate.span, "adapter validate shows them")  # fmt: skip
    unsigned = [spec.vendor for spec in specs if not spec.verify]
    if len(unsigned) not in (0, len(specs)):
        yield Diagnostic(
            "DOC004", "warning", f"{name} takes {', '.join(unsigned)} unsigned: what others sign there proves little",
            gate.span, "give them channels of their own",
        )  # fmt: skip
    if unsigned and not gate.networks:
        only = "nothing protects it" if gate.open else "only the token protects it"
        yield Diagnostic("DOC005", "warning", f"{name}: {', '.join(unsigned)} signs nothing; {only}",
                         gate.span, "add networks: with the addresses that it posts from")  # fmt: skip
    if gate.open:
        yield Diagnostic("DOC006", "warning", f"{name} is open: {gate.open}", gate.span,
                         "add token: with the name of a secret, if the vendor can be given another URL")  # fmt: skip
    yield from _of_a_token(patient, gate)


def _of_a_token(patient: Patient, gate: Gate) -> Iterator[Diagnostic]:
    values = patient.secrets.get(gate.token, ()) if gate.token else ()
    if any(len(value) < SHORT for value in values if value):
        yield Diagnostic(
            "DOC007", "warning", f"{gate.channel.name}: its token has fewer than {SHORT} characters",
            gate.span, "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(24))'",
        )  # fmt: skip


def _of_a_vendor(spec: Spec) -> Iterator[Diagnostic]:
    if spec.verify and not covers(spec.verify):
        rest = "and for ever" if replay(spec.verify) is None else "while its time is good"
        yield Diagnostic(
            "DOC008", "warning",
            f"{spec.vendor} does not sign the whole body: whoever saw one callback can send others with its signature, "
            f"{rest}", _of_the_file(spec), "add networks: where its addresses are known",
        )  # fmt: skip
