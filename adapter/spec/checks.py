"""What is wrong with a spec whose every part is right? One small function each, in a table by its code."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import permutations
from pathlib import PurePath
from typing import TypeAlias

from adapter.spec.build.draft import Draft
from adapter.spec.diagnostics import Diagnostic, Path
from adapter.spec.language import Match, Spec

Found: TypeAlias = Iterator[tuple[str, Path, str, str]]
"""Severity, path, message, help."""


def file_name(draft: Draft, _: Spec) -> Found:
    name, stem = draft.get(("vendor",)), PurePath(draft.document.file).stem
    if name is not None and name != stem:
        yield "error", ("vendor",), f"the vendor is '{name}' and the file '{stem}.yaml'", f"call the file {name}.yaml"


def trusted_or_not(draft: Draft, _: Spec) -> Found:
    if "verify" not in draft.document.data and "unsigned" not in draft.document.data:
        yield (
            "error",
            ("vendor",),
            "neither verify nor unsigned",
            ("say how the vendor signs under verify:, or why it does not under unsigned:"),
        )


def trusted_and_not(draft: Draft, _: Spec) -> Found:
    if "verify" in draft.document.data and "unsigned" in draft.document.data:
        yield "error", ("unsigned",), "both verify and unsigned", "keep one of them"


def uses_a_secret(draft: Draft, spec: Spec) -> Found:
    if spec.verify and not any(rule.secrets for rule in spec.verify):
        yield (
            "error",
            ("verify",),
            "no rule uses a secret: anybody could make this signature",
            "a rule needs key: or {secret.…} in of:",
        )


def unquoted_codes(draft: Draft, _: Spec) -> Found:
    return _unquoted(draft.document.key_styles, ("codes",))


def _unquoted(styles: Mapping[Path, str], under: Path) -> Found:
    for path, style in styles.items():
        if path[-2:-1] == under and style == "plain" and path[-1:] != ("codes",):
            code = str(path[-1])
            if not code.isalpha() or code.lower() in ("yes", "no", "on", "off", "true", "false", "null", "y", "n"):
                yield (
                    "warning",
                    path,
                    f"code {code} is not quoted; another YAML tool may read it as something else",
                    (f'write "{code}":'),
                )


def named_twice(draft: Draft, spec: Spec) -> Found:
    seen: set[str] = set()
    for place, example in enumerate(spec.examples):
        if example.name in seen:
            yield "error", ("examples", place, "name"), f"two examples are called '{example.name}'", "rename one"
        seen.add(example.name)


def says_what_must_come(draft: Draft, spec: Spec) -> Found:
    for place, example in enumerate(spec.examples):
        if example.expect is not None and example.reject:
            yield "error", ("examples", place, "reject"), "both expect and reject", "keep one of them"
        if example.expect is None and not example.reject and not example.outcome:
            yield (
                "error",
                ("examples", place),
                "the example does not say what must come of it",
                ("add expect: with the events, or reject: with the reason"),
            )


def http_text(draft: Draft, spec: Spec) -> Found:
    for place, example in enumerate(spec.examples):
        first = example.request.lstrip("\n").split("\n", 1)[0].split(" ")
        if len(first) < 2 or not first[0].isupper() or not first[1].startswith("/"):
            yield (
                "error",
                ("examples", place, "request"),
                "the request does not begin with a request line",
                ("begin with a line such as: POST /notify/sms/1/111"),
            )


def claims_nothing(draft: Draft, spec: Spec) -> Found:
    if not spec.match:
        yield (
            "warning",
            ("vendor",),
            "without match it works on a channel of its own only",
            ("add match: with what every callback of this vendor has"),
        )


_BARE = ("when", "where")


def true_only_if_full(draft: Draft, spec: Spec) -> Found:
    for place, entry in enumerate(spec.entries):
        texts = {one.text for each in entry.shape.fields if each.column.type == "text" for one in each.inputs}
        for word in _BARE:
            asked = draft.get(("events", place, word))
            if asked in texts:
                hint = f"write {asked} != null, or use has:"
                yield (
                    "warning",
                    ("events", place, word),
                    f"'{asked}' is false for empty text too: such a record is dropped",
                    hint,
                )


CHECKS: dict[str, Callable[[Draft, Spec], Found]] = {
    "SPEC010": file_name,
    "SIG001": trusted_or_not,
    "SIG011": trusted_and_not,
    "SIG004": uses_a_secret,
    "CODE002": unquoted_codes,
    "EX004": named_twice,
    "EX003": says_what_must_come,
    "EX001": http_text,
    "MATCH007": claims_nothing,
    "EXPR012": true_only_if_full,
}
"""The checks of one file. What a value's own reading finds is noted where it is read (spec/build)."""


def check(draft: Draft, spec: Spec) -> list[Diagnostic]:
    """Everything that the table finds."""
    return [
        Diagnostic(code, severity, message, draft.document.key_span(path), help_text, path)
        for code, find in CHECKS.items()
        for severity, path, message, help_text in find(draft, spec)
    ]


def overlaps(drafts: Iterable[tuple[Draft, Spec]]) -> Iterator[Diagnostic]:
    """MATCH001: every request that one spec claims is claimed by another too."""
    for (draft, looser), (_, other) in permutations(drafts, 2):
        if overlap(looser, other):
            yield Diagnostic(
                "MATCH001", "warning", f"every {other.vendor} callback also matches {looser.vendor}",
                draft.document.key_span(("match",)),
                f"on a shared channel both would claim it: ask for what {other.vendor} does not send", ("match",),
            )  # fmt: skip


def overlap(looser: Spec, other: Spec) -> bool:
    """Does the first claim every request that some alternative of the second claims?"""
    return any(_implied(one, two, looser, other) for one in looser.match for two in other.match)


def _implied(one: Match, two: Match, looser: Spec, other: Spec) -> bool:
    """Is everything that `one` asks also asked by `two`?"""
    if (one.condition.has or one.condition.equals) and not set(looser.body) & set(other.body):
        return False
    if one.condition.when and (two.condition.when is None or one.condition.when.text != two.condition.when.text):
        return False
    wanted = {equals.path: set(equals.words) for equals in two.condition.equals}
    present = {path[:length] for path in (*two.condition.has, *wanted) for length in range(1, len(path) + 1)}
    return (
        set(one.headers) <= set(two.headers)
        and set(one.condition.has) <= present
        and all(equals.path in wanted and wanted[equals.path] <= set(equals.words) for equals in one.condition.equals)
        and all(mine in (None, theirs) for mine, theirs in _envelope(one, two))
    )


def _envelope(one: Match, two: Match) -> Iterable[tuple[str | None, str | None]]:
    return ((one.method, two.method), (one.path, two.path), (one.content_type, two.content_type))
