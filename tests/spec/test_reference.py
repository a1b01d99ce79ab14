"""Is the reference what the schemas and tables make of it, and does it tell everything?"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from adapter.engine.decode import DECODERS
from adapter.expressions.filters import FILTERS
from adapter.expressions.functions import FUNCTIONS, OURS
from adapter.expressions.templates import SOURCES
from adapter.expressions.times import NAMED, time_reader
from adapter.expressions.view import View
from adapter.formats.charsets import charset
from adapter.model import Request
from adapter.spec import packaged, reference
from adapter.spec.kinds import read_documents
from adapter.spec.language import Clock

FOLDER = packaged.schemas()
VENDOR = json.loads((FOLDER / "vendor.v1.json").read_text(encoding="utf-8"))
TABLE = json.loads((FOLDER / "table.v1.json").read_text(encoding="utf-8"))
KINDS = read_documents([FOLDER / "events"])
PAGE = reference.reference(VENDOR, TABLE, KINDS, FUNCTIONS, FILTERS, SOURCES)


def test_the_page_in_the_folder_is_what_would_be_written() -> None:
    written = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert written == PAGE, "schemas/README.md is out of date: run adapter schema --write"


def test_the_same_language_gives_the_same_page() -> None:
    assert reference.reference(VENDOR, TABLE, KINDS, FUNCTIONS, FILTERS, SOURCES) == PAGE


def _properties(schema: Mapping[str, Any]) -> list[str]:
    inner = [each.get("items", each) if "properties" not in each else each for each in schema["properties"].values()]
    below = (name for one in inner if "properties" in one and "allOf" not in one for name in _properties(one))
    return [*schema["properties"], *below]


@pytest.mark.parametrize(
    "part", [VENDOR, TABLE, *(each for each in VENDOR["definitions"].values() if "properties" in each)]
)
def test_every_key_has_a_row_with_what_it_is(part: dict[str, Any]) -> None:
    for name in _properties(part):
        assert re.search(rf"^\| `([\w.]+\.)?{name}` \| [^|]+ \| [^|]+", PAGE, re.M), name


@pytest.mark.parametrize("file", KINDS)
def test_every_field_status_and_reason_of_a_kind_is_told(file: str) -> None:
    document = KINDS[file]
    name = document["$id"].split(":")[2]
    section = PAGE.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
    words = [*document.get("x-statuses", {}), *document["properties"].get("reason", {}).get("enum", ())]
    own = [each for each in document["properties"] if each not in ("vendor", "channel", "spec", "extra", "warnings")]
    assert [word for word in (*own, *words) if word and f"`{word}`" not in section] == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_told(name: str) -> None:
    assert f"`{OURS[name].usage}`" in PAGE if name in OURS else f"`{name}`" in PAGE


@pytest.mark.parametrize("name", [name for name in FILTERS if not name.startswith("\0")])
def test_every_filter_is_told(name: str) -> None:
    assert f"| `{name}` | {FILTERS[name].doc}" in PAGE


def test_every_source_is_told_with_where_it_may_stand() -> None:
    assert set(reference.SOURCES) == {name for names in SOURCES.values() for name in names}
    for name in reference.SOURCES:
        under = " ".join(f"`{place}`" for place, names in SOURCES.items() if name in names)
        assert f"| `{{{name}}}` | {under} |" in PAGE


def test_every_body_type_is_told() -> None:
    assert set(reference.BODIES) == set(DECODERS)


def test_every_part_of_the_request_is_there_and_told() -> None:
    request = Request("POST", "sms/1", "", b"", (), b"", datetime(2026, 1, 1, tzinfo=UTC))
    view = View(request, "acme", {}, {})
    assert [view[name] for name in reference.REQUEST if name != "body"]
    assert set(view) == set(reference.REQUEST)


def test_every_time_format_is_told() -> None:
    assert set(reference.TIMES) == set(NAMED)


@pytest.mark.parametrize("form", ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "dd MMM yy HH:mm:ss.SSS XXX"])
def test_the_words_of_a_time_pattern_are_the_known_ones(form: str) -> None:
    sample = {"yyyy": "2024", "yy": "24", "MMM": "May", "MM": "05", "dd": "01", "HH": "09", "mm": "00", "ss": "00",
              "SSS": "250", "XXX": "+08:00"}  # fmt: skip
    assert set(sample) == set(reference.TOKENS)
    text = re.sub("|".join(sample), lambda found: sample[found[0]], form.replace("'", ""))
    assert time_reader(Clock(None, (form,)))(text) == ("2024-05-01T09:00:00.25+08:00", "")


@pytest.mark.parametrize("name", reference.CHARSETS)
def test_every_charset_on_the_page_is_known(name: str) -> None:
    assert charset(name)


def test_every_table_on_the_page_is_a_table() -> None:
    """A bar inside a cell would begin another one."""
    widths: list[int] = []
    for line in PAGE.splitlines():
        width = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert not width or not widths or not widths[-1] or width == widths[-1], line
        widths.append(width)
    assert max(widths) > 2


def test_every_link_inside_the_page_leads_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ")).lower().replace(" ", "-")
        for line in PAGE.splitlines()
        if line.startswith("#")
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= headings
