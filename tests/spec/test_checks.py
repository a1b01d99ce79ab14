"""Does every mistake in a spec come out once, in its place, with what to write instead?"""

# A row of a table is one line.
# ruff: noqa: E501

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.spec.checks import CHECKS
from adapter.spec.diagnostics import Diagnostic
from adapter.spec.packaged import vendors
from tests.specs import loaded

GOOD = """\
spec: v1
vendor: acme
body: json
match: {headers: [X-Sign]}
verify: [{header: X-Sign, is: hmac-md5, key: k, of: "{body}"}]
ack: {text: OK}
time: {zone: UTC, formats: [yyyy-MM-dd]}
status: {from: [c], tables: [t], codes: {"a": delivered}, otherwise: unknown}
events:
  - {kind: sms.delivery, fields: {message_id: id, code: c}}
examples: [{name: one, request: "POST /", outcome: ignored}]
"""
TABLE = 'table: v1\nname: t\ncodes: {"b": expired}\n'


def found(text: str, table: str = TABLE) -> list[Diagnostic]:
    return list(loaded({"acme.yaml": text, "tables/t.yaml": table}).diagnostics)


def changed(old: str, new: str, text: str = GOOD) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def seen(text: str, one: Diagnostic) -> str:
    """The source from where a diagnostic points."""
    assert one.span
    return text.split("\n")[one.span.line - 1][one.span.column - 1 :]


