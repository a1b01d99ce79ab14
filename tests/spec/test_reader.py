"""Does the reader take every word literally, know where it stands, and say what is wrong in plain words?"""

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.spec import reader
from adapter.spec.diagnostics import Diagnostic, Path, Span
from adapter.spec.reader import Document, read

LOADERS = {"libyaml": getattr(yaml, "CSafeLoader", yaml.SafeLoader), "pure": yaml.SafeLoader}


@pytest.fixture(params=LOADERS, autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LOADER", LOADERS[request.param])


def document(text: str) -> Document:
    found, _ = read(text.encode(), "acme.yaml")
    assert found is not None
    return found


def mistakes(text: str | bytes) -> list[Diagnostic]:
    return read(text if isinstance(text, bytes) else text.encode(), "acme.yaml")[1]


def seen(span: Span) -> tuple[int, int, int, int]:
    return span.line, span.column, span.end_line, span.end_column


def told(text: str | bytes) -> list[tuple[str, int, int]]:
    return [(one.code, one.span.line, one.span.column) for one in mistakes(text) if one.span]


@pytest.mark.parametrize(
    "key",
    ["000000", "0", "NO", "12:30", "~", "null", "true", "yes", "1.10", "0x1f", "2017-06-02", "1_000", "+10:00", "="],
)
def test_a_key_is_its_literal_text(key: str) -> None:
    assert document(f"{key}: x").data == {key: "x"}
    assert document(f"a: {{{key}: x}}").data == {"a": {key: "x"}}


def test_codes_that_other_readers_merge_stay_three_entries() -> None:
    assert document("000000: delivered\n0: failed\nNO: y").data == {"000000": "delivered", "0": "failed", "NO": "y"}


@pytest.mark.parametrize(
    "text",
    [
        "0012",
        "12:30",
        "1.10",
        "2017-06-02",
        "+10:00",
        "yes",
        "no",
        "on",
        "off",
        "On",
        "NO",
        "22:22",
        "3.10",
        "02142",
        "00",
        "08",
        "-0",
        "+1",
        "007",
        "1_000",
        "0x1f",
        "0b1",
        ".inf",
        "1e3",
        "~",
        "True",
        "NULL",
        "Null",
        "FALSE",
        "۱۲",
        "１２",
        "-01",
        "--1",
        "=",
        "2017-06-02T14:40:45Z",
        "2017-06-02 14:40:45",
        "9" * 4001,
    ],
)
def test_a_value_stays_text(text: str) -> None:
    assert document(f"a: {text}").data == {"a": text}
    assert document(f"a: [{text}]").data == {"a": [text]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("0", 0),
        ("-1", -1),
        ("200", 200),
        ("9" * 4000, int("9" * 4000)),
        ("'true'", "true"),
        ('"200"', "200"),
        ("''", ""),
        ("|\n  200", "200\n"),
        (">\n  a\n  b", "a b\n"),
        ("a\n  b", "a b"),
        ("{}", {}),
        ("[]", []),
        ('"\\u4e2d"', "中"),
    ],
)
def test_only_a_few_plain_words_are_more_than_text(text: str, value: object) -> None:
    found = document(f"a: {text}\n").data["a"]
    assert found == value
    assert type(found) is type(value)
    assert mistakes(f"a: {text}\n") == []


PLACES = """\
spec: v1
网易: 云信 # note
codes: {"MK:0010": failed, 中: [a, {b: 'c'}]}
text: |
  one
  two

list:
  - x: 1
    y: a
      b
  - z
none:
last: "a
  b"
"""


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        ((), (1, 1, 15, 5), (1, 1, 15, 5)),
        (("spec",), (1, 1, 1, 5), (1, 7, 1, 9)),
        (("网易",), (2, 1, 2, 3), (2, 5, 2, 7)),
        (("codes",), (3, 1, 3, 6), (3, 8, 3, 45)),
        (("codes", "MK:0010"), (3, 9, 3, 18), (3, 20, 3, 26)),
        (("codes", "中"), (3, 28, 3, 29), (3, 31, 3, 44)),
        (("codes", "中", 0), (3, 32, 3, 33), (3, 32, 3, 33)),
        (("codes", "中", 1, "b"), (3, 36, 3, 37), (3, 39, 3, 42)),
        (("text",), (4, 1, 4, 5), (4, 7, 6, 6)),
        (("list",), (8, 1, 8, 5), (9, 3, 12, 6)),
        (("list", 0), (9, 5, 11, 8), (9, 5, 11, 8)),
        (("list", 0, "y"), (10, 5, 10, 6), (10, 8, 11, 8)),
        (("list", 1), (12, 5, 12, 6), (12, 5, 12, 6)),
        (("none",), (13, 1, 13, 5), (13, 6, 13, 6)),
        (("last",), (14, 1, 14, 5), (14, 7, 15, 5)),
        (("codes", "absent", "deeper"), (3, 8, 3, 45), (3, 8, 3, 45)),
        (("absent",), (1, 1, 15, 5), (1, 1, 15, 5)),
    ],
)
def test_every_key_and_value_knows_its_place(path: Path, key: tuple[int, ...], value: tuple[int, ...]) -> None:
    for text in (PLACES, PLACES.replace("\n", "\r\n")):
        found = document(text)
        assert seen(found.span(path)) == value
        assert seen(found.key_span(path)) == key


