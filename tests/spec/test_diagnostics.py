"""Is a mistake shown where it is, in every form, and does nothing in a file reach the terminal raw?"""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.spec.diagnostics import (
    RENDERERS,
    Diagnostic,
    Span,
    nearest,
    paint,
    sort_key,
    suggestion,
    summary,
)
from adapter.spec.language import Place

STATUSES = ["delivered", "failed", "undeliverable", "rejected", "expired", "pending", "unknown"]


def at(line: int, column: int, end_line: int, end_column: int, file: str = "v.d/acme.yaml") -> Span:
    return Span(file, line, column, end_line, end_column)


def text(diagnostic: Diagnostic, source: str) -> str:
    return RENDERERS["text"]([diagnostic], {"v.d/acme.yaml": source})


def test_a_span_begins_at_a_place() -> None:
    assert at(3, 5, 3, 9).place == Place("v.d/acme.yaml", 3, 5)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("signatrue", "signature"),
        ("deliverd", "delivered"),
        ("VERIFY", "verify"),
        ("ot", "to"),
        ("form", "form"),
        ("Form", "form"),
        ("message-id", "message_id"),
        ("messageid", "message_id"),
        ("phone", None),
        ("", None),
        ("x" * 10_000, None),
    ],
)
def test_the_nearest_word_is_what_was_meant(word: str, meant: str | None) -> None:
    assert nearest(word, ["signature", "delivered", "verify", "to", "from", "form", "message_id"]) == meant


def test_of_two_words_that_differ_by_case_the_typed_one_or_the_first_is_meant() -> None:
    assert nearest("MD5", ["MD5", "md5"]) == "MD5"


@pytest.mark.parametrize(
    ("word", "words", "what", "advice"),
    [
        ("deliverd", STATUSES, "", f"did you mean 'delivered'? one of: {', '.join(STATUSES)}"),
        ("gone", STATUSES, "", f"one of: {', '.join(STATUSES)}"),
        ("gone", STATUSES, "the statuses are", f"the statuses are: {', '.join(STATUSES)}"),
        ("k1x", [f"key{n}" for n in range(14)], "", f"one of: {', '.join(f'key{n}' for n in range(12))} and 2 more"),
        ("key-7", [f"key{n}" for n in range(14)], "", "did you mean 'key7'?"),
        ("x", [], "", ""),
    ],
)
def test_a_suggestion_names_the_word_or_the_choice(word: str, words: list[str], what: str, advice: str) -> None:
    assert suggestion(word, words, what) == advice


ERROR = Diagnostic("SPEC001", "error", "unknown key 'x'", None)
WARNING = Diagnostic("CODE002", "warning", "code 0012 is not quoted", None)


@pytest.mark.parametrize(
    ("read", "found", "line"),
    [
        (7, [], "7 specs read from vendors.d, 0 errors, 0 warnings"),
        (1, [ERROR], "1 spec read from vendors.d, 1 error, 0 warnings"),
        (0, [ERROR, WARNING, WARNING], "0 specs read from vendors.d, 1 error, 2 warnings"),
    ],
)
def test_the_last_line_counts(read: int, found: list[Diagnostic], line: str) -> None:
    assert summary(read, "specs read from vendors.d", found) == line


def test_mistakes_are_sorted_by_file_and_position() -> None:
    spans = [
        None,
        at(1, 2, 1, 3, "a"),
        at(1, 10, 1, 11, "a"),
        at(2, 1, 2, 2, "a"),
        at(10, 1, 10, 2, "a"),
        at(1, 1, 1, 2, "b"),
    ]
    ordered = [Diagnostic("X001", "error", "x", span) for span in spans]
    mixed = ordered[3:] + ordered[:3]
    assert sorted(mixed, key=sort_key) == ordered


SOURCE = """\
spec: v1
signatrue: {a: b}
codes:
  "MK:0010": 失败
  0012: deliverd
text: |
  one
  two
"""
UNKNOWN = Diagnostic("SPEC001", "error", "unknown key 'signatrue'", at(2, 1, 2, 10), "did you mean 'signature'?")
WRONG = Diagnostic("CODE001", "error", "'deliverd' is not a status", at(5, 9, 5, 17), "one of:\ndelivered, failed")
QUOTE = Diagnostic("CODE002", "warning", "not quoted", at(5, 3, 5, 7), path=("codes", "0012"))
BLOCK = Diagnostic("ACK002", "warning", "not JSON", at(6, 7, 8, 6), "mend it", ("text", 0))
ALL = [BLOCK, WRONG, QUOTE, UNKNOWN, Diagnostic("SPEC014", "error", "no file found", None, "name a folder")]


