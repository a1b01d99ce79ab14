"""Which keys and words does a file have? The JSON Schemas of the spec language, and the stage that applies them."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import jsonschema_rs
from jsonschema import Draft7Validator

from adapter.spec.diagnostics import Diagnostic
from adapter.spec.kinds import KindFile, key_parts, mappable, name_and_version
from adapter.spec.mistakes import translate
from adapter.spec.places import Places, places
from adapter.spec.reader import Document

Schema: TypeAlias = dict[str, Any]

IGNORE = "ignore"


@dataclass(frozen=True)
class Validator:
    """A schema made ready: `fast` says yes or no, `draft` explains a no, `places` knows where keys belong."""

    schema: Schema
    draft: Draft7Validator
    fast: jsonschema_rs.Draft7Validator

    @cached_property
    def places(self) -> Places:
        return places(self.schema)


def validator(schema: Schema) -> Validator:
    """Make a schema ready: once, for any number of files."""
    return Validator(schema, Draft7Validator(schema), jsonschema_rs.Draft7Validator(schema))


def check_shape(document: Document, validator: Validator) -> list[Diagnostic]:
    """Every unknown key, missing key and wrong word of a file, in its author's words."""
    if validator.fast.is_valid(document.data):
        return []
    errors = list(validator.draft.iter_errors(document.data))
    return translate(errors, document, validator.places) if errors else []


def vendor_schema(skeleton: Schema, documents: Mapping[str, KindFile]) -> Schema:
    """The schema of a vendor file for these kind files, by path: only what depends on kinds is replaced."""
    schema = deepcopy(skeleton)
    kinds = {name_and_version(file)[0]: document for file, document in documents.items()}
    schema["definitions"]["kind"]["enum"] = [*kinds, IGNORE]
    branches = [_branch(name, document) for name, document in kinds.items()]
    schema["definitions"]["entry"]["allOf"] = [*branches, _ignored(schema["definitions"]["entry"])]
    return schema


def rendered(schema: Schema) -> str:
    """The text of a committed schema file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _branch(name: str, document: KindFile) -> Schema:
    """What an entry of one kind may name."""
    then = {"fields": _fields(name, document), "set": _constants(name, document), "key": _key(name, document)}
    return {"if": _is_kind(name), "then": {"properties": then}}


def _is_kind(name: str) -> Schema:
    return {"properties": {"kind": {"const": name}}, "required": ["kind"]}


def _ignored(entry: Schema) -> Schema:
    """Nobody reads an ignored record, so its entry only says which ones they are."""
    unread = ("fields", "set", "extra", "status", "time", "key")
    names = [name for name in entry["properties"] if name not in unread]
    return {"if": _is_kind(IGNORE), "then": {"propertyNames": {"enum": names}}}


def _fields(name: str, document: KindFile) -> Schema:
    fields = {field: _field(field, described) for field, described in mappable(document).items()}
    example = {field: each["examples"][0] for field, each in list(fields.items())[:3]}
    return _closed(f"The fields of {name}, each with the expression that gives it.", [example], fields)


def _field(name: str, described: Mapping[str, Any]) -> Schema:
    """Its examples are where vendors keep it; what it then holds is told by its description."""
    told = [described.get("description", f"The field {name}.")]
    told += [f"For example: {_shown(example)}" for example in described.get("examples", [])[:1]]
    return {"description": " ".join(told), "examples": described.get("x-mapped-from") or [name]}


def _shown(example: Any) -> str:
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)


def _constants(name: str, document: KindFile) -> Schema:
    properties = document["properties"]
    given = [*mappable(document), *(each for each in ("status", "reason") if each in properties)]
    constants = {each: _constant(name, each, properties[each]) for each in dict.fromkeys(given)}
    example = {each: one["examples"][0] for each, one in list(constants.items())[:1]}
    return _closed(f"Constants for the fields of {name}.", [example], constants)


def _constant(kind: str, name: str, described: Mapping[str, Any]) -> Schema:
    schema = {
        "description": described.get("description", f"The field {name}."),
        "examples": described.get("examples") or [name],
    }
    if "enum" in described:
        schema |= {"title": f"{name} of {kind}", "enum": [word for word in described["enum"] if word is not None]}
    return schema


def _key(name: str, document: KindFile) -> Schema:
    parts = list(key_parts(document))
    return {
        "description": f"The fields that make two events of {name} the same one.",
        "examples": [parts[:2]],
        "items": {"title": f"field of {name}", "enum": parts},
    }


def _closed(description: str, examples: list[Any], properties: Schema) -> Schema:
    return {
        "description": description,
        "examples": examples,
        "properties": properties,
        "additionalProperties": False,
    }