def test_styles_are_remembered() -> None:
    found = document("0012: a\n'b': \"c\"\n\"d\": 'e'\nf: |\n  g\nh: >\n  i\nj: [k, 'l']\nm:\n")
    assert [found.key((key,))[2] for key in ("0012", "b", "d")] == ["plain", "single", "double"]
    styles = ["plain", "double", "single", "literal", "folded"]
    assert [found.value((key,))[2] for key in ("0012", "b", "d", "f", "h")] == styles
    assert [found.value(path)[2] for path in (("j",), ("j", 0), ("j", 1), ("m",))] == ["", "plain", "single", "plain"]


BROKEN = [
    ("a:\n\tb: c", (2, 1), "tab", "spaces"),
    ("a:\n  - x\n\t- y", (3, 1), "tab", "spaces"),
    ("a: |\n\tx", (2, 1), "tab", "spaces"),
    ("a: %Y-%m", (1, 4), "begin with '%'", 'in quotes: "%Y-%m"'),
    ("a: @", (1, 4), "begin with '@'", 'in quotes: "@"'),
    ("a: `1`", (1, 4), "begin with '`'", 'in quotes: "`1`"'),
    ("a: *.x", (1, 4), "begin with '*'", 'in quotes: "*.x"'),
    ("a: &&x", (1, 4), "begin with '&'", 'in quotes: "&&x"'),
    ("a: || b", (1, 4), "begin with '|'", 'in quotes: "|| b"'),
    ("a: >= 3", (1, 4), "begin with '>'", 'in quotes: ">= 3"'),
    ("a: }", (1, 4), "begin with '}'", "quotes"),
    ("a: , b", (1, 4), "begin with ','", "quotes"),
    ("a: [0].a", (1, 7), "ended at the ]", 'in quotes: "[0].a"'),
    ("a: {b}c", (1, 7), "ended at the }", 'in quotes: "{b}c"'),
    ("a: 'x' || y", (1, 8), "ended at the '", "in quotes: \"'x' || y\""),
    ('a: "b" == c', (1, 8), 'ended at the "', "in quotes: '\"b\" == c'"),
    ("a: 'it's'", (1, 8), "ended at the '", "written ''"),
    ("a: b: c", (1, 5), "second ': '", 'in quotes: "b: c"'),
    ("a: x == 'y: z'", (1, 11), "second ': '", "in quotes: \"x == 'y: z'\""),
    ("a: x:\n  y: z", (1, 5), "behind another key", "new line"),
    ("a: b\n c: d", (2, 3), "cannot stand here", "column"),
    ("a: {b: x[0].c}", (1, 9), "expected ',' or '}'", 'in quotes: "x[0].c"'),
    ("a: {b: c d: e}", (1, 11), "second ': '", "comma"),
    ("a: {b: c", (1, 4), "{ is never closed", "write }"),
    ("m:\n  has: [a\nb: c", (2, 8), "[ is never closed", "write ]"),
    ("a: [\n", (1, 4), "[ is never closed", "write ]"),
    ("a: b\nc: [d, {e: [f], g: h,\n\n# note\n", (2, 8), "{ is never closed", "write }"),
    ("a: {b:\n", (1, 4), "{ is never closed", "write }"),
    ('a: "x\nb: c\n', (1, 4), "never closed", 'another "'),
    ("a: 'x", (1, 4), "never closed", "another '"),
    ('a: "\\q"', (1, 5), "'\\q' is not an escape", "single quotes"),
    ('a: "\\UFFFFFFFF"', (1, 5), "'\\U' is not an escape", "single quotes"),
    ("spec: v1\nvendor\nb: c", (2, 1), "no ': ' follows 'vendor'", "key: value"),
    ("spec: v1\nvendor:acme\nb: c", (2, 1), "no ': ' follows", "write 'vendor: acme'"),
    ("a:\n  b: c\n d: e", (3, 2), "another column", "same column"),
    ("a:\n  - b\n  c: d", (3, 3), "another column", "same column"),
    ("a: b\n- c", (2, 1), "list item", "indent"),
    ("a: - b", (1, 4), "list cannot begin", "[a, b]"),
    ("%YAML 3.0\n---\na: b", (1, 1), "'%'", "quotes"),
]


