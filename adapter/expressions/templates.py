"""How is a text put together from a request? `{source.path|filter}`, parsed once, what it gives never read again."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote_from_bytes, unquote_to_bytes
from xml.sax.saxutils import escape

import orjson

from adapter.expressions.parse import PLAIN_PATH, BadExpression
from adapter.model import Json, dumps
from adapter.spec.language import Reference, Template

_PLAIN = ("body", "method", "path")
_NAMED = ("header", "query", "form", "json", "secret", "request")

SOURCES: dict[str, tuple[str, ...]] = {
    "verify": ("body", "method", "path", "header", "query", "form", "json", "secret"),
    "ack": ("method", "path", "header", "query", "form", "json", "request"),
}
"""The sources that a template may name, by the key it stands under. A secret never reaches an answer."""

FILTERS: dict[str, Callable[[bytes], bytes]] = {
    "md5": lambda raw: hashlib.md5(raw, usedforsecurity=False).digest(),
    "sha1": lambda raw: hashlib.sha1(raw, usedforsecurity=False).digest(),
    "sha256": lambda raw: hashlib.sha256(raw).digest(),
    "sha384": lambda raw: hashlib.sha384(raw).digest(),
    "sha512": lambda raw: hashlib.sha512(raw).digest(),
    "hex": lambda raw: raw.hex().encode(),
    "base64": base64.b64encode,
    "lower": bytes.lower,
    "upper": bytes.upper,
    "urlencode": lambda raw: quote_from_bytes(raw, safe="").encode(),
    "urldecode": unquote_to_bytes,
}

_ESCAPES: dict[str, Callable[[bytes], bytes]] = {
    "\0json": lambda raw: orjson.dumps(raw.decode(errors="replace"))[1:-1],
    "\0xml": lambda raw: escape(raw.decode(errors="replace"), {'"': "&quot;"}).encode(),
}

_REFERENCE = re.compile(r"\{([A-Za-z_][^{}]*)\}")


def parse_template(text: str, key: str, escaping: str = "") -> Template:
    """Read a template that stands under `key` (verify, ack). Raises BadExpression with the offset.

    A brace that no name follows is itself, so that JSON can be written as it is.
    """
    parts: list[bytes | Reference] = []
    end = 0
    for found in _REFERENCE.finditer(text):
        parts += [text[end : found.start()].encode(), _reference(found[1], found.start() + 1, key, escaping)]
        end = found.end()
    parts.append(text[end:].encode())
    return Template(text, tuple(part for part in parts if part != b""))


def _reference(text: str, offset: int, key: str, escaping: str) -> Reference:
    place, *filters = text.split("|")
    optional = place.endswith("?")
    source, _, path = place.removesuffix("?").partition(".")
    allowed = SOURCES[key]
    if source not in allowed:
        raise BadExpression(f"'{{{source}}}' is no source here", offset, "TMPL001", f"one of: {', '.join(allowed)}")
    if (source in _PLAIN) != (path == ""):
        usage = f"{{{source}}}" if source in _PLAIN else f"{{{source}.name}}"
        raise BadExpression(f"'{{{text}}}' is not complete", offset, "TMPL001", f"write {usage}")
    if path and source == "json" and not PLAIN_PATH.fullmatch(path):
        raise BadExpression(f"'{path}' is not a dotted path", offset, "TMPL001", "write names joined by dots")
    for name in filters:
        if name not in FILTERS:
            raise BadExpression(f"no filter '{name}'", offset, "TMPL002", f"one of: {', '.join(FILTERS)}")
    names = tuple(path.split(".")) if source == "json" else (path.lower() if source == "header" else path,)
    return Reference(source, names if path else (), (*filters, *([escaping] if escaping else [])), optional)


def json_template(value: Json, key: str) -> Template:
    """A JSON value whose texts are templates, as one template of its text; what they give is escaped."""
    parts: list[bytes | Reference] = []
    for piece in _json_parts(value, key):
        if parts and isinstance(piece, bytes) and isinstance(parts[-1], bytes):
            parts[-1] += piece
        else:
            parts.append(piece)
    return Template(dumps(value).decode(), tuple(parts))


def _json_parts(value: Json, key: str) -> Iterable[bytes | Reference]:
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
    """The template's bytes; `resolve` gives what a reference points at, before its filters."""
    return b"".join(
        part if isinstance(part, bytes) else filtered(resolve(part), part.filters) for part in template.parts
    )


def filtered(raw: bytes, filters: tuple[str, ...]) -> bytes:
    """Apply filters from left to right."""
    for name in filters:
        raw = (FILTERS.get(name) or _ESCAPES[name])(raw)
    return raw
