"""How may a vendor's callback go wrong? Copies of a request in which one place of its body is another.

Places are found inside JSON, forms, queries, multipart and XML, and in JSON that stands in a text of these.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode
from xml.sax.saxutils import escape

from adapter.engine.decode import choose, look
from adapter.http_text import Written
from adapter.model import Json, Request

GONE = object()
"""Stands where a key or an item is left out."""

VALUES: dict[str, Json] = {
    "null": None,
    "true": True,
    "a number": 7,
    "more digits than a number has": 10**80,
    "empty text": "",
    "very long text": "长x" * 8_000,
    "very many digits": "9" * 5_000,
    "a list": ["a", {"b": 1}],
    "an empty list": [],
    "an object": {"a": {"b": [1]}},
    "an empty object": {},
}
"""What a place may hold instead of what it should."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a body: its path, what is there, and the request with something else there."""

    path: str
    value: Json
    put: Callable[[Any], Written]


def places(written: Written, request: Request, body: Iterable[str]) -> Iterator[Place]:
    """Every place of a body, the whole first; none where it cannot be read."""
    word = choose(look(request), tuple(body)) or ""
    try:
        tree, back = _READERS[word](written)
    except (KeyError, ValueError):
        return
    yield from _places("", tree, back)


def _places(path: str, value: Json, put: Callable[[Any], Any]) -> Iterator[Place]:
    yield Place(path or "the body", value, put)
    if isinstance(value, dict | list):
        for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
            yield from _places(f"{path}.{key}".lstrip("."), item, partial(_put, put, value, key))
    elif isinstance(value, str):
        for decode, encode in ((str, str), (unquote, quote)):
            inner = _json_in(decode(value))
            if inner is not None:
                found = _places(path, inner, partial(_put_text, put, encode))
                next(found)
                yield from found
                return


def _put(put: Callable[[Any], Any], value: Json, key: Any, new: Any) -> Any:
    pairs = list(value.items() if isinstance(value, dict) else enumerate(value))
    kept = [(name, new if name == key else item) for name, item in pairs if name != key or new is not GONE]
    return put(dict(kept) if isinstance(value, dict) else [item for _, item in kept])


def _put_text(put: Callable[[Any], Any], encode: Callable[[str], str], new: Any) -> Any:
    return put(encode(_dumps(new)))


def _json_in(text: str) -> Json:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _dumps(value: Json) -> str:
    return "" if value is GONE else json.dumps(value, ensure_ascii=False)


def _of_json(written: Written) -> tuple[Json, Callable[[Any], Written]]:
    return json.loads(written.body), lambda new: replace(written, body=_dumps(new).encode())


def _of_form(written: Written) -> tuple[Json, Callable[[Any], Written]]:
    return _members(written.body.decode("latin-1")), lambda new: replace(written, body=_encoded(new).encode("latin-1"))


def _of_query(written: Written) -> tuple[Json, Callable[[Any], Written]]:
    path, _, query = written.target.partition("?")
    return _members(query), lambda new: replace(written, target=f"{path}?{_encoded(new)}")


def _members(text: str) -> dict[str, Json]:
    """Octets as characters, whatever their charset, so that they go back as they came."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, encoding="latin-1"):
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _encoded(tree: Any) -> str:
    if not isinstance(tree, dict):
        return "" if tree is GONE or tree is None else quote(_as_text(tree))
    pairs = [(name, _as_text(one)) for name, value in tree.items() for one in _several(value)]
    return urlencode(pairs, encoding="latin-1", errors="xmlcharrefreplace")


def _several(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else "" if value is None else _dumps(value)


def _of_multipart(written: Written) -> tuple[Json, Callable[[Any], Written]]:
    edge = re.search(rb"boundary=\"?([^\";]+)", dict(written.headers).get(b"content-type", b""))
    if not edge:
        raise ValueError("no boundary")
    head = rb"--%b\r\nContent-Disposition: form-data; name=\"([^\"]*)\"\r\n\r\n(.*?)\r\n(?=--%b)"
    found = re.findall(head % (re.escape(edge[1]), re.escape(edge[1])), written.body, re.S)
    tree = {name.decode(): value.decode() for name, value in found}
    return tree, lambda new: replace(written, body=_multipart(new if isinstance(new, dict) else {}, edge[1]))


def _multipart(tree: Mapping[str, Json], edge: bytes) -> bytes:
    part = b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
    pairs = [(name, _as_text(one)) for name, value in tree.items() for one in _several(value)]
    return b"".join(part % (edge, name.encode(), text.encode()) for name, text in pairs) + b"--%b--\r\n" % edge


def _of_xml(written: Written) -> tuple[Json, Callable[[Any], Written]]:
    """The elements that hold only text, by name and number."""
    found = list(re.finditer(rb"<([\w:.-]+)>([^<]*)</\1>", written.body))
    tree = {f"{at}.{one[1].decode()}": one[2].decode() for at, one in enumerate(found)}

    def back(new: Any) -> Written:
        body = b""
        end = 0
        for (name, _), one in zip(tree.items(), found, strict=True):
            kept = new.get(name, GONE) if isinstance(new, dict) else GONE
            text = b"<%b>%b</%b>" % (one[1], escape(_as_text(kept)).encode(), one[1]) if kept is not GONE else b""
            body, end = body + written.body[end : one.start()] + text, one.end()
        return replace(written, body=body + written.body[end:])

    return tree, back


_READERS: dict[str, Callable[[Written], tuple[Json, Callable[[Any], Written]]]] = {
    "json": _of_json,
    "form": _of_form,
    "query": _of_query,
    "multipart": _of_multipart,
    "xml": _of_xml,
}
