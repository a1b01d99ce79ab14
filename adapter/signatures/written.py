"""Where in a header or field is the signature, and what else stands beside it?"""

from dataclasses import dataclass, field

from adapter.expressions.templates import Missing
from adapter.signatures.encodings import ENCODINGS
from adapter.spec.language import Written

MAX_PARTS = 50


@dataclass(frozen=True, slots=True)
class Read:
    """The signatures that were picked, as bytes; and every named part as text, for `{sig.name}`."""

    candidates: tuple[bytes, ...]
    named: dict[str, list[bytes]] = field(default_factory=dict)


def begins(text: bytes, prefix: bytes) -> bool:
    """Does a signature begin with its prefix? The scheme of an Authorization is known in any case (RFC 9110, 11.1)."""
    start = text[: len(prefix)]
    return start == prefix or (prefix.endswith(b" ") and start.lower() == prefix.lower())


def parts(written: Written, text: bytes) -> list[tuple[bytes, bytes]]:
    """The (name, value) parts of a signature's text; names are empty where the vendor writes none."""
    prefix = written.prefix.encode()
    if not begins(text, prefix) or (prefix and len(text) == len(prefix)):
        raise Missing(f"it does not begin with {written.prefix}")
    text = text[len(prefix) :]
    items = text.split(written.split.encode()) if written.split else [text]
    if len(items) > MAX_PARTS:
        raise Missing(f"it has more than {MAX_PARTS} parts")
    return [_pair(written.pair.encode(), item.strip() if written.split else item) for item in items]


def _pair(mark: bytes, item: bytes) -> tuple[bytes, bytes]:
    if not mark:
        return b"", item
    name, found, value = item.partition(mark)
    return (name, value) if found else (b"", b"")


def read(written: Written, text: bytes, pick: bytes) -> Read:
    """The picked signatures, decoded strictly. Raises Missing where there is none."""
    found = parts(written, text)
    named: dict[str, list[bytes]] = {}
    for name, value in found:
        named.setdefault(name.decode("latin-1"), []).append(value)
    texts = [value for name, value in found if not pick or name == pick]
    decoded = (ENCODINGS[written.encoding].read(one) for one in texts)
    candidates = tuple(one for one in decoded if one is not None)
    if not candidates:
        raise Missing(f"it has no {written.encoding} signature")
    return Read(candidates, named)


def write(written: Written, signature: bytes, pick: bytes, beside: bytes) -> bytes:
    """A signature as the vendor writes it; `beside` is what the example has there, whose other parts stay."""
    made = ENCODINGS[written.encoding].write(signature)
    if not written.pair:
        return written.prefix.encode() + made
    mark = written.pair.encode()
    beside_it = others(written, beside, pick)
    joined = (written.split or "").encode().join([*beside_it, pick + mark + made])
    return written.prefix.encode() + joined


def others(written: Written, beside: bytes, pick: bytes) -> list[bytes]:
    """The parts that stand beside the picked one, as written."""
    try:
        found = parts(written, beside) if beside else []
    except Missing:
        return []
    return [name + written.pair.encode() + value for name, value in found if name and name != pick]
