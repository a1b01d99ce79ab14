"""Which functions may an expression call? JMESPath's own, and these."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache
from math import isfinite
from typing import Any
from urllib.parse import unquote_to_bytes

import re2
from jmespath.functions import Functions

from adapter.expressions.values import as_text
from adapter.formats.charsets import charset
from adapter.formats.json_text import loads
from adapter.model import Element, Json, Number, dumps


@dataclass(frozen=True, slots=True)
class Function:
    """A function by the name that authors write. `call` gets values; ours give null for a null first argument."""

    usage: str
    doc: str
    example: tuple[str, Json, Json]
    least: int
    most: int
    call: Callable[..., Json]
    check: Callable[[Sequence[Any]], str] | None = None

    @property
    def arity(self) -> str:
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


def _first(value: Json) -> Json:
    return (value[0] if value else None) if isinstance(value, list) else value


def _last(value: Json) -> Json:
    return (value[-1] if value else None) if isinstance(value, list) else value


def _all(value: Json) -> Json:
    return value if isinstance(value, list) else [value]


def _texts(call: Callable[..., Json]) -> Callable[..., Json]:
    """Arguments as text; one that has none makes the answer null."""

    def called(*values: Json) -> Json:
        texts = [as_text(value) for value in values]
        return None if None in texts else call(*texts)

    return called


def _split(text: str, separator: str) -> Json:
    return text.split(separator) if separator else [text]


def _replace(text: str, old: str, new: str) -> str:
    return text.replace(old, new) if old else text


@lru_cache(maxsize=1024)
def pattern(text: str) -> Any:
    """An RE2 pattern: its time is linear in what it is tried on. Raises re2.error."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(text, options)


def _matches(text: str, wanted: str) -> Json:
    try:
        return pattern(wanted).search(text) is not None
    except re2.error:
        return None


def _bad_pattern(arguments: Sequence[Any]) -> str:
    if len(arguments) == 2 and isinstance(arguments[1], str):
        try:
            pattern(arguments[1])
        except re2.error as error:
            reason = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else error
            return f"not a pattern: {reason}"
    return ""


_JSON_NUMBER = re.compile(r"-?[0-9]{1,4000}(?:\.[0-9]{1,4000})?(?:[eE][+-]?[0-9]{1,5})?")
_WHOLE = re.compile(r"-?[0-9]{1,4000}")


def _whole(value: Json) -> int | None:
    text = as_text(value)
    return int(text) if text is not None and _WHOLE.fullmatch(text) else None


def _bits(value: Json, mask: Json) -> Json:
    number, wanted = _whole(value), _whole(mask)
    return None if number is None or wanted is None else number & wanted


def _find(items: Json, key: Json, wanted: Json) -> Json:
    name, text = as_text(key), as_text(wanted)
    if not isinstance(items, list) or name is None or text is None:
        return None
    return next((item for item in items if isinstance(item, dict) and as_text(item.get(name)) == text), None)


def _items(value: Json) -> Json:
    return [{"key": key, "value": item} for key, item in value.items()] if isinstance(value, dict) else None


def _without(value: Json, names: Json) -> Json:
    if not isinstance(value, dict):
        return None
    dropped = {as_text(name) for name in _all(names)}
    return {key: item for key, item in value.items() if key not in dropped}


def _numbered(value: Json, prefix: Json) -> Json:
    start = as_text(prefix)
    if not isinstance(value, dict) or start is None:
        return None
    tails = [(key[len(start) :], item) for key, item in value.items() if key.startswith(start)]
    family = [(int(tail), item) for tail, item in tails if re.fullmatch("[0-9]{1,9}", tail)]
    return [item for _, item in sorted(family, key=lambda pair: pair[0])]


def _email(text: str) -> Json:
    return parseaddr(text)[1] or None


def _from_json(value: Json) -> Json:
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


