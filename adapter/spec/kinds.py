"""What kinds of events are there? One JSON Schema file each; dropping one into a folder adds a kind."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import jsonschema_rs
from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError, ValidationError

from adapter.spec.language import Column, Kind, Word

KindFile: TypeAlias = dict[str, Any]
"""A kind as its file says it."""

PROVENANCE = ("vendor", "channel", "spec", "extra", "warnings")
STATUS_PARTS = ("status.from", "status.success")

_FILE_NAME = re.compile(r"(?P<name>[a-z][a-z0-9_]*(\.[a-z0-9_]+)*?)\.(?P<version>v[0-9]+)\.json")
_PLAIN = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean", "object": "object"}
_TYPES = "string, integer, number, boolean, object, or array of string, each with or without null"
_NO_WORD = {"rank": 0, "final": False, "success": False, "reasoned": False}
_TEXT = {"type": "string"}
_NAMES = {"type": "array", "items": _TEXT}
_GROUPS = {"type": "array", "items": {**_NAMES, "minItems": 1}}
_TRAITS = {"rank": {"type": "integer"}, **{flag: {"type": "boolean"} for flag in ("final", "success", "reasoned")}}
_WORD = {"type": "object", "properties": _TRAITS, "additionalProperties": False}
_SOUND = jsonschema_rs.Draft7Validator(Draft7Validator.META_SCHEMA)
"""The fast yes or no; the slow one explains."""

_OWN_KEYWORDS = Draft7Validator(
    {
        "properties": {
            "title": _TEXT,
            "x-one-of": _GROUPS,
            "x-key": {**_GROUPS, "minItems": 1},
            "x-times": _NAMES,
            "x-subject": _TEXT,
            "x-success": _TEXT,
            "x-unknown-reason": _TEXT,
            "x-statuses": {"type": "object", "additionalProperties": _WORD},
            "properties": {"minProperties": 1, "additionalProperties": {"type": "object"}},
            "type": {"const": "object"},
        },
        "required": ["type", "properties"],
    }
)


class BadKind(ValueError):
    """A kind file that cannot be used; `file` is its name and `message` says why."""

    def __init__(self, file: str, message: str) -> None:
        super().__init__(f"{file}: {message}")
        self.file, self.message = file, message


def read_kinds(folders: Sequence[Path]) -> dict[str, Kind]:
    """The kinds by name; later folders lay over earlier ones. Raises BadKind."""
    kinds = (kind(document, file) for file, document in read_documents(folders).items())
    return {each.name: each for each in kinds}


def read_documents(folders: Sequence[Path]) -> dict[str, KindFile]:
    """The kind files by path: of one kind the last folder's, and there the highest version's. Raises BadKind."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.json"), key=lambda path: _version(path.name)):
            found[name_and_version(str(path))[0]] = path
    return {str(path): _read(path) for _, path in sorted(found.items())}


def name_and_version(file: str) -> tuple[str, str]:
    """`sms.delivery.v1.json` is the kind `sms.delivery` in its version `v1`."""
    parts = _FILE_NAME.fullmatch(Path(file).name)
    if parts is None:
        raise BadKind(file, "a kind's file is named like sms.delivery.v1.json")
    if parts["name"] == "ignore":
        raise BadKind(file, "'ignore' is the word for what nobody wants; a kind needs another name")
    return parts["name"], parts["version"]


def kind(document: KindFile, file_name: str) -> Kind:
    """Build a kind from its file. Only `title`, `type`, `properties` and `required` are needed. Raises BadKind."""
    name, version = name_and_version(file_name)
    _check_schema(document, file_name)
    columns = _columns(document, file_name)
    words = {word: Word(word, **{**_NO_WORD, **traits}) for word, traits in document.get("x-statuses", {}).items()}
    _check_names(document, columns, bool(words), file_name)
    _check_statuses(document, words, file_name)
    return Kind(
        name=name,
        version=version,
        title=document.get("title", name),
        columns=columns,
        results=tuple(result for result in results(document) if result not in PROVENANCE),
        required=_required(document, columns),
        key=_key(document, columns),
        times=tuple(document.get("x-times", [each.name for each in columns.values() if each.type == "date-time"])),
        subject=document.get("x-subject", ""),
        words=words,
        reasons=_words(document["properties"].get("reason", {})),
        unknown_reason=document.get("x-unknown-reason", ""),
        success=document.get("x-success", next((each.name for each in words.values() if each.success), "")),
    )


def mappable(document: KindFile) -> dict[str, Any]:
    """The properties that a spec may map, as the file says them."""
    return {name: each for name, each in document["properties"].items() if not each.get("readOnly", False)}


def results(document: KindFile) -> tuple[str, ...]:
    """The properties that no spec maps: they follow from the others, or say where the event came from."""
    return tuple(name for name, each in document["properties"].items() if each.get("readOnly", False))


