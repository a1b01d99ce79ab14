"""What is wrong, where, and what should the author write instead? Diagnostics as data, and how they are shown."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import TypeAlias

from adapter.spec.explanations.book import EXPLANATIONS
from adapter.spec.finding import Finding
from adapter.spec.junit import of_findings
from adapter.spec.language import Place
from adapter.spec.sarif import RuleText, sarif

Path: TypeAlias = tuple[str | int, ...]
Sources: TypeAlias = Mapping[str, str]
"""The text of each file by name, for the quoted lines."""

WIDTH = 100
LISTED = 12
ANNOTATIONS = 10
"""GitHub shows ten annotations of each severity for one step; the rest go to the log as plain lines."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file; lines and columns count characters from 1, the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def place(self) -> Place:
        return Place(self.file, self.line, self.column)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake: `severity` is error or warning, `path` leads to it from the file's root."""

    code: str
    severity: str
    message: str
    span: Span | None
    help: str = ""
    path: Path = ()


def sort_key(diagnostic: Diagnostic) -> tuple[str, int, int, str, str, str]:
    """By file and position; what has no place comes first."""
    place = diagnostic.span.place if diagnostic.span else Place()
    return place.file, place.line, place.column, diagnostic.severity, diagnostic.code, diagnostic.message


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word that was probably meant: other case, two letters swapped, or a small slip."""
    folded = {known.lower(): known for known in reversed(list(words))}
    typed = word.lower()
    candidates = [typed, *_swaps(typed), *get_close_matches(typed, folded, n=1, cutoff=0.7)]
    return next((folded[candidate] for candidate in candidates if candidate in folded), None)


def _swaps(word: str) -> list[str]:
    """Every text that differs by one exchange of neighbours."""
    return [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(min(len(word), 40) - 1)]


def suggestion(word: str, words: Iterable[str], what: str = "") -> str:
    """The help under an unknown word; `what` names the known ones (`the kinds are`), else "one of"."""
    known = list(dict.fromkeys(words))
    meant = nearest(word, known)
    guess = [f"did you mean '{meant}'?"] if meant is not None else []
    if known and (meant is None or len(known) <= LISTED):
        rest = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
        guess.append(f"{what or 'one of'}: {', '.join(known[:LISTED])}{rest}")
    return " ".join(guess)


def plural(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def summary(files_read: int, what: str, diagnostics: Iterable[Diagnostic]) -> str:
    """The last line. `what` is in the plural: `specs read from vendors.d`."""
    noun, blank, rest = what.partition(" ")
    severities = [diagnostic.severity for diagnostic in diagnostics]
    read = plural(files_read, noun.removesuffix("s")) + blank + rest
    return f"{read}, {plural(severities.count('error'), 'error')}, {plural(severities.count('warning'), 'warning')}"


def visible(text: str) -> str:
    """Nothing that could move a terminal's cursor, colour it or reverse its writing survives as itself."""
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return character
    return character.encode("unicode_escape").decode("ascii")


def _cell(character: str) -> tuple[str, int]:
    """What a source character looks like, and how many columns that takes."""
    shown = "    " if character == "\t" else _visible(character)
    return shown, len(shown) if len(shown) > 1 else _width(shown)


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _quoted(line: str, start: int, end: int) -> tuple[str, str]:
    """A source line and its carets, cut around `start` to about a hundred columns. Both count from 0."""
    cells = [_cell(character) for character in line]
    start = min(start, len(cells))
    first, last = _window(cells, start)
    head, tail = "…" if first else "", "…" if last < len(cells) else ""
    shown = head + "".join(text for text, _ in cells[first:last]) + tail
    indent = len(head) + sum(width for _, width in cells[first:start])
    carets = sum(width for _, width in cells[start : min(end, last)])
    return shown.rstrip(), " " * indent + "^" * max(1, carets)