def _url_decode(value: Json, name: Json = "utf-8") -> Json:
    text = as_text(value)
    return None if text is None else _decoded(unquote_to_bytes(text.replace("+", " ")), name)


def _base64_decode(value: Json, name: Json = "utf-8") -> Json:
    text = as_text(value)
    if text is None:
        return None
    plain = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return _decoded(base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True), name)
    except (binascii.Error, ValueError):
        return None


def _recode(text: str, was: str, should_be: str) -> Json:
    try:
        return text.encode(was).decode(should_be)
    except (LookupError, ValueError):
        return None


def _bad_charset(arguments: Sequence[Any]) -> str:
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


def _gsm7(text: str) -> Json:
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


OURS: dict[str, Function] = {
    "text": Function(
        "text(x)",
        "x as text, digits as the vendor wrote them; of a list its first item",
        ("text(n)", {"n": 11}, "11"),
        1,
        1,
        as_text,
    ),
    "first": Function(
        "first(x)", "the first item of a list, else x itself", ("first(to)", {"to": ["a", "b"]}, "a"), 1, 1, _first
    ),
    "last": Function(
        "last(x)", "the last item of a list, else x itself", ("last(to)", {"to": ["a", "b"]}, "b"), 1, 1, _last
    ),
    "all": Function("all(x)", "x if it is a list, else a list of x alone", ("all(to)", {"to": "a"}, ["a"]), 1, 1, _all),
    "if": Function(
        "if(c, a, b)",
        "a where c is true, else b (null without b); only the branch taken is evaluated",
        ("if(ok, 'yes', 'no')", {"ok": False}, "no"),
        2,
        3,
        lambda *_: None,
    ),
    "split": Function(
        "split(text, sep)",
        "the pieces between separators",
        ("split(id, '^')", {"id": "12^0"}, ["12", "0"]),
        2,
        2,
        _texts(_split),
    ),
    "strip_prefix": Function(
        "strip_prefix(text, p)",
        "text without p at its start",
        ("strip_prefix(to, '+86')", {"to": "+86138"}, "138"),
        2,
        2,
        _texts(str.removeprefix),
    ),
    "strip_suffix": Function(
        "strip_suffix(text, s)",
        "text without s at its end",
        ("strip_suffix(id, '_6')", {"id": "ab_6"}, "ab"),
        2,
        2,
        _texts(str.removesuffix),
    ),
    "replace": Function(
        "replace(text, old, new)",
        "text with every old replaced by new",
        ("replace(id, '-', '')", {"id": "1-2"}, "12"),
        3,
        3,
        _texts(_replace),
    ),
    "lower": Function("lower(text)", "text in lower case", ("lower(s)", {"s": "OK"}, "ok"), 1, 1, _texts(str.lower)),
    "upper": Function("upper(text)", "text in upper case", ("upper(s)", {"s": "ok"}, "OK"), 1, 1, _texts(str.upper)),
    "matches": Function(
        "matches(text, pattern)",
        "true where the RE2 pattern is found anywhere in text",
        ("matches(to, '^1[0-9]{10}$')", {"to": "13800000000"}, True),
        2,
        2,
        _texts(_matches),
        _bad_pattern,
    ),
    "bits": Function(
        "bits(n, mask)",
        "the bits of n that mask has: 0 where none is set",
        ("bits(status, `34`)", {"status": "2"}, 2),
        2,
        2,
        _bits,
    ),
    "find": Function(
        "find(list, key, value)",
        "the first object of list whose key has that value, compared as text",
        ("find(h, 'name', 'To').value", {"h": [{"name": "To", "value": "x"}]}, "x"),
        3,
        3,
        _find,
    ),
    "items": Function(
        "items(obj)",
        "an object as a list of {key, value}",
        ("items(@)", {"a": 1}, [{"key": "a", "value": 1}]),
        1,
        1,
        _items,
    ),
    "without": Function(
        "without(obj, names)",
        "an object without some of its keys",
        ("without(@, ['a'])", {"a": 1, "b": 2}, {"b": 2}),
        2,
        2,
        _without,
    ),
    "numbered": Function(
        "numbered(obj, prefix)",
        "the values of prefix0, prefix1, … as a list in the order of the numbers",
        ("numbered(@, 'Url')", {"Url1": "b", "Url0": "a"}, ["a", "b"]),
        2,
        2,
        _numbered,
    ),
    "email": Function(
        "email(text)",
        "the address out of a header line",
        ("email(from)", {"from": "Ann <a@b.example>"}, "a@b.example"),
        1,
        1,
        _texts(_email),
    ),
    "from_json": Function(
        "from_json(text)",
        "what the JSON in text says; null where it is not JSON",
        ("from_json(data).id", {"data": '{"id": 7}'}, 7),
        1,
        1,
        _from_json,
    ),
    "url_decode": Function(
        "url_decode(text, charset)",
        "text with %XX and + decoded once (charset: UTF-8)",
        ("url_decode(msg)", {"msg": "a%20b"}, "a b"),
        1,
        2,
        _url_decode,
        _bad_charset,
    ),
    "base64_decode": Function(
        "base64_decode(text, charset)",
        "the text inside base64 or base64url (charset: UTF-8)",
        ("base64_decode(b)", {"b": "aGk="}, "hi"),
        1,
        2,
        _base64_decode,
        _bad_charset,
    ),
    "recode": Function(
        "recode(text, was, should_be)",
        "text that was read in the wrong charset, read in the right one",
        ("recode(t, 'iso-8859-1', 'utf-8')", {"t": "Ã©"}, "é"),
        3,
        3,
        _texts(_recode),
        _bad_charset,
    ),
    "gsm7": Function(
        "gsm7(text)",
        "text of GSM 03.38 octets in hex, one character an octet",
        ("gsm7(hex)", {"hex": "48690064"}, "Hi@d"),
        1,
        1,
        _texts(_gsm7),
    ),
}