@pytest.mark.parametrize(("text", "place", "message", "advice"), BROKEN, ids=[case[0] for case in BROKEN])
def test_a_syntax_error_is_told_once_in_plain_words(
    text: str, place: tuple[int, int], message: str, advice: str
) -> None:
    found, (mistake,) = read(text.encode(), "acme.yaml")
    assert found is None
    assert (mistake.code, mistake.severity) == ("YAML001", "error")
    assert mistake.span is not None
    assert (mistake.span.line, mistake.span.column) == place
    assert message in mistake.message
    assert advice in mistake.help


@pytest.mark.parametrize(
    ("text", "data", "place"),
    [
        ("a: {b:c, d: e}", {"a": {"d": "e"}}, (1, 5)),
        ("a: b\n? [x]\n: y", {"a": "b"}, (2, 3)),
        ("{a: b, [x]: y, {z: 1}: 2, c: d}", {"a": "b", "c": "d"}, (1, 8)),
    ],
)
def test_a_key_that_cannot_be_one_is_told_and_left_out(
    text: str, data: dict[str, object], place: tuple[int, int]
) -> None:
    assert document(text).data == data
    assert told(text)[0] == ("YAML001", *place)


def test_a_tab_behind_a_colon_is_an_error_too() -> None:
    assert told("a:\tb") == [("YAML001", 1, 3)]


@pytest.mark.parametrize(
    ("text", "data", "places"),
    [
        ("a: x\nb: y\na: z", {"a": "x", "b": "y"}, [(3, 1)]),
        ("a: x\n'a': y\n\"a\": z", {"a": "x"}, [(2, 1), (3, 1)]),
        ("o: {a: x, a: [1.1, {b: c, b: c}]}", {"o": {"a": "x"}}, [(1, 11)]),
        ("o:\n- a: x\n- a: y", {"o": [{"a": "x"}, {"a": "y"}]}, []),
        ("0: x\n00: y\nNO: z\nno: w", {"0": "x", "00": "y", "NO": "z", "no": "w"}, []),
    ],
)
def test_a_key_that_stands_twice_is_an_error_and_the_first_counts(
    text: str, data: dict[str, object], places: list[tuple[int, int]]
) -> None:
    assert document(text).data == data
    assert told(text) == [("YAML002", *place) for place in places]


def test_a_duplicate_names_the_first_line_and_keeps_its_place() -> None:
    text = "a: x\nb: y\na: z"
    (mistake,) = mistakes(text)
    assert mistake.message == "'a' stands twice in one mapping, first in line 1"
    assert mistake.path == ("a",)
    assert seen(document(text).span(("a",))) == (1, 4, 1, 5)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", (1, 1)),
        ("# only a comment\n", (1, 1)),
        ("---\n", (1, 1)),
        ("- a", (1, 1)),
        ("just words", (1, 1)),
        ("vendor:acme", (1, 1)),
        ("[a, b]", (1, 1)),
        ("a: b\n---\nc: d", (2, 1)),
        ("a: b\n---\n", (2, 1)),
        ("*x", (1, 1)),
    ],
)
def test_a_file_is_one_mapping(text: str, place: tuple[int, int]) -> None:
    found, _ = read(text.encode(), "acme.yaml")
    assert found is None
    assert told(text) == [("YAML003", *place)]


def test_one_document_may_have_its_marks() -> None:
    assert read(b"%YAML 1.2\n---\na: b\n...\n", "acme.yaml")[1] == []


