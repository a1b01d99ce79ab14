"""Is a curl command read as curl would send it?"""

# A row of a table is one line.
# ruff: noqa: E501

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.curl_text import BOUNDARY, is_curl, parse_curl
from adapter.http_text import BadRequestText

HOST = (b"host", b"a.example")
FORM = (b"content-type", b"application/x-www-form-urlencoded")
JSON = (b"content-type", b"application/json")
U = "https://a.example/notify/sms/1/111"


@pytest.mark.parametrize(
    ("text", "method", "target", "headers", "body"),
    [
        (f"curl {U}", "GET", "/notify/sms/1/111", (HOST,), b""),
        ("curl a.example", "GET", "/", (HOST,), b""),
        (f"$ curl '{U}?a=b&c=d#x'", "GET", "/notify/sms/1/111?a=b&c=d", (HOST,), b""),
        ("curl -X POST 'https://a.example/x' -H 'X-A: 1' -d 'a=b'", "POST", "/x", (FORM, HOST, (b"x-a", b"1")), b"a=b"),
        ("curl -XPUT a.example/x -da=b -d c=d", "PUT", "/x", (FORM, HOST), b"a=b&c=d"),
        ("curl -sSLkX POST a.example/x", "POST", "/x", (HOST,), b""),
        ("curl a.example/x \\\n  -H \"Content-Type: application/json\" \\\r\n  --data-raw '{\"a\": \"it'\\''s\"}'", "POST", "/x", (HOST, JSON), b'{"a": "it\'s"}'),
        ("curl a.example/x -d '{\n  \"a\": 1\n}'", "POST", "/x", (FORM, HOST), b'{\n  "a": 1\n}'),
        ("curl a.example/x -d \"{\\\"a\\\": \\\"b\\\"}\"", "POST", "/x", (FORM, HOST), b'{"a": "b"}'),
        ("curl a.example/x --data-raw $'a\\'b\\n\\u4e2d\\x41\\101\\\\'", "POST", "/x", (FORM, HOST), "a'b\n中AA\\".encode()),
        ("curl a.example/x --data-binary 'a\\\nb'", "POST", "/x", (FORM, HOST), b"a\\\nb"),
        ("curl a.example/x --data-raw @a", "POST", "/x", (FORM, HOST), b"@a"),
        ("curl a.example/x --data-urlencode 'a=b c' --data-urlencode '=d&' --data-urlencode e", "POST", "/x", (FORM, HOST), b"a=b+c&d%26&e"),
        ("curl --json '{}' a.example/x", "POST", "/x", (JSON, (b"accept", b"application/json"), HOST), b"{}"),
        ("curl -G a.example/x?a=b -d c=d --data-urlencode 'e=f g'", "GET", "/x?a=b&c=d&e=f+g", (HOST,), b""),
        ("curl -I a.example/x", "HEAD", "/x", (HOST,), b""),
        ("curl -u me:secret a.example/x", "GET", "/x", ((b"authorization", b"Basic bWU6c2VjcmV0"), HOST), b""),
        ("curl a.example -H 'Host: b' -H 'X-E;' -H 'X-N:' -H 'Content-Length: 7' -d a", "POST", "/", (FORM, (b"host", b"b"), (b"x-e", b"")), b"a"),
        ("curl -H 'Content-Type:' -d a a.example", "POST", "/", (HOST,), b"a"),
        ("curl --url=a.example/x --request=DELETE --compressed -o out -m 3", "DELETE", "/x", (HOST,), b""),
        ("curl.exe ^\n a.example/x", "GET", "/x", (HOST,), b""),
        ("curl -A me -b 'k=v' -e https://r a.example", "GET", "/", ((b"user-agent", b"me"), (b"cookie", b"k=v"), (b"referer", b"https://r"), HOST), b""),
    ],
)  # fmt: skip
def test_a_command_is_read_as_curl_sends_it(
    text: str, method: str, target: str, headers: tuple[tuple[bytes, bytes], ...], body: bytes
) -> None:
    assert is_curl(text)
    found = parse_curl(text)
    assert (found.method, found.target, found.headers, found.body) == (method, target, headers, body)


def test_a_form_is_multipart() -> None:
    found = parse_curl("curl a.example -F a=b -F 'c={};type=application/json' --form-string 'd=@e'")
    assert found.method == "POST"
    assert dict(found.headers)[b"content-type"] == f"multipart/form-data; boundary={BOUNDARY}".encode()
    assert (
        found.body
        == (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="c"\r\nContent-Type: application/json\r\n\r\n{{}}\r\n'
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="d"\r\n\r\n@e\r\n--{BOUNDARY}--\r\n'
        ).encode()
    )


def test_a_boundary_that_a_header_names_is_kept() -> None:
    found = parse_curl("curl a.example -H 'Content-Type: multipart/form-data; boundary=xyz' -F a=b")
    assert found.body.startswith(b"--xyz\r\n")
    assert [value for name, value in found.headers if name == b"content-type"] == [b"multipart/form-data; boundary=xyz"]


def test_a_multipart_header_without_a_boundary_gets_one() -> None:
    found = parse_curl("curl a.example -H 'Content-Type: multipart/form-data' -F a=b")
    media_types = [value for name, value in found.headers if name == b"content-type"]
    assert media_types == [f"multipart/form-data; boundary={BOUNDARY}".encode()]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("curl ", "no address"),
        ("curl a b", "two addresses"),
        ("curl a -H", "needs a value"),
        ("curl a -H nothing", "is no header"),
        ("curl a -d 'open", "quote"),
        ("curl a --upload-file x", "--upload-file is not known here"),
        ("curl a -Z", "-Z is not known here"),
        ("curl a -d @body.json", "is a file"),
        ("curl a --data-urlencode a@b", "is a file"),
        ("curl a -F a=@b", "is a file"),
        ("curl a -F a", "has no ="),
        ("curl a -F a=b -d c", "both"),
        ("curl 'http://[a'", "no address"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, told: str) -> None:
    with pytest.raises(BadRequestText, match=told):
        parse_curl(text)


@pytest.mark.parametrize("text", ["POST /x", "curly /x", "GET /curl HTTP/1.1", ""])
def test_what_is_no_command_is_not_taken_for_one(text: str) -> None:
    assert not is_curl(text)


@given(
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")),
    st.sampled_from(["--data-raw", "--data-binary"]),
)
def test_a_quoted_body_arrives_as_it_is(body: str, option: str) -> None:
    command = f"curl -X POST {U} \\\n  {option} {shlex.quote('x' + body)}"
    assert parse_curl(command).body == ("x" + body).encode()


@given(st.text())
def test_any_text_is_a_request_or_says_what_it_lacks(text: str) -> None:
    try:
        found = parse_curl(f"curl {text}")
    except BadRequestText:
        return
    assert found.target.startswith("/")
