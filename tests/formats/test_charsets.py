"""Which charset is a body read in?"""

# A row of a table is one line.
# ruff: noqa: E501

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.formats.charsets import candidates, charset


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("utf-8", "utf-8"), ("UTF8", "utf-8"), ("GBK", "gb18030"), ("gb2312", "gb18030"), ("GB18030", "gb18030"), ("big5", "big5"),
        ("ISO-8859-1", "iso8859-1"), ("latin1", "iso8859-1"), ("us-ascii", "ascii"), ("windows-1252", "cp1252"), ("Shift_JIS", "shift_jis"),
        ("utf-16le", "utf-16-le"), ("euc-kr", "euc_kr"), ("utf-7", None), ("unicode_escape", None), ("idna", None), ("rot13", None),
        ("hex", None), ("bz2", None), ("", None), ("nope", None), ("a\0b", None), ("中", None), ("x" * 5000, None), ("undefined", None),
    ],
)  # fmt: skip
def test_only_charsets_that_text_may_have_are_known(name: str, known: str | None) -> None:
    assert charset(name) == known


@pytest.mark.parametrize(
    ("own", "body", "declared", "tried", "mark"),
    [
        ((), b"x", None, ["utf-8"], 0),
        ((), b"x", "gbk", ["gb18030", "utf-8"], 0),
        ((), b"x", "nope", ["utf-8"], 0),
        ((), b"x", "utf-8", ["utf-8"], 0),
        ((), b"\xef\xbb\xbfx", "gbk", ["utf-8"], 3),
        ((), b"\xff\xfex\0", None, ["utf-16-le"], 2),
        ((), b"\xfe\xff\0x", None, ["utf-16-be"], 2),
        (("gb18030", "utf-8"), b"x", "big5", ["gb18030", "utf-8"], 0),
        (("gb18030",), b"\xef\xbb\xbfx", None, ["gb18030"], 3),
    ],
)  # fmt: skip
def test_the_spec_comes_first_then_the_mark_then_the_header_then_utf_8(
    own: tuple[str, ...], body: bytes, declared: str | None, tried: list[str], mark: int
) -> None:
    names, length = candidates(own, body, declared)
    assert (list(names), length) == (tried, mark)


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_a_spec_that_says_utf_16_reads_both_byte_orders(order: str) -> None:
    body = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}[order] + "中".encode(order)
    names, mark = candidates(("utf-16",), body, None)
    assert body[mark:].decode(names[0]).removeprefix("\ufeff") == "中"


@given(st.text(), st.binary(max_size=8))
def test_whatever_is_declared_gives_charsets_that_exist(declared: str, body: bytes) -> None:
    names, mark = candidates((), body, declared)
    assert names
    assert all(codecs.lookup(name) for name in names)
    assert mark <= len(body)
