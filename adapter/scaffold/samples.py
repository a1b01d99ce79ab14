"""How is the body of a captured request read?"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from adapter.engine.decode import DECODERS, choose, decode, look
from adapter.formats.json_text import loads
from adapter.http_text import Written, request
from adapter.model import Json, Refused
from adapter.scaffold.nouns import NoDraft, Sample
from adapter.scaffold.ways import path
from adapter.spec.language import Manner

ARRIVAL = datetime(2026, 1, 1, tzinfo=UTC)
_CHARSETS = ("", "gb18030", "big5", "shift_jis", "iso-8859-1")


def sample(name: str, written: Written, spelling: Mapping[str, str]) -> Sample:
    """Read a request's body in the first type and charset that take it. Raises NoDraft."""
    asked = request(written, ARRIVAL)
    if not written.body and not asked.query:
        raise NoDraft(f"{name}: the request has neither a body nor a query: there is nothing to learn from")
    seen = look(asked)
    if asked.header(b"content-encoding"):  # the example shows what was compressed
        written = replace(written.with_header(b"content-encoding", None), body=seen.content)
        asked = request(written, ARRIVAL)
        seen = look(asked)
    guess = choose(seen, tuple(DECODERS)) if written.body else "query"
    order = dict.fromkeys([guess or "form", *(body for body in DECODERS if body != "query")])
    for body in order if written.body else ("query",):
        for charset in _CHARSETS:
            try:
                tree = decode(asked, Manner((body,), (charset,) if charset else ())).tree
            except Refused:
                continue
            if _says_something(tree):
                opened = tuple(_opened(tree, ()))
                paths = tuple(tuple(path.split(".")) for path in opened)
                manner = Manner((body,), (charset,) if charset else (), paths)
                return Sample(name, written, body, charset, opened, decode(asked, manner).tree, spelling)
    raise NoDraft(f"{name}: the body is neither {' nor '.join(DECODERS)} with anything in it")


def _says_something(tree: Json) -> bool:
    """A form decoder takes any text as one name without a value."""
    if isinstance(tree, dict):
        return any(value != "" for value in tree.values())
    return isinstance(tree, list) and any(isinstance(item, dict) for item in tree)


def _opened(tree: Json, above: tuple[str, ...], depth: int = 0) -> Iterator[str]:
    """Paths whose text is a JSON object or list; lists on the way are gone through."""
    if isinstance(tree, list):
        tree = next((item for item in tree if isinstance(item, dict)), None)
    if not isinstance(tree, dict) or depth > 5:
        return
    for name, value in tree.items():
        inner = _json(value)
        if inner is not None and path((*above, name)):
            yield path((*above, name))
            yield from _opened(inner, (*above, name), depth + 1)
        else:
            yield from _opened(value, (*above, name), depth + 1)


def _json(value: Json) -> Json:
    """What a text says that holds a JSON object or list, else None."""
    if not isinstance(value, str) or value.strip()[:1] not in ("{", "["):
        return None
    try:
        found = loads(value.strip().encode())
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) and found else None
