"""What is wrong with a spec whose every part is right? One small function each, in a table by its code."""

from collections.abc import Callable

from adapter.spec.build.draft import Draft
from adapter.spec.checking import answers, codes, examples, expressions, fields, matching, shape, signatures, times
from adapter.spec.checking.complaint import Complaint, Found
from adapter.spec.diagnostics import Diagnostic, Span
from adapter.spec.language import Spec

CHECKS: dict[str, Callable[[Draft, Spec], Found]] = {
    "SPEC010": shape.file_name,
    "SPEC012": shape.still_to_do,
    "SPEC013": shape.unused_settings,
    "EXPR003": expressions.quoted_names,
    "EXPR010": expressions.too_costly,
    "EXPR012": expressions.true_only_if_full,
    "EXPR013": expressions.decided_already,
    "EXPR014": expressions.unknown_settings,
    "FIELD003": fields.mapped_twice,
    "CODE002": codes.unquoted_codes,
    "CODE005": codes.contradicts_a_table,
    "CODE012": codes.alike,
    "TIME006": times.useless_zone,
    "MATCH004": matching.unreachable,
    "MATCH005": matching.of_the_way,
    "MATCH006": matching.unprovable,
    "MATCH007": matching.claims_nothing,
    "SIG001": signatures.trusted_or_not,
    "SIG002": signatures.secrets_are_names,
    "SIG004": signatures.uses_a_secret,
    "SIG005": signatures.bound_digests,
    "SIG010": signatures.static_signatures,
    "SIG011": signatures.trusted_and_not,
    "ACK002": answers.bad_json,
    "ACK003": answers.no_success,
    "ACK004": answers.other_type,
    "ACK007": answers.json_in_quotes,
    "EX001": examples.http_text,
    "EX003": examples.says_what_must_come,
    "EX004": examples.named_twice,
    "EX005": examples.unknown_names,
    "EX006": examples.signs_nothing,
}
"""The checks of one file. What a value's own reading finds is noted where it is read (spec/build)."""


def check(draft: Draft, spec: Spec) -> list[Diagnostic]:
    """Everything that the table finds."""
    return [_diagnostic(draft, code, one) for code, find in CHECKS.items() for one in find(draft, spec)]


def check_table(draft: Draft) -> list[Diagnostic]:
    """What there is to find in a shared table."""
    return [_diagnostic(draft, "CODE002", one) for one in codes.unquoted_codes(draft)]


def _diagnostic(draft: Draft, code: str, one: Complaint) -> Diagnostic:
    return Diagnostic(code, one.severity, one.message, _span(draft, one), one.help, one.path)


def _span(draft: Draft, one: Complaint) -> Span:
    if one.offset is None:
        return draft.document.key_span(one.path)
    return draft.inside(one.path, str(draft.get(one.path)), one.offset) if one.offset else draft.document.span(one.path)
