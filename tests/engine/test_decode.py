"""Does a body become the tree that its spec says?"""

# A row of a table is one line.
# ruff: noqa: E501

import gzip
import json
import logging
import zlib

import pytest

from adapter.engine.decode import choose, decode, look
from adapter.model import Json, Refused, Request
from adapter.spec.language import Manner
from tests.specs import arrived

JSON = {"Content-Type": "application/json; charset=utf-8"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PARTS = {"Content-Type": "multipart/form-data; boundary=b"}
GZIP = {"Content-Encoding": "gzip"}


def part(name: str, value: str, charset: str = "") -> str:
    said = f"Content-Type: text/plain; charset={charset}\r\n" if charset else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n{said}\r\n{value}\r\n'


@pytest.mark.parametrize(
    ("listed", "request_", "chosen"),
    [
        # one type: always that one
        (["json"], arrived("a=1", FORM), "json"),
        (["form"], arrived('{"a": 1}', JSON), "form"),
        (["query"], arrived('{"a": 1}', JSON, "b=1"), "query"),
        # no body: the query, else nothing
        (["json", "query"], arrived(b"", JSON, "a=1"), "query"),
        (["json", "form"], arrived(b"", JSON, "a=1"), None),
        # the content type, if it is listed
        (["form", "json"], arrived("x", JSON), "json"),
        (["json", "form"], arrived('{"a": 1}', FORM), "form"),
        (["json", "form"], arrived("x", {"Content-Type": "Text/JSON"}), "json"),
        (["json", "form"], arrived("x", {"Content-Type": "application/vnd.api+json"}), "json"),
        (["json", "xml"], arrived("x", {"Content-Type": "application/soap+xml;charset=utf-8"}), "xml"),
        (["json", "xml"], arrived("x", {"Content-Type": "text/xml"}), "xml"),
        (["json", "multipart"], arrived("x", {"Content-Type": "multipart/form-data; boundary=b"}), "multipart"),
        # one that is not listed does not count; nor does one that names nothing
        (["json", "xml"], arrived('{"a": 1}', FORM), "json"),
        (["form", "json"], arrived('{"a": 1}', {"Content-Type": "text/plain"}), "json"),
        # the first byte
        (["form", "json"], arrived(' \n[{"a": 1}]'), "json"),
        (["form", "json"], arrived("a=1"), "form"),
        (["form", "xml"], arrived("\r\n<a/>"), "xml"),
        (["form", "multipart"], arrived("--b\r\n"), "multipart"),
        (["form", "json"], arrived(b'\xef\xbb\xbf{"a": 1}'), "json"),
        (["form", "xml"], arrived(b"\xef\xbb\xbf<a/>"), "xml"),
        (["form", "json"], arrived("\ufeff{}".encode("utf-16-le")), "json"),
        (["json", "xml"], arrived("a=1"), "json"),
        (["query", "json"], arrived("a=1"), "json"),
    ],
)  # fmt: skip
def test_which_body_type_a_request_has(listed: list[str], request_: Request, chosen: str | None) -> None:
    assert choose(look(request_), listed) == chosen


@pytest.mark.parametrize(
    ("manner", "request_", "tree"),
    [
        (Manner(("json",)), arrived('{"a": 1}'), {"a": 1}),
        (Manner(("json",)), arrived(b'\xef\xbb\xbf{"a": 1}'), {"a": 1}),
        (Manner(("json",)), arrived('\ufeff{"a": "中"}'.encode("utf-16-le")), {"a": "中"}),
        (Manner(("json",)), arrived('\ufeff{"a": "中"}'.encode("utf-16-be")), {"a": "中"}),
        (Manner(("json",)), arrived('{"a": "中"}'.encode("gbk"), {"Content-Type": "application/json;charset=GBK"}), {"a": "中"}),
        (Manner(("json",)), arrived('{"a": "中"}', {"Content-Type": "application/json;charset=nope"}), {"a": "中"}),
        (Manner(("json",), ("gb18030",)), arrived('{"a": "中"}'.encode("gbk"), JSON), {"a": "中"}),
        (Manner(("json",), ("utf-8", "gb18030")), arrived('{"a": "中"}'.encode("gbk")), {"a": "中"}),
        (Manner(("json",), ("ascii", "utf-8")), arrived('{"a": "中"}'), {"a": "中"}),
        (Manner(("form",), ("utf-8", "gb18030")), arrived("a=%D6%D0"), {"a": "中"}),
        (Manner(("form",)), arrived(b"a=%D6%D0", {"Content-Type": "x; charset=\"gb2312\""}), {"a": "中"}),
        (Manner(("form",)), arrived("a=1&a=2&b="), {"a": ["1", "2"], "b": ""}),
        (Manner(("query",)), arrived("ignored", query="a=x+y"), {"a": "x y"}),
        (Manner(("json", "form")), arrived(b""), {}),
        (Manner(("json",), fold_keys=True), arrived('{"Aa": {"BB": ["Cc", {"DD": 1}]}}'), {"aa": {"bb": ["Cc", {"dd": 1}]}}),
        (Manner(("form",), fold_keys=True), arrived("MsgId=Aa"), {"msgid": "Aa"}),
        (Manner(("form",), fold_keys=True), arrived("FROM=1&From=2"), {"from": ["1", "2"]}),
        (Manner(("query",), fold_keys=True), arrived(query="FROM=1&x=3&From=2&from=4"), {"from": ["1", "2", "4"], "x": "3"}),
        (Manner(("multipart",), fold_keys=True), arrived(part("A", "1") + part("a", "2") + "--b--\r\n"), {"a": ["1", "2"]}),
        # an XML document's own word for its charset counts where nothing else says one
        (Manner(("xml",)), arrived('<?xml version="1.0" encoding="gbk"?><a>中</a>'.encode("gbk")), "中"),
        (Manner(("xml",)), arrived('<?xml version="1.0" encoding="utf-16"?><a>中</a>'), "中"),
        (Manner(("xml",)), arrived('<?xml version="1.0" encoding="big5"?><a>中</a>'.encode("gbk"), {"Content-Type": "text/xml; charset=gbk"}), "中"),
        (Manner(("xml",)), arrived('<?xml version="1.0" encoding="gbk"?><a>中</a>'.encode("gbk"), {"Content-Type": "text/xml; charset=nope"}), "中"),
        (Manner(("xml",)), arrived('\ufeff<?xml version="1.0" encoding="gbk"?><a>中</a>'), "中"),
        (Manner(("xml",), ("gb18030",)), arrived('<?xml version="1.0" encoding="utf-8"?><a>中</a>'.encode("gbk")), "中"),
        (Manner(("xml",), ("gb18030",)), arrived('<?xml version="1.0" encoding="big5"?><a>中</a>'.encode("gbk"), {"Content-Type": "text/xml; charset=big5"}), "中"),
        # something may stand before the first part, and a part may say its own charset
        (Manner(("multipart",)), arrived("For people.\r\n" + part("a", "1") + "--b--\r\n", PARTS), {"a": "1"}),
        (Manner(("multipart",)), arrived("\r\n" + part("a", "1") + "--b--\r\nbehind", PARTS), {"a": "1"}),
        (Manner(("multipart",)), arrived("For people.\r\n" + part("a", "1") + "--b--\r\n"), {"a": "1"}),
        (Manner(("multipart",)), arrived((part("a", "中", "gbk") + "--b--\r\n").encode("gbk"), PARTS), {"a": "中"}),
        (Manner(("multipart",)), arrived(part("a", "中é", "ascii") + "--b--\r\n", PARTS), {"a": "中é"}),
        (Manner(("multipart",)), arrived(part("a", "中", "nope") + "--b--\r\n", PARTS), {"a": "中"}),
        (Manner(("multipart",), ("gb18030",)), arrived((part("a", "中", "big5") + "--b--\r\n").encode("gbk"), PARTS), {"a": "中"}),
        # compressed
        (Manner(("json",)), arrived(gzip.compress(b'{"a": 1}'), GZIP), {"a": 1}),
        (Manner(("json",)), arrived(gzip.compress(b'{"a"') + gzip.compress(b"") + gzip.compress(b": 1}"), GZIP), {"a": 1}),
        (Manner(("json",)), arrived(gzip.compress(b" "), GZIP), {}),
        (Manner(("json",)), arrived(zlib.compress(b'{"a": 1}'), {"Content-Encoding": "deflate"}), {"a": 1}),
        # blanks are no body
        (Manner(("json",)), arrived(b" \r\n"), {}),
        (Manner(("query", "json")), arrived(b"\n", query="a=1"), {"a": "1"}),
    ],
)  # fmt: skip
def test_a_body_becomes_a_tree(manner: Manner, request_: Request, tree: Json) -> None:
    assert decode(request_, manner).tree == tree


@pytest.mark.parametrize("request_", [arrived(b""), arrived(b"", JSON), arrived(b"", method="GET", query="a=1")])
@pytest.mark.parametrize("body", ["json", "form", "xml", "multipart"])
def test_no_body_is_the_empty_tree_where_no_query_is_listed(body: str, request_: Request) -> None:
    assert decode(request_, Manner((body,))).tree == {}


@pytest.mark.parametrize(
    ("manner", "body", "headers"),
    [
        (Manner(("json",)), b"{", {}),
        (Manner(("json",)), b"a=1", FORM),
        (Manner(("json",)), b'{"a": "\xff"}', {}),
        (Manner(("json",), ("utf-8", "ascii")), b'{"a": "\xd6\xd0"}', {}),
        (Manner(("json",)), b"[" * 101 + b"]" * 101, {}),
        (Manner(("json",)), b'{"a": ' + b"7" * 4001 + b"}", {}),
        (Manner(("json",)), b'{"a": NaN}', {}),
        (Manner(("form",)), b"a=%FF", {}),
        (Manner(("form",)), b"&".join([b"a=1"] * 10_001), {}),
        (Manner(("xml",)), b"<a>", {}),
        (Manner(("xml",)), b"<!DOCTYPE a [<!ENTITY b 'x'>]><a>&b;</a>", {}),
        (Manner(("xml",)), b"<?xml version='1.0' encoding='utf-7'?><a/>\xff", {}),
        (Manner(("multipart",)), b"no boundary", {"Content-Type": "multipart/form-data"}),
        (Manner(("json",)), b"\x00\x01", {"Content-Encoding": "gzip"}),
        (Manner(("json",)), b"{}", {"Content-Encoding": "br"}),
        (Manner(("json",)), gzip.compress(b"{}", mtime=0) + b"junk", GZIP),
        (Manner(("json",)), gzip.compress(b"{}", mtime=0) + gzip.compress(b" ", mtime=0)[:-1], GZIP),
        (Manner(("json",)), gzip.compress(b" " * 5_000_000) * 2, GZIP),
        (Manner(("json",)), gzip.compress(b"{}") + gzip.compress(b"") * 1000, GZIP),
        (Manner(("json",)), zlib.compress(b"{}") * 2, {"Content-Encoding": "deflate"}),
        (Manner(("multipart",)), b"For people.\r\nno boundary", PARTS),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_400(manner: Manner, body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(Refused) as caught:
        decode(arrived(body, headers), manner)
    assert (caught.value.code, caught.value.status) == ("unreadable_body", 400)
    assert len(caught.value.args[0]) <= 200


@pytest.mark.parametrize("headers", [[("Content-Encoding", "gzip, deflate")], [("Content-Encoding", "gzip")] * 2])
def test_a_body_that_is_compressed_twice_is_refused_in_clear_words(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(Refused, match="more than one Content-Encoding: gzip, "):
        decode(arrived(b"x", headers), Manner(("json",)))


def test_a_body_that_is_not_multipart_writes_nothing_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(Refused):
        decode(arrived(b"13800001234", PARTS), Manner(("multipart",)))
    assert caplog.records == []


INNER = json.dumps({"Id": 7})


@pytest.mark.parametrize(
    ("paths", "tree", "parsed", "warnings"),
    [
        (["data"], {"data": INNER, "x": 1}, {"data": {"Id": 7}, "x": 1}, 0),
        (["data"], {"data": "no json"}, {"data": None}, 1),
        (["data"], {"data": ""}, {"data": None}, 0),
        (["data"], {"data": " \n"}, {"data": None}, 0),
        (["data"], {"data": None}, {"data": None}, 0),
        (["data"], {"data": 5}, {"data": 5}, 0),
        (["data"], {"data": {"a": 1}}, {"data": {"a": 1}}, 0),
        (["data"], {"other": INNER}, {"other": INNER}, 0),
        (["data"], {"data": [INNER, "bad", INNER]}, {"data": [{"Id": 7}, None, {"Id": 7}]}, 1),
        (["list.data"], {"list": [{"data": INNER}, {"data": "1"}, {}, None]}, {"list": [{"data": {"Id": 7}}, {"data": 1}, {}, None]}, 0),
        (["data"], [{"data": INNER}], [{"data": {"Id": 7}}], 0),
        (["list.1"], {"list": [INNER, INNER]}, {"list": [INNER, {"Id": 7}]}, 0),
        (["a", "a"], {"a": json.dumps(json.dumps([1]))}, {"a": [1]}, 0),
        (["a", "a.b"], {"a": json.dumps({"b": "[1]"})}, {"a": {"b": [1]}}, 0),
        (["a"], {"a": "[" * 101 + "]" * 101}, {"a": None}, 1),
    ],
)  # fmt: skip
def test_texts_that_hold_json_are_parsed_in_place(paths: list[str], tree: Json, parsed: Json, warnings: int) -> None:
    manner = Manner(("json",), parse_json=tuple(tuple(path.split(".")) for path in paths))
    found = decode(arrived(json.dumps(tree)), manner)
    assert found.tree == parsed
    assert len(found.warnings) == warnings


def test_folding_keys_reaches_the_json_inside_texts() -> None:
    manner = Manner(("json",), parse_json=(("data",),), fold_keys=True)
    assert decode(arrived(json.dumps({"Data": INNER})), manner).tree == {"data": {"id": 7}}