def test_the_good_spec_is_good() -> None:
    assert found(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "at", "fragment"),
    [
        # the file as a whole
        ("spec: v1", "spec: v2", "SPEC005", "v2", "'v2'"),
        ("vendor: acme", "vendor: acne", "SPEC010", "vendor:", "the file 'acme.yaml'"),
        ("vendor: acme", "vendor: Acme!", "SPEC002", "Acme!", "'Acme!' is not a vendor name"),
        ("ack:", "akc:", "SPEC001", "akc:", "unknown key 'akc'"),
        ("body: json\n", "", "SPEC003", "spec:", "'body' is missing"),
        ("body: json", "body: jsn", "SPEC002", "jsn", "'jsn' is not a body"),
        ("body: json", "body: json\ncharset: [gbk, utf-9]", "BODY001", "utf-9", "'utf-9'"),
        ("body: json", "body: json\nparse_json: [a.b, 'a b']", "EXPR001", " b'", "not a dotted path"),
        # trust
        ('verify: [{header: X-Sign, is: hmac-md5, key: k, of: "{body}"}]\n', "", "SIG001", "vendor:", "neither verify nor unsigned"),
        ("ack: {", "unsigned: never\nack: {", "SIG011", "unsigned:", "both verify and unsigned"),
        ("is: hmac-md5, key: k", "is: md5", "SIG004", "verify:", "no rule uses a secret"),
        ("is: hmac-md5, key: k", "is: hmac-md5", "SIG013", "{", "needs a key"),
        ("is: hmac-md5", "is: hmac-md6", "SPEC002", "hmac-md6", "'hmac-md6' is not an algorithm"),
        ("header: X-Sign, is", "is", "SIG012", "{", "where the signature is"),
        ('"{body}"', '"x{bodi}"', "TMPL001", "bodi}", "'{bodi}' is no source"),
        ('"{body}"', '"{body} {path"', "TMPL001", "path", "'{path' is not closed"),
        ('"{body}"', '"{body {path}"', "TMPL001", "body {", "'{body' is not closed"),
        ("text: OK", 'text: "OK {request.id"', "TMPL001", "request.id", "'{request.id' is not closed"),
        ('"{body}"', '"{body|hexx}"', "TMPL002", "body|hexx", "no filter 'hexx'"),
        ('of: "{body}"', 'of: "{body}", within: 5m', "SIG014", "5m", "needs at:"),
        ('of: "{body}"', 'of: "{body}", at: "{secret.x}"', "TMPL001", "secret.x", "secret"),
        # answers
        ("ack: {text: OK}", "ack: {text: OK, json: {}}", "ACK005", "text:", "one body"),
        ("ack: {text: OK}", "ack: {retry_status: 200}", "ACK006", "200", "200"),
        ("ack: {text: OK}", 'ack: {text: "a {secret.k}"}', "TMPL001", "secret.k", "secret"),
        ("ack: {text: OK}", "ack: {json: {a: '{body}'}}", "TMPL001", "{a:", "body"),
        ("ack: {text: OK}", "ack: {status: 99}", "SPEC002", "99", "between 100 and 599"),
        # times
        ("zone: UTC", "zone: Asia/Beijing", "TIME001", "Asia/Beijing", "'Asia/Beijing'"),
        ("[yyyy-MM-dd]", "[unix, YYYY-MM-dd]", "TIME002", "YYYY", "'YYYY'"),
        ("[yyyy-MM-dd]", "[iso8602]", "TIME002", "iso8602", "iso8602"),
        ("zone: UTC, ", "", "TIME007", "yyyy", "no zone"),
        # codes
        ("tables: [t]", "tables: [t, u]", "CODE003", "u]", "no table 'u'"),
        ("delivered}", "deliverd}", "CODE001", "deliverd", "'deliverd' is not a status"),
        ("delivered}", "expired/blaklisted}", "CODE009", "expired/blak", "'blaklisted' is not a reason"),
        ("delivered}", "bounced}", "CODE001", "bounced", "'bounced' is not a status"),
        ("delivered}", '"/"}', "CODE001", '"/"', "has no meaning"),
        ("delivered}", 'delivered, " a": read}', "CODE006", "read", "the same code"),
        ('{"a": delivered}', '{"1..5": read, "5..9": sent}', "CODE010", "sent", "overlaps"),
        ('{"a": delivered}', '{"9..1": read}', "CODE010", "read", "ends before"),
        ('{"a": delivered}', '{"9..1": read, "20..30": sent}', "CODE010", "read", "ends before"),
        ('"a": delivered', "000: delivered", "CODE002", "000:", "code 000 is not quoted"),
        ('"a": delivered', "NO: delivered", "CODE002", "NO:", "code NO is not quoted"),
        ("otherwise: unknown", "otherwise: read", "CODE008", "read", "would count as a success"),
        ("otherwise: unknown", "otherwise: unknwon", "CODE001", "unknwon", "'unknwon' is not a status"),
        (", otherwise: unknown", "", "SPEC003", "status:", "'otherwise' is missing"),
        # entries
        ("kind: sms.delivery", "kind: sms.delivry", "SPEC002", "sms.delivry", "'sms.delivry' is not a kind"),
        ("code: c}", "code: c, foo: d}", "FIELD001", "foo:", "'foo' is not a field of sms.delivery"),
        ("code: c}", "code: c, status: d}", "FIELD001", "status:", "is a result"),
        ("message_id: id, ", "", "FIELD002", "sms.delivery", "needs message_id or reference"),
        ("{message_id: id, code: c}", "{message_id: id, code: c}, set: {status: nope}", "SPEC002", "nope", "'nope' is not a status"),
        ("{message_id: id, code: c}", "{message_id: id, code: c}, key: [nope]", "FIELD001", "nope", "'nope' is not a field"),
        ("ack:", "key: [nope]\nack:", "FIELD001", "nope", "'nope' is not a field"),
        ("{message_id: id, code: c}", "{message_id: id, code: c}, extra: [a, 'b || c']", "EXPR001", " || c", "not a dotted path"),
        ("{message_id: id, code: c}", "{message_id: {a: b}, code: c}", "SPEC002", "message_id:", "'message_id' must be"),
        ("{message_id: id, code: c}", "5", "SPEC002", "5}", "'fields' must be a mapping"),
        ("- {kind: sms.delivery, fields: {message_id: id, code: c}}", "- {kind: ignore, fields: {from: a}}", "SPEC001", "fields:", "'fields' has no place"),
        # expressions, at their own column
        ("message_id: id", "message_id: a ==", "EXPR001", ", code", "ends too early"),
        ("message_id: id", 'message_id: "a == b ="', "EXPR001", '=", code', "single '='"),
        ("message_id: id", "message_id: 'a == ''x'' ='", "EXPR001", "=', code", "single '='"),
        ("message_id: id", 'message_id: "a == \\"x\\" ="', "EXPR001", '=", code', "single '='"),
        ("message_id: id", 'message_id: "\\u4e2d =="', "EXPR001", '", code', "ends too early"),
        ("message_id: id", 'message_id: "\\x41 == b ="', "EXPR001", '=", code', "single '='"),
        ("message_id: id", 'message_id: ["id", "中 = y"]', "EXPR001", '= y"]', "single '='"),
        ("message_id: id", 'message_id: "nofun(id)"', "EXPR002", "nofun(", "unknown function 'nofun'"),
        ("message_id: id", "message_id: split(id)", "EXPR002", "split(", "takes 2 arguments"),
        ("message_id: id", "message_id: _.token", "EXPR011", "token", "'_' has no 'token'"),
        ("message_id: id", "message_id: a || `x`", "EXPR004", "`x`", "not JSON"),
        ("kind: sms.delivery", 'kind: sms.delivery, when: "a = b"', "EXPR001", '= b"', "single '='"),
        ("kind: sms.delivery", "kind: sms.delivery, has: [a, 'b c']", "EXPR001", " c']", "not a dotted path"),
        ("kind: sms.delivery", 'kind: sms.delivery, equals: {"b c": x}', "EXPR001", ' c": x', "not a dotted path"),
        ("match: {headers: [X-Sign]}", "match: {when: 'a ='}", "EXPR001", "='}", "single '='"),
        # examples
        ("{name: one, ", "{name: one, request: POST /, outcome: ignored}, {name: one, ", "EX004", "name: one, request: \"POST /", "two examples are called 'one'"),
        ("outcome: ignored", "expect: [], reject: stale", "EX003", "reject:", "both expect and reject"),
        (", outcome: ignored", "", "EX003", "{name", "what must come of it"),
        ('"POST /"', '"/notify"', "EX001", "request:", "request line"),
        ("outcome: ignored", "outcome: ignord", "SPEC002", "ignord", "'ignord' is not an outcome"),
    ],
)  # fmt: skip
def test_one_mistake_has_one_message_in_its_place(old: str, new: str, code: str, at: str, fragment: str) -> None:
    text = changed(old, new)
    (one,) = found(text)
    assert one.code == code
    assert seen(text, one).startswith(at)
    assert fragment in one.message
    assert one.severity == ("warning" if code == "CODE002" else "error")


