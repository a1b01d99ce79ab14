"""Does reading at a glance say exactly what careful reading says, or leave the file to it?"""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.spec import packaged
from adapter.spec.glance import SURE, Untyped, glance
from adapter.spec.reader import CONTROL
from adapter.spec.slips import Plain, spot
from adapter.spec.source import source
from adapter.spec.tree import Tree

LOADERS = {"libyaml": Untyped, "pure": yaml.SafeLoader}
CHECKS = Path(__file__).parents[1] / "checks"
SHIPPED = sorted(packaged.vendors().rglob("*.yaml"))
FILES = [*SHIPPED, *(path for path in sorted(CHECKS.rglob("*.yaml")) if path.is_file())]


def by_careful_reading(text: str, loader: Any) -> list[object]:
    tree = Tree(source("acme.yaml", text), iter(yaml.parse(text, Loader=loader)))
    data = tree.document()
    assert (tree.found, tree.broken) == ([], False)
    return [repr(data), list(tree.keys.items()), list(tree.values.items())]


def at_a_glance(text: str, loader: Any) -> list[object] | None:
    seen = glance(source("acme.yaml", text), loader)
    return None if seen is None else [repr(seen.data), list(seen.keys.items()), list(seen.values.items())]


def agree(text: str, loader: Any) -> bool:
    """Do both roads say the same, if the quick one says anything? Gives whether it did."""
    seen = at_a_glance(text, loader)
    if seen is not None:
        assert seen == by_careful_reading(text, loader)
    return seen is not None


@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}/{path.name}" for path in FILES])
def test_both_roads_agree_on_every_file_we_have(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    if not CONTROL.search(text):
        agree(text, Untyped)
        agree(text.replace("\n", "\r\n"), Untyped)


@pytest.mark.parametrize("path", SHIPPED, ids=[path.name for path in SHIPPED])
def test_shipped_files_need_no_more_than_a_glance(path: Path) -> None:
    assert agree(path.read_text(encoding="utf-8"), Untyped)


@pytest.mark.parametrize("loader", LOADERS.values(), ids=LOADERS)
@pytest.mark.parametrize(
    "text",
    [
        "a: b",
        "a:\n",
        "a: {}\nb: []\n",
        "%YAML 1.2\n---\na: b\n...\n",
        "a: 200\nb: true\nc: null\nd: -1\n",
        "0012: a\nNO: b\n12:30: c\n~: d\n",
        "a: x && y\nb: x != 'y'\nc: x * 2\nd: \"&x\"\n",
        "a: b # note\nc: 1 # note\nd: # note\n  e: f\n",
        "a: if(b, c)\nd: join(',', e)\nf: {g: length(h), i: it's, '<': 0}\n",
        "title: 网易：云信，短信\nb: [中, “x” y]\nc: {d: 时间：now}\n",
        "a: \"\\u4e2d \\\"\n  x\"\nb: 'it''s'\n",
        "a: |\n  x\n\n  y\n\n\nb: >-\n  z\n\n# end\n",
        "a: |\n\nb: |2\n   x\nc:\n- |\n  x\n- y\n",
        "a:\n- b\n- - c\n  - d: e\n    f: g\n-\n- h\n  i\nj: k\n",
        "? a\n: b\n? |\n  c\n: d\n",
        "a: [b: c, {d, e: }, f: g,]\nh: {i: [j, [k]], 'l': m}\n",
        "a:\n  b\n  c\nd:\n\n  e: f\n",
        "{a: b, c: [d]}\n",
    ],
)
def test_good_words_need_no_more_than_a_glance(text: str, loader: Any) -> None:
    assert agree(text, loader)


@pytest.mark.parametrize("loader", LOADERS.values(), ids=LOADERS)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "a: b\n---\nc: d",
        "a: &x b",
        "&x a: b",
        "a: !ok",
        "a: !!str 5",
        "&x a: b\nc: *x",
        "&x\na: {b: *x}",
        "a: [&x b, *x]",
        "<<: {a: b}",
        "a: b\na: c",
        "[a]: b",
        "a:\tb",
        "a: {b:c}",
        "a: {b: if(c, d)}",
        "a: {if(c, d): e}",
        "a: [join(',', x)]",
        "a: “b”",
        "a: \u3000b",
        "a:\n  b：c",
        "a: {b：c}",
        "a: b #c",
        "a: 5 #c",
        "a: (b # c",
        "a: 1.10",
        "a: NO",
        "a: [~]",
        "a: 2017-06-02",
        'a: "\\ud800"',
        "a: b: c",
        "a: " + "[" * 60 + "]" * 60,
        "a: [" + "b," * 19_999 + "]",
        "a: " + "b" * (1 << 16),
        "? " * 500,
    ],
)
def test_what_may_be_a_mistake_is_looked_at_carefully(text: str, loader: Any) -> None:
    assert glance(source("acme.yaml", text), loader) is None


