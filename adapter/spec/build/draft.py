"""A file on its way to a spec: where its values are asked for, and where every mistake is noted with its place."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from adapter.expressions.evaluate import expression
from adapter.expressions.parse import BadExpression, parse_path
from adapter.expressions.templates import folded, json_template, parse_template
from adapter.spec.diagnostics import Diagnostic, Path, Span
from adapter.spec.language import Codes, Expression, Kind, Place, Template
from adapter.spec.reader import Document

T = TypeVar("T")


_NOTHING = object()


@dataclass(frozen=True)
class Draft:
    """One vendor file: `data` is what its shape allows of it, so below nobody asks for types.

    `parsed` has the expressions that were read so far, by their path, and `rows` the layers of codes.
    """

    document: Document
    data: Mapping[str, Any]
    kinds: Mapping[str, Kind]
    tables: Mapping[str, Codes]
    mistakes: list[Diagnostic] = field(default_factory=list)
    parsed: dict[Path, Expression] = field(default_factory=dict)
    rows: dict[Path, Codes] = field(default_factory=dict)

    def get(self, path: Path, default: Any = None) -> Any:
        """What stands at a path, or the default."""
        value: Any = self.data
        for step in path:
            if type(value) is dict:  # mostly, and mostly without that key: an exception would cost ten times as much
                value = value.get(step, _NOTHING)
                if value is _NOTHING:
                    return default
                continue
            try:
                value = value[step]
            except (LookupError, TypeError):
                return default
        return value

    def listed(self, path: Path) -> list[Any]:
        """One value or a list of them, as a list."""
        value = self.get(path)
        return value if isinstance(value, list) else [] if value is None else [value]

    def item_path(self, path: Path, place: int) -> Path:
        """Where an item of `listed` stands."""
        return (*path, place) if isinstance(self.get(path), list) else path

    def place(self, path: Path) -> Place:
        return self.document.place(path)

    def error(self, code: str, path: Path, message: str, help_text: str = "") -> None:
        self._note(code, "error", self.document.span(path), message, help_text, path)

    def key_error(self, code: str, path: Path, message: str, help_text: str = "") -> None:
        self._note(code, "error", self.document.key_span(path), message, help_text, path)

    def warning(self, code: str, path: Path, message: str, help_text: str = "") -> None:
        self._note(code, "warning", self.document.span(path), message, help_text, path)

    def _note(self, code: str, severity: str, span: Span, message: str, help_text: str, path: Path) -> None:
        found = Diagnostic(code, severity, message, span, help_text, path)
        if found not in self.mistakes:  # what several parts share is read for each of them
            self.mistakes.append(found)

    @cached_property
    def fold(self) -> Callable[[str], str] | None:
        return str.lower if self.get(("keys",)) == "fold" else None

    def expression(self, path: Path) -> Expression | None:
        """The expression at a path; None where there is none, or a bad one (noted)."""
        text = self.get(path)
        return None if text is None else self._expression(path, text)

    def _expression(self, path: Path, text: Any) -> Expression | None:
        place = self.document.place(path)
        found = self._parsed(path, text, lambda: expression(str(text), place, self.fold))
        if found:
            self.parsed[path] = found
        return found

    def expressions(self, path: Path) -> tuple[Expression, ...]:
        """One expression or a list of them."""
        value = self.get(path)
        written = {path: value} if not isinstance(value, list) else {(*path, at): one for at, one in enumerate(value)}
        parsed = (self._expression(at, text) for at, text in written.items() if text is not None)
        return tuple(one for one in parsed if one is not None)

    def name_paths(self, path: Path) -> tuple[tuple[str, ...], ...]:
        """One dotted path or a list of them."""
        texts = ((self.item_path(path, place), str(text)) for place, text in enumerate(self.listed(path)))
        return tuple(names for at, text in texts if (names := self.name_path(at, text)))

    def name_path(self, path: Path, text: str) -> tuple[str, ...] | None:
        """A dotted path that the author wrote at `path`, as its value or its key."""
        names = self._parsed(path, text, lambda: parse_path(text), path[-1] == text)
        return tuple(self.fold(name) for name in names) if names and self.fold else names

    def template(self, path: Path, key: str, escaping: str = "") -> Template:
        """The template at a path; an empty one where it is bad (noted)."""
        text = str(self.get(path, ""))
        found = self._parsed(path, text, lambda: parse_template(text, key, escaping)) or Template("", ())
        return folded(found, self.fold) if self.fold and key in ("ack", "challenge") else found

    def json_template(self, path: Path, key: str) -> Template:
        """A JSON value whose texts are templates."""
        value = self.get(path)
        found = self._parsed(path, "", lambda: json_template(value, key)) or Template("", ())
        return folded(found, self.fold) if self.fold else found

    def _parsed(self, path: Path, text: str, parse: Callable[[], T], key: bool = False) -> T | None:
        try:
            return parse()
        except BadExpression as bad:
            message = bad.message if bad.code != "EXPR001" else f"not an expression: {bad.message}"
            span = self.inside(path, text, bad.offset, key)
            self._note(bad.code, "error", span, message, bad.help, path)
            return None

    def inside(self, path: Path, text: str, offset: int, key: bool = False) -> Span:
        """The span of one character inside a value or key that stands in one line, or in a block."""
        start, end, style = self.document.key(path) if key else self.document.value(path)
        span = self.document.source.span(start, end)
        if not text or (style in _ONE_LINE and span.line != span.end_line) or style not in (*_ONE_LINE, *_BLOCKS):
            return span
        if style in _BLOCKS:
            at = _in_block(self.document.text, start, text, offset)
        else:
            at = _in_line(self.document.text, start, text[:offset], style)
        place = self.document.source.place(at)
        return Span(place.file, place.line, place.column, place.line, place.column + 1)


_ONE_LINE = ("plain", "single", "double")
_BLOCKS = ("literal", "folded")
_SOLID = re.compile(r"\S")


def _in_block(source: str, start: int, text: str, offset: int) -> int:
    """Indents and folding change blanks only, so a character is found by how many others stand before it."""
    solid = (hit.start() for hit in _SOLID.finditer(source, source.find("\n", start)))
    behind = start
    for at in islice(solid, len(_SOLID.findall(text, 0, offset))):
        behind = at + 1
    return next(solid, behind) if _SOLID.match(text, offset) else behind


def _in_line(source: str, start: int, before: str, style: str) -> int:
    at = start if style == "plain" else start + 1
    for character in before:
        at += _written(source, at, character, style)
    return at


_ESCAPES = {"x": 4, "u": 6, "U": 10}


def _written(source: str, column: int, character: str, style: str) -> int:
    """How many characters of the source stand for one of the value."""
    if style == "double" and source[column : column + 1] == "\\":
        return _ESCAPES.get(source[column + 1 : column + 2], 2)
    return 2 if style == "single" and character == "'" else 1
