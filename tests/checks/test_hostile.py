"""Does a file that nobody would write on purpose get a message with its place, and are the others still checked?"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.examined.examine import examine
from adapter.spec.diagnostics import RENDERERS
from adapter.spec.loader import Loaded, load
from adapter.spec.packaged import schemas
from tests.checks.fixtures import fixture

SECONDS = 10
"""Nothing may take longer, on a slow machine too."""


def _text(content: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(content, encoding="utf-8")


def _bytes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


GOOD = fixture("EX001", "good").read_text(encoding="utf-8")
MANY = "\n".join(f"key{number}: {number}" for number in range(9_999))
CODES = ", ".join(f'"{number}": delivered' for number in range(5_000))

HOSTILE: dict[str, tuple[Callable[[Path], object], str, int]] = {
    "not YAML": (_text("spec: v1\n}{\n"), "YAML001", 2),
    "a tab": (_text("spec: v1\nack:\n\tstatus: 200\n"), "YAML001", 3),
    "GBK": (_bytes("spec: v1\ntitle: 短信\n".encode("gbk")), "YAML005", 2),
    "UTF-16": (_bytes("spec: v1\n".encode("utf-16")), "YAML005", 1),
    "binary": (_bytes(b"spec: v1\n\x00\x01\x02"), "YAML005", 2),
    "full-width punctuation": (_text("spec: v1\nvendor： odd\n"), "YAML005", 2),
    "an anchor": (_text("spec: v1\nack: &a {status: 200}\n"), "YAML004", 2),
    "a billion laughs": (_text("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"), "YAML004", 1),
    "duplicate keys": (_text("spec: v1\nvendor: odd\nvendor: odd\n"), "YAML002", 3),
    "two documents": (_text(f"{GOOD}---\n{GOOD}"), "YAML003", GOOD.count("\n") + 1),
    "10 MB": (_bytes(b"# " + b"x" * 10_000_000), "YAML009", 1),
    "10,000 keys": (_text(MANY + "\none: more\n"), "YAML009", 10_000),
    "brackets": (_text("title: " + "[" * 10_000), "YAML009", 1),
    "a long line": (_text(f"title: {'x' * 200_000}\nbdoy: json\n"), "SPEC001", 2),
    "5,000 unknown keys": (_text(MANY[: MANY.index("key5000")]), "SPEC001", 1),
    "an empty file": (_text(""), "YAML003", 1),
    "a folder": (lambda path: path.mkdir(), "YAML010", 1),
    "a link to nowhere": (lambda path: path.symlink_to(path.parent / "gone"), "YAML010", 1),
    "a link to itself": (lambda path: path.symlink_to(path), "YAML010", 1),
    "a pipe": (os.mkfifo, "YAML010", 1),
}  # fmt: skip


def _loaded(folder: Path) -> Loaded:
    (folder / "zz.yaml").write_text(GOOD.replace("vendor: good", "vendor: zz").replace("code: state", "kode: state"))
    (folder / "good.yaml").write_text(GOOD)
    return load([folder], [schemas()])


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_told_with_its_place_and_the_others_are_checked(what: str, tmp_path: Path) -> None:
    make, code, line = HOSTILE[what]
    make(tmp_path / "odd.yaml")
    began = time.monotonic()
    loaded = _loaded(tmp_path)
    assert time.monotonic() - began < SECONDS
    odd = [one for one in loaded.diagnostics if one.span and Path(one.span.file).name == "odd.yaml"]
    assert (code, line) in [(one.code, one.span.line) for one in odd if one.span]
    others = [one.code for one in loaded.diagnostics if one.span and Path(one.span.file).name == "zz.yaml"]
    assert "FIELD001" in others
    assert list(loaded.registry.specs) == ["good"]
    assert set(loaded.held_back) == {"odd", "zz"}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("output", RENDERERS)
def test_what_is_said_of_it_can_be_shown_in_every_form(what: str, output: str, tmp_path: Path) -> None:
    if what == "5,000 unknown keys":
        pytest.skip("one file with that many mistakes is enough, above")
    make, code, _ = HOSTILE[what]
    make(tmp_path / "odd.yaml")
    loaded = _loaded(tmp_path)
    assert code in RENDERERS[output](loaded.diagnostics, loaded.sources)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told_and_the_others_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(GOOD)
    path.chmod(0)
    loaded = _loaded(tmp_path)
    assert "YAML010" in [one.code for one in loaded.diagnostics]
    assert list(loaded.registry.specs) == ["good"]


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), _bytes(b"\xff\xfe")], ids=["a folder", "not UTF-8"])
def test_a_hostile_table_is_told_too(make: Callable[[Path], object], tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    make(tmp_path / "tables" / "odd.yaml")
    loaded = _loaded(tmp_path)
    assert [one.code for one in loaded.diagnostics if one.span and "tables" in one.span.file] in (
        ["YAML010"],
        ["YAML005"],
    )
    assert list(loaded.registry.specs) == ["good"]


def test_five_thousand_codes_are_read_and_examined_in_time(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD.replace('{"0": delivered}', f"{{{CODES}}}"))
    began = time.monotonic()
    loaded = load([tmp_path], [schemas()])
    assert [one for one in loaded.diagnostics if one.severity == "error"] == []
    assert examine(loaded.registry.specs["good"], loaded.registry.kinds)
    assert time.monotonic() - began < SECONDS


COSTLY = (
    "[?a[?b[?c[?d[?e[?f]]]]]]",
    "a[*].b[*].c[*].d[*].e[*].f[*]",
    "_.body.a[?_.body.b[?_.body.c[?x]]]",
    " | ".join(["[@, @]"] * 20),
    "||".join(["x"] * 3_000),
    "(" * 1_900 + "x" + ")" * 1_900,
)


@pytest.mark.parametrize("expression", COSTLY)
def test_a_catastrophic_expression_is_refused_at_load(expression: str, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD.replace("to: mobile", f'to: "{expression}"'))
    loaded = load([tmp_path], [schemas()])
    told = [one for one in loaded.diagnostics if one.severity == "error"]
    assert [one.code for one in told] == ["EXPR010"]
    assert loaded.registry.specs == {}


CHEAP = (
    "entry[].changes[].value.statuses[].id | [0]",
    "data[?type == 'a'].items[?ok].id | [0]",
    "find(_.body.users, 'id', uid).phone",
    "_.body.users[?id == 'x'].phone | [0]",
    "[a, b, c, d, e, f, g, h, i, j] | [0]",
)


@pytest.mark.parametrize("expression", CHEAP)
def test_what_vendors_need_is_not_catastrophic(expression: str, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD.replace("to: mobile", f'to: "{expression}"'))
    assert [one.code for one in load([tmp_path], [schemas()]).diagnostics] == []
