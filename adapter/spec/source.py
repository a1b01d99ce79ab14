"""Where in a file's text is something? Offsets become lines and columns, and back."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from adapter.spec.diagnostics import Diagnostic, Path, Span

Stretch: TypeAlias = tuple[int, int, str]
"""Where something begins and ends, and the style it is written in: "" for a list or mapping."""


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
    starts, at = [0], text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return Source(file, text, tuple(starts))


@dataclass(frozen=True, slots=True, eq=False)
class Spans(Mapping[Path, Span]):
    """Stretches as the spans they are; most are never asked for."""

    source: Source
    stretches: Mapping[Path, Stretch]

    def __getitem__(self, path: Path) -> Span:
        start, end, _ = self.stretches[path]
        return self.source.span(start, end)

    def __contains__(self, path: object) -> bool:
        return path in self.stretches

    def __iter__(self) -> Iterator[Path]:
        return iter(self.stretches)

    def __len__(self) -> int:
        return len(self.stretches)


@dataclass(frozen=True, slots=True, eq=False)
class Styles(Mapping[Path, str]):
    """The styles of the stretches that are texts."""

    stretches: Mapping[Path, Stretch]

    def __getitem__(self, path: Path) -> str:
        style = self.stretches[path][2]
        if not style:
            raise KeyError(path)
        return style

    def __iter__(self) -> Iterator[Path]:
        return (path for path, (_, _, style) in self.stretches.items() if style)

    def __len__(self) -> int:
        return sum(1 for _ in self)
