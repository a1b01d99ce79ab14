"""What does a validator's error mean in the author's words? One cause, one message."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from jsonschema import ValidationError

from adapter.spec.diagnostics import Diagnostic, Path, Span, nearest, suggestion
from adapter.spec.places import Places
from adapter.spec.reader import Document

Mistake: TypeAlias = tuple[Path, Diagnostic]
"""A diagnostic and what it is about: the path of a key or value, of which only the first mistake counts."""

NAMES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
VERSIONS = (("spec",), ("table",))
RESULTS = {
    "status": "map the vendor's code as 'code' and say under 'status' what it means; a constant goes under 'set'",
    "reason": "say under 'status', behind the slash, what a code's reason is; a constant goes under 'set'",
    "final": "it follows from the status",
    "code_known": "it follows from the codes that are listed",
}

_SIMPLE = re.compile(r"[\w.-]+")
_OTHER_VERSION = re.compile(r"v[0-9]+")


@dataclass(frozen=True, slots=True)
class Failure:
    """A validator's error: the keyword that failed, what it wanted there and what it found."""

    keyword: str
    path: Path
    value: Any
    wanted: Any
    rule: Mapping[str, Any]
    depth: int
    of_a_key: bool


def _failure(error: ValidationError) -> Failure:
    """What the messages need of the validator's error."""
    rule = error.schema if isinstance(error.schema, Mapping) else {}
    ways = error.absolute_schema_path
    return Failure(
        keyword=str(error.validator),
        path=tuple(error.absolute_path),
        value=error.instance,
        wanted=error.validator_value,
        rule=rule,
        depth=len(ways),
        of_a_key="propertyNames" in ways,
    )


def translate(errors: Iterable[ValidationError], document: Document, places: Places) -> list[Diagnostic]:
    """Each mistake once, in the order of the file."""
    found: dict[Path, Diagnostic] = {}
    for each in sorted(map(_failure, errors), key=lambda each: (ORDER.index(each.keyword), each.depth)):
        for about, diagnostic in TRANSLATORS[each.keyword](each, document, places):
            found.setdefault(about, diagnostic)
    kept = [diagnostic for about, diagnostic in found.items() if not _is_meant(about, diagnostic, found)]
    return _of_this_version(sorted(kept, key=_position), document)


def _is_meant(about: Path, missing: Diagnostic, found: dict[Path, Diagnostic]) -> bool:
    """Is a missing key there, misspelt?"""
    if missing.code != "SPEC003":
        return False
    beside = (each for path, each in found.items() if path[:-1] == about[:-1])
    return misspelt([str(about[-1])], about[:-1], beside)


def misspelt(wanted: Iterable[str], place: Path, told: Iterable[Diagnostic]) -> bool:
    """Is one of the wanted keys there, at a place or around it, under a name that was told to be unknown?"""
    names = list(wanted)
    unknown = (each.path for each in told if each.code == "SPEC001")
    return any(place[: len(path) - 1] == path[:-1] and nearest(str(path[-1]), names) is not None for path in unknown)


def _of_this_version(diagnostics: list[Diagnostic], document: Document) -> list[Diagnostic]:
    """A file for another version of the language is not judged by the rules of this one."""
    versions = [each for each in diagnostics if each.code == "SPEC005"]
    return [each for each in versions if _OTHER_VERSION.fullmatch(str(_value(document, each.path)))] or diagnostics


def _position(diagnostic: Diagnostic) -> tuple[int, int]:
    return (diagnostic.span.line, diagnostic.span.column) if diagnostic.span else (0, 0)


def _value(document: Document, path: Path) -> Any:
    value: Any = document.data
    for step in path:
        value = value[step]
    return value


def _mistake(code: str, message: str, span: Span, advice: str, path: Path) -> Mistake:
    return path, Diagnostic(code, "error", message, span, advice, path)


def _unknown_keys(failure: Failure, document: Document, places: Places) -> Iterator[Mistake]:
    path, known = failure.path, list(failure.rule["properties"])
    worded = _unknown_field if _is_of_kind(path) else _unknown_key
    for key in failure.value:
        if key not in known:
            yield worded((*path, key), known, document, places)


def _is_of_kind(path: Path) -> bool:
    """Does this path hold names that the entry's kind decides?"""
    return len(path) == 3 and path[0] == "events" and path[2] in ("fields", "set", "key")


def _unknown_key(path: Path, known: list[str], document: Document, places: Places) -> Mistake:
    key = str(path[-1])
    elsewhere = "" if nearest(key, known) else " or ".join(places.get(key, ())[:2])
    advice = f"that key belongs {elsewhere}" if elsewhere else suggestion(key, known)
    return _mistake("SPEC001", f"unknown key '{key}'", document.key_span(path), advice, path)


def _unknown_field(path: Path, known: list[str], document: Document, _: Places) -> Mistake:
    key = str(path[-1])
    message, advice = _no_field(path, key, document), _field_advice(key, known)
    return _mistake("FIELD001", message, document.key_span(path), advice, path)


def _no_field(path: Path, name: str, document: Document) -> str:
    kind = _value(document, path[:2])["kind"]
    if name in RESULTS and path[2] != "set":
        return f"'{name}' is a result, not a field of {kind} to be mapped"
    return f"'{name}' is not a field of {kind}"


def _field_advice(name: str, known: list[str]) -> str:
    if name in RESULTS and name not in known:
        return RESULTS[name]
    advice = suggestion(name, known)
    return advice if nearest(name, known) else f"{advice}\nwhat has no field of its own goes under 'extra'"