@pytest.mark.parametrize(
    ("text", "place", "data"),
    [
        ("a: &x y", (1, 4), {"a": "y"}),
        ("&x a: y", (1, 1), {"a": "y"}),
        ("a: &x\n  b: c", (1, 4), {"a": {"b": "c"}}),
        ("a: *x", (1, 4), None),
        ("*x : a", (1, 1), None),
        ("a: {<<: *x, b: c}", (1, 5), None),
        ("<<: {a: b}", (1, 1), None),
        ("a: !ok", (1, 4), {"a": "!ok"}),
        ("a: !!str 5", (1, 4), {"a": 5}),
        ("a: [!x y]", (1, 5), {"a": ["!x y"]}),
    ],
)
def test_anchors_aliases_tags_and_merges_are_refused(
    text: str, place: tuple[int, int], data: dict[str, object] | None
) -> None:
    found, _ = read(text.encode(), "acme.yaml")
    assert told(text) == [("YAML004", *place)]
    assert (found.data if found else None) == data


def test_merge_signs_in_quotes_are_a_key() -> None:
    assert document("'<<': a").data == {"<<": "a"}
    assert mistakes("'<<': a") == []


def test_an_expression_taken_for_a_tag_is_shown_in_quotes() -> None:
    (mistake,) = mistakes("when: !ok")
    assert mistake.help.endswith('in quotes if it is an expression: "!ok"')


@pytest.mark.parametrize(
    ("content", "place", "message", "advice"),
    [
        (b"a: b\nc: \xff", (2, 4), "0xFF is not UTF-8", "save the file as UTF-8"),
        ("title: 中\n短: ".encode() + b"\xe4\xb8", (2, 4), "0xE4", "UTF-8"),
        ("title: 网易云信\n".encode("gbk"), (1, 8), "0xCD", "looks like GBK"),
        ("a: b".encode("utf-16"), (1, 1), "0xFF", "looks like UTF-16"),
        (b"a: b\n\xef\xbb\xbfc: d", (2, 1), "U+FEFF", "remove"),
        (b"a: \x00", (1, 4), "U+0000", "remove"),
        (b"a: \x1b[31m", (1, 4), "U+001B", "remove"),
        ("a: b\u2028c".encode(), (1, 5), "U+2028", "remove"),
        (b"a: b\rc: d", (1, 5), "U+000D", "remove"),
        ("vendor：acme\na: b".encode(), (1, 7), "'：'", "': '"),
        ("vendor：acme".encode(), (1, 7), "'：'", "': '"),
        ("a: b\n“c”：d\ne: f".encode(), (2, 1), "'“' is not an ASCII quote", '"'),
        ("match:\n  path：/x\n".encode(), (2, 7), "'：'", "': '"),
        ("a:\n  - kind：sms.delivery\n".encode(), (2, 9), "'：'", "': '"),
        ("a: {to：mobile，code: result}".encode(), (1, 7), "'：'", "': '"),
        ("a: [x，y]".encode(), (1, 6), "'，'", "', '"),
        ("a: {b: “x: y”}".encode(), (1, 8), "'“' is not", '"'),
        ("vendor:　acme\na: b".encode(), (1, 8), "U+3000", "plain blank"),
    ],
)
def test_what_is_not_plain_utf8_punctuation_ends_the_reading(
    content: bytes, place: tuple[int, int], message: str, advice: str
) -> None:
    found, (mistake,) = read(content, "acme.yaml")
    assert found is None
    assert told(content) == [("YAML005", *place)]
    assert message in mistake.message
    assert advice in mistake.help


@pytest.mark.parametrize(
    ("text", "data", "place"),
    [
        ("\ufeffa: b", {"a": "b"}, (1, 1)),
        ("a: “失败”", {"a": "失败"}, (1, 4)),
        ("a: ‘x’", {"a": "x"}, (1, 4)),
        ("“MK:0010”: x", {"MK:0010": "x"}, (1, 1)),
        ("a: [“x”, y]", {"a": ["x", "y"]}, (1, 5)),
        ("a\u3000: b", {"a": "b"}, (1, 1)),
        ("a: b\u200b", {"a": "b"}, (1, 4)),
    ],
)
def test_quotes_and_blanks_of_an_input_method_are_told_and_read_as_meant(
    text: str, data: dict[str, object], place: tuple[int, int]
) -> None:
    assert document(text).data == data
    assert told(text) == [("YAML005", *place)]


