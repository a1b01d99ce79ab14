"""Where in a file's text is something? Offsets become lines and columns, and back."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TypeAlias

from adapter.spec.diagnostics import Diagnostic, Path, Span
from adapter.spec.language import Place

Stretch: TypeAlias = tuple[int, int, str]
"""Where something begins and ends, and the style it is written in: "" for a list or mapping."""


_LINE_END = re.compile("\n")


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text and the offset at which each line begins. Only a line feed ends a line here."""

    file: str
    text: str
    starts: tuple[int, ...]

    def offset(self, line: int, column: int) -> int:
        """Of a parser's mark, which counts from 0 and may stand behind the last line."""
        if line >= len(self.starts):
            return len(self.text)
        return min(self.starts[line] + column, len(self.text))

    def span(self, start: int, end: int) -> Span:
        return Span(self.file, *self._place(start), *self._place(max(start, end)))

    def place(self, offset: int) -> Place:
        line = bisect_right(self.starts, offset)
        return Place(self.file, line, offset - self.starts[line - 1] + 1)

    def trimmed(self, start: int, end: int) -> int:
        """The end of a text: block texts end, for the parser, where the next token begins."""
        while end > start + 1 and self.text[end - 1] in " \t\r\n":
            end -= 1
        return end

    def line(self, offset: int) -> tuple[int, str]:
        """The line around an offset: where it begins, and its text."""
        start = self.starts[bisect_right(self.starts, offset) - 1]
        end = self.text.find("\n", start)
        return start, self.text[start : end if end >= 0 else len(self.text)].removesuffix("\r")

    def error(self, code: str, message: str, at: tuple[int, int], advice: str = "", path: Path = ()) -> Diagnostic:
        return Diagnostic(code, "error", message, self.span(*at), advice, path)

    def warning(self, code: str, message: str, at: tuple[int, int], advice: str = "", path: Path = ()) -> Diagnostic:
        return Diagnostic(code, "warning", message, self.span(*at), advice, path)

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def source(file: str, text: str) -> Source:
    return Source(file, text, (0, *(hit.end() for hit in _LINE_END.finditer(text))))