class _Library(Functions):  # type: ignore[misc]
    """The library's functions; an XML element with attributes is its text where text is asked for."""

    def call_function(self, function_name: str, resolved_args: list[Json]) -> Json:
        signature = self.FUNCTION_TABLE[function_name]["signature"]
        for place, value in enumerate(resolved_args):
            types = signature[min(place, len(signature) - 1)]["types"]
            if isinstance(value, Element) and "string" in types and "object" not in types:
                resolved_args[place] = value.text
        return super().call_function(function_name, resolved_args)

    def _func_to_string(self, arg: Json) -> Json:
        if (isinstance(arg, list | dict) and not isinstance(arg, Element)) or arg is None:
            return dumps(arg).decode()
        return as_text(arg)

    def _func_to_number(self, arg: Json) -> Json:
        if isinstance(arg, int | float) and not isinstance(arg, bool):
            return arg
        text = as_text(arg) if isinstance(arg, str | Element) else None
        if text is None or not _JSON_NUMBER.fullmatch(text):
            return None
        return int(text) if _WHOLE.fullmatch(text) else Number(text) if isfinite(float(text)) else None

    _func_to_number.signature = ({"types": []},)  # type: ignore[attr-defined]
    _func_to_string.signature = ({"types": []},)  # type: ignore[attr-defined]


_library = _Library()


def _of_library(name: str) -> Function:
    signature = _library.FUNCTION_TABLE[name]["signature"]
    most = 100 if signature[-1].get("variadic") else len(signature)
    names = ", ".join("|".join(argument["types"]) or "any" for argument in signature)

    def call(*values: Json) -> Json:
        return _library.call_function(name, list(values))

    return Function(f"{name}({names})", "JMESPath's own", ("", None, None), len(signature), most, call)


FUNCTIONS: dict[str, Function] = {**{name: _of_library(name) for name in _library.FUNCTION_TABLE}, **OURS}