def key_parts(document: KindFile) -> tuple[str, ...]:
    """What an event's id may be made of."""
    return (*mappable(document), *(STATUS_PARTS if document.get("x-statuses") else ()))


def _version(file: str) -> tuple[int, str]:
    parts = _FILE_NAME.fullmatch(file)
    return (int(parts["version"][1:]) if parts else 0, file)


def _read(path: Path) -> KindFile:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise BadKind(str(path), f"not UTF-8: byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise BadKind(str(path), f"not JSON: {error.msg} in line {error.lineno}, column {error.colno}") from error
    if not isinstance(document, dict):
        raise BadKind(str(path), "a kind is a JSON object")
    return document


def _check_schema(document: KindFile, file: str) -> None:
    try:
        if not _SOUND.is_valid(document) or "pattern" in str(document):  # of regular expressions the two differ
            Draft7Validator.check_schema(document)
    except SchemaError as error:
        raise BadKind(file, f"not a JSON Schema: {_worded(error)}") from error
    for odd in _OWN_KEYWORDS.iter_errors(document):
        raise BadKind(file, f"not a kind: {_worded(odd)}")


def _worded(error: ValidationError | SchemaError) -> str:
    return ": ".join([".".join(str(step) for step in error.absolute_path) or "the file", error.message])


def _columns(document: KindFile, file: str) -> dict[str, Column]:
    return {name: _column(name, each, file) for name, each in mappable(document).items()}


def _column(name: str, described: Mapping[str, Any], file: str) -> Column:
    word = _type_word(described)
    if word is None:
        raise BadKind(file, f"property '{name}' has the type {described.get('type')!r}; a field is {_TYPES}")
    return Column(name, word, _words(described))


def _type_word(described: Mapping[str, Any]) -> str | None:
    declared = described.get("type", [])
    types = [declared] if isinstance(declared, str) else [each for each in declared if each != "null"]
    if len(types) != 1:
        return None
    if types == ["array"]:
        return "list of text" if described.get("items", {}).get("type") == "string" else None
    if types == ["string"] and "enum" in described:
        return "enum"
    if types == ["string"] and described.get("format") == "date-time":
        return "date-time"
    return _PLAIN.get(types[0])


def _words(described: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(word for word in described.get("enum", ()) if word is not None)


def _required(document: KindFile, columns: Mapping[str, Column]) -> tuple[tuple[str, ...], ...]:
    alone = [(name,) for name in document.get("required", ()) if name in columns]
    return (*alone, *(tuple(group) for group in document.get("x-one-of", ())))


def _key(document: KindFile, columns: Mapping[str, Column]) -> tuple[tuple[str, ...], ...]:
    if "x-key" in document:
        return tuple(tuple(parts) for parts in document["x-key"])
    needed = [name for name in document.get("required", ()) if name in columns]
    return (tuple(needed or columns),)


def _check_names(document: KindFile, columns: Mapping[str, Column], has_words: bool, file: str) -> None:
    parts = (*columns, *(STATUS_PARTS if has_words else ()))
    times = [each.name for each in columns.values() if each.type == "date-time"]
    _check_known("required", document.get("required", ()), document["properties"], "a property", file)
    _check_known("x-one-of", _flat(document.get("x-one-of", ())), columns, "a field", file)
    _check_known("x-key", _flat(document.get("x-key", ())), parts, "a field", file)
    _check_known("x-times", document.get("x-times", ()), times, "a date-time field", file)
    _check_known("x-subject", _one(document, "x-subject"), columns, "a field", file)


def _flat(groups: Iterable[Iterable[str]]) -> list[str]:
    return [name for group in groups for name in group]


def _one(document: KindFile, keyword: str) -> tuple[str, ...]:
    return (document[keyword],) if document.get(keyword) else ()


def _check_known(keyword: str, names: Iterable[Any], known: Iterable[str], what: str, file: str) -> None:
    known = tuple(known)
    for name in names:
        if name not in known:
            raise BadKind(file, f"{keyword} names '{name}', which is not {what} of this kind ({', '.join(known)})")


def _check_statuses(document: KindFile, words: Mapping[str, Word], file: str) -> None:
    properties = document["properties"]
    listed = _words(properties.get("status", {})) if "status" in results(document) else ()
    if set(listed) != set(words):
        odd = ", ".join(sorted(set(listed) ^ set(words)))
        raise BadKind(file, f"x-statuses and the enum of a readOnly property 'status' must list the same words: {odd}")
    _check_known("x-success", _one(document, "x-success"), _successes(words), "a success word", file)
    reasons = _words(properties.get("reason", {}))
    _check_known("x-unknown-reason", _one(document, "x-unknown-reason"), reasons, "a reason", file)


def _successes(words: Mapping[str, Word]) -> list[str]:
    return [word.name for word in words.values() if word.success]
