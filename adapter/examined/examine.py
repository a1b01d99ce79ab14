"""What do a spec's examples show that is wrong with it? One small function each, in a table by its code."""

from collections.abc import Iterator, Mapping

from adapter.examined import answers, expressions, fields, gaps, times, trust
from adapter.examined.runs import Examination, Examined, Remark, Run
from adapter.expressions.templates import Missing
from adapter.http_text import BadRequestText
from adapter.model import Refused
from adapter.observed import observe_example
from adapter.spec.diagnostics import Diagnostic, Span
from adapter.spec.language import Kind, Place, Spec

NOT_RUN = (BadRequestText, Missing, Refused, ValueError, LookupError, TypeError)
"""What an example raises that cannot be read or signed."""

EXAMINATIONS: dict[str, Examination] = {
    "EXPR005": expressions.text_and_number,
    "EXPR007": expressions.many_for_one,
    "EXPR008": expressions.never_or_always,
    "EXPR009": expressions.failing,
    "FIELD004": fields.needless_inputs,
    "FIELD005": fields.unread_members,
    "TIME003": times.fits_no_format,
    "TIME004": times.fits_two_formats,
    "TIME005": times.odd_years,
    "MATCH002": trust.not_claimed,
    "ACK001": answers.empty_references,
    "COV001": gaps.unseen_entries,
    "COV002": gaps.always_null,
    "COV003": gaps.never_asserted,
    "COV004": gaps.untried_codes,
    "COV005": trust.never_proved,
    "COV006": gaps.alike_in_every_example,
    "COV007": gaps.unasked_handshakes,
}
"""The checks that need the examples' payloads. Those of the file alone are in adapter.spec.checks; forged copies and
what comes out differently are told by `adapter test`."""


ENTRY = 2
"""How long the path of a whole entry or example is. Below it one cause has one message, that of the first check."""


def examine(spec: Spec, kinds: Mapping[str, Kind]) -> list[Diagnostic]:
    """Everything that the table finds. An example that cannot be run is left out: `adapter test` says so."""
    examined = Examined(spec, kinds, tuple(_runs(spec, kinds)))
    found: list[Diagnostic] = []
    for code, find in EXAMINATIONS.items():
        told = {one.path for one in found if len(one.path) > ENTRY}
        found += [_diagnostic(code, one) for one in find(examined) if one.path not in told]
    return found


def _diagnostic(code: str, one: Remark) -> Diagnostic:
    return Diagnostic(code, one.severity, one.message, _span(one.place, one.length), one.help, one.path)


def _runs(spec: Spec, kinds: Mapping[str, Kind]) -> Iterator[Run]:
    for number, example in enumerate(spec.examples):
        try:
            yield Run(number, example, observe_example(spec, kinds, example))
        except NOT_RUN:
            continue


def _span(place: Place, length: int) -> Span:
    return Span(place.file, place.line, place.column, place.line, place.column + length)
