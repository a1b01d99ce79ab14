"""Does the house keep its own laws?"""

# A row of a table is one line.
# ruff: noqa: E501

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapter.engine.decode import DECODERS
from adapter.examined.examine import EXAMINATIONS
from adapter.expressions.coercions import COERCIONS
from adapter.expressions.filters import FILTERS
from adapter.expressions.functions import FUNCTIONS, OURS
from adapter.expressions.library import LIBRARY
from adapter.expressions.times import NAMED
from adapter.signatures.algorithms import ALGORITHMS
from adapter.signatures.encodings import ENCODINGS
from adapter.signatures.rules import UNITS
from adapter.spec.checks import CHECKS
from adapter.spec.kinds import read_kinds
from adapter.spec.packaged import home, schemas, vendors

HOUSE = home() / "adapter"
FILES = sorted(path for path in HOUSE.rglob("*.py") if "_data" not in path.parts)
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}

# From the ground up: a module may import what stands before it, or beside it.
FLOORS = (
    ("adapter.model",),
    ("adapter.spec.language",),
    ("adapter.formats",),
    ("adapter.expressions",),
    ("adapter.signatures",),
    ("adapter.http_text", "adapter.curl_text"),
    ("adapter.spec",),
    ("adapter.engine",),
    ("adapter.placing",),
    ("adapter.signing",),
    ("adapter.forging",),
    ("adapter.rehearsal",),
    ("adapter.observed", "adapter.matrix"),
    ("adapter.accepted",),
    ("adapter.coverage",),
    ("adapter.trace",),
    ("adapter.examined",),
    ("adapter.scaffold",),
    ("adapter.store",),
    ("adapter.delivery",),
    ("adapter.replay",),
    ("adapter.service",),
    ("adapter.cli", "adapter.__main__"),
)


def module(path: Path) -> str:
    return ".".join(path.relative_to(HOUSE.parent).with_suffix("").parts).removesuffix(".__init__")


def floor(name: str) -> int:
    """The longest prefix counts: `adapter.spec.language` is not `adapter.spec`."""
    fitting = [
        (len(room), number)
        for number, rooms in enumerate(FLOORS)
        for room in rooms
        if name == room or name.startswith(room + ".")
    ]
    assert fitting, f"{name} has no floor: give it one in FLOORS"
    return max(fitting)[1]


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


EVERY_FILE = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))


@EVERY_FILE
def test_imports_only_go_down(path: Path) -> None:
    if path == HOUSE / "__init__.py":
        return
    ours = [name for name in imported(TREES[path]) if name.startswith("adapter.")]
    assert [name for name in ours if floor(name) > floor(module(path))] == []


# What is not in this list would bring in a clock, chance, the environment or the world outside.
PURE = {
    "adapter", "abc", "ast", "base64", "binascii", "bisect", "codecs", "collections", "contextlib", "dataclasses", "datetime", "decimal", "difflib", "email",
    "enum", "fnmatch", "functools", "hashlib", "hmac", "itertools", "json", "jmespath", "math", "operator", "orjson", "re", "re2", "struct",
    "shlex", "types", "typing", "unicodedata", "urllib", "xml", "zlib", "zoneinfo", "cryptography", "python_multipart", "joserfc",
}  # fmt: skip
CLOCKS = ("now", "utcnow", "today", "time", "monotonic", "perf_counter")
PURE_ROOMS = [HOUSE / room for room in ("engine", "signatures", "expressions", "formats", "scaffold", "examined")]
PURE_FILES = [
    path for path in FILES
    if path.parent in PURE_ROOMS or path in [HOUSE / f"{name}.py" for name in ("model", "http_text", "placing", "signing", "forging", "rehearsal", "observed", "matrix", "accepted", "coverage", "curl_text")]
]  # fmt: skip


COMPILER = HOUSE / "expressions" / "compiler.py"
"""The one place where text becomes code: what `page` lets through, and nothing that an author or a vendor wrote."""


@pytest.mark.parametrize("path", PURE_FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_the_engine_and_what_it_stands_on_have_no_world_no_clock_and_no_chance(path: Path) -> None:
    assert {name.split(".")[0] for name in imported(TREES[path])} - PURE == set()
    assert not any(name.startswith(("urllib.request", "urllib.error")) for name in imported(TREES[path]))
    calls = [node.func for node in ast.walk(TREES[path]) if isinstance(node, ast.Call)]
    assert [one.attr for one in calls if isinstance(one, ast.Attribute) and one.attr in CLOCKS] == []
    assert [
        one.id
        for one in calls
        if isinstance(one, ast.Name)
        and one.id in ("open", "input", "print", "eval", "exec", "__import__", "breakpoint")
    ] == (["exec"] if path == COMPILER else [])


STAGES = sorted(
    path for path in (HOUSE / "engine").glob("*.py") if path.stem not in ("flow", "conditions", "detection", "__init__")
)


@pytest.mark.parametrize("path", STAGES, ids=lambda path: path.stem)
def test_stages_do_not_import_each_other(path: Path) -> None:
    allowed = ("adapter.engine.conditions.", "adapter.engine.detection.")
    assert [
        name for name in imported(TREES[path]) if name.startswith("adapter.engine") and not name.startswith(allowed)
    ] == []


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.name == "__init__.py"], ids=lambda path: str(path.relative_to(HOUSE))
)
def test_a_door_plate_is_one_docstring(path: Path) -> None:
    body = TREES[path].body
    assert ast.get_docstring(TREES[path])
    if path != HOUSE / "__init__.py":
        assert len(body) == 1


