"""What do our own functions do? Each gives null for what it cannot use, and never raises."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from email.utils import parseaddr
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

import re2

from adapter.expressions.values import as_text
from adapter.formats.charsets import charset
from adapter.formats.json_text import loads
from adapter.model import Json


def first(value: Json) -> Json:
    return (value[0] if value else None) if isinstance(value, list) else value


def last(value: Json) -> Json:
    return (value[-1] if value else None) if isinstance(value, list) else value


def all_items(value: Json) -> Json:
    return value if value is None or isinstance(value, list) else [value]


def on_texts(call: Callable[..., Json]) -> Callable[..., Json]:
    """Arguments as text; one that has none makes the answer null."""

    def called(*values: Json) -> Json:
        texts = [as_text(value) for value in values]
        return None if None in texts else call(*texts)

    return called


def split(text: str, separator: str) -> Json:
    return text.split(separator) if separator else [text]


def replace(text: str, old: str, new: str) -> str:
    return text.replace(old, new) if old else text


@lru_cache(maxsize=1024)
def pattern(text: str) -> Any:
    """An RE2 pattern: its time is linear in what it is tried on. Raises re2.error."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(text, options)


def matches(text: str, wanted: str) -> Json:
    try:
        return pattern(wanted).search(text) is not None
    except re2.error:
        return None


def bad_pattern(arguments: Sequence[Any]) -> str:
    if len(arguments) == 2 and isinstance(arguments[1], str):
        try:
            pattern(arguments[1])
        except re2.error as error:
            reason = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else error
            return f"not a pattern: {reason}"
    return ""


JSON_NUMBER = re.compile(r"-?[0-9]{1,4000}(?:\.[0-9]{1,4000})?(?:[eE][+-]?[0-9]{1,5})?")
WHOLE = re.compile(r"-?[0-9]{1,4000}")


def _whole(value: Json) -> int | None:
    text = as_text(value)
    return int(text) if text is not None and WHOLE.fullmatch(text) else None


def bits(value: Json, mask: Json) -> Json:
    number, wanted = _whole(value), _whole(mask)
    return None if number is None or wanted is None else number & wanted


def find(items: Json, key: Json, wanted: Json) -> Json:
    name, text = as_text(key), as_text(wanted)
    if not isinstance(items, list) or name is None or text is None:
        return None
    return next((item for item in items if isinstance(item, dict) and as_text(item.get(name)) == text), None)


def items(value: Json) -> Json:
    return [{"key": key, "value": item} for key, item in value.items()] if isinstance(value, dict) else None


def without(value: Json, names: Json) -> Json:
    if not isinstance(value, dict):
        return None
    dropped = {as_text(name) for name in all_items(names) or ()}
    return {key: item for key, item in value.items() if key not in dropped}


def numbered(value: Json, prefix: Json) -> Json:
    start = as_text(prefix)
    if not isinstance(value, dict) or start is None:
        return None
    tails = [(key[len(start) :], item) for key, item in value.items() if key.startswith(start)]
    family = [(int(tail), item) for tail, item in tails if re.fullmatch("[0-9]{1,9}", tail)]
    return [item for _, item in sorted(family, key=lambda pair: pair[0])]


def email(text: str) -> Json:
    """Nested comments make the library call itself, once for each."""
    try:
        address = parseaddr(text)[1]
    except (LookupError, RecursionError, ValueError):
        return None
    return address if "@" in address else None


def from_json(value: Json) -> Json:
    text = as_text(value)
    try:
        return None if text is None else loads(text.encode())
    except ValueError:
        return None


def _decoded(octets: bytes, name: Json) -> Json:
    try:
        return octets.decode(charset(as_text(name) or "utf-8") or "utf-8")
    except (LookupError, ValueError):
        return None


def url_decode(value: Json, name: Json = "utf-8") -> Json:
    text = as_text(value)
    return None if text is None else _decoded(unquote_to_bytes(text.replace("+", " ")), name)


def base64_decode(value: Json, name: Json = "utf-8") -> Json:
    text = as_text(value)
    if text is None:
        return None
    plain = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return _decoded(base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True), name)
    except (binascii.Error, ValueError):
        return None


def recode(text: str, was: str, should_be: str) -> Json:
    try:
        return text.encode(was).decode(should_be)
    except (LookupError, ValueError):
        return None


def bad_charset(arguments: Sequence[Any]) -> str:
    bad = [name for name in arguments[1:] if isinstance(name, str) and charset(name) is None]
    return f"there is no charset '{bad[0]}'" if bad else ""


# 3GPP TS 23.038, 6.2.1 and 6.2.1.1
_GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}


def gsm7(text: str) -> Json:
    try:
        octets = bytes.fromhex(text)
    except ValueError:
        return None
    if any(octet > 0x7F for octet in octets):
        return None
    pieces = re.findall(rb"\x1b[\x00-\x7f]|[\x00-\x7f]", octets, re.S)
    return "".join(
        _GSM[piece[0]] if len(piece) == 1 else _GSM_EXTENDED.get(piece[1], _GSM[piece[1]]) for piece in pieces
    )
