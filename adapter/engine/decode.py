"""Bytes -> tree, as the spec says: which body type, which charset, which texts hold JSON."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from adapter.expressions.values import as_text
from adapter.expressions.view import content_type
from adapter.formats import multipart_text, xml_text
from adapter.formats.charsets import beginning, candidates
from adapter.formats.compressed import inflate
from adapter.formats.form_text import form
from adapter.formats.json_text import loads
from adapter.model import Element, Json, Refused, Request
from adapter.spec.language import Manner


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body as a tree; `warnings` are about texts that hold no JSON where the spec expects some."""

    body: str
    tree: Json
    warnings: tuple[str, ...] = ()


Decoder: TypeAlias = Callable[[Request, str, bytes], Json]


def from_json(_: Request, charset: str, body: bytes) -> Json:
    if charset != "utf-8":
        return loads(body.decode(charset).encode())
    try:
        return loads(body)
    except ValueError:
        body.decode()  # raises UnicodeDecodeError where that is why: another charset may fit
        raise


def from_form(_: Request, charset: str, body: bytes) -> Json:
    return form(body, charset)


def from_query(request: Request, charset: str, _: bytes) -> Json:
    return form(request.query, charset)


def from_xml(request: Request, charset: str, body: bytes) -> Json:
    said = content_type(request)[1].get("charset")
    return xml_text.loads(body.decode((not said and xml_text.declared(body)) or charset))


def from_multipart(request: Request, charset: str, body: bytes) -> Json:
    return multipart_text.loads(body, content_type(request)[1].get("boundary", ""), charset)


DECODERS: dict[str, Decoder] = {
    "json": from_json,
    "form": from_form,
    "query": from_query,
    "xml": from_xml,
    "multipart": from_multipart,
}

_MEDIA_TYPES = {
    "application/json": "json",
    "text/json": "json",
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data": "multipart",
    "application/xml": "xml",
    "text/xml": "xml",
}
_SUFFIXES = {"json": "json", "xml": "xml"}
_FIRST_CHARACTERS = {"{": "json", "[": "json", "<": "xml"}


def decode(request: Request, manner: Manner) -> Decoded:
    """Read the body. Raises Refused (unreadable_body, 400) when it is not what the spec says."""
    body = choose(request, manner.body)
    if body is None:
        return Decoded("", {})
    tree = _in_some_charset(request, body, manner.charset)
    if manner.fold_keys:
        tree = _folded(tree)
    warnings: list[str] = []
    for path in manner.parse_json:
        tree = _parsed(tree, path, ".".join(path), warnings)
        tree = _folded(tree) if manner.fold_keys else tree
    return Decoded(body, tree, tuple(warnings))


def choose(request: Request, listed: Sequence[str]) -> str | None:
    """Which of the listed body types this request has; None for an empty body where no query is listed."""
    if not request.body:
        return "query" if "query" in listed else None
    if len(listed) == 1:
        return listed[0]
    media_type = content_type(request)[0]
    named = _MEDIA_TYPES.get(media_type) or _SUFFIXES.get(media_type.rpartition("+")[2], "")
    if named in listed:
        return named
    start = beginning(_content(request))
    guess = "multipart" if start[:2] == "--" else _FIRST_CHARACTERS.get(start[:1], "form")
    return guess if guess in listed else next((word for word in listed if word != "query"), "query")


def _in_some_charset(request: Request, body: str, own: tuple[str, ...]) -> Json:
    content = _content(request)
    names, mark = candidates(own, content, content_type(request)[1].get("charset"))
    content = content[mark:]
    for name in names:
        try:
            return DECODERS[body](request, name, content)
        except UnicodeDecodeError:
            continue
        except (ValueError, RecursionError) as error:
            raise Refused("unreadable_body", f"not {body}: {error}"[:200], 400) from error
    raise Refused("unreadable_body", f"not {body}: the text is not {' or '.join(names)}", 400)


def _content(request: Request) -> bytes:
    encoding = request.header(b"content-encoding")
    if not encoding or not request.body:
        return request.body
    try:
        return inflate(request.body, encoding.decode("iso-8859-1").strip().lower())
    except ValueError as error:
        raise Refused("unreadable_body", str(error), 400) from error


def _folded(tree: Json) -> Json:
    if isinstance(tree, list):
        return [_folded(item) for item in tree]
    if isinstance(tree, dict):
        members = {key.lower(): _folded(item) for key, item in tree.items()}
        return Element(members, tree.text) if isinstance(tree, Element) else members
    return tree


def _parsed(tree: Json, path: tuple[str, ...], name: str, warnings: list[str]) -> Json:
    """The tree with the JSON text at a path replaced by what it says; lists on the way are gone through."""
    if isinstance(tree, list) and not (path and path[0].isdecimal()):
        return [_parsed(item, path, name, warnings) for item in tree]
    if not path:
        return _text_parsed(tree, name, warnings)
    if isinstance(tree, list):
        place = int(path[0])
        return [_parsed(item, path[1:], name, warnings) if at == place else item for at, item in enumerate(tree)]
    if isinstance(tree, dict) and path[0] in tree:
        return {**tree, path[0]: _parsed(tree[path[0]], path[1:], name, warnings)}
    return tree


def _text_parsed(value: Json, name: str, warnings: list[str]) -> Json:
    if not isinstance(value, str | Element):
        return value
    text = (as_text(value) or "").strip()
    if not text:
        return None
    try:
        return loads(text.encode())
    except (ValueError, RecursionError):
        warnings.append(f"{name} is not JSON")
        return None
