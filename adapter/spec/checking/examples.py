"""Can the examples be run, and what do they say?"""

from collections.abc import Iterable

from adapter.http_text import BadRequestText, parse
from adapter.spec.build.draft import Draft
from adapter.spec.checking.complaint import Found, error, warning
from adapter.spec.diagnostics import suggestion
from adapter.spec.language import Kind, Spec

ENVELOPE = ("specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "recordedtime")
PROVENANCE = ("kind", "vendor", "channel", "spec", "extra", "warnings")


def named_twice(draft: Draft, spec: Spec) -> Found:
    seen: set[str] = set()
    for place, example in enumerate(spec.examples):
        if example.name in seen:
            yield error(("examples", place, "name"), f"two examples are called '{example.name}'", "rename one")
        seen.add(example.name)


def says_what_must_come(draft: Draft, spec: Spec) -> Found:
    for place, example in enumerate(spec.examples):
        if example.expect is not None and example.reject:
            yield error(("examples", place, "reject"), "both expect and reject", "keep one of them")
        if example.expect is None and not example.reject and not example.outcome:
            message = "the example does not say what must come of it"
            yield error(("examples", place), message, "add expect: with the events, or reject: with the reason")


def http_text(draft: Draft, spec: Spec) -> Found:
    for place, example in enumerate(spec.examples):
        try:
            parse(example.request)
        except BadRequestText as bad:
            message, _, hint = str(bad).partition(": write ")
            yield error(("examples", place, "request"), message, f"write {hint}" if hint else "write it as UTF-8")


def unknown_names(draft: Draft, spec: Spec) -> Found:
    """A name that no event has is null, whatever comes: the example would test nothing."""
    kinds = {entry.shape.kind.name: entry.shape.kind for entry in spec.entries if entry.shape.kind}
    for place, example in enumerate(spec.examples):
        for number, wanted in enumerate(example.expect or ()):
            meant = [kinds[wanted["kind"]]] if wanted.get("kind") in kinds else list(kinds.values())
            known = _names(meant)
            for name in wanted:
                if name not in known and kinds:
                    path = ("examples", place, "expect", number, name)
                    yield error(path, f"no event of this file has a '{name}'", suggestion(str(name), known))


def _names(kinds: Iterable[Kind]) -> list[str]:
    own = [name for kind in kinds for name in (*kind.columns, *kind.results)]
    return [*own, *PROVENANCE, *ENVELOPE]


def signs_nothing(draft: Draft, spec: Spec) -> Found:
    rules = spec.verify or any(one.rules for one in spec.challenges)
    for place, example in enumerate(spec.examples):
        if example.sign and not rules and "unsigned" in draft.document.data:
            message = "the example is to be signed, and the file has no rule to sign it by"
            yield warning(("examples", place, "sign"), message, "remove sign: true, or add verify:")
