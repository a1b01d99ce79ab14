"""How does a captured callback become a vendor file? The journey, in order; read this file first."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from adapter.engine.flow import process
from adapter.http_text import Written, request
from adapter.model import Json, Outcome
from adapter.rehearsal import bound
from adapter.scaffold import clock, mask, names
from adapter.scaffold.claim import claim, claimed_by
from adapter.scaffold.groups import groups
from adapter.scaffold.nouns import Group, Sample, Told, World
from adapter.scaffold.page import TODO, Example, Page, kept, written
from adapter.scaffold.samples import ARRIVAL, sample
from adapter.scaffold.signs import Sign, signs
from adapter.spec.kinds import PROVENANCE
from adapter.spec.language import Manner, Spec


@dataclass(frozen=True, slots=True)
class Captured:
    """A request, the name of its file, and how its header names were written, by their lower-case form."""

    name: str
    written: Written
    spelling: Mapping[str, str] = field(default_factory=dict)


Compile = Callable[[str], Spec]
"""A file's text as a spec."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of a vendor file, and what was found and guessed, line by line."""

    text: str
    told: tuple[Told, ...]

    @property
    def open(self) -> int:
        """How many things a person must decide."""
        return sum(TODO in line for line in self.text.splitlines())


def draft(
    vendor: str, captured: Sequence[Captured], world: World, compiled: Compile, phones: bool = True, kind: str = ""
) -> Draft:
    """A vendor file made of captured requests. `phones` are masked; a `kind` may be given. Raises NoDraft."""
    samples = [sample(one.name, one.written, one.spelling) for one in captured]
    found = groups(world, samples, kind)
    page = _page(vendor, samples, found, world)
    replaced = mask.hidden(found, phones)
    examples = [_example(one, mask.example(one, replaced)) for one in samples]
    page = replace(page, examples=tuple(examples))
    spec = compiled(written(page))
    outcomes = [_run(spec, world, one, replaced) for one in samples]
    page = replace(page, examples=tuple(map(_expecting, examples, outcomes)))
    lines = [*_told(page, samples, world), *_came_out(samples, outcomes)]
    return Draft(written(page), tuple(lines))


def _page(vendor: str, samples: Sequence[Sample], found: Sequence[Group], world: World) -> Page:
    bodies = tuple(dict.fromkeys(one.body for one in samples))
    charsets = tuple(dict.fromkeys(one.charset for one in samples if one.charset))
    charsets = ("utf-8", *charsets) if charsets else ()
    opened = tuple(dict.fromkeys(path for one in samples for path in one.opened))
    manner = Manner(bodies, charsets, tuple(tuple(path.split(".")) for path in opened))
    texts = list(_texts(found))
    times = [text for group in found for text in _times(group)]
    forms = clock.formats(times)
    zone, why = _zone(found, texts, world) if clock.needs_zone(forms, times) else ("", "")
    signed = [one for group in found for place in group.samples for one in signs(samples[place], group)]
    rules = {one.rule: one for one in signed}
    found = [_without_proofs(group, signed) for group in found]
    return Page(
        vendor, bodies, charsets, opened, tuple(found),
        tuple(claim(world, samples, group, manner) for group in found),
        tuple(rules.values()), zone, why, forms,
    )  # fmt: skip


def _zone(found: Sequence[Group], texts: Sequence[str], world: World) -> tuple[str, str]:
    """The zone of other vendors who use the same table of codes, else what the texts point to."""
    tables = {name for group in found if group.status for name in group.status.tables}
    shapes = [entry.shape for spec in world.others for entry in spec.entries]
    zones = [
        one.clock.zone for one in shapes
        if one.clock.zone and one.status and tables & {layer.name for layer in one.status.layers}
    ]  # fmt: skip
    if zones:
        return Counter(zones).most_common(1)[0][0], f"as others with the table {' '.join(sorted(tables))}"
    return clock.zone_of(texts)


def _times(group: Group) -> Iterator[str]:
    times = [name for name, column in group.kind.columns.items() if column.type == "date-time"]
    return (text for name in times if name in group.guesses for text in group.guesses[name].leaf.texts)


def _texts(found: Sequence[Group]) -> Iterator[str]:
    return (text for group in found for leaf in group.leaves for text in leaf.texts)