def _missing_keys(failure: Failure, document: Document, _: Places) -> Iterator[Mistake]:
    path = failure.path
    where = f" in {_noun(path)}" if path else ""
    for key in failure.wanted:
        if key not in failure.value:
            described = failure.rule.get("properties", {}).get(key, {}).get("description", "")
            advice = f"add '{key}': {described}".removesuffix(": ")
            yield _mistake("SPEC003", f"'{key}' is missing{where}", _owner(path, document), advice, (*path, key))


def _owner(path: Path, document: Document) -> Span:
    """Where a mapping that lacks something is seen: its key, or where it begins."""
    if path and isinstance(path[-1], str):
        return document.key_span(path)
    return document.span(path)


def _wrong_type(failure: Failure, document: Document, _: Places) -> Iterator[Mistake]:
    path, allowed = failure.path, _allowed(failure.wanted)
    if path in VERSIONS:
        yield _wrong_version(failure, document)
        return
    wanted = _either([NAMES[each] for each in allowed])
    found = "is empty; it" if failure.value is None else ""
    other = "" if failure.value is None else f", not {_described(failure.value)}"
    message = " ".join(filter(None, [_noun(path), found, "must be", wanted])) + other
    yield _mistake("SPEC002", message, _seen(path, failure.value, document), _type_advice(failure, allowed), path)


def _either(names: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _allowed(types: str | list[str]) -> list[str]:
    return [types] if isinstance(types, str) else types


def _seen(path: Path, value: Any, document: Document) -> Span:
    """A value that is not there, or too large to be underlined, is shown by its key."""
    return document.span(path) if isinstance(value, (str, int)) and value != "" else _owner(path, document)


def _type_advice(failure: Failure, allowed: list[str]) -> str:
    value, words = failure.value, failure.rule.get("enum") or failure.rule.get("then", {}).get("enum")
    if words:
        return suggestion(_written(value), words)
    if isinstance(value, str) and "array" in allowed and _SIMPLE.fullmatch(value):
        return f"write it as a list: [{value}]"
    if isinstance(value, int) and "string" in allowed:
        return f'put it in quotes: "{_written(value)}"'
    if isinstance(value, dict) and "array" in allowed and "string" not in allowed:
        return "begin each entry of the list with '- '"
    return _example(failure)


def _example(failure: Failure) -> str:
    examples = [_written(example) for example in failure.rule.get("examples", [])[:2]]
    return f"for example: {' or '.join(examples)}" if examples else ""


def _written(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _noun(path: Path) -> str:
    if not path:
        return "the file"
    if isinstance(path[-1], str):
        return f"'{path[-1]}'"
    return f"entry {path[-1] + 1} of {_noun(path[:-1])}"


def _described(value: Any) -> str:
    if isinstance(value, bool):
        return _written(value)
    if isinstance(value, int):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text '{value}'" if len(value) <= 40 else "a text"
    return NAMES["array" if isinstance(value, list) else "object"]


def _no_such_word(failure: Failure, document: Document, _: Places) -> Iterator[Mistake]:
    path, value, words = failure.path, failure.value, [str(word) for word in failure.wanted]
    if failure.of_a_key:
        yield _no_place(failure, document, words)
    elif path in VERSIONS:
        yield _wrong_version(failure, document)
    elif _is_of_kind(path[:-1]) and path[2] == "key":
        message, advice = _no_field(path, str(value), document), _field_advice(str(value), words)
        yield _mistake("FIELD001", message, document.span(path), advice, path)
    else:
        advice = suggestion(_written(value), words)
        yield _mistake("SPEC002", _is_not(failure), document.span(path), advice, path)


def _is_not(failure: Failure) -> str:
    noun = failure.rule.get("title", "word that may stand here")
    return f"'{_written(failure.value)}' is not {'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _no_place(failure: Failure, document: Document, words: list[str]) -> Mistake:
    path = (*failure.path, failure.value)
    message = f"'{failure.value}' has no place in an entry of kind {_value(document, path[:2])['kind']}"
    return _mistake("SPEC001", message, document.key_span(path), f"it takes only: {', '.join(words)}", path)


def _wrong_version(failure: Failure, document: Document) -> Mistake:
    path, known = failure.path, failure.rule["enum"]
    message = f"'{_written(failure.value)}' is not a {failure.rule['title']} that this adapter reads"
    advice = f"write '{path[0]}: {known[-1]}'; a file for a later version needs a later adapter"
    return _mistake("SPEC005", message, _seen(path, failure.value, document), advice, path)


def _wrong_pattern(failure: Failure, document: Document, _: Places) -> Iterator[Mistake]:
    path = failure.path
    advice = f"write it like {' or '.join(failure.rule['examples'][:2])}"
    yield _mistake("SPEC002", _is_not(failure), document.span(path), advice, path)


def _empty(failure: Failure, document: Document, _: Places) -> Iterator[Mistake]:
    path = failure.path
    yield _mistake("SPEC002", f"{_noun(path)} is empty", _seen(path, failure.value, document), _example(failure), path)


def _out_of_range(failure: Failure, document: Document, _: Places) -> Iterator[Mistake]:
    path, low, high = failure.path, failure.rule["minimum"], failure.rule["maximum"]
    message = f"{_noun(path)} must be between {low} and {high}, not {failure.value}"
    yield _mistake("SPEC002", message, document.span(path), _example(failure), path)


Translator: TypeAlias = Callable[[Failure, Document, Places], Iterator[Mistake]]

TRANSLATORS: dict[str, Translator] = {
    "type": _wrong_type,
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "enum": _no_such_word,
    "minLength": _empty,
    "minItems": _empty,
    "minProperties": _empty,
    "pattern": _wrong_pattern,
    "minimum": _out_of_range,
    "maximum": _out_of_range,
}
"""By the keyword that failed; of two failures of one value the one listed first is told."""

ORDER = list(TRANSLATORS)
