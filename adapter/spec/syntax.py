"""What does a YAML syntax error mean in the author's words, and what should be written instead?"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import yaml
from yaml import MarkedYAMLError, YAMLError

from adapter.spec.diagnostics import Diagnostic
from adapter.spec.slips import CURLY, PAIRS, QUOTE_IT, cut_end, in_quotes, wide_mark
from adapter.spec.source import Source

GLANCE = 500
"""How much of a line is looked at."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What the parser said: it stumbled `at`, over something that began at `begin`; offsets into the text."""

    source: Source
    said: str
    at: int
    begin: int

    @property
    def character(self) -> str:
        return self.source.text[self.at : self.at + 1]

    def error(self, message: str, advice: str, at: int | None = None, length: int = 1) -> Diagnostic:
        at = self.at if at is None else at
        return self.source.error("YAML001", message, (at, min(at + length, len(self.source.text))), advice)


def explain(source: Source, error: Exception) -> Diagnostic:
    """The one diagnostic for what the parser (either of PyYAML's two) refused."""
    fault = _fault(source, error)
    for look in (_wide, _tab):
        found = look(fault)
        if found:
            return found
    return next(tell for pattern, tell in ROWS if pattern.search(fault.said))(fault)


def _fault(source: Source, error: Exception) -> Fault:
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        at = max(0, source.text.find("\\U"))
        return Fault(source, "", 0, 0) if isinstance(error, YAMLError) else Fault(source, "escape", at, at)
    problem, context = error.problem_mark, error.context_mark or error.problem_mark
    said = f"{error.context or ''}: {error.problem or ''}"
    return Fault(source, said, source.offset(problem.line, problem.column), source.offset(context.line, context.column))


QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
WIDE_CAUSES = (
    re.compile(r"^[ \t]*(?:- +)*['\"]?[\w.-]+['\"]?[ \t]*(：)", re.ASCII),
    re.compile(":([\u3000\u00a0])"),
    re.compile(r"[\[{].*?[A-Za-z0-9_\"')\]}][ \t]*([：，])"),
)
CURLY_CAUSE = re.compile(rf"(?:^|[:,\[{{-])[ \t]*([{CURLY}])")


def _wide(fault: Fault) -> Diagnostic | None:
    """Full-width punctuation or curly quotes between where the parser began and where it stumbled."""
    for start, line in _lines(fault):
        bare = QUOTED.sub(lambda quoted: '"' + "x" * (len(quoted.group()) - 2) + '"', line.split(" #")[0])
        for pattern in WIDE_CAUSES:
            hit = pattern.search(bare)
            if hit:
                return wide_mark(fault.source, start + hit.start(1), start + hit.end(1), hit.group(1))
        hit = CURLY_CAUSE.search(bare)
        if hit:
            at = start + hit.start(1)
            return fault.source.error(
                "YAML005", f"'{hit.group(1)}' is not an ASCII quote", (at, at + 1), "write \" or ' around the value"
            )
    return None


def _lines(fault: Fault) -> Iterator[tuple[int, str]]:
    """The lines that the fault touches, three at most, and of each its beginning."""
    at = min(fault.begin, fault.at)
    for _ in range(3):
        start, line = fault.source.line(at)
        yield start, line[:GLANCE]
        at = start + len(line) + 2
        if at > fault.at:
            return


def _tab(fault: Fault) -> Diagnostic | None:
    start, line = fault.source.line(fault.at)
    if fault.character != "\t" and not ("tab" in fault.said and "\t" in line):
        return None
    at = fault.at if fault.character == "\t" else start + line.index("\t")
    return tab(fault.source, at)


def tab(source: Source, at: int) -> Diagnostic:
    return source.error("YAML001", "a tab stands where only blanks may", (at, at + 1), "use spaces, two for each level")


VALUE = re.compile(r"[ \t]*(?:- +)*(?:(?:\"[^\"]*\"|'[^']*'|[^\s:#'\"\[{][^:#]*)[ \t]*:[ \t]+)?")


