"""In which order and form are names and values signed?"""

import hashlib
import json

import pytest

from tests.signatures.schemes import callback, signing, verdict

SECRETS = {"acme.k": (b"key",)}


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def said(
    pairs: str, signed: str, *, query: str = "", body: bytes | str = "", kind: str = "form", more: str = ""
) -> str:
    """A request whose header has the MD5 of a text and the key."""
    spec = signing(f'header: X-Sign, is: md5, of: "{{pairs}}{{secret.k}}", pairs: {{{pairs}}}', body=kind, more=more)
    return verdict(spec, callback(body, {"X-Sign": md5(signed + "key")}, f"/cb?{query}"), SECRETS)


@pytest.mark.parametrize(
    ("pairs", "query", "signed"),
    [
        ("from: query", "b=2&a=1", "a=1&b=2"),
        ("from: query", "B=2&a=1", "B=2&a=1"),                   # by bytes, not by alphabet
        ("from: query", "a=2&a=1", "a=2&a=1"),                   # of one name in the order of the request
        ("from: query", "a10=1&a9=1", "a10=1&a9=1"),
        ("from: query", "", ""),
        ("from: query", "a=&b", "a=&b="),
        ("from: query", "a=x+y%2B%26", "a=x y+&"),
        ("from: query", "%E4%B8%AD=%E6%96%87", "中=文"),
        ("from: query, drop_empty: true", "a=&b&c=3", "c=3"),
        ("from: query, drop_empty: true", "a=0", "a=0"),
        ("from: query, exclude: [sign, sign_type]", "sign=x&a=1&sign_type=RSA&Sign=y", "Sign=y&a=1"),
        ("from: query, sort: none", "b=2&a=1&c=3", "b=2&a=1&c=3"),
        ("from: query, sort: rendered", "a=1&a-b=2&aa=3", "a-b=2&a=1&aa=3"),
        ("from: query, sort: name", "a=1&a-b=2&aa=3", "a=1&a-b=2&aa=3"),
        ("from: query, unique: true", "a=1&a=1&a=0&b=1", "a=0&a=1&b=1"),
        ('from: query, replace: {"&": _, "=": _}', "a=x%26y%3Dz&b%26=1", "a=x_y_z&b&=1"),
        ('from: query, replace_key: {"%": "%25", "&": "%26"}', "a%26%25=x%26", "a%26%25=x&"),
        ("from: query, quote: true", "a b=c/d~e&x=%C3%A9*", "a%20b=c%2Fd~e&x=%C3%A9%2A"),
        ('from: query, pair: "{k}{v}", join: ""', "b=2&a=1", "a1b2"),
        ('from: query, pair: "&{k}={v}", join: ""', "b=2&a=1", "&a=1&b=2"),
        ('from: query, pair: "{v}", join: ","', "b=2&a=1", "1,2"),
        ('from: query, pair: "{k}", join: ";"', "b=2&a=1", "a;b"),
        ('from: query, pair: "{k}:{v}|{k}", join: ""', "a=1", "a:1|a"),
        ('from: query, pair: "{x}{k}={v}"', "a=1", "{x}a=1"),
        ('from: query, pair: "{k}={v}"', "a=%7Bv%7D%7Bk%7D&%7Bv%7D=b", "a={v}{k}&{v}=b"),  # never read again
    ],
)  # fmt: skip
def test_pairs_are_chosen_sorted_and_written_as_the_vendor_does(pairs: str, query: str, signed: str) -> None:
    assert said(pairs, signed, query=query) == ""
    assert said(pairs, signed + "x", query=query) == "bad_signature"


XML = "<xml><b>2</b><a><![CDATA[1]]></a><empty/></xml>"


@pytest.mark.parametrize(
    ("pairs", "kind", "body", "signed"),
    [
        ("from: form", "form", "b=2&a=1", "a=1&b=2"),
        ("from: json", "json", '{"b": 2, "a": "1", "c": true, "d": 0.10, "e": 12345678901234567890}',
         "a=1&b=2&c=true&d=0.10&e=12345678901234567890"),
        ("from: json", "json", '{"a": null}', "a="),
        ("from: json, drop_empty: true", "json", '{"a": null, "b": "", "c": false}', "c=false"),
        ("from: json.inner", "json", '{"x": 1, "inner": {"b": "2", "a": "1"}}', "a=1&b=2"),
        ("from: json.list.1", "json", '{"list": [{}, {"a": "1"}]}', "a=1"),
        ("from: xml", "xml", XML, "a=1&b=2&empty="),
        ("from: xml, drop_empty: true", "xml", XML, "a=1&b=2"),
        ("from: header, exclude: [x-sign]", "json", "{}", ""),
    ],
)  # fmt: skip
def test_pairs_come_from_every_place(pairs: str, kind: str, body: str, signed: str) -> None:
    assert said(pairs, signed, body=body, kind=kind) == ""