@pytest.mark.parametrize(
    "text",
    [
        'codes: {"CL32：1": failed, "a，b": x}',
        "title: 网易云信：短信，回执",
        "title: “最好”和“短信”",
        "title: 说“好”",
        "title: Yunxin：SMS，短信",
        "docs:\n  - 说明：见官网\n",
        "CL32：1: failed",
        "a: {描述: 成功，已送达}",
        'a: "“x”"',
        "a: b # 注意：x，y",
        "a: |\n  key：x\n",
        "a: é中\U0001f600",
    ],
)
def test_full_width_text_is_fine_where_it_is_text(text: str) -> None:
    assert mistakes(text) == []


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a: x #b", [(1, 6)]),
        ("a: join('a #b', x)", [(1, 12)]),
        ("a: if(x, # y)", [(1, 10)]),
        ("a: #5", [(1, 4)]),
        ("a:\n  - x #b", [(2, 7)]),
        ("a: x # b", []),
        ("a: x  ## b", []),
        ("a: x #", []),
        ("a: x#b", []),
        ("a: it's # fine", []),
        ("a: # fine\n  b: c", []),
        ("a: 'x' #b", []),
        ("a: (x) # [", []),
        ("a: {b: c # d\n  }", []),
    ],
)
def test_a_value_cut_by_a_comment_is_a_warning(text: str, places: list[tuple[int, int]]) -> None:
    assert document(text)
    assert told(text) == [("YAML006", *place) for place in places]
    assert all(one.severity == "warning" for one in mistakes(text))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("1.10", "a number"),
        ("0012", "a number written to another base"),
        ("0x1f", "a number written to another base"),
        ("012", "a number written to another base"),
        ("08", "a number"),
        ("1_000", "a number"),
        ("+8613800138000", "a number"),
        ("-0", "a number"),
        (".inf", "a number"),
        ("1e3", "a number"),
        ("12:30", "a number to the base 60"),
        ("+10:00", "a number to the base 60"),
        ("2017-06-02", "a date"),
        ("2017-06-02 14:40:45", "a date"),
        ("yes", "true or false"),
        ("NO", "true or false"),
        ("On", "true or false"),
        ("True", "true or false"),
        ("NULL", "nothing"),
        ("~", "nothing"),
    ],
)
def test_a_text_that_other_tools_retype_is_a_warning(text: str, what: str) -> None:
    for line in (f"a: {text}", f"a: [{text}]", f"a: {{b: {text}}}"):
        (mistake,) = mistakes(line)
        assert (mistake.code, mistake.severity) == ("YAML007", "warning")
        assert mistake.message == f"{text} is not quoted; other YAML tools would read it as {what}"
        assert mistake.help == f'write "{text}"'


@pytest.mark.parametrize(
    "text",
    ["12", "-3", "true", "null", "v1", "yyyy-MM-dd HH:mm:ss", "a.b", "yesterday", "1.2.3", "10..12", "300s", "MK:1"],
)
def test_a_text_that_every_tool_reads_alike_is_no_warning(text: str) -> None:
    assert mistakes(f"a: {text}") == []
    assert mistakes(f"'a': '{text}'") == []


def test_a_retyped_key_is_not_told_here() -> None:
    assert mistakes("codes: {0012: x, NO: y, 12:30: z}") == []


CUT = [
    ("f: {to: if(a, b), x: c}", {"f": {"to": "if(a, b)", "x": "c"}}, [(1, 9)], '"if(a, b)"'),
    ("{a: if(b, c)}", {"a": "if(b, c)"}, [(1, 5)], '"if(b, c)"'),
    (
        "f: {a: if(b, c, d), e: g(h, i)}",
        {"f": {"a": "if(b, c, d)", "e": "g(h, i)"}},
        [(1, 8), (1, 24)],
        '"if(b, c, d)"',
    ),
    ("f: [if(a, b), c]", {"f": ["if(a, b)", "c"]}, [(1, 5)], '"if(a, b)"'),
    ("f: {w: x == 'a, b', y: z}", {"f": {"w": "x == 'a, b'", "y": "z"}}, [(1, 8)], "\"x == 'a, b'\""),
    ('f: {w: x == "a, b"}', {"f": {"w": 'x == "a, b"'}}, [(1, 8)], "'x == \"a, b\"'"),
    ("f: {o: {w: g(a, b)}, c: 1.1}", {"f": {"o": {"w": "g(a, b)"}, "c": "1.1"}}, [(1, 12)], '"g(a, b)"'),
    ("f: {a: join(',', x)}", None, [(1, 8)], "\"join(',', x)\""),
    ("f: {a: b == 'x: y'}", None, [(1, 8)], "\"b == 'x: y'\""),
    ("f: {a: if(x, 'b: c'), d: e}", None, [(1, 8)], "\"if(x, 'b: c')\""),
    ("f: {a: if(x, y", None, [(1, 8)], "in quotes"),
]


