"""How is a text put together from a request? `{source.path|filter}`, parsed once, what it gives never read again."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from adapter.expressions.filters import FILTERS
from adapter.expressions.parse import PLAIN_PATH, BadExpression
from adapter.model import Json, dumps
from adapter.spec.language import Filter, Reference, Segment, Template

_PLAIN = ("body", "method", "path", "path_qs", "url", "pairs", "pairs2", "list", "key")
_TREE = ("json", "xml", "let", "it")
_REQUEST = ("body", "method", "url", "path", "path_qs", "header", "query", "form", "json", "xml")

_OF_BODY = ("form", "json", "xml", "query")

SOURCES: dict[str, tuple[str, ...]] = {
    "at": (*_REQUEST, "sig", "claim", "let", "it"),
    "verify": (*_REQUEST, "secret", "sig", "claim", "let", "it", "pairs", "pairs2", "list", "key"),
    "ack": ("method", "path", "header", "query", "form", "json", "xml", "request"),
    "challenge": ("method", "path", "header", "query", "form", "json", "xml", "request"),
}
"""The sources that a template may name, by the key it stands under. A secret never reaches an answer."""

ARGUMENTS: dict[str, tuple[str, ...]] = {**SOURCES, "challenge": (*SOURCES["challenge"], "secret")}
"""The sources that a filter's arguments may name: a challenge may be answered with an HMAC, not with its key."""

_REFERENCE = re.compile(r"\{([A-Za-z_][^{}]*)\}")
_UNCLOSED = re.compile(r"\{[A-Za-z_][\w.|-]*")
_FILTER = re.compile(r"([a-z0-9-]+)(?:\(([^()]*)\))?")
_SEGMENT = re.compile(r"\[\[(.*?)\]\]", re.S)


class Missing(Exception):
    """A part that a template needs is missing, empty, or there twice."""


class Twice(Missing):
    """A part is there twice: nobody can say which one was meant, so even an optional one is refused."""


def parse_template(text: str, key: str, escaping: str = "") -> Template:
    """Read a template that stands under `key` (verify, ack). Raises BadExpression with the offset.

    A brace that no name follows is itself, so that JSON can be written as it is.
    """
    parts: list[bytes | Reference | Segment] = []
    end = 0
    for found in _SEGMENT.finditer(text) if key in ("verify", "at") else ():
        parts += _parts(text[end : found.start()], end, key, escaping)
        parts.append(Segment(tuple(_parts(found[1], found.start() + 2, key, escaping))))
        end = found.end()
    return Template(text, (*parts, *_parts(text[end:], end, key, escaping)))


def _parts(text: str, offset: int, key: str, escaping: str) -> list[bytes | Reference]:
    parts: list[bytes | Reference] = []
    end = 0
    for found in _REFERENCE.finditer(text):
        parts += [
            _literal(text[end : found.start()], offset + end),
            _escaped(reference(found[1], offset + found.start() + 1, key), escaping),
        ]
        end = found.end()
    return [part for part in (*parts, _literal(text[end:], offset + end)) if part != b""]


def _literal(text: str, offset: int) -> bytes:
    found = _UNCLOSED.search(text)
    if found:
        raise BadExpression(
            f"'{found[0]}' is not closed", offset + found.start() + 1, "TMPL001", "write the } behind it"
        )
    return text.encode()


def _escaped(one: Reference, escaping: str) -> Reference:
    return replace(one, filters=(*one.filters, Filter(escaping))) if escaping else one


def folded(template: Template, fold: Callable[[str], str]) -> Template:
    """The template with the names of the body's and query's members folded, as with `keys: fold`."""

    def fold_part(part: bytes | Reference) -> bytes | Reference:
        if isinstance(part, Reference) and part.source in _OF_BODY:
            return replace(part, path=tuple(fold(name) for name in part.path))
        return part

    parts = (
        Segment(tuple(map(fold_part, one.parts))) if isinstance(one, Segment) else fold_part(one)
        for one in template.parts
    )
    return Template(template.text, tuple(parts))


