"""What may a rule look at? The request's bytes, and its body as a tree where a rule asks for fields."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from adapter.expressions.evaluate import lookup
from adapter.expressions.templates import Missing, Twice
from adapter.expressions.values import as_text
from adapter.formats.form_text import pairs
from adapter.formats.json_text import repeats_a_key
from adapter.model import Element, Json, Request
from adapter.spec.language import Manner, Reference

_URL = re.compile(rb"[a-z]+://[^/?#]*([^?#]*)(\?[^#]*)?")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A request, how its body is read, and its body as a tree (asked for only by rules that sign fields)."""

    request: Request
    manner: Manner
    tree: Callable[[], Json]

    def values(self, reference: Reference) -> list[bytes]:
        """Everything that a reference points at: none, one, or several where a header or parameter is repeated."""
        return _SOURCES[reference.source](self, reference)

    def find(self, reference: Reference) -> bytes:
        """The one value that a reference points at. Raises Missing for none, an empty one, or several."""
        values = self.values(reference)
        if len(values) > 1:
            raise Twice(f"{reference.name} is there twice")
        if not values or (not values[0] and reference.source not in _MAY_BE_EMPTY):
            if reference.optional:
                return b""
            raise Missing(f"{reference.name} is missing")
        return values[0]

    def pairs(self, source: Reference, exclude: Sequence[str] = ()) -> list[tuple[bytes, bytes]]:
        """The names and values of a source, in its order, without some. What is left must be texts."""
        if source.source == "header":
            return list(self.request.headers)
        if source.source in ("query", "form"):
            return _parameters(self.request.query if source.source == "query" else self.request.body)
        return members(lookup(self.checked_tree(), source.path), source.name, exclude)

    def checked_tree(self) -> Json:
        """The body as a tree. A JSON object that says a key twice proves nothing: raises Missing."""
        for text in self._json_texts():
            if repeats_a_key(text):
                raise Twice("a key is there twice")
        return self.tree()

    def _json_texts(self) -> Iterable[bytes]:
        if self.request.body[:200].lstrip()[:1] in (b"{", b"["):
            yield self.request.body
        names = {path[0].encode() for path in self.manner.parse_json}
        for raw in (self.request.query, self.request.body) if names and "json" not in self.manner.body else ():
            yield from (value for name, value in _parameters(raw) if name in names)


def members(tree: Json, name: str, exclude: Sequence[str] = ()) -> list[tuple[bytes, bytes]]:
    """The scalar members of an object as names and texts, without some."""
    if not isinstance(tree, dict):
        raise Missing(f"{name} is no object")
    kept = ((key, value) for key, value in tree.items() if key not in exclude)
    return [(key.encode(), scalar(value, f"{name}.{key}")) for key, value in kept]


def scalar(value: Json, name: str) -> bytes:
    """A value's text; null is empty. A list or object has none: raises Missing."""
    if isinstance(value, list | dict) and not isinstance(value, Element):
        raise Missing(f"{name} is no text")
    return (as_text(value) or "").encode()


def _parameters(raw: bytes) -> list[tuple[bytes, bytes]]:
    try:
        return pairs(raw)
    except ValueError as error:
        raise Missing(str(error)) from error


def _named(found: Iterable[tuple[bytes, bytes]], reference: Reference) -> list[bytes]:
    wanted = reference.path[0].encode()
    return [value for name, value in found if name == wanted]


def _tree(evidence: Evidence, reference: Reference) -> list[bytes]:
    value = lookup(evidence.checked_tree(), reference.path)
    return [] if value is None else [scalar(value, reference.name)]


def _url_path(evidence: Evidence, whole: bool) -> list[bytes]:
    found = _URL.match(evidence.request.url.encode())
    if not found:
        return [evidence.request.path.encode()]
    return [(found[1] or b"/") + (found[2] or b"" if whole else b"")]


_MAY_BE_EMPTY = ("body", "path", "path_qs")
_SOURCES: dict[str, Callable[[Evidence, Reference], list[bytes]]] = {
    "body": lambda evidence, _: [evidence.request.body],
    "method": lambda evidence, _: [evidence.request.method.encode()],
    "url": lambda evidence, _: [evidence.request.url.encode()],
    "path": lambda evidence, _: _url_path(evidence, whole=False),
    "path_qs": lambda evidence, _: _url_path(evidence, whole=True),
    "header": lambda evidence, reference: _named(evidence.request.headers, reference),
    "query": lambda evidence, reference: _named(_parameters(evidence.request.query), reference),
    "form": lambda evidence, reference: _named(_parameters(evidence.request.body), reference),
    "json": _tree,
    "xml": _tree,
}