@EVERY_FILE
def test_a_room_says_what_it_is_for_and_has_a_name_of_its_own(path: Path) -> None:
    assert ast.get_docstring(TREES[path])
    assert path.stem not in ("utils", "util", "helpers", "helper", "base", "manager", "common", "misc", "tools")


VENDORS = re.compile(rf"\b({'|'.join(sorted(path.stem for path in vendors().glob('*.yaml')))})\b", re.I)


@EVERY_FILE
def test_no_vendor_is_named_in_code(path: Path) -> None:
    assert VENDORS.findall(path.read_text(encoding="utf-8")) == []


@EVERY_FILE
def test_no_import_hides_in_a_function(path: Path) -> None:
    functions_ = [
        node
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    assert [
        node.lineno for each in functions_ for node in ast.walk(each) if isinstance(node, ast.Import | ast.ImportFrom)
    ] == []


def _broad(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        one is None or (isinstance(one, ast.Name) and one.id in ("Exception", "BaseException")) for one in caught
    )


def test_everything_is_caught_at_most_once() -> None:
    found = [
        f"{module(path)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.ExceptHandler) and _broad(node)
    ]
    assert len(found) <= 1, found


# The same words in the schema, the tables and the docs

SCHEMA: dict[str, Any] = json.loads((schemas() / "vendor.v1.json").read_text(encoding="utf-8"))
RULE: Mapping[str, Any] = SCHEMA["definitions"]["rule"]["properties"]
MANUAL = (vendors() / "README.md").read_text(encoding="utf-8") + "".join(
    path.read_text(encoding="utf-8") for path in schemas().glob("README.md")
)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (DECODERS, SCHEMA["properties"]["body"]["items"]["enum"]),
        (DECODERS, SCHEMA["properties"]["body"]["then"]["enum"]),
        (ALGORITHMS, RULE["is"]["enum"]),
        (ENCODINGS, RULE["encoding"]["enum"]),
        (UNITS, RULE["unit"]["enum"]),
    ],
    ids=["body", "body alone", "is", "encoding", "unit"],
)  # fmt: skip
def test_the_words_of_the_schema_are_the_words_of_the_tables(table: Mapping[str, Any], words: list[str]) -> None:
    extra = {"jwt", "aws-sns"} if words is RULE["is"]["enum"] else set()
    assert set(words) - extra == set(table) - extra


def test_every_type_of_a_field_can_be_coerced() -> None:
    types = {column.type for kind in read_kinds([schemas() / "events"]).values() for column in kind.columns.values()}
    assert types <= {*COERCIONS, "date-time"}


CHECK_ROOMS = [path for path in FILES if path.parent.name in ("checking", "examined")]


def test_every_check_is_in_a_table_once() -> None:
    """A public function that finds something is a check."""
    written = {
        node.name
        for path in CHECK_ROOMS
        for node in TREES[path].body
        if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) in ("Found", "Remarks")
    }
    tables = [each.__name__ for each in (*CHECKS.values(), *EXAMINATIONS.values())]
    assert sorted(tables) == sorted(name for name in written if not name.startswith("_"))


def test_our_functions_are_documented_and_hide_none_of_the_library() -> None:
    assert not set(OURS) & set(LIBRARY.FUNCTION_TABLE)
    for name, function in OURS.items():
        assert function.usage.startswith(f"{name}(")
        assert function.doc
    if re.search(r"`?strip_prefix", MANUAL):
        assert [name for name in OURS if not re.search(rf"\b{name}\b", MANUAL)] == []


def test_every_word_of_a_table_can_be_written_in_a_file() -> None:
    for table in (DECODERS, ALGORITHMS, ENCODINGS, UNITS, FUNCTIONS, NAMED, CHECKS):
        assert all(re.fullmatch(r"[A-Za-z0-9_-]+", word) for word in table)
    assert all(re.fullmatch(r"[a-z0-9-]+", word) for word in FILTERS if not word.startswith("\0"))


def test_properties_of_the_schema_have_a_description_and_an_example() -> None:
    bare: list[str] = []

    def look(node: Any, at: str) -> None:
        if isinstance(node, dict):
            for name, each in node.get("properties", {}).items() if isinstance(node.get("properties"), dict) else ():
                told = isinstance(each, dict) and (
                    {"const", "$ref"} & set(each) or (each.get("description") and "examples" in each)
                )
                bare.extend([] if told else [f"{at}.{name}"])
            for name, each in node.items():
                look(each, f"{at}.{name}")
        elif isinstance(node, list):
            for number, each in enumerate(node):
                look(each, f"{at}.{number}")

    look({name: each for name, each in SCHEMA.items() if name != "examples"}, "")
    assert [name for name in bare if "examples" not in name and ".then.properties." not in name] == []
    assert "oneOf" not in json.dumps(SCHEMA)
    assert "anyOf" not in json.dumps(SCHEMA)