def _value(fault: Fault) -> tuple[int, str]:
    """Where the value of the line begins that the parser stumbled in, and the value as written."""
    start, line = fault.source.line(fault.at)
    hit = VALUE.match(line[:GLANCE])
    at = start + (hit.end() if hit else 0)
    return at, line[at - start :].rstrip()


def _quoting(value: str) -> str:
    return f"{QUOTE_IT}: {in_quotes(value)}" if 0 < len(value) <= 80 else QUOTE_IT


DOUBLED = {"'": "a ' inside single quotes is written ''", '"': 'a " inside double quotes is written \\"'}


def _begins_badly(fault: Fault) -> Diagnostic:
    """`%Y`, `@`, `*.x`, `&&x`, `!f(x)`, `|| y`: a character that means something else to YAML."""
    begin, value = _value(fault)
    first = fault.source.text[fault.begin : fault.begin + 1]
    if begin < fault.begin and value[:1] in {"'", '"', "]", "}"}:
        return _text_behind(fault, fault.begin)
    advice = _quoting(value) if begin == fault.begin else QUOTE_IT
    return fault.error(f"an unquoted value cannot begin with '{first}'", advice, fault.begin)


def _no_value(fault: Fault) -> Diagnostic:
    """A value expected, and found something else, or the end of the file: then a bracket is never closed."""
    open_ = [] if fault.source.text[fault.at :].strip() else _still_open(fault.source.text)
    return _open_bracket(replace(fault, begin=open_[-1])) if open_ else _begins_badly(fault)


def _still_open(text: str) -> list[int]:
    """The brackets of a text that are open where it ends."""
    found: list[int] = []
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.FlowSequenceStartToken | yaml.FlowMappingStartToken):
                found.append(token.start_mark.index)
            elif isinstance(token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken):
                found = found[:-1]
    except YAMLError:  # of PyYAML's two scanners this one is the stricter
        return []
    return found


def _text_behind(fault: Fault, at: int) -> Diagnostic:
    """`'x' || y`, `[0].a`: quotes or brackets end the value, and something follows."""
    _, value = _value(fault)
    mark = PAIRS.get(value[:1], value[:1])
    message = f"the value already ended at the {mark} before this"
    return fault.error(message, DOUBLED.get(mark, "") if value[-1:] == mark else _quoting(value), at)


def _misplaced(fault: Fault) -> Diagnostic:
    """A key expected, and found something else: text behind a finished value, or a line that is indented oddly."""
    begin, value = _value(fault)
    if begin < fault.at and value[:1] in {"'", '"', "[", "{"}:
        return _text_behind(fault, fault.at)
    if fault.character == "-":
        return fault.error("a list item stands where a key is expected", "indent the list below its key")
    message = "this line begins in another column than the lines it belongs to"
    return fault.error(message, "begin all keys of one mapping, or all '-' of one list, in the same column")


def _second_colon(fault: Fault) -> Diagnostic:
    begin, value = _value(fault)
    _, line = fault.source.line(fault.at)
    if ": " in value and begin < fault.at:
        return fault.error("a second ': ' in one value", _quoting(value))
    if value.endswith(":") and begin < fault.at and line.strip() != value:
        return fault.error("a key cannot stand behind another key in one line", "begin a new line, indented deeper")
    advice = "write a blank behind the colon of the line before, or begin this line in the column of its neighbours"
    return fault.error("a key cannot stand here: the line before is not finished or not a mapping", advice)


def _no_colon(fault: Fault) -> Diagnostic:
    _, line = fault.source.line(fault.begin)
    word = fault.source.text[fault.begin : fault.begin + GLANCE].split("\n")[0].strip()
    key, colon, rest = word.partition(":")
    advice = f"write '{key}: {rest}': a blank belongs behind the colon" if colon and rest else "write 'key: value'"
    message = f"no ': ' follows '{word if len(word) <= 40 else word[:40] + '…'}', so it is not a key"
    return fault.error(message, advice, fault.begin, min(len(word), len(line)) or 1)


def _open_quote(fault: Fault) -> Diagnostic:
    quote = fault.source.text[fault.begin : fault.begin + 1]
    return fault.error("this quote is never closed", f"write another {quote} at the end of the value", fault.begin)