GOOD = st.sampled_from(
    ["a", "b c", "c.d", "12", "-1", "true", "", "中", "x，y", "it's", "'q'", '"d\\n"', "!=", "x && y", "[a, 'b']",
     "{a: b, c: }", "{1: 0, 'x': {y: [z]}}", "[a: b]", "{}", "[]", "[\n   a,\n   b]", "|\n   x\n\n", ">-\n   y\n",
     "x # y", "|+\n   z\n\n\n", "x  y", "x\n   y", "'x\n   y'", "'it''s'", "http://x/y?z=1", "length(x)",
     "- a\n  - b", "- - a"]
)  # fmt: skip
BAD = st.sampled_from(
    ["0012", "1.5", "no", "~", "a：b", "“x”", "if(a", "b)", "a:b", '"\\ud800"', "<<", "&x", "*x", "!t", "!!str 5",
     "{a:b}", "[if(a, b)]", "x #y", "\u3000x", "#", "? x", "%Y", "@x", "x\u200b", "x\ty"]
)  # fmt: skip
WORDS = st.one_of(GOOD, BAD)
GAPS = st.sampled_from([": ", ": ", ":\n  ", ":\n   ", ":", ":  # note\n   ", " : ", ":\n- ", ":\n  - ", ":\n  - b: "])
STARTS = st.sampled_from(["", "", "", "- ", "  ", "  - ", "? ", "\n", "# note\n", "   ", "- - ", "---\n"])
ENDS = st.sampled_from(["\n", "\n", "\n", " \n", "\r\n", "\n\n\n", "\n# note\n", ""])
TYPED = st.lists(st.builds("".join, st.tuples(STARTS, WORDS, GAPS, WORDS, ENDS)), min_size=1, max_size=6).map("".join)
NEAT = st.lists(st.builds("".join, st.tuples(GAPS, GOOD, ENDS)), min_size=1, max_size=3).map(
    lambda rests: "".join(f"k{at}{rest}" for at, rest in enumerate(rests))
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12), WORDS)
TREES = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        LEAVES, lambda deep: st.lists(deep, max_size=3) | st.dictionaries(st.text(max_size=5), deep, max_size=3)
    ),
    min_size=1,
    max_size=4,
)
QUICK = settings(max_examples=400, deadline=None)


@pytest.mark.parametrize("loader", LOADERS.values(), ids=LOADERS)
@given(text=st.one_of(TYPED, NEAT, NEAT))
@QUICK
def test_both_roads_agree_on_whatever_is_typed(text: str, loader: Any) -> None:
    agree(text, loader)


@pytest.mark.parametrize("loader", LOADERS.values(), ids=LOADERS)
@given(tree=TREES, flow=st.sampled_from([None, False, True]), wide=st.sampled_from([20, 80]))
@QUICK
def test_both_roads_agree_on_whatever_is_dumped(
    tree: dict[str, Any], flow: bool | None, wide: int, loader: Any
) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True, width=wide)
    if not CONTROL.search(text):
        agree(text, loader)


@given(
    st.one_of(
        st.text(min_size=1),
        WORDS,
        st.from_regex(r"(?i)[-+]?[0-9_.:o~xet]{1,8}|yes|no|on|off|true|null|\.nan", fullmatch=True),
    ),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=1000, deadline=None)
def test_no_slip_is_spotted_in_what_is_sure(text: str, is_key: bool, flow: bool, fresh: bool) -> None:
    text = text.strip(" ")
    if SURE[flow](text):
        assert spot(Plain(source("acme.yaml", text), 0, len(text), text, (), is_key, flow, fresh)) is None
