"""How are forms and queries read? Percent-decoding first, then the charset; nothing is dropped."""

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from adapter.model import Json

MAX_PAIRS = 10_000


def pairs(raw: bytes) -> list[tuple[bytes, bytes]]:
    """Names and values as bytes, in order, `+` and `%XX` decoded once. Raises ValueError above 10,000 pairs."""
    pieces = raw.split(b"&")
    if len(pieces) > MAX_PAIRS:
        raise ValueError(f"more than {MAX_PAIRS} parameters")
    return [_pair(piece) for piece in pieces if piece]


def _pair(piece: bytes) -> tuple[bytes, bytes]:
    name, _, value = piece.partition(b"=")
    return _plain(name), _plain(value)


def _plain(text: bytes) -> bytes:
    if b"+" in text:
        text = text.replace(b"+", b" ")
    return unquote_to_bytes(text) if b"%" in text else text


def members(found: list[tuple[str, Json]]) -> dict[str, Json]:
    """One value stays itself, a repeated name has the list of its values."""
    tree: dict[str, Json] = {}
    repeated: set[str] = set()
    for name, value in found:
        if name not in tree:
            tree[name] = value
        elif name in repeated:
            tree[name].append(value)
        else:
            repeated.add(name)
            tree[name] = [tree[name], value]
    return tree


def form(raw: bytes, charset: str = "utf-8", fold: Callable[[str], str] = str) -> dict[str, Json]:
    """A form or query as an object; names that `fold` makes one are one.

    Raises ValueError (UnicodeDecodeError) where the charset does not fit.
    """
    return members([(fold(name.decode(charset)), value.decode(charset)) for name, value in pairs(raw)])
