"""How do vendors put names and values in order before they sign them?"""

from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote_from_bytes

from adapter.expressions.templates import Missing, render
from adapter.signatures.evidence import Evidence
from adapter.spec.language import Listed, Pairs, Reference

Resolve = Callable[[Reference], bytes]


def pairs_text(pairs: Pairs, found: Iterable[tuple[bytes, bytes]], resolve: Resolve) -> bytes:
    """`{pairs}`: chosen, sorted, written and joined. Raises Missing where a name that must be signed is not."""
    chosen = list(_chosen(pairs, found, resolve))
    if pairs.unique:
        chosen = list(dict.fromkeys(chosen))
    if pairs.sort == "name":
        chosen.sort() if pairs.unique else chosen.sort(key=lambda pair: pair[0])
    rendered = [_rendered(pairs, name, value) for name, value in chosen]
    return pairs.join.join(sorted(rendered) if pairs.sort == "rendered" else rendered)


def _chosen(pairs: Pairs, found: Iterable[tuple[bytes, bytes]], resolve: Resolve) -> Iterable[tuple[bytes, bytes]]:
    if pairs.only is not None:
        names = render(pairs.only, resolve).lower().split(b";")
        missing = set(pairs.require) - {name.decode("latin-1") for name in names}
        if missing:
            raise Missing(f"{', '.join(sorted(missing))} is not signed")
        found = _in_order(names, list(found))
    for name, value in found:
        if name.decode("utf-8", "replace") not in pairs.exclude and (value or not pairs.drop_empty):
            yield name, value


def _in_order(names: Sequence[bytes], found: Sequence[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    for name in names:
        values = [value for key, value in found if key == name]
        if len(values) != 1:
            raise Missing(f"header {name.decode('latin-1')} is {'there twice' if values else 'missing'}")
        yield name, values[0].strip()


def _rendered(pairs: Pairs, name: bytes, value: bytes) -> bytes:
    for old, new in pairs.replace_key:
        name = name.replace(old, new)
    for old, new in pairs.replace:
        value = value.replace(old, new)
    if pairs.quote:
        name, value = (quote_from_bytes(text, safe="-._~").encode() for text in (name, value))
    return b"".join(name if part == b"{k}" else value if part == b"{v}" else part for part in pairs.pair)


def list_text(listed: Listed, resolve: Resolve) -> bytes:
    """`{list}`: the items, sorted if the vendor sorts them."""
    items = [render(item, resolve) for item in listed.items]
    return listed.join.join(sorted(items) if listed.sort else items)


def pairs_of(pairs: Pairs, evidence: Evidence, resolve: Resolve) -> bytes:
    """`{pairs}` of a request."""
    return pairs_text(pairs, evidence.pairs(pairs.source, pairs.exclude), resolve)