def _window(cells: Sequence[tuple[str, int]], start: int) -> tuple[int, int]:
    """Which cells are shown: the whole line if it fits, else some before the caret and more behind."""
    if sum(width for _, width in cells) <= WIDTH:
        return 0, len(cells)
    first = start - _fitting(cells[:start][::-1], WIDTH * 2 // 5)
    if first and sum(width for _, width in cells[:start]) <= WIDTH * 3 // 5:
        first = 0
    return first, first + _fitting(cells[first:], WIDTH)


def _fitting(cells: Iterable[tuple[str, int]], room: int) -> int:
    count = 0
    for _, width in cells:
        room -= width
        if room < 0:
            break
        count += 1
    return count


def _excerpt(span: Span, source: str, gutter: int) -> list[str]:
    lines = source.removeprefix("\ufeff").split("\n")
    if not 1 <= span.line <= len(lines):
        return []
    line = lines[span.line - 1].removesuffix("\r")
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    shown, carets = _quoted(line, span.column - 1, end)
    bar = " " * gutter + " |"
    return [bar, f"{span.line} | {shown}".rstrip(), f"{bar} {carets}"]


def _block(diagnostic: Diagnostic, sources: Sources) -> str:
    span, lines = diagnostic.span, [f"{diagnostic.severity}[{diagnostic.code}]: {visible(diagnostic.message)}"]
    gutter = len(str(span.line)) if span else 1
    if span:
        lines.append(f"{' ' * gutter}--> {visible(str(span.place))}")
        lines += _excerpt(span, sources[span.file], gutter) if span.file in sources else []
    if diagnostic.help:
        first, *more = diagnostic.help.split("\n")
        lines.append(f"{' ' * gutter} = help: {visible(first)}")
        lines += [f"{' ' * gutter}         {visible(line)}" for line in more]
    return "\n".join(lines)


def _line(diagnostic: Diagnostic) -> str:
    place = f"{visible(str(diagnostic.span.place))}: " if diagnostic.span else ""
    return f"{place}{diagnostic.severity}[{diagnostic.code}] {visible(diagnostic.message)}"


def to_text(diagnostics: Sequence[Diagnostic], sources: Sources) -> str:
    """For people: the line, carets under the mistake, one thing to do."""
    return "\n\n".join(_block(diagnostic, sources) for diagnostic in sorted(diagnostics, key=sort_key))


def to_concise(diagnostics: Sequence[Diagnostic], _: Sources) -> str:
    """One line each, in the form that editors jump to."""
    return "\n".join(_line(diagnostic) for diagnostic in sorted(diagnostics, key=sort_key))


def to_json(diagnostics: Sequence[Diagnostic], _: Sources) -> str:
    """For programs: a committed surface, unlike the text."""
    return json.dumps([_row(one) for one in sorted(diagnostics, key=sort_key)], indent=2)


def _row(diagnostic: Diagnostic) -> dict[str, object]:
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "file": span.file if span else None,
        "line": span.line if span else None,
        "col": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_col": span.end_column if span else None,
        "path": list(diagnostic.path),
        "message": diagnostic.message,
        "help": diagnostic.help,
    }


def to_github(diagnostics: Sequence[Diagnostic], _: Sources) -> str:
    """Workflow commands, which become notes on the changed lines; the rest as plain lines."""
    shown: dict[str, int] = {}
    commands, rest = [], []
    for diagnostic in sorted(diagnostics, key=sort_key):
        shown[diagnostic.severity] = shown.get(diagnostic.severity, 0) + 1
        fits = shown[diagnostic.severity] <= ANNOTATIONS
        commands.extend([_command(diagnostic)] if fits else [])
        rest.extend([] if fits else [_line(diagnostic)])
    more = [
        f"::notice::and {plural(count - ANNOTATIONS, severity)} more in the log"
        for severity, count in shown.items()
        if count > ANNOTATIONS
    ]
    return "\n".join([*commands, *more, *rest])


def _command(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    where = {"file": span.file, "line": span.line, "endLine": span.end_line} if span else {}
    columns = {"col": span.column, "endColumn": span.end_column} if span and span.line == span.end_line else {}
    named = {**where, **columns, "title": diagnostic.code}
    properties = ",".join(f"{name}={_escaped(visible(str(value)), ':,')}" for name, value in named.items())
    message = "\n".join(visible(line) for line in (diagnostic.message, *diagnostic.help.split("\n")) if line)
    return f"::{diagnostic.severity} {properties}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    """https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts"""
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def to_sarif(diagnostics: Sequence[Diagnostic], _: Sources) -> str:
    """For code scanning."""
    return sarif([_finding(one) for one in sorted(diagnostics, key=sort_key)], RULE_TEXTS)


RULE_TEXTS = {
    code: RuleText(one.title, f"{one.text}\n\nwrong\n{one.wrong}\n\nright\n{one.right}")
    for code, one in EXPLANATIONS.items()
}


def _finding(diagnostic: Diagnostic) -> Finding:
    span, path = diagnostic.span or Span("", 0, 0, 0, 0), ".".join(map(str, diagnostic.path))
    advice = "\n".join(map(visible, diagnostic.help.split("\n")))
    return Finding(
        diagnostic.code, diagnostic.severity, visible(diagnostic.message), advice, visible(path), visible(span.file),
        span.line, span.column, span.end_line, span.end_column,
    )  # fmt: skip


def to_junit(diagnostics: Sequence[Diagnostic], sources: Sources) -> str:
    """For CI servers."""
    return of_findings([_finding(one) for one in sorted(diagnostics, key=sort_key)], map(visible, sources))


Renderer: TypeAlias = Callable[[Sequence[Diagnostic], Sources], str]

RENDERERS: dict[str, Renderer] = {
    "text": to_text,
    "concise": to_concise,
    "json": to_json,
    "github": to_github,
    "junit": to_junit,
    "sarif": to_sarif,
}

FOR_PROGRAMS = ("json", "github", "junit", "sarif")
"""Formats that something parses, so that nothing else may stand on stdout."""


_PAINTS = (
    (re.compile(r"^(error\[\w+\])", re.M), "\033[1;31m"),
    (re.compile(r"^(warning\[\w+\])", re.M), "\033[1;33m"),
    (re.compile(r"^ *(-->)", re.M), "\033[34m"),
    (re.compile(r"^ *\| *(\^+)$", re.M), "\033[1;31m"),
    (re.compile(r"^ +(= help:)", re.M), "\033[36m"),
)


def paint(text: str) -> str:
    """The `text` rendering in colour."""
    for pattern, colour in _PAINTS:
        text = pattern.sub(partial(_painted, colour), text)
    return text


def _painted(colour: str, hit: re.Match[str]) -> str:
    before = hit.group().removesuffix(hit.group(1))
    return f"{before}{colour}{hit.group(1)}\033[0m"