def reference(text: str, offset: int, key: str, sources: Mapping[str, tuple[str, ...]] = SOURCES) -> Reference:
    """Read what stands between braces."""
    place, *filters = text.split("|")
    optional = place.endswith("?")
    source, _, path = place.removesuffix("?").partition(".")
    allowed = sources[key]
    if source not in allowed:
        raise BadExpression(f"'{{{source}}}' is no source here", offset, "TMPL001", f"one of: {', '.join(allowed)}")
    if (source in _PLAIN) != (path == ""):
        usage = f"{{{source}}}" if source in _PLAIN else f"{{{source}.name}}"
        raise BadExpression(f"'{{{text}}}' is not complete", offset, "TMPL001", f"write {usage}")
    if source in _TREE and not PLAIN_PATH.fullmatch(path):
        raise BadExpression(f"'{path}' is not a dotted path", offset, "TMPL001", "write names joined by dots")
    names = tuple(path.split(".")) if source in _TREE else (path.lower() if source == "header" else path,)
    return Reference(source, names if path else (), tuple(_filter(one, offset, key) for one in filters), optional)


def _filter(text: str, offset: int, key: str) -> Filter:
    found = _FILTER.fullmatch(text.strip())
    name = found[1] if found else text
    if found is None or name not in FILTERS:
        known = ", ".join(word for word in FILTERS if not word.startswith("\0"))
        raise BadExpression(f"no filter '{name}'", offset, "TMPL002", f"one of: {known}")
    arguments = tuple(reference(one.strip(), offset, key, ARGUMENTS) for one in found[2].split(",")) if found[2] else ()
    if key == "challenge" and not name.startswith("hmac-") and any(one.source == "secret" for one in arguments):
        message = f"'{name}' would show the secret"
        raise BadExpression(message, offset, "TMPL001", "a secret goes into hmac-… only")
    if len(arguments) != FILTERS[name].arguments:
        raise BadExpression(f"'{name}' takes {FILTERS[name].arguments} arguments", offset, "TMPL002", FILTERS[name].doc)
    return Filter(name, arguments)


def json_template(value: Json, key: str) -> Template:
    """A JSON value whose texts are templates, as one template of its text; what they give is escaped."""
    parts: list[bytes | Reference | Segment] = []
    for piece in _json_parts(value, key):
        last = parts[-1] if parts else None
        if isinstance(piece, bytes) and isinstance(last, bytes):
            parts[-1] = last + piece
        else:
            parts.append(piece)
    return Template(dumps(value).decode(), tuple(parts))


def _json_parts(value: Json, key: str) -> Iterable[bytes | Reference | Segment]:
    if isinstance(value, dict):
        for number, (name, item) in enumerate(value.items()):
            yield (b"," if number else b"{") + dumps(name) + b":"
            yield from _json_parts(item, key)
        yield b"}" if value else b"{}"
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield b"," if number else b"["
            yield from _json_parts(item, key)
        yield b"]" if value else b"[]"
    elif isinstance(value, str):
        inner = parse_template(value, key, "\0json").parts
        yield b'"'
        yield from (dumps(part.decode())[1:-1] if isinstance(part, bytes) else part for part in inner)
        yield b'"'
    else:
        yield dumps(value)


def render(template: Template, resolve: Callable[[Reference], bytes]) -> bytes:
    """The template's bytes; `resolve` gives what a reference points at, before its filters, or raises Missing."""
    return b"".join(
        [_segment(part, resolve) if isinstance(part, Segment) else _part(part, resolve) for part in template.parts]
    )


def _segment(segment: Segment, resolve: Callable[[Reference], bytes]) -> bytes:
    """Nothing, where a reference gives nothing before its filters."""
    try:
        found = [resolve(part) if isinstance(part, Reference) else part for part in segment.parts]
    except Twice:
        raise
    except Missing:
        return b""
    if not all(found):
        return b""
    pairs = zip(segment.parts, found, strict=True)
    return b"".join(
        [filtered(raw, part.filters, resolve) if isinstance(part, Reference) else raw for part, raw in pairs]
    )


def _part(part: bytes | Reference, resolve: Callable[[Reference], bytes]) -> bytes:
    return part if isinstance(part, bytes) else filtered(resolve(part), part.filters, resolve)


def filtered(raw: bytes, filters: Sequence[Filter], resolve: Callable[[Reference], bytes]) -> bytes:
    """Apply filters from left to right. Raises Missing for what a filter cannot take."""
    for one in filters:
        try:
            raw = FILTERS[one.name].call(raw, *(_part(argument, resolve) for argument in one.arguments))
        except ValueError as error:
            raise Missing(f"{one.name}: {error}") from error
    return raw
