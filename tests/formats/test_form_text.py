"""Are forms and queries decoded once, in order, with nothing dropped?"""

from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.formats.form_text import MAX_PAIRS, form, pairs


@pytest.mark.parametrize(
    ("raw", "tree"),
    [
        (b"", {}),
        (b"&&", {}),
        (b"a=1", {"a": "1"}),
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        (b"a=1&a=2&a=3", {"a": ["1", "2", "3"]}),
        (b"a=1&b=&a=2", {"a": ["1", "2"], "b": ""}),
        (b"a=&a=", {"a": ["", ""]}),
        (b"a", {"a": ""}),
        (b"=x", {"": "x"}),
        (b"a=b=c", {"a": "b=c"}),
        (b"a=x+y%2Bz", {"a": "x y+z"}),
        (b"a=%2526", {"a": "%26"}),
        (b"a=%26&b=%3D", {"a": "&", "b": "="}),
        (b"a+b=1", {"a b": "1"}),
        (b"a=%E4%B8%AD", {"a": "中"}),
        ("a=中".encode(), {"a": "中"}),
        (b"a=%zz%2", {"a": "%zz%2"}),
        (b"a;b=1", {"a;b": "1"}),
        (b"a[]=1&a[]=2", {"a[]": ["1", "2"]}),
        (b"a=1\r\n", {"a": "1\r\n"}),
        (b"a=%00", {"a": "\0"}),
    ],
)
def test_a_form_keeps_every_value_in_order_and_decodes_it_once(raw: bytes, tree: dict[str, object]) -> None:
    assert form(raw) == tree


@pytest.mark.parametrize(
    ("charset", "raw"), [("gb18030", b"a=%D6%D0"), ("gb18030", b"a=\xd6\xd0"), ("big5", b"a=%A4%A4")]
)
def test_percent_decoding_comes_first_and_then_the_charset(charset: str, raw: bytes) -> None:
    assert form(raw, charset) == {"a": "中"}
    with pytest.raises(UnicodeDecodeError):
        form(raw)


def test_names_that_are_folded_into_one_are_one() -> None:
    assert form(b"FROM=1&a=&From=2&from=3", fold=str.lower) == {"from": ["1", "2", "3"], "a": ""}


def test_a_form_has_at_most_ten_thousand_parameters() -> None:
    assert len(pairs(b"&".join([b"a=1"] * MAX_PAIRS))) == MAX_PAIRS == 10_000
    with pytest.raises(ValueError, match="10000"):
        pairs(b"&".join([b"a=1"] * (MAX_PAIRS + 1)))


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
            st.text(st.characters(exclude_categories=["Cs"])),
        )
    )
)
def test_what_is_encoded_comes_back(found: list[tuple[str, str]]) -> None:
    decoded = [
        (name.decode(), value.decode()) for name, value in pairs(urlencode(found, quote_via=quote_plus).encode())
    ]
    assert decoded == found


@given(st.binary())
def test_any_bytes_are_pairs(raw: bytes) -> None:
    assert all(isinstance(value, bytes) for pair in pairs(raw) for value in pair)
