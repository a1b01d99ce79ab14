"""What may stand in every place of a vendor file? The whole language as one page, made of the schemas and tables."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from adapter.expressions.filters import BytesFilter
from adapter.expressions.functions import OURS, Function
from adapter.model import Json
from adapter.spec.kinds import PROVENANCE, KindFile, kind, results
from adapter.spec.language import Column, Kind
from adapter.spec.schema import Schema

HEAD = """# Reference

Every word that a vendor file may use. This page is generated from the schemas in this folder. To begin, read
[Add a vendor in ten minutes](../vendors.d/README.md); the recipes below it show each capability at work.

A file is read as plain text: keys are their literal text, and only `true`, `false`, `null` and whole numbers are
special, and only as values. Unknown keys are mistakes. There are no anchors, tags, includes or code.
"""

NOTES = {
    "match": """Is this request mine? Of one mapping everything must hold; of a list of mappings, one. `has` and
`equals` look at the first object of a list. Never ask for an id: a record that lost its id must still be claimed.""",
    "verify": """A list of rules, all of which must hold. Each says how (`is`), of what (`of`), and where the signature
is (`header`, `query`, `form`, `json` or `xml`).""",
    "challenge": """Requests that ask whether this URL is ours. They are answered and not stored.""",
    "ack": """The answer that the vendor takes to mean "received". A key such as `partial` says what differs for that
outcome. Whatever was stored is answered as success, unless you say otherwise.""",
    "time": "How the vendor writes times. See [Time formats](#time-formats).",
    "status": """What the vendor's codes mean. Status and reason are searched each on its own: the inputs of `from` in
order; for each your own `codes`, then the tables. An exact code goes before a range, a range before a pattern
with `*`.""",
    "events": """A list of entries. Every entry whose `when`, `has` and `equals` hold reads the body; `where`, `fields`
