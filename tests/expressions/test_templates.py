"""Is a template parsed once, and is what it gives never read again?"""

# A row of a table is one line.
# ruff: noqa: E501

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.expressions.parse import BadExpression
from adapter.expressions.templates import SOURCES, Missing, json_template, parse_template, render
from adapter.model import Json
from adapter.spec.language import Reference, Template

VALUES = {"header.x-a": b"v", "query.A": b"{secret.k}", "form.a.b": b'"\\\n', "json.a.b": b"<&>", "body": b"B", "secret.k": b"K",
          "method": b"POST", "path": b"", "request.id": b"r-1"}  # fmt: skip


def resolve(reference: Reference) -> bytes:
    found = VALUES.get(".".join([reference.source, *reference.path]))
    if found is None:
        raise Missing(reference.source)
    return found


def rendered(template: Template, give: Callable[[Reference], bytes] = resolve) -> bytes:
    return render(template, give)


@pytest.mark.parametrize(
    ("text", "key", "result"),
    [
        ("", "verify", b""),
        ("plain 中", "verify", "plain 中".encode()),
        ("{body}", "verify", b"B"),
        ("{secret.k}{header.X-A}{body}", "verify", b"KvB"),
        ("{header.x-a}", "ack", b"v"),
        ("{query.A}", "verify", b"{secret.k}"),
        ("{form.a.b}", "verify", b'"\\\n'),
        ("{json.a.b}", "verify", b"<&>"),
        ("{method} {path}", "ack", b"POST "),
        ("{request.id}", "ack", b"r-1"),
        ('{"code": 0}', "ack", b'{"code": 0}'),
        ("{}", "ack", b"{}"),
        ("{ body }", "verify", b"{ body }"),
        ("{0}", "verify", b"{0}"),
        ("{{body}}", "verify", b"{B}"),
        ("{body|md5|hex}", "verify", b"9d5ed678fe57bcca610140957afab571"),
        ("{body|sha1|hex|upper}", "verify", b"AE4F281DF5A5D0FF3CAD6371F76D5C29B6D953EC"),
        ("{body|base64}", "verify", b"Qg=="),
        ("{body|lower|upper}", "verify", b"B"),
        ("{form.a.b|urlencode}", "verify", b"%22%5C%0A"),
        ("{query.A|urlencode|urldecode}", "verify", b"{secret.k}"),
    ],
)  # fmt: skip
def test_a_template_is_its_text_with_what_its_references_give(text: str, key: str, result: bytes) -> None:
    assert rendered(parse_template(text, key)) == result


@pytest.mark.parametrize(
    ("text", "key", "offset", "code"),
    [
        ("{nothing.x}", "verify", 1, "TMPL001"),
        ("ab{nothing}", "verify", 3, "TMPL001"),
        ("{header}", "verify", 1, "TMPL001"),
        ("{body.x}", "verify", 1, "TMPL001"),
        ("{json.a[0]}", "verify", 1, "TMPL001"),
        ("{json.a b}", "verify", 1, "TMPL001"),
        ("{body|md6}", "verify", 1, "TMPL002"),
        ("{body|}", "verify", 1, "TMPL002"),
        ("{secret.k}", "ack", 1, "TMPL001"),
        ("x{body}", "ack", 2, "TMPL001"),
        ("{request.id}", "verify", 1, "TMPL001"),
        ("{_.body}", "verify", 1, "TMPL001"),
        ("{env.HOME}", "ack", 1, "TMPL001"),
        ("{body|\0json}", "verify", 1, "TMPL002"),
    ],
)
def test_a_bad_reference_is_named_with_its_place_and_code(text: str, key: str, offset: int, code: str) -> None:
    with pytest.raises(BadExpression) as caught:
        parse_template(text, key)
    assert (caught.value.offset, caught.value.code) == (offset, code)


def test_no_answer_can_name_a_secret() -> None:
    assert "secret" in SOURCES["verify"]
    assert not {"secret", "body", "key", "sig"} & set(SOURCES["ack"])


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(TEXTS, TEXTS, TEXTS)
def test_what_a_reference_gives_is_never_read_again(before: str, given_text: str, after: str) -> None:
    before, after = before.replace("{", ""), after.replace("{", "").replace("[[", "")
    template = parse_template(f"{before}{{header.x}}{after}", "ack")
    assert rendered(template, lambda _: given_text.encode()) == (before + given_text + after).encode()


DOCUMENTS: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS.map(lambda text: text.replace("{", "")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(DOCUMENTS)
def test_json_without_references_is_itself(document: Json) -> None:
    assert json.loads(rendered(json_template(document, "ack"))) == document


@given(TEXTS)
def test_what_is_filled_into_json_can_never_leave_its_text(value: str) -> None:
    template = json_template({"a": "x {header.x} y", "b": ["{header.x}"], "{header.x}": 1}, "ack")
    made = json.loads(rendered(template, lambda _: value.encode()))
    assert made == {"a": f"x {value} y", "b": [value], "{header.x}": 1}


@given(st.binary(max_size=20))
def test_bytes_that_are_no_text_do_not_break_json(value: bytes) -> None:
    assert json.loads(rendered(json_template({"a": "{header.x}"}, "ack"), lambda _: value))


@given(st.text(alphabet="{}|.abody headr[]?()\n,中", max_size=20), st.sampled_from(["verify", "ack"]))
def test_any_text_is_a_template_or_a_bad_expression(text: str, key: str) -> None:
    try:
        parse_template(text, key)
    except BadExpression as bad:
        assert 0 <= bad.offset <= len(text)  # noqa: PT017