@pytest.mark.parametrize(
    ("pairs", "kind", "body", "code"),
    [
        ("from: json", "json", '{"a": {"b": 1}}', "bad_signature"),
        ("from: json", "json", '{"a": [1]}', "bad_signature"),
        ("from: json", "json", "[1]", "bad_signature"),
        ("from: json.x", "json", '{"a": 1}', "bad_signature"),
        ("from: json", "json", '{"a": "0", "a": "1"}', "bad_signature"),
        ("from: json", "json", '{"a": "1"', "unreadable_body"),
        ("from: xml", "xml", "<xml><a>1</a><a>2</a></xml>", "bad_signature"),
        ("from: form", "form", "&".join(["a=1"] * 10_001), "bad_signature"),
    ],
)
def test_what_has_no_plain_names_and_values_is_refused(pairs: str, kind: str, body: str, code: str) -> None:
    for signed in ("", "a=1", "a="):
        assert said(pairs, signed, body=body, kind=kind) == code


def test_two_sets_of_pairs_stand_in_one_message() -> None:
    rule = 'header: X-Sign, is: md5, of: "{secret.k}?[[{pairs2}.]]{pairs}", pairs: {from: form}, pairs2: {from: query}'
    for query, signed in (("z=1&y=2", "key?y=2&z=1.a=1&b=2"), ("", "key?a=1&b=2")):
        request = callback("b=2&a=1", {"X-Sign": md5(signed)}, f"/cb?{query}")
        assert verdict(signing(rule, body="form"), request, SECRETS) == ""


def test_json_in_a_field_of_a_form_is_signed_by_its_members() -> None:
    """Yunpian: https://www.yunpian.com/official/document/sms/zh_CN/domestic_push_reply"""
    values = {
        "base_extend": "8888",
        "extend": "01",
        "text": "收到了，谢谢！",
        "_sign": md5("8888,01,收到了，谢谢！,key"),
    }
    pairs = '{from: json.reply, exclude: [_sign], pair: "{v}", join: ","}'
    rule = f'json: reply._sign, is: md5, of: "{{pairs}},{{secret.k}}", pairs: {pairs}'
    spec = signing(rule, body="form", more="parse_json: [reply]\n")
    assert verdict(spec, callback("reply=" + json.dumps(values, ensure_ascii=False)), SECRETS) == ""
    assert verdict(spec, callback("reply=" + json.dumps({**values, "text": "no"})), SECRETS) == "bad_signature"
    twice = json.dumps(values)[:-1] + ', "text": "收到了，谢谢！"}'
    assert verdict(spec, callback("reply=" + twice), SECRETS) == "bad_signature"
    assert verdict(spec, callback(("reply=" + json.dumps(values)) + "&reply=[]"), SECRETS) == "bad_signature"


@pytest.mark.parametrize(
    ("items", "more", "signed"),
    [
        ('["{secret.k}", "{query.t}", "{query.n}"]', ", sort: true", ["17", "key", "zz"]),
        ('["{secret.k}", "{query.t}", "{query.n}"]', ", sort: true, join: '-'", ["17-key-zz"]),
        ('["{secret.k}", "{query.t}", "{query.n}"]', "", ["key", "17", "zz"]),
        ('["{secret.k}", "a{query.t}b", "x"]', ", sort: true", ["a17b", "key", "x"]),
    ],
)
def test_texts_in_order_or_sorted(items: str, more: str, signed: list[str]) -> None:
    spec = signing(f'query: sign, is: sha1, of: "{{list}}", list: {{items: {items}{more}}}', body="query")
    digest = hashlib.sha1("".join(signed).encode()).hexdigest()
    assert verdict(spec, callback(target=f"/cb?t=17&n=zz&sign={digest}", method="GET"), SECRETS) == ""
    for target in (f"/cb?t=18&n=zz&sign={digest}", f"/cb?t=17&sign={digest}&n=z", f"/cb?t=17&t=17&n=zz&sign={digest}x"):
        assert (
            verdict(spec, callback(target=target, method="GET"), SECRETS) == "bad_signature" or "{query.n}" not in items
        )