@pytest.mark.parametrize(
    ("block", "line", "at"),
    [
        ("|\n        a == b\n        || c = d", 2, "= d"),
        ("|  # note =\n\n        a\n          || c = d\n\n", 3, "= d"),
        (">-\n        a == b\n        || c\n\n        = d", 4, "= d"),
        (">2\n          a || 'x' = d", 1, "= d"),
        ("|\n        a ||\n        nofun(b)", 2, "nofun(b)"),
        ("|-\n        a ||\n        b ==", 2, ""),
        ("|\n        中 ==\n        `x`\n", 2, "`x`"),
        ("|\n        = a", 1, "= a"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_mistake_inside_a_block_is_told_where_it_stands(block: str, line: int, at: str, end: str) -> None:
    entry = f"- kind: sms.delivery\n    fields:\n      code: c\n      message_id: {block}"
    text = changed("- {kind: sms.delivery, fields: {message_id: id, code: c}}", entry)
    (one,) = found(text.replace("\n", end))
    assert one.span
    assert one.span.line == text[: text.index("message_id:")].count("\n") + 1 + line
    assert seen(text, one) == at


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("match: {headers: [X-Sign]}\n", "", "MATCH007"),
        ("code: c}", "code: c, description: d}, when: d", ""),
    ],
)
def test_what_works_but_may_not_be_meant_is_a_warning(old: str, new: str, code: str) -> None:
    (one,) = found(changed(old, new))
    assert one.severity == "warning"
    assert code in one.code


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("verify:", "verfy:", "SPEC001"),
        ("message_id:", "mesage_id:", "FIELD001"),
        ("status:", "statuss:", "SPEC001"),
        ("match:", "macth:", "SPEC001"),
        ("request:", "reqest:", "SPEC001"),
    ],
)
def test_a_slip_in_the_name_of_a_key_is_not_told_as_a_missing_key_too(old: str, new: str, code: str) -> None:
    (one,) = found(changed(old, new))
    assert (one.code, f"'{new[:-1]}'" in one.message) == (code, True)


