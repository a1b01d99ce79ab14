"""Which functions may an expression call? JMESPath's own, and these."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.expressions import own
from adapter.expressions.library import LIBRARY
from adapter.expressions.values import as_text
from adapter.model import Json


@dataclass(frozen=True, slots=True)
class Function:
    """A function by the name that authors write. `call` gets values; ours give null for a null first argument.

    `check` sees the arguments that are literals, at load, and says what is wrong with them.
    """

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
        "first(x)", "the first item of a list, else x itself", ("first(to)", {"to": ["a", "b"]}, "a"), 1, 1, own.first
    ),
    "last": Function(
        "last(x)", "the last item of a list, else x itself", ("last(to)", {"to": ["a", "b"]}, "b"), 1, 1, own.last
    ),
    "all": Function(
        "all(x)", "x if it is a list, else a list of x alone", ("all(to)", {"to": "a"}, ["a"]), 1, 1, own.all_items
    ),
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
        own.on_texts(own.split),
    ),
    "strip_prefix": Function(
        "strip_prefix(text, p)",
        "text without p at its start",
        ("strip_prefix(to, '+86')", {"to": "+86138"}, "138"),
        2,
        2,
        own.on_texts(str.removeprefix),
    ),
    "strip_suffix": Function(
        "strip_suffix(text, s)",
        "text without s at its end",
        ("strip_suffix(id, '_6')", {"id": "ab_6"}, "ab"),
        2,
        2,
        own.on_texts(str.removesuffix),
    ),
    "replace": Function(
        "replace(text, old, new)",
        "text with every old replaced by new",
        ("replace(id, '-', '')", {"id": "1-2"}, "12"),
        3,
        3,
        own.on_texts(own.replace),
    ),
    "lower": Function(
        "lower(text)", "text in lower case", ("lower(s)", {"s": "OK"}, "ok"), 1, 1, own.on_texts(str.lower)
    ),
    "upper": Function(
        "upper(text)", "text in upper case", ("upper(s)", {"s": "ok"}, "OK"), 1, 1, own.on_texts(str.upper)
    ),
    "matches": Function(
        "matches(text, pattern)",
        "true where the RE2 pattern is found anywhere in text",
        ("matches(to, '^1[0-9]{10}$')", {"to": "13800000000"}, True),
        2,
        2,
        own.on_texts(own.matches),
        own.bad_pattern,
    ),
    "bits": Function(
        "bits(n, mask)",
        "the bits of n that mask has: 0 where none is set",
        ("bits(status, `34`)", {"status": "2"}, 2),
        2,
        2,
        own.bits,
    ),
    "find": Function(
        "find(list, key, value)",
        "the first object of list whose key has that value, compared as text",
        ("find(h, 'name', 'To').value", {"h": [{"name": "To", "value": "x"}]}, "x"),
        3,
        3,
        own.find,
    ),
    "items": Function(
        "items(obj)",
        "an object as a list of {key, value}",
        ("items(@)", {"a": 1}, [{"key": "a", "value": 1}]),
        1,
        1,
        own.items,
    ),
    "without": Function(
        "without(obj, names)",
        "an object without some of its keys",
        ("without(@, ['a'])", {"a": 1, "b": 2}, {"b": 2}),
        2,
        2,
        own.without,
    ),
    "numbered": Function(
        "numbered(obj, prefix)",
        "the values of prefix0, prefix1, … as a list in the order of the numbers",
        ("numbered(@, 'Url')", {"Url1": "b", "Url0": "a"}, ["a", "b"]),
        2,
        2,
        own.numbered,
    ),
    "email": Function(
        "email(text)",
        "the address out of a header line",
        ("email(from)", {"from": "Ann <a@b.example>"}, "a@b.example"),
        1,
        1,
        own.on_texts(own.email),
    ),
    "from_json": Function(
        "from_json(text)",
        "what the JSON in text says; null where it is not JSON",
        ("from_json(data).id", {"data": '{"id": 7}'}, 7),
        1,
        1,
        own.from_json,
    ),
    "url_decode": Function(
        "url_decode(text, charset)",
        "text with %XX and + decoded once (charset: UTF-8)",
        ("url_decode(msg)", {"msg": "a%20b"}, "a b"),
        1,
        2,
        own.url_decode,
        own.bad_charset,
    ),
    "base64_decode": Function(
        "base64_decode(text, charset)",
        "the text inside base64 or base64url (charset: UTF-8)",
        ("base64_decode(b)", {"b": "aGk="}, "hi"),
        1,
        2,
        own.base64_decode,
        own.bad_charset,
    ),
    "recode": Function(
        "recode(text, was, should_be)",
        "text that was read in the wrong charset, read in the right one",
        ("recode(t, 'iso-8859-1', 'utf-8')", {"t": "Ã©"}, "é"),
        3,
        3,
        own.on_texts(own.recode),
        own.bad_charset,
    ),
    "gsm7": Function(
        "gsm7(text)",
        "text of GSM 03.38 octets in hex, one character an octet",
        ("gsm7(hex)", {"hex": "48690064"}, "Hi@d"),
        1,
        1,
        own.on_texts(own.gsm7),
    ),
}


def _of_library(name: str) -> Function:
    signature = LIBRARY.FUNCTION_TABLE[name]["signature"]
    most = 100 if signature[-1].get("variadic") else len(signature)
    names = ", ".join("|".join(argument["types"]) or "any" for argument in signature)

    def checked(*values: Json) -> Json:
        return LIBRARY.call_function(name, list(values))

    takes_anything = not any(argument["types"] for argument in signature)
    call = getattr(LIBRARY, f"_func_{name}") if takes_anything else checked
    return Function(f"{name}({names})", "JMESPath's own", ("", None, None), len(signature), most, call)


FUNCTIONS: dict[str, Function] = {**{name: _of_library(name) for name in LIBRARY.FUNCTION_TABLE}, **OURS}
