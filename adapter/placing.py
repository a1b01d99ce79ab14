"""How is a value put into a written request, where a rule will look for it?"""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from adapter.expressions.templates import Missing
from adapter.formats.form_text import pairs
from adapter.http_text import Written
from adapter.spec.language import Reference


def put(written: Written, reference: Reference, value: bytes | None) -> Written:
    """The request with one value where a reference points, or without it."""
    return PLACES[reference.source](written, reference, value)


def _put_header(written: Written, reference: Reference, value: bytes | None) -> Written:
    return written.with_header(reference.path[0].encode(), value)


def _put_query(written: Written, reference: Reference, value: bytes | None) -> Written:
    path, _, query = written.target.partition("?")
    query = _parameters(query.encode(), reference.path[0].encode(), value).decode("latin-1")
    return replace(written, target=f"{path}?{query}" if query else path)


def _put_form(written: Written, reference: Reference, value: bytes | None) -> Written:
    return replace(written, body=_parameters(written.body, reference.path[0].encode(), value))


def _parameters(raw: bytes, name: bytes, value: bytes | None) -> bytes:
    kept = [piece for piece in raw.split(b"&") if piece and pairs(piece)[0][0] != name]
    return b"&".join([*kept, *([] if value is None else [name + b"=" + quote(value, safe="").encode()])])


def _put_json(written: Written, reference: Reference, value: bytes | None) -> Written:
    """Into the body's JSON; or into a field of a query, a form or a multipart body, or into the JSON of a form's."""
    if written.body.lstrip()[:1] in (b"{", b"["):
        return replace(written, body=_replaced(written.body, reference.path, value))
    field, *rest = reference.path
    inner = Reference("form", (field,))
    if not rest:
        put_field = _put_query if not written.body else _put_part if written.body[:2] == b"--" else _put_form
        return put_field(written, inner, value)
    found = dict(pairs(written.body)).get(field.encode(), b"{}")
    return _put_form(written, inner, _replaced(found, tuple(rest), value))


def _put_part(written: Written, reference: Reference, value: bytes | None) -> Written:
    """Where the part stands already: multipart is not written anew."""
    name = re.escape(reference.path[0].encode())
    part = re.compile(
        rb'(--[^\r\n]+\r\n[^\r\n]*name="' + name + rb'"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n).*?\r\n(?=--)', re.S
    )
    found = part.search(written.body)
    if not found:
        raise Missing(f"the example has no part {reference.path[0]}")
    own = b"" if value is None else found[1] + value + b"\r\n"
    return replace(written, body=written.body[: found.start()] + own + written.body[found.end() :])


def _replaced(text: bytes, path: tuple[str, ...], value: bytes | None) -> bytes:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Missing(f"no JSON to put {'.'.join(path)} in") from error
    *above, last = path
    inner = tree
    for name in above:
        inner = inner[int(name)] if isinstance(inner, list) else inner.setdefault(name, {})
    if not isinstance(inner, dict):
        raise Missing(f"no object to put {'.'.join(path)} in")
    if value is None:
        inner.pop(last, None)
    else:
        inner[last] = value.decode()
    return json.dumps(tree, ensure_ascii=False).encode()


def _put_xml(written: Written, reference: Reference, value: bytes | None) -> Written:
    """Where the element stands already: XML is not written anew."""
    name = reference.path[-1].encode()
    start, end = written.body.find(b"<" + name + b">"), written.body.find(b"</" + name + b">")
    if start < 0 or end < 0:
        raise Missing(f"the example has no <{name.decode()}> to put the signature in")
    if value is None:
        return replace(written, body=written.body[:start] + written.body[end + len(name) + 3 :])
    return replace(written, body=written.body[: start + len(name) + 2] + value + written.body[end:])


PLACES: dict[str, Callable[[Written, Reference, bytes | None], Written]] = {
    "header": _put_header,
    "query": _put_query,
    "form": _put_form,
    "json": _put_json,
    "xml": _put_xml,
}
