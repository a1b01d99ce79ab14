"""What does a YAML file say, word by word, and where? Keys are their literal text, values are texts at heart."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from adapter.spec import syntax
from adapter.spec.diagnostics import Diagnostic, Path, Span
from adapter.spec.glance import Untyped, glance
from adapter.spec.language import Place
from adapter.spec.source import Source, Stretch, source
from adapter.spec.tree import Stop, Tree

LOADER: Any = Untyped

MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read: its data, and where each key and value stands. `()` is the whole document."""

    source: Source
    data: dict[str, Any]
    keys: Mapping[Path, Stretch]
    values: Mapping[Path, Stretch]

    @property
    def file(self) -> str:
        return self.source.file

    @property
    def text(self) -> str:
        return self.source.text

    def value(self, path: Path) -> Stretch:
        """Where a value is, or the nearest thing around it that exists."""
        while path not in self.values:
            path = path[:-1]
        return self.values[path]

    def key(self, path: Path) -> Stretch:
        """Where a key is; a list's item has none, there it is the value."""
        return self.keys.get(path) or self.value(path)

    def span(self, path: Path) -> Span:
        start, end, _ = self.value(path)
        return self.source.span(start, end)

    def key_span(self, path: Path) -> Span:
        start, end, _ = self.key(path)
        return self.source.span(start, end)

    def place(self, path: Path) -> Place:
        return self.source.place(self.value(path)[0])


def read(content: bytes, file: str) -> tuple[Document | None, list[Diagnostic]]:
    """A file's document, unless too little of it is left, and every mistake found on the way. Never raises."""
    if len(content) > MAX_BYTES:
        return None, [too_big(file, len(content))]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [_not_utf8(content, file, error.start)]
    marks = _byte_order_mark(file) if text.startswith("\ufeff") else []
    origin = source(file, text.removeprefix("\ufeff"))
    unwritable = _control_character(origin)
    if unwritable:
        return None, [*marks, unwritable]
    document, found = _parse(origin)
    return document, [*marks, *found]


def too_big(file: str, size: int) -> Diagnostic:
    message = f"the file has {size} bytes, more than {MAX_BYTES}"
    return Diagnostic("YAML009", "error", message, Span(file, 1, 1, 1, 1), "split the file, or shorten its examples")


def _not_utf8(content: bytes, file: str, at: int) -> Diagnostic:
    before = content[:at]
    start = before.rfind(b"\n") + 1
    line, column = before.count(b"\n") + 1, len(before[start:].decode("utf-8")) + 1
    message = f"byte 0x{content[at]:02X} is not UTF-8"
    advice = f"save the file as UTF-8{_looks_like(content)}"
    return Diagnostic("YAML005", "error", message, Span(file, line, column, line, column + 1), advice)


def _looks_like(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "gb18030"
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return ""
    return f" (it looks like {'UTF-16' if encoding == 'utf-16' else 'GBK'})"


def _byte_order_mark(file: str) -> list[Diagnostic]:
    message = "the file begins with a byte order mark"
    return [Diagnostic("YAML005", "error", message, Span(file, 1, 1, 1, 2), "save the file as UTF-8 without BOM")]


CONTROL = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff](?:(?<!\r)|(?!\n))"
)


def _control_character(origin: Source) -> Diagnostic | None:
    """What YAML forbids, and what would end a line for YAML and not for an editor."""
    hit = CONTROL.search(origin.text)
    if hit is None:
        return None
    message = f"a control character (U+{ord(hit.group()):04X}) stands here"
    advice = "remove it, or write it as an escape in double quotes"
    return origin.error("YAML005", message, hit.span(), advice)


def _parse(origin: Source) -> tuple[Document | None, list[Diagnostic]]:
    seen = glance(origin, LOADER)
    return _carefully(origin) if seen is None else (Document(origin, seen.data, seen.keys, seen.values), [])


def _carefully(origin: Source) -> tuple[Document | None, list[Diagnostic]]:
    tree = Tree(origin, iter(yaml.parse(origin.text, Loader=LOADER)))
    try:
        data = tree.document()
    except Stop as stop:
        return None, [*tree.found, stop.diagnostic]
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # the pure parser trips over \UFFFFFFFF
        return None, [*tree.found, *([] if tree.cut else [syntax.explain(origin, error)])]
    return (None if tree.broken else Document(origin, data, tree.keys, tree.values)), tree.found