def _escape(fault: Fault) -> Diagnostic:
    back = fault.source.text.rfind("\\", fault.begin, fault.at + 1)
    at = back if back >= 0 else fault.at
    shown = fault.source.text[at : at + 2]
    advice = "write the value in single quotes, where \\ is only itself, or write \\\\"
    return fault.error(f"'{shown}' is not an escape that double quotes know", advice, at, 2)


def _open_bracket(fault: Fault) -> Diagnostic:
    bracket = fault.source.text[fault.begin : fault.begin + 1]
    closing = PAIRS.get(bracket, bracket)
    if _ended(fault):
        return fault.error(f"this {bracket} is never closed", f"write {closing} at its end", fault.begin)
    if fault.character == ":":
        advice = "write a comma before the next key, or put the value in quotes"
        return fault.error("a second ': ' in one value", advice)
    return fault.error(f"expected ',' or '{closing}' before this", _quoting(_around(fault)))


def _ended(fault: Fault) -> bool:
    """Has the file, or the indented part that the bracket stands in, ended?"""
    (start, line), (begin, first) = fault.source.line(fault.at), fault.source.line(fault.begin)
    outside = len(line) - len(line.lstrip()) <= len(first) - len(first.lstrip())
    return not fault.source.text[fault.at :].strip() or (start != begin and outside and fault.character not in "]}")


def _around(fault: Fault) -> str:
    """The value inside brackets that the parser stumbled in, as it was probably meant."""
    before = fault.source.text[max(fault.begin, fault.at - GLANCE) : fault.at]
    start = fault.at - len(before) + max(before.rfind(mark) + len(mark) for mark in (": ", ", ", "{", "["))
    end = cut_end(fault.source.text, start)
    return "" if end is None or end <= fault.at else fault.source.text[start:end].strip()


def _list_in_line(fault: Fault) -> Diagnostic:
    return fault.error("a list cannot begin behind its key", "begin each '- ' on a line of its own, or write [a, b]")


def _directive(fault: Fault) -> Diagnostic:
    return fault.error("a line cannot begin with '%'", QUOTE_IT, fault.begin)


def _documents(fault: Fault) -> Diagnostic:
    return more_documents(fault.source, fault.at)


def more_documents(source: Source, at: int) -> Diagnostic:
    advice = "remove the '---' or '...' before this, or move what follows into a file of its own"
    return source.error("YAML003", "a second document begins here", (at, min(at + 3, len(source.text))), advice)


def too_deep(source: Source, at: int, levels: str) -> Diagnostic:
    advice = "split the file, or make it simpler"
    return source.error("YAML009", f"more than {levels} levels inside each other", (at, at + 1), advice)


def _deep(fault: Fault) -> Diagnostic:
    return too_deep(fault.source, fault.begin, "1000")


def _unknown(fault: Fault) -> Diagnostic:
    said = fault.said.strip(": ") or "the text cannot be read"
    return fault.error(f"not YAML: {said}", "if this is an expression, " + QUOTE_IT)


ROWS: tuple[tuple[re.Pattern[str], Callable[[Fault], Diagnostic]], ...] = tuple(
    (re.compile(pattern), tell)
    for pattern, tell in (
        (r"increasing flow level", _deep),
        (r"node content", _no_value),
        (r"cannot start any token|alphabetic or numeric|a tag: |block scalar: ", _begins_badly),
        (r"keys are not allowed", _begins_badly),
        (r"mapping values are not allowed", _second_colon),
        (r"could not find expected ':'", _no_colon),
        (r"quoted scalar: .*(?:end of stream|document)|'[^']*' scalar: .*end of stream", _open_quote),
        (r"escape|hexdec", _escape),
        (r"flow (?:mapping|sequence)", _open_bracket),
        (r"(?:sequence )?entries are not allowed", _list_in_line),
        (r"block (?:mapping|collection)", _misplaced),
        (r"directive|incompatible", _directive),
        (r"document start", _documents),
        (r"", _unknown),
    )
)
