"""Bytes -> tree, as the spec says: which body type, which charset, which texts hold JSON."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeAlias

from adapter.expressions.values import as_text
from adapter.expressions.view import content_type
from adapter.formats import multipart_text, xml_text
from adapter.formats.charsets import beginning, candidates, charset
from adapter.formats.compressed import inflate
from adapter.formats.form_text import form, members
from adapter.formats.json_text import loads
from adapter.model import Element, Json, Refused, Request, value
from adapter.spec.language import Manner


@value
class Decoded:
    """A body as a tree; `warnings` are about texts that hold no JSON where the spec expects some."""

    body: str
    tree: Json
    warnings: tuple[str, ...] = ()


Decoder: TypeAlias = Callable[["Look", Manner, str, bytes], Json]
"""What is seen of the request, how the spec reads it, the charset to try, and the body without its mark."""


def from_json(_: "Look", __: Manner, charset: str, body: bytes) -> Json:
    if charset != "utf-8":
        return loads(body.decode(charset).encode())
    try:
        return loads(body)
    except ValueError:
        body.decode()  # raises UnicodeDecodeError where that is why: another charset may fit
        raise


def from_form(_: "Look", manner: Manner, charset: str, body: bytes) -> Json:
    return form(body, charset, _fold(manner))


def from_query(seen: "Look", manner: Manner, charset: str, _: bytes) -> Json:
    return form(seen.request.query, charset, _fold(manner))


def from_xml(_: "Look", __: Manner, charset: str, body: bytes) -> Json:
    return xml_text.loads(body.decode(charset))


def from_multipart(seen: "Look", manner: Manner, charset: str, body: bytes) -> Json:
    fields = multipart_text.fields(body, seen.parameters.get("boundary", ""), charset, trusting=not manner.charset)
    fold = _fold(manner)
    return members([(fold(name), value) for name, value in fields])


def _fold(manner: Manner) -> Callable[[str], str]:
    """Before repeated names become lists: `FROM=1&From=2` says one name twice."""
    return str.lower if manner.fold_keys else str


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


@value
class Look:
    """What can be seen of a body before it is read: its bytes (inflated), what its Content-Type names, how it begins.

    `broken` is why it could not be inflated. A body of nothing but blanks is none.
    """

    request: Request
    content: bytes
    named: str
    parameters: Mapping[str, str]
    start: str
    broken: str = ""

    @property
    def empty(self) -> bool:
        return not self.start and not self.broken and not self.content.strip()


def look(request: Request) -> Look:
    """Look at a request's body, once for all who want to read it."""
    media_type, parameters = content_type(request)
    named = _MEDIA_TYPES.get(media_type) or _SUFFIXES.get(media_type.rpartition("+")[2], "")
    try:
        encoding = _encoding(request) if request.body else ""
        content = inflate(request.body, encoding) if encoding else request.body
    except ValueError as error:
        return Look(request, b"", named, parameters, "", str(error))
    return Look(request, content, named, parameters, beginning(content))


def _encoding(request: Request) -> str:
    """Raises ValueError where a body is said to be compressed more than once: nobody does, but to hurt."""
    if request.header(b"content-encoding") is None:
        return ""
    values = [value for name, value in request.headers if name == b"content-encoding"]
    said = b", ".join(values).decode("iso-8859-1").strip().lower()
    if "," in said:
        raise ValueError(f"more than one Content-Encoding: {said[:60]}")
    return said


def decode(request: Request, manner: Manner) -> Decoded:
    """Read the body. Raises Refused (unreadable_body, 400) when it is not what the spec says."""
    seen = look(request)
    return decode_as(seen, manner, choose(seen, manner.body))


def decode_as(seen: Look, manner: Manner, body: str | None) -> Decoded:
    """Read the body as a type that was chosen before."""
    if body is None:
        return Decoded("", {})
    tree = _in_some_charset(seen, body, manner)
    if manner.fold_keys:
        tree = _folded(tree)
    warnings: list[str] = []
    for path in manner.parse_json:
        tree = _parsed(tree, path, ".".join(path), warnings)
        tree = _folded(tree) if manner.fold_keys else tree
    return Decoded(body, tree, tuple(warnings))


def choose(seen: Look, listed: Sequence[str]) -> str | None:
    """Which of the listed body types a request has; None for an empty body where no query is listed.

    A GET that may be a query is one: whoever saw a signed URL could put a body beside it.
    """
    if seen.empty or (seen.request.method in ("GET", "HEAD") and "query" in listed):
        return "query" if "query" in listed else None
    if len(listed) == 1:
        return listed[0]
    if seen.named in listed:
        return seen.named
    guess = "multipart" if seen.start[:2] == "--" else _FIRST_CHARACTERS.get(seen.start[:1], "form")
    return guess if guess in listed else next((word for word in listed if word != "query"), "query")


def sort(seen: Look) -> Hashable:
    """All that `choose` and `may_have_names` look at: bodies of one sort are read alike. There are few sorts."""
    start = "--" if seen.start[:2] == "--" else seen.start[:1]
    return (
        seen.named,
        start if start in _TELLING else "",
        seen.empty,
        seen.request.method in ("GET", "HEAD"),
        not seen.request.query,
        not seen.broken,
        b"--" in seen.content,
    )


_TELLING = frozenset({*_FIRST_CHARACTERS, "--"})
_NAMES_BEGIN = {"json": ("{", "["), "xml": ("<",)}
_NO_FORM = ("{", "[", "<")


def may_have_names(seen: Look, manner: Manner) -> bool:
    """A quick no for a body that cannot be an object, a list or an element when it is read in this manner."""
    body = choose(seen, manner.body)
    if body is None or seen.broken or any(map(_is_wide, manner.charset)):
        return body is not None
    if body == "query":
        return bool(seen.request.query)
    if body == "multipart":  # something may stand before its first part
        return b"--" in seen.content
    return not seen.start.startswith(_NO_FORM) if body == "form" else seen.start.startswith(_NAMES_BEGIN[body])


def _is_wide(charset: str) -> bool:
    """Does it write an ASCII character otherwise than in one byte? Of the charsets on the web only these do."""
    return charset.startswith("utf-16")


def _declared(seen: Look, body: str) -> str | None:
    """The charset of the Content-Type; where that names none, the one that an XML document says it is in."""
    said = charset(seen.parameters["charset"]) if "charset" in seen.parameters else None
    return said or (xml_text.declared(seen.content) if body == "xml" else None)


def _in_some_charset(seen: Look, body: str, manner: Manner) -> Json:
    if seen.broken and body != "query":
        raise Refused("unreadable_body", seen.broken, 400)
    names, mark = candidates(manner.charset, seen.content, _declared(seen, body))
    content = seen.content[mark:] if mark else seen.content
    for name in names:
        try:
            return DECODERS[body](seen, manner, name, content)
        except UnicodeDecodeError:
            continue
        except (ValueError, RecursionError) as error:
            raise Refused("unreadable_body", f"not {body}: {error}"[:200], 400) from error
    raise Refused("unreadable_body", f"not {body}: the text is not {' or '.join(names)}", 400)


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