and `extra` see one record. What is listed and taken by no entry is kept and shown, never dropped.""",
    "examples": "Callbacks and what must come of them: the file's tests.",
}
"""What to know of a key that has a section of its own."""

REQUEST = {
    "body": "the whole decoded body",
    "headers": "headers by lower-case name: `_.headers.x-request-id`; a repeated one is a list",
    "query": "the parameters of the URL",
    "path": "what follows the token in the URL",
    "method": "`POST`, `GET`, …",
    "parents": "what the steps of `each` came through: `_.parents[-1]` the nearest, `_.parents[0]` the outermost",
    "index": "the place of the record among the entry's records, from 0",
    "settings": "what the channel sets, else the file's own `settings`",
    "vendor": "the vendor's name",
    "channel": "the channel's name, such as `sms/1`",
}
"""What `_` has."""

SOURCES = {
    "body": "the body's bytes as they came",
    "method": "the HTTP method",
    "url": "the public URL as the vendor called it, with its query",
    "path": "the path: under `verify` the public one, else what follows the token",
    "path_qs": "the public path with its query",
    "header": "`{header.Name}`: a header; capitals do not matter",
    "query": "`{query.name}`: a parameter of the URL",
    "form": "`{form.name}`: a field of the form",
    "json": "`{json.a.b}`: a member of the decoded body, also inside a text under `parse_json`",
    "xml": "`{xml.a.b}`: the text of an element",
    "secret": "`{secret.name}`: a secret",
    "sig": "`{sig.t}`: a named part of the signature's header; needs `pair`",
    "claim": "`{claim.name}`: a claim of the JWT",
    "let": "`{let.name}`: a text named under `let`; `{let.name.path}` a member of the JSON in it",
    "it": "`{it.name}`: a member of the object under `with`",
    "pairs": "the names and values under `pairs`",
    "pairs2": "those under `pairs2`",
    "list": "the texts under `list`",
    "key": "the key as it is written, under `derive`",
    "request": "`{request.id}`: our own id of the request",
}
"""What a template may name: a word here for every source that the template parser knows."""

TIMES = {
    "iso8601": "`2024-05-01T09:00:00+08:00`; also `+0800`, `Z` or no offset, a blank for `T`, a fraction of 9 digits",
    "rfc2822": "`Wed, 01 May 2024 09:00:00 +0800`",
    "unix": "seconds since 1970, fractions allowed",
    "unix_ms": "milliseconds since 1970, fractions allowed",
    "unix_any": "either: above 100000000000 it is milliseconds",
}
TOKENS = {
    "yyyy": "year",
    "yy": "year of this century",
    "MM": "month in two digits",
    "MMM": "month in three English letters",
    "dd": "day in two digits",
    "HH": "hour, 00 to 23",
    "mm": "minute",
    "ss": "second",
    "SSS": "millisecond",
    "XXX": "offset: `Z`, `+08:00` or `+0800`",
}
BODIES = {
    "json": "a JSON document",
    "form": "`a=1&b=2`; a name that comes twice has a list of its values",
    "query": "the parameters of the URL: callbacks by GET",
    "xml": "what stands below the root element; an element with only text is that text",
    "multipart": "`multipart/form-data`; of a file its filename, content_type and size",
}
CHARSETS = (
    *("utf-8", "utf-16", "gb18030", "gbk", "gb2312", "big5", "big5hkscs", "shift_jis", "euc-jp", "iso-2022-jp"),
    *("euc-kr", "cp949", "koi8-r", "koi8-u", "tis-620", "iso-8859-1", "iso-8859-2", "iso-8859-15"),
    *("windows-1250", "windows-1251", "windows-1252"),
)

_TIME_NOTE = """Tried in order; the first that takes the whole text wins. A pattern is put together from the words
`yyyy` to `XXX`, with signs between them as they are and other letters in single quotes: `yyyy-MM-dd'T'HH:mm:ssXXX`.
A format without an offset needs `zone`. Empty text and 0 are no time. Times come out with the offset of their source,
and fractions without zeros at their end."""
_BODY_NOTE = """Of several, the Content-Type chooses, else the first byte. One word alone is always that one, whatever
the header says. Compressed bodies (gzip, deflate) are read as what they hold."""
_CHARSET_NOTE = """`charset` is a list, tried strictly in order. Without it: a byte order mark, else the Content-Type,
else UTF-8. Percent-encoding is undone first. What calls itself GBK or GB2312 is read as GB18030. Among others:"""
_EXPRESSION_NOTE = """Names joined by dots are a path: `data.message.id`, `event-data.id`, `发送成功`, `items.0.x`. A
number is a key of an object and a place in a list. A name with a dot, a bracket or a blank in it stands in double
quotes, and then the whole value in single quotes: `'"from.number"'`. Everything else is
[JMESPath](https://jmespath.org), where `!a.b` means "not a.b" and `true`, `false`, `null` are themselves. `==` compares
types too: 11 is not '11'; `equals` compares as text. Null, false, empty text, `[]` and `{}` are false; 0 is true. A
field may have a list of expressions: the first that gives something is taken (null and empty text do not). `_` is the
request, from any depth; it never has the token, a secret or the sender's address."""
_FUNCTION_NOTE = """Null where the first argument is null; none ever fails. An expression that fails counts as null,
with a warning that names its line."""
_TEMPLATE_NOTE = """Text with `{source.name|filter}` in it. What a source gives is never read as a template again. A
brace that no name follows is itself. Under `verify`: a `?` behind the name (`{header.X-Nonce?}`) allows it to be
missing, else the request is refused; `[[…]]` leaves a piece out where a source in it is missing or empty."""
_KINDS_NOTE = "What an event may be about. The names are fixed for each kind; what has none of them goes under `extra`."

_TYPES = {"string": "text", "integer": "whole number", "boolean": "true or false", "array": "list", "object": "mapping"}


def reference(
    vendor_schema: Schema, table_schema: Schema, kinds: Mapping[str, KindFile],
    functions: Mapping[str, Function], filters: Mapping[str, BytesFilter], sources: Mapping[str, Sequence[str]],
) -> str:  # fmt: skip
    """The text of schemas/README.md; `kinds` are the kind files by path. The same arguments give the same text."""
    bodies = {word: BODIES[word] for word in vendor_schema["properties"]["body"]["items"]["enum"]}
    parts = [
        HEAD,
        *_vendor_file(vendor_schema),
        _section("A table file", "In `tables/` beside the vendor files.", _keys(table_schema, {})),
        *_kinds(kinds),
        *_expressions(functions),
        *_templates(filters, sources),
        _section("Time formats", _TIME_NOTE, _table(("format", "what it reads"), _named({**TIMES, **TOKENS}))),
        _section("Body types", _BODY_NOTE, _table(("body", "what it is"), _named(bodies))),
        _section("Charsets", _CHARSET_NOTE, _code(CHARSETS)),
    ]
    return "\n".join(parts)


def _vendor_file(schema: Schema) -> Iterator[str]:
    """The top keys, then a section for each that is defined apart."""
    apart = {_definition(each): name for name, each in schema["properties"].items() if _definition(each)}
    yield _section("A vendor file", schema["description"], _keys(schema, apart))
    links = {**apart, "kind": "Kinds"}
    for name, title in apart.items():
        yield _section(title, NOTES.get(title, ""), _keys(schema["definitions"][name], links), "###")


def _definition(schema: Schema) -> str:
    """The definition that a key's value, or each item of it, refers to."""
    refers = (one["$ref"] for one in (*schema.get("allOf", ()), schema.get("items", {})) if "$ref" in one)
    return next((one.rsplit("/", 1)[-1] for one in refers), "")


def _section(title: str, note: str, table: str, level: str = "##") -> str:
    return "\n\n".join(part for part in (f"{level} {title}", note, table) if part) + "\n"


def _keys(schema: Schema, apart: Mapping[str, str]) -> str:
    return _table(("key", "type", "what it is", "example"), _rows(schema, "", apart))


def _rows(schema: Schema, prefix: str, apart: Mapping[str, str]) -> Iterator[Sequence[str]]:
    """A row for each key, and for the keys below it; keys that were told before are only named."""
    told: dict[str, str] = {}
    for name, each in schema.get("properties", {}).items():
        below = {} if _definition(each) else each.get("items", each) if "properties" not in each else each
        keys = json.dumps(below.get("properties", name))
        same = "" if told.setdefault(keys, name) == name else f" Its keys are those of `{told[keys]}`."
        needed = ", required" if name in schema.get("required", ()) else ""
        yield f"`{prefix}{name}`", _type(each, apart) + needed, each.get("description", "") + same, _example(each)
        if not same:
            yield from _rows(below, f"{prefix}{name}.", apart)


def _type(schema: Schema, apart: Mapping[str, str]) -> str:
    declared = schema.get("type", "anything")
    types = [_TYPES.get(one, one) for one in ([declared] if isinstance(declared, str) else declared)]
    words = schema.get("enum") or (schema.get("items", {}).get("enum") if "list" in types else None)
    if words and len(words) > 1:
        types = [f"{'one, or a list,' if 'list' in types else 'one'} of {_code(words)}"]
    title = apart.get(_definition(schema))
    return " or ".join(types) + (f" (see [{title}](#{title.lower()}))" if title else "")


def _example(schema: Schema) -> str:
    """As an author would write it, in one line; a list or a mapping shows more than a word does."""
    examples = schema.get("examples", [""])
    return _shown(next((one for one in examples if isinstance(one, dict | list)), examples[0]))


def _shown(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _span(text.replace("\n", "⏎").replace("\\n", "⏎")) if text.strip() else ""


def _span(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _code(words: Iterable[str]) -> str:
    return " ".join(map(_span, words))


def _named(rows: Mapping[str, str]) -> Iterator[Sequence[str]]:
    return ((_span(name), text) for name, text in rows.items())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _kinds(kinds: Mapping[str, KindFile]) -> Iterator[str]:
    yield _section("Kinds", _KINDS_NOTE, "")
    for file, document in kinds.items():
        yield _kind(kind(document, file), document)
    document = next(iter(kinds.values()), {"properties": {}})
    beside = {name: document["properties"][name]["description"] for name in results(document) if name in PROVENANCE}
    yield _section("What every event has", "", _table(("field", "what it is"), _named(beside)), "###")


def _kind(one: Kind, document: KindFile) -> str:
    needed = [*(["a status"] if one.words else []), *(" or ".join(map(_span, group)) for group in one.required)]
    same = ", else ".join(_code(parts) for parts in one.key)
    parts = [
        f"### {one.name}",
        f"{one.title}. {document.get('description', '')}".strip(),
        _table(("field", "type", "what it is", "often found at"), _fields(one, document)),
        f"Needed: {', '.join(needed) or 'nothing'}. Two events are the same one when these are: {same}.",
        _table(("status", "rank", "final", "success"), _words(one)) if one.words else "",
        "Later news has a higher rank; a final status ends the story." if one.words else "",
        f"Reasons: {_code(one.reasons)}." if one.reasons else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _fields(one: Kind, document: KindFile) -> Iterator[Sequence[str]]:
    for name, each in document["properties"].items():
        if name not in PROVENANCE:
            found = _code(each.get("x-mapped-from", ()))
            yield _span(name), _column(one.columns.get(name)), each.get("description", ""), found


def _column(column: Column | None) -> str:
    if column is None:
        return "found by the adapter"
    return f"one of {_code(column.words)}" if column.words else column.type


def _words(one: Kind) -> Iterator[Sequence[str]]:
    for word in one.words.values():
        yield _span(word.name), str(word.rank), "yes" if word.final else "", "yes" if word.success else ""


def _expressions(functions: Mapping[str, Function]) -> Iterator[str]:
    request = {f"_.{name}": text for name, text in REQUEST.items()}
    yield _section("Expressions", _EXPRESSION_NOTE, _table(("of the request", "what it is"), _named(request)))
    own = {name: one for name, one in functions.items() if name in OURS}
    head = ("function", "what it gives", "example", "of", "gives")
    yield _section("Functions", _FUNCTION_NOTE, _table(head, map(_function, own.values())), "###")
    library = _code(name for name in functions if name not in own)
    yield f"And [JMESPath's own](https://jmespath.org/specification.html#built-in-functions): {library}.\n"


def _function(one: Function) -> Sequence[str]:
    written, given, found = one.example
    shown = (json.dumps(value, ensure_ascii=False) for value in (given, found))
    return _span(one.usage), one.doc, _span(written), *map(_span, shown)


def _templates(filters: Mapping[str, BytesFilter], sources: Mapping[str, Sequence[str]]) -> Iterator[str]:
    names = dict.fromkeys(name for known in sources.values() for name in known)
    places = {name: _code(place for place, known in sources.items() if name in known) for name in names}
    rows = ((f"`{{{name}}}`", under, SOURCES[name]) for name, under in places.items())
    yield _section("Templates", _TEMPLATE_NOTE, _table(("source", "under", "what it gives"), rows))
    told = {name: one.doc for name, one in filters.items() if one.doc}
    note = "Behind a source, from left to right: `{body|sha256|hex}`."
    yield _section("Filters", note, _table(("filter", "what it gives"), _named(told)), "###")