@pytest.mark.parametrize(("text", "data", "places", "advice"), CUT, ids=[case[0] for case in CUT])
def test_an_expression_cut_in_a_flow_collection_is_told_once_and_read_as_meant(
    text: str, data: dict[str, object] | None, places: list[tuple[int, int]], advice: str
) -> None:
    found, diagnostics = read(text.encode(), "acme.yaml")
    cuts = [one for one in diagnostics if one.code != "YAML007"]
    assert (found.data if found else None) == data
    assert [(one.code, one.span.line, one.span.column) for one in cuts if one.span] == [
        ("YAML008", *place) for place in places
    ]
    assert advice in cuts[0].help


@pytest.mark.parametrize(
    "text",
    [
        "f: {a: it's, b: c}",
        "f: {a: \"if(x, y)\", b: 'g(a, b)'}",
        "f: {a: length(x), b: c}",
        "f: {a: b)}",
        "a: if(b, c)",
        "a: join(',', x)",
        "f: [users', b]",
    ],
)
def test_a_value_that_is_whole_is_not_called_cut(text: str) -> None:
    assert mistakes(text) == []


def entries(number: int) -> bytes:
    return b"".join(b"k%d: v\n" % index for index in range(number))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[" * 10_000_000, "10000000 bytes"),
        (b"a: " + b"{a: " * 1000, "more than 60 levels"),
        (b"a: " + b"{" * 900_000, "levels"),
        (b"a:\n" + b"- " * 70 + b"x", "more than 60 levels"),
        (b"? " * 500_000, "more than 60 levels"),
        (entries(10_001), "more than 20000 keys and values"),
        (b"a: [" + b"x," * 400_000 + b"]", "more than 20000 keys and values"),
        (b"a: [" + b"if(a, b), " * 100_000, "more than 20000 keys and values"),
    ],
)
def test_what_is_too_big_is_refused_at_once(content: bytes, message: str) -> None:
    found, diagnostics = read(content, "acme.yaml")
    assert found is None
    assert diagnostics[-1].code == "YAML009"
    assert message in diagnostics[-1].message


def test_limits_are_not_met_too_early() -> None:
    deep = "a: " + "[" * 59 + "]" * 59
    assert mistakes(deep) == []
    assert mistakes(entries(9_999)) == []


def test_a_mistake_does_not_hide_the_others() -> None:
    text = "a: 1.10\nb: x\nb: y\nc: {d: if(e, f)}\ng: |h i\n"
    assert [code for code, _, _ in told(text)] == ["YAML007", "YAML002", "YAML008", "YAML001"]


QUICK = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

FRAGMENTS = st.sampled_from(
    ["a", "b: ", "- ", "{", "}", "[", "]", ", ", ": ", "\n", "\n  ", "'", '"', "(", ")", "#", " #", "&x", "*x",
     "!t", "|", ">", "%", "@", "`", "\\", "\t", "：", "，", "“", "”", "　", "\u200b", "---\n", "...", "<<: ", "? ", "0",
     "\r\n"]
)  # fmt: skip
LINES = st.lists(FRAGMENTS, max_size=30).map(lambda parts: "".join(parts).encode())


@given(st.one_of(st.binary(), st.text().map(str.encode), LINES))
@QUICK
def test_reading_never_raises_and_every_mistake_has_a_place_in_the_file(content: bytes) -> None:
    found, diagnostics = read(content, "acme.yaml")
    assert found is not None or any(one.severity == "error" for one in diagnostics)
    lines = content.decode("utf-8", "replace").split("\n")
    for one in diagnostics:
        assert one.span is not None
        assert 1 <= one.span.line <= len(lines)
        assert 1 <= one.span.column <= len(lines[one.span.line - 1]) + 1
        assert (one.span.line, one.span.column) <= (one.span.end_line, one.span.end_column)
        assert one.help or one.code in {"YAML001", "YAML004"}
    if found:
        assert () in found.values
        assert set(found.keys) <= set(found.values)


@given(
    st.integers(-(10**30), 10**30),
    st.text("0123456789", min_size=1),
    st.from_regex(r"[-+]?[0-9_.:]{1,12}", fullmatch=True),
)
@QUICK
def test_a_number_and_its_text_never_differ(number: int, digits: str, text: str) -> None:
    for written in (str(number), digits, text):
        document_, _ = read(f"'a': {written}".encode(), "acme.yaml")
        if document_:
            assert str(document_.data["a"]) == written