def test_text_shows_the_line_the_carets_and_one_thing_to_do() -> None:
    assert RENDERERS["text"](ALL, {"v.d/acme.yaml": SOURCE}) == (
        """\
error[SPEC014]: no file found
  = help: name a folder

error[SPEC001]: unknown key 'signatrue'
 --> v.d/acme.yaml:2:1
  |
2 | signatrue: {a: b}
  | ^^^^^^^^^
  = help: did you mean 'signature'?

warning[CODE002]: not quoted
 --> v.d/acme.yaml:5:3
  |
5 |   0012: deliverd
  |   ^^^^

error[CODE001]: 'deliverd' is not a status
 --> v.d/acme.yaml:5:9
  |
5 |   0012: deliverd
  |         ^^^^^^^^
  = help: one of:
          delivered, failed

warning[ACK002]: not JSON
 --> v.d/acme.yaml:6:7
  |
6 | text: |
  |       ^
  = help: mend it"""
    )


def test_concise_is_one_line_each() -> None:
    assert RENDERERS["concise"](ALL, {}) == (
        """\
error[SPEC014] no file found
v.d/acme.yaml:2:1: error[SPEC001] unknown key 'signatrue'
v.d/acme.yaml:5:3: warning[CODE002] not quoted
v.d/acme.yaml:5:9: error[CODE001] 'deliverd' is not a status
v.d/acme.yaml:6:7: warning[ACK002] not JSON"""
    )


def test_json_has_every_part() -> None:
    rows = json.loads(RENDERERS["json"]([BLOCK, ALL[-1]], {}))
    assert rows == [
        {
            "code": "SPEC014",
            "severity": "error",
            "file": None,
            "line": None,
            "col": None,
            "end_line": None,
            "end_col": None,
        }
        | {"path": [], "message": "no file found", "help": "name a folder"},
        {
            "code": "ACK002",
            "severity": "warning",
            "file": "v.d/acme.yaml",
            "line": 6,
            "col": 7,
            "end_line": 8,
            "end_col": 6,
        }
        | {"path": ["text", 0], "message": "not JSON", "help": "mend it"},
    ]
    assert " ".join(rows[0]) == "code severity file line col end_line end_col path message help"


def test_github_commands_are_escaped() -> None:
    odd = Diagnostic("CODE001", "error", "100%: a,b\r\x1b", at(5, 9, 5, 17, "v,d/a:b%.yaml"), "one\ntwo")
    assert RENDERERS["github"]([odd, BLOCK, ALL[-1]], {}).split("\n") == [
        "::error title=SPEC014::no file found%0Aname a folder",
        "::error file=v%2Cd/a%3Ab%25.yaml,line=5,endLine=5,col=9,endColumn=17,title=CODE001"
        "::100%25: a,b\\r\\x1b%0Aone%0Atwo",
        "::warning file=v.d/acme.yaml,line=6,endLine=8,title=ACK002::not JSON%0Amend it",
    ]


def test_github_notes_ten_of_each_severity_and_logs_the_rest() -> None:
    many = [Diagnostic("X001", "error", f"e{n}", at(n, 1, n, 2)) for n in range(1, 13)]
    lines = RENDERERS["github"]([*many, WARNING], {}).split("\n")
    assert [line.split(" ")[0] for line in lines] == ["::warning"] + ["::error"] * 10 + [
        "::notice::and",
        *["v.d/acme.yaml:11:1:", "v.d/acme.yaml:12:1:"],
    ]
    assert lines[11] == "::notice::and 2 errors more in the log"


@pytest.mark.parametrize("name", ["text", "concise", "json", "github"])
def test_nothing_found_shows_nothing(name: str) -> None:
    assert RENDERERS[name]([], {}) == ("[]" if name == "json" else "")


