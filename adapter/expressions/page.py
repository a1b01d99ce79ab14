"""Where is generated Python written down? Lines with their depth, names that are never reused, values already known.

Nothing that an author wrote can become code: a name is one of ours with a number, a text is its `repr`, whatever has
no safe one is a constant that the code only names, and a comment holds nothing but printable characters.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

from adapter.model import Json

T = TypeVar("T")
Lines: TypeAlias = Sequence[tuple[int, str]]
"""Each line with its depth."""

INDENT = "    "
MAX_COMMENT = 100


@dataclass(frozen=True, slots=True)
class Written:
    """A Python expression that never raises. `simple` costs nothing to say twice; `boolean` gives True or False.

    `key` says what it is, so that the name it is bound to is found again.
    """

    text: str
    simple: bool = False
    boolean: bool = False
    key: Hashable = None


@dataclass(slots=True)
class Page:
    """`risky` tells that a line which may raise was written since somebody last put it down."""

    lines: list[tuple[int, str]] = field(default_factory=list)
    depth: int = 1
    level: int = 0
    risky: bool = False
    constants: dict[str, Json] = field(default_factory=dict)
    _known: list[dict[Hashable, str]] = field(default_factory=lambda: [{}])
    _names: int = 0

    def line(self, text: str) -> None:
        self.lines.append((self.depth, text))

    def name(self, letter: str = "t") -> str:
        """A new variable."""
        self._names += 1
        return f"{letter}{self._names}"

    def constant(self, value: Json) -> str:
        """The name of a value that code cannot spell."""
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def literal(self, value: Json) -> str:
        """A value as Python: texts, whole numbers and words by their repr, the rest as a constant."""
        return repr(value) if value is None or type(value) in (str, int, bool) else self.constant(value)

    def bind(self, written: Written, letter: str = "t") -> str:
        """A variable that holds it."""
        if written.simple:
            return written.text
        name = self.name(letter)
        self.line(f"{name} = {written.text}")
        self.remember(written.key, name)
        return name

    def variable(self, written: Written) -> str:
        """A variable that holds it, also where it is only a word or a literal."""
        known = written.simple and written.text.isidentifier() and written.text not in ("None", "True", "False")
        return written.text if known else self.bind(replace(written, simple=False))

    def risk(self, text: str, boolean: bool = False) -> Written:
        """A variable that holds what may raise: at once, so that the first mistake stays the first."""
        self.risky = True
        name = self.name()
        self.line(f"{name} = {text}")
        return Written(name, True, boolean)

    def remember(self, key: Hashable, name: str) -> None:
        if key is not None:
            self._known[-1][key] = name

    def forget(self, name: str) -> None:
        """The variable will hold something else."""
        for names in self._known:
            for key in [key for key, known in names.items() if known == name]:
                del names[key]

    def known(self, key: Hashable) -> str | None:
        return next((names[key] for names in reversed(self._known) if key in names), None)

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """Lines that may not be run: what they bind is unknown behind them."""
        self.line(header)
        self.depth += 1
        self._known.append({})
        try:
            yield
        finally:
            self._known.pop()
            self.depth -= 1

    def aside(self, write: Callable[[], T]) -> tuple[T, Lines]:
        """What is written for a branch, and its lines, one deeper, which do not stand on the page yet."""
        start = len(self.lines)
        self._known.append({})
        self.depth += 1
        written = write()
        self.depth -= 1
        self._known.pop()
        lines = self.lines[start:]
        del self.lines[start:]
        return written, lines

    def under(self, header: str, *texts: str, lines: Lines = ()) -> None:
        """A header; under it lines that were written aside, and texts."""
        self.line(header)
        self.lines += [*lines, *((self.depth + 1, text) for text in texts)]

    def guarded(self, write: Callable[[], None], otherwise: Sequence[str]) -> None:
        """Lines which, if any of them may raise, stand under `try:`; then nothing they bind is known behind them."""
        was, self.risky = self.risky, False
        before = dict(self._known[-1])
        start = len(self.lines)
        write()
        if self.risky:
            self._known[-1] = before
            lines = self.lines[start:]
            self.lines[start:] = [(self.depth, "try:"), *((depth + 1, text) for depth, text in lines)]
            self.under("except ERRORS as error:", *otherwise)
        self.risky = was or self.risky

    def explain(self, start: int, comment: str) -> None:
        """Say what the lines from `start` on are for: behind a single one, above several."""
        if len(self.lines) == start + 1:
            depth, text = self.lines[start]
            self.lines[start] = (depth, f"{text}  # {harmless(comment)}")
        elif len(self.lines) > start:
            self.lines.insert(start, (self.depth, f"# {harmless(comment)}"))

    def source(self, header: str) -> str:
        return "\n".join([header, *(INDENT * depth + text for depth, text in self.lines), ""])


def harmless(text: str) -> str:
    """A text that fits into one line of a comment: what is not printable is escaped."""
    shown = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text[: MAX_COMMENT + 1])
    return shown if len(text) <= MAX_COMMENT else shown[:MAX_COMMENT] + "…"
