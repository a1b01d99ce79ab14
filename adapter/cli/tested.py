"""What came of a test: of each file, each example, and where in the file is what differs?"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapter.cli.files import Selection
from adapter.coverage import Coverage, coverage
from adapter.matrix import Detected
from adapter.observed import observe_example
from adapter.rehearsal import Rehearsed, rehearse
from adapter.spec.diagnostics import Diagnostic, Path
from adapter.spec.language import Kind, Spec
from adapter.spec.reader import Document, read

NOT_WRITTEN = (ValueError, LookupError, TypeError)
"""What an example may raise whose request cannot be built: its body is not of the type that its signature needs."""

DIFFERS, NOT_RUN, FORGED, UNTOLD, LOW = "TEST001", "TEST002", "SIG009", "MATCH002", "COV010"
"""Codes: another result, no result, a forged copy accepted, claimed by another or none, too little covered."""


@dataclass(frozen=True, slots=True)
class Tested:
    """One file's test: errors of the file itself, else its examples, and how much of it they show."""

    file: str
    vendor: str = ""
    errors: tuple[Diagnostic, ...] = ()
    examples: tuple[Rehearsed, ...] = ()
    failure: str = ""
    coverage: Coverage | None = None
    least: float = 0
    untold: tuple[Detected, ...] = ()

    @property
    def right(self) -> int:
        return sum(not one.differences for one in self.examples)

    @property
    def low(self) -> bool:
        """Less covered than was asked for."""
        return self.coverage is not None and self.coverage.percent < self.least

    @property
    def good(self) -> bool:
        failed = self.errors or self.failure or self.low or self.untold
        return not failed and self.right == len(self.examples)


def run_examples(selection: Selection, least: float, found: Iterable[Detected]) -> list[Tested]:
    """Test every file that was selected. `least` is the coverage asked for, `found` which specs claim the examples."""
    specs = {spec.place.file: spec for spec in selection.specs}
    kinds = selection.loaded.registry.kinds
    untold: dict[str, tuple[Detected, ...]] = {}
    for one in found:
        if not one.right:
            untold[one.spec.vendor] = (*untold.get(one.spec.vendor, ()), one)
    broken = (_broken(selection, file) for file in (*selection.vendors, *selection.tables))
    errors = {one.file: one for one in broken if one.errors}
    vendors = (errors.get(file) or _run(specs[file], kinds, least, untold) for file in selection.vendors)
    return [*vendors, *(errors[file] for file in selection.tables if file in errors)]


def _broken(selection: Selection, file: str) -> Tested:
    return Tested(file, errors=tuple(one for one in selection.of(file) if one.severity == "error"))


def _run(spec: Spec, kinds: Mapping[str, Kind], least: float, untold: Mapping[str, tuple[Detected, ...]]) -> Tested:
    file, vendor = spec.place.file, spec.vendor
    try:
        examples = tuple(rehearse(spec, kinds))
        ran = [one.example for one in examples if one.outcome]
        covered = coverage(spec, [(example, observe_example(spec, kinds, example)) for example in ran])
    except NOT_WRITTEN as error:
        return Tested(file, vendor, failure=f"its examples cannot be run: {error}", untold=untold.get(vendor, ()))
    return Tested(file, vendor, (), examples, "", covered, least, untold.get(vendor, ()))


def diagnostics(found: Sequence[Tested], selection: Selection) -> list[Diagnostic]:
    """What differs, as mistakes of the file, each at the word that is not true."""
    return [one for each in found for one in (*each.errors, *_mistakes(each, selection.loaded.sources[each.file]))]


def _mistakes(one: Tested, text: str) -> Iterator[Diagnostic]:
    document, _ = read(text.encode(), one.file)
    if document is None:
        return
    if one.failure:
        yield _mistake(document, NOT_RUN, ("examples",), one.failure)
    for number, example in enumerate(one.examples):
        for difference in example.differences:
            code = NOT_RUN if example.outcome is None else FORGED if difference.startswith("a forged") else DIFFERS
            path = _named(document, ("examples", number), difference)
            yield _mistake(document, code, path, f"{example.example.name}: {difference}")
    for detected in one.untold:
        place = next(at for at, each in enumerate(one.examples) if each.example == detected.example)
        yield _mistake(document, UNTOLD, ("examples", place, "name"), untold(detected))
    if one.low and one.coverage:
        yield _mistake(document, LOW, ("examples",), low(one.coverage, one.least))


def untold(one: Detected) -> str:
    claims = f"claimed by {', '.join(one.claims)}" if one.claims else "claimed by nobody"
    return f"on a shared URL '{one.example.name}' is {claims}"


def low(found: Coverage, least: float) -> str:
    return f"the examples show {found.percent:.1f} % of it, less than {least:g} %: --coverage lists the rest"


_WHERE = (
    (re.compile(r"event (\d+) · ([^:]+): "), lambda hit: ("expect", int(hit[1]), hit[2])),
    (re.compile(r"ack · ([^:]+): "), lambda hit: ("ack", hit[1])),
    (re.compile(r"outcome: "), lambda _: ("outcome",)),
    (re.compile(r"expected it to be refused "), lambda _: ("reject",)),
    (re.compile(r"expected \d+ events"), lambda _: ("expect",)),
)


def _named(document: Document, example: Path, difference: str) -> Path:
    """Where the example says what is not so: by how rehearsal words it, else its name."""
    hits = (found(hit) for pattern, found in _WHERE if (hit := pattern.match(difference)))
    path = (*example, *next(iter(hits), ("name",)))
    return path if path in document.values else (*example, "name")


def _mistake(document: Document, code: str, path: Path, message: str) -> Diagnostic:
    span = document.key_span(path) if len(path) == 1 else document.span(path)
    return Diagnostic(code, "error", message, span, "", path)