@pytest.mark.parametrize(
    ("line", "column", "end", "shown", "carets"),
    [
        ("a: b", 4, 5, "a: b", "   ^"),
        ("网易: 失败", 5, 7, "网易: 失败", "      ^^^^"),
        ("ﾊﾝ: x", 5, 6, "ﾊﾝ: x", "    ^"),
        ("e\u0301: x", 5, 6, "e\u0301: x", "   ^"),
        ("\ta: b", 1, 2, "    a: b", "^^^^"),
        ("a:\tb", 4, 5, "a:    b", "      ^"),
        ("a: \x1b[31mx", 9, 10, "a: \\x1b[31mx", "           ^"),
        ("a: \u202eb", 5, 6, "a: \\u202eb", "         ^"),
        ("a: b\r", 4, 5, "a: b", "   ^"),
        ("a:", 3, 3, "a:", "  ^"),
        ("a:", 99, 120, "a:", "  ^"),
        ("", 1, 1, "", "^"),
    ],
)
def test_carets_stand_under_what_they_mean(line: str, column: int, end: int, shown: str, carets: str) -> None:
    rendered = text(Diagnostic("X001", "error", "x", at(1, column, 1, end)), line + "\nmore").split("\n")
    assert rendered[3:5] == [f"1 | {shown}".rstrip(), f"  | {carets}"]


def width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


@pytest.mark.parametrize("column", [1, 30, 61, 62, 100, 250, 480, 500])
@pytest.mark.parametrize("filling", ["x", "中"])
def test_a_long_line_is_cut_around_the_caret(filling: str, column: int) -> None:
    line = filling * (column - 1) + "[]" + filling * (500 - column)
    _, _, _, shown, carets = text(Diagnostic("X001", "error", "x", at(1, column, 1, column + 2)), line).split("\n")
    assert width(shown) <= 4 + 102
    before = carets.index("^")
    cells = [character for character in shown for _ in range(width(character))]
    assert "".join(cells[before : before + 2]) == "[]"
    assert carets.count("^") == 2
    assert (shown[4] == "…") == (column > 61 or (filling == "中" and column > 30))


def test_carets_do_not_run_past_a_cut_line() -> None:
    *_, shown, carets = text(Diagnostic("X001", "error", "x", at(1, 1, 1, 5000)), "y" * 6000).split("\n")
    assert shown == "1 | " + "y" * 100 + "…"
    assert carets == "  | " + "^" * 100


def test_the_gutter_is_as_wide_as_the_number() -> None:
    rendered = text(Diagnostic("X001", "error", "x", at(123, 1, 123, 2), "y"), "\n" * 122 + "a")
    assert rendered.split("\n")[1:] == ["   --> v.d/acme.yaml:123:1", "    |", "123 | a", "    | ^", "    = help: y"]


@pytest.mark.parametrize("sources", [{}, {"v.d/acme.yaml": "only one line"}])
def test_without_the_source_the_place_is_still_told(sources: dict[str, str]) -> None:
    rendered = RENDERERS["text"]([Diagnostic("X001", "error", "x", at(9, 1, 9, 2))], sources)
    assert rendered == "error[X001]: x\n --> v.d/acme.yaml:9:1"


def test_a_byte_order_mark_takes_no_column() -> None:
    assert text(Diagnostic("X001", "error", "x", at(1, 4, 1, 5)), "\ufeffa: b").endswith("1 | a: b\n  |    ^")


@given(st.text(), st.text(), st.text(), st.tuples(st.integers(1, 5), st.integers(1, 50), st.integers(0, 50)))
def test_nothing_in_a_file_reaches_the_terminal_raw(
    message: str, advice: str, source: str, place: tuple[int, int, int]
) -> None:
    line, column, length = place
    found = [Diagnostic("X001", "error", message, at(line, column, line, column + length), advice, (message,))]
    for render in RENDERERS.values():
        shown = render(found, {"v.d/acme.yaml": source})
        assert {unicodedata.category(character) for character in shown} - {"Cc"} <= VISIBLE
        assert {character for character in shown if unicodedata.category(character) == "Cc"} <= {"\n"}


VISIBLE = {major + minor for major in "LMNPSZ" for minor in "ulltmonedcsfikps"} - {"Zl", "Zp"}


def test_paint_colours_the_signs_and_leaves_the_words() -> None:
    plain = RENDERERS["text"](ALL, {"v.d/acme.yaml": SOURCE})
    painted = paint(plain)
    assert "\033[1;31merror[SPEC001]\033[0m: unknown key" in painted
    assert "\033[1;33mwarning[CODE002]\033[0m: not quoted" in painted
    assert "  | \033[1;31m^^^^^^^^^\033[0m\n" in painted
    for colour in ("\033[1;31m", "\033[1;33m", "\033[34m", "\033[36m", "\033[0m"):
        painted = painted.replace(colour, "")
    assert painted == plain