@pytest.mark.parametrize(
    ("old", "new", "code", "at", "fragment"),
    [
        ("name: t", "name: u", "SPEC010", "u", "the file 't.yaml'"),
        ("expired", "expird", "CODE001", "expird", "'expird' is not a status"),
        ("expired", "expired/nope", "CODE009", "expired/nope", "'nope' is not a reason"),
        ("codes:", "cods:", "SPEC001", "cods:", "unknown key 'cods'"),
        ('"b": expired', '"1..": expired, "7": read, "5..6": sent', "CODE010", "sent", "overlaps"),
        ('{"b": expired}', "5", "SPEC002", "5", "'codes' must be a mapping"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_table_has_its_place_in_the_table(old: str, new: str, code: str, at: str, fragment: str) -> None:
    table = changed(old, new, TABLE)
    (one,) = found(GOOD, table)
    assert one.span
    assert (one.code, Path(one.span.file).name) == (code, "t.yaml")
    assert seen(table, one).startswith(at)
    assert fragment in one.message


def test_all_mistakes_of_all_files_come_out_at_once() -> None:
    bad = {"a.yaml": changed("vendor: acme", "vendor: a").replace("otherwise: unknown", "otherwise: read"),
           "b.yaml": changed("vendor: acme", "vendor: c").replace("message_id: id", "message_id: id ="),
           "c.yaml": "spec: [", "tables/t.yaml": TABLE.replace("expired", "nope")}  # fmt: skip
    known = loaded(bad)
    assert sorted((Path(one.span.file).name, one.code) for one in known.diagnostics if one.span) == [
        ("a.yaml", "CODE008"), ("b.yaml", "EXPR001"), ("b.yaml", "SPEC010"), ("c.yaml", "YAML001"), ("t.yaml", "CODE001"),
    ]  # fmt: skip
    assert known.held_back == ("a", "b", "c")
    assert known.registry.specs == {}
    assert known.errors


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("{has: a}", "{has: [a, b]}", True),
        ("{has: a}", "{has: a.b}", True),
        ("{has: a.b}", "{has: a}", False),
        ("{has: a}", "{equals: {a.b: x}}", True),
        ("{equals: {a: [x, y]}}", "{equals: {a: x}}", True),
        ("{equals: {a: x}}", "{equals: {a: [x, y]}}", False),
        ("{headers: [X]}", "{headers: [x, Y]}", True),
        ("{headers: [X]}", "{headers: [Y]}", False),
        ("{method: POST}", "{method: post, has: a}", True),
        ("{method: POST}", "{has: a}", False),
        ("{when: a}", "{when: a, has: b}", True),
        ("{when: a}", "{has: b}", False),
        ("[{has: x}, {has: a}]", "[{has: y}, {has: [a, b]}]", True),
    ],
)
def test_a_match_that_claims_all_that_another_claims_is_warned_about(one: str, other: str, overlap: bool) -> None:
    texts = {name: changed("vendor: acme", f"vendor: {name}").replace("match: {headers: [X-Sign]}", f"match: {match}")
             for name, match in (("one", one), ("other", other))}  # fmt: skip
    warnings = loaded({**{f"{name}.yaml": text for name, text in texts.items()}, "tables/t.yaml": TABLE}).diagnostics
    assert [(each.code, each.severity) for each in warnings if "also matches one" in each.message] == [
        ("MATCH001", "warning")
    ] * overlap


def test_a_code_belongs_to_one_check() -> None:
    assert len(set(CHECKS.values())) == len(CHECKS)


# Whatever is wrong, it is said, and nothing breaks

ODD: tuple[str, ...] = (
    "5",
    "[]",
    "{}",
    "[5]",
    "[{a: b}]",
    "{a: 5}",
    "{a: {b: c}}",
    "''",
    "true",
    "null",
    "'x y'",
    "[[a]]",
    "-1",
)


def _values() -> Iterator[Any]:
    """Every value of the good spec, and some that it could have, as a place to put something odd."""
    full = GOOD.replace(
        "fields:",
        "equals: {e: x}, has: [h], each: [a, b], when: w, where: v, extra: {x: y}, set: {to: z}, key: [to], fields:",
    )
    full = full.replace(
        "ack: {text: OK}", "ack: {text: OK, headers: {A: b}, accepted: {status: 200}, retry_status: 503}"
    )
    full = full.replace(
        "body: json",
        "body: json\ncharset: [gbk]\nparse_json: [p.q]\nkeys: fold\nkey: [to]\nsettings: {s: 1}\ndocs: [d]\ntitle: t",
    )
    for old in ("json", "[gbk]", "gbk", "[p.q]", "p.q", "fold", "[to]", "{s: 1}", "[d]", ": t\n", "[X-Sign]", "{headers: [X-Sign]}", "hmac-md5", ": k,",
                '"{body}"', "{text: OK,", "{A: b}", "{status: 200}", "503", "UTC", "[yyyy-MM-dd]", "yyyy-MM-dd", "{zone: UTC, formats: [yyyy-MM-dd]}",
                "[c]", "[t]", '{"a": delivered}', "delivered}", "unknown", "{e: x}", "[h]", "[a, b]", "w,", "v,", "{x: y}", "{to: z}", "z}", "id,",
                "{message_id: id, code: c}", "sms.delivery", '"POST /"', "ignored", "one", "X-Sign,"):  # fmt: skip
        yield full, old


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(list(_values())), st.sampled_from(ODD))
def test_anything_odd_anywhere_is_a_diagnostic_and_never_an_exception(place: tuple[str, str], odd: str) -> None:
    text, old = place
    keep = {": k,": (": ", ","), ": t\n": (": ", "\n"), "{text: OK,": ("{text: ", ","), "delivered}": ("", "}"), "w,": ("", ","), "v,": ("", ","),
            "id,": ("", ","), "z}": ("", "}"), "X-Sign,": ("", ",")}.get(old, ("", ""))  # fmt: skip
    assert old in text
    for one in found(text.replace(old, keep[0] + odd + keep[1])):
        assert one.span
        assert one.message
        assert one.span.line >= 1


SHIPPED = sorted(vendors().glob("*.yaml"))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_shipped_spec_with_some_text_cut_out_is_loaded_or_diagnosed(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(SHIPPED))
    text = path.read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text) - 1))
    cut = (
        text[:start]
        + data.draw(st.sampled_from(["", " ", "\n", "x", "{", "'", "]"]))
        + text[start + data.draw(st.integers(0, 40)) :]
    )
    known = loaded({path.name: cut})
    assert known.errors or path.stem in known.registry.specs