def _without_proofs(group: Group, signed: Sequence[Sign]) -> Group:
    """Signatures and passwords are nothing that an event should carry."""
    proofs = {one.name for one in signed}
    leaves = tuple(
        leaf for leaf in group.leaves
        if ".".join(map(str, leaf.path)) not in proofs and not names.is_secret(leaf.name)
    )  # fmt: skip
    return replace(group, leaves=leaves)


def _example(one: Sample, shown: Written) -> Example:
    return Example(f"as captured ({one.name})", mask.as_text_of(one, shown))


def _run(spec: Spec, world: World, one: Sample, replaced: Mapping[str, str]) -> Outcome:
    asked = request(mask.example(one, replaced), ARRIVAL, "example")
    return process(bound(spec, world.kinds, asked.channel), asked, {})


def _expecting(one: Example, outcome: Outcome) -> Example:
    events = tuple(dict(_expected(event.kind, event.envelope["data"])) for event in outcome.events)
    return replace(one, expect=events, outcome="" if outcome.name == "accepted" else outcome.name)


def _expected(kind: str, data: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    yield "kind", kind
    yield from ((name, value) for name, value in data.items() if name not in PROVENANCE and value not in (None, []))
    extra = {name: value for name, value in data["extra"].items() if value is not None}
    if extra:
        yield "extra", extra


def _told(page: Page, samples: Sequence[Sample], world: World) -> Iterator[Told]:
    for one in samples:
        yield "read", f"{one.name}: {_read(one, page)}"
        for vendor in claimed_by(world, one):
            yield "note", f"{vendor} takes this request for its own: adapter try shows what becomes of it"
    for group in page.groups:
        yield "kind", f"{group.kind.name}{_where(group)}"
        yield from _guessed(group)
        left = [leaf.expression for leaf in kept(group)]
        if left:
            yield "extra", f"{' '.join(left)}   (no field of ours: kept under extra)"
    if page.zone:
        yield "time", f"{', '.join(page.formats)}, no zone in it: {page.zone} assumed ({page.zone_why})"
    for sign in page.signs:
        yield "signed", f"{sign.name}: {sign.why}   -> {sign.rule}"
    for one_claim in page.claims:
        asked = [*one_claim.headers, *(f"{path} = {text}" for path, text in one_claim.equals), *one_claim.has]
        also = f"{', '.join(one_claim.collides)} takes such callbacks too: you decide"
        yield "match", f"{' '.join(asked)}   ({also if one_claim.collides else 'no other vendor sends all of it'})"


def _read(one: Sample, page: Page) -> str:
    opened = f", JSON text in {', '.join(one.opened)}" if one.opened else ""
    charset = f", {one.charset}" if one.charset else ""
    listed = f" list of {len(one.tree)}" if isinstance(one.tree, list) else ""
    signed = "" if page.signs else ", nothing that looks like a signature"
    return f"{one.written.method}, {one.body}{listed}{charset}{opened}{signed}"


def _where(group: Group) -> str:
    places = f", each: {' > '.join(group.each)}" if group.each else ""
    marks = ", ".join(f"{leaf.expression} = {text}" for leaf, text in group.marks)
    return f"{places}{f', where {marks}' if marks else ''}"


def _guessed(group: Group) -> Iterator[Told]:
    label = "guessed"
    for name, guess in group.guesses.items():
        either = " or ".join([guess.leaf.expression, *(leaf.expression for leaf in guess.others)])
        decide = "   <- you decide" if guess.others or not guess.score else ""
        yield label, f"{name:<13}{either:<24}({guess.why}){decide}"
        label = ""
    if group.status and (group.status.success or group.status.tables or group.status.rows):
        yield "status", _status(group)


def _status(group: Group) -> str:
    found = group.status
    assert found
    parts = [found.success] if found.success else []
    parts += [f"table {name}" for name in found.tables]
    parts += [f"{code} = {meaning}{'?' if doubt else ''}" for code, meaning, doubt in found.rows]
    return f"{', '.join(parts)}, all else {found.otherwise}"


def _came_out(samples: Sequence[Sample], outcomes: Sequence[Outcome]) -> Iterator[Told]:
    for one, outcome in zip(samples, outcomes, strict=True):
        for problem in outcome.problems:
            yield "problem", f"{one.name}: {problem.message}"
