"""Is a request that was pasted from a page, a log or a capture read as it was sent?"""

# A row of a table is one line.
# ruff: noqa: E501

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.http_text import BadRequestText, parse, request
from tests.specs import ARRIVAL


@pytest.mark.parametrize(
    ("text", "target", "headers", "body"),
    [
        ("POST /x", "/x", (), b""),
        ("POST /x HTTP/1.1\r\nHost: a\r\n\r\n{}", "/x", ((b"host", b"a"),), b"{}"),
        ("\n\nPOST  /x?a=b\nX-A:  1 \n\n{}\n", "/x?a=b", ((b"x-a", b"1"),), b"{}"),
        ("POST /x\n\n{}\n\n", "/x", (), b"{}\n"),
        ("POST /x\nContent-Length: 999\nVia: 1\nvia: 2\n\na\n\nb", "/x", ((b"via", b"1"), (b"via", b"2")), b"a\n\nb"),
        ("POST /x\nX-A:\n\n", "/x", ((b"x-a", b""),), b""),
        ("POST /x\nX-A: a:b\n", "/x", ((b"x-a", b"a:b"),), b""),
        ("POST /x\nContent-Type: application/json; charset=GBK\n\n中", "/x", ((b"content-type", b"application/json; charset=GBK"),), b"\xd6\xd0"),
        ("POST /x\nContent-Type: text/plain; charset=nope\n\n中", "/x", ((b"content-type", b"text/plain; charset=nope"),), "中".encode()),
    ],
)  # fmt: skip
def test_a_request_is_read_as_it_was_sent(
    text: str, target: str, headers: tuple[tuple[bytes, bytes], ...], body: bytes
) -> None:
    found = parse(text)
    assert (found.method, found.target, found.headers, found.body) == ("POST", target, headers, body)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "/notify",
        "post /x",
        "POST",
        "POST /x\nno colon\n\n",
        "POST /x\n: x\n",
        "POST /x\nA B: x\n",
        "POST /x y z",
    ],
)
def test_what_is_no_request_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BadRequestText):
        parse(text)


def test_a_body_that_its_charset_cannot_write_is_said_to_be_wrong() -> None:
    with pytest.raises(BadRequestText):
        parse("POST /x\nContent-Type: text/plain; charset=iso-8859-1\n\n中")


@pytest.mark.parametrize(
    ("target", "channel", "path", "query"),
    [
        ("/notify/sms/1/111", "sms/1", "", b""), ("/notify/sms/7/t-o.k_1/status?a=b&c", "sms/7", "/status", b"a=b&c"), ("/", "sms/1", "", b""),
        ("/callbacks/x", "sms/1", "/callbacks/x", b""), ("/notify/sms/1/111/", "sms/1", "/", b""), ("/?a=?", "sms/1", "", b"a=?"),
    ],
)  # fmt: skip
def test_the_token_is_stripped_and_what_stands_behind_it_is_the_path(
    target: str, channel: str, path: str, query: bytes
) -> None:
    found = request(parse(f"POST {target}"), ARRIVAL)
    assert (found.channel, found.path, found.query) == (channel, path, query)
    assert "111" not in f"{found.path}{found.channel}"


@given(st.text(max_size=60) | st.text(max_size=30).map("POST /x\nContent-Type: a; charset=gbk\n\n{}".format))
def test_any_text_is_a_request_or_said_to_be_none(text: str) -> None:
    try:
        parse(text)
    except BadRequestText as bad:
        assert str(bad)  # noqa: PT017
