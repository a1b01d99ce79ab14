"""Does a draft keep to itself what is nobody's business?"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.scaffold.mask import masked
from tests.scaffold.world import differences, drafted, post, said

BODY = '{"msgId": "m-1", "phone": "%s", "status": "DELIVRD", "note": "call %s"}'


@given(st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True), st.integers(0, 999), st.booleans())
def test_a_masked_number_has_the_shape_of_the_number_and_none_of_its_last_digits(
    number: str, place: int, bare: bool
) -> None:
    shown = masked(number, place % 10 ** (len(number) - 7) if len(number) > 7 else 0, bare)
    assert len(shown) == len(number) or len(number) == 7
    assert shown[:3] == number[:3]
    assert shown.endswith("0000" if bare else "****")


@pytest.mark.parametrize("number", ["13912345678", "+8613912345678", "+4915112345678", "4915112345678"])
def test_no_number_of_a_person_gets_into_the_file(number: str) -> None:
    made = drafted(post(BODY % (number, number)))
    assert number.lstrip("+")[3:] not in made.text
    assert differences(made) == []


def test_two_people_stay_two() -> None:
    made = drafted(post('[{"msgId": "1", "phone": "13912345678", "status": "DELIVRD"},'
                        ' {"msgId": "2", "phone": "13912345679", "status": "DELIVRD"}]'))  # fmt: skip
    assert [one["to"] for one in said(made)["examples"][0]["expect"]] == ["1390000****", "1390001****"]


def test_a_number_that_is_no_text_stays_a_number() -> None:
    made = drafted(post('{"msgId": "1", "phone": 13912345678, "status": "DELIVRD"}'))
    assert '"phone": 13900000000' in made.text
    assert differences(made) == []


def test_a_number_is_found_in_a_form_behind_an_escape() -> None:
    headers = "Content-Type: application/x-www-form-urlencoded\n"
    made = drafted(post("msgId=1&phone=%2B4915112345678&status=DELIVRD&note=x%2013912345678", headers))
    assert "15112345678" not in made.text
    assert "13912345678" not in made.text


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("+1 (555) 123-4567", "+1 (550) 000-****"),
        ("(555) 123-456-78", "(555) 000-0**-**"),
        ("+49.151.123 456 78", "+49.100.000 0** **"),
    ],
)
def test_a_number_in_groups_keeps_its_shape(written: str, masked: str) -> None:
    made = drafted(post(BODY % (written, "+1 (555) 987-6543")))
    assert f'"phone": "{masked}"' in made.text
    assert "987-6543" not in made.text
    assert differences(made) == []


@pytest.mark.parametrize("written", ["%2B1+%28555%29+123-4567", "%2b1%20(555)%20123%2D4567", "1.555.1234567"])
def test_a_number_in_groups_is_found_in_a_form_however_it_is_escaped(written: str) -> None:
    headers = "Content-Type: application/x-www-form-urlencoded\n"
    made = drafted(post(f"msgId=1&phone={written}&status=DELIVRD", headers))
    assert written.replace("555", "550").replace("123", "000").replace("4567", "****") in made.text
    assert differences(made) == []


def test_one_person_is_the_same_one_however_the_number_is_written() -> None:
    made = drafted(post('[{"msgId": "1", "phone": "+15551234567", "status": "DELIVRD"},'
                        ' {"msgId": "2", "phone": "+1 555 123 4567", "status": "DELIVRD"},'
                        ' {"msgId": "3", "phone": "+1 555 123 4568", "status": "DELIVRD"}]'))  # fmt: skip
    told = [one["to"] for one in said(made)["examples"][0]["expect"]]
    assert told == ["+1550000****", "+1 550 000 ****", "+1 550 001 ****"]


def test_a_time_is_no_number_in_groups() -> None:
    made = drafted(
        post('{"msgId": "1", "phone": "+15551234567", "at": "Wed Oct 10 20:19:24 +1000 2018", "x": "DELIVRD"}')
    )
    assert "+1000 2018" in made.text


def test_a_service_number_is_nobodys() -> None:
    made = drafted(post('{"phone": "13912345678", "content": "TD 1", "destCode": "10690876"}'))
    assert said(made)["events"][0]["fields"]["to"] == "destCode"
    assert "10690876" in made.text


def test_masking_can_be_left_out() -> None:
    assert "13912345678" in drafted(post(BODY % ("13912345678", "")), phones=False).text


@pytest.mark.parametrize("phones", [True, False])
def test_passwords_and_the_token_of_the_url_never_get_into_the_file(phones: bool) -> None:
    body = '{"msgId": "1", "phone": "13912345678", "status": "DELIVRD", "appSecret": "hush-body"}'
    text = (
        "POST /notify/sms/7/hush-token/tail?access_token=hush-query&a=1&tok=hush-tok&sig=hush-sig\n"
        "Content-Type: application/json\n"
        f"Authorization: Bearer hush-header\nX-Api-Key: hush-key\nCookie: hush-cookie\n\n{body}\n"
    )
    made = drafted(text, phones=phones)
    assert "hush" not in made.text
    assert "hush" not in "".join(line for _, line in made.told)
    assert re.search(
        r"POST /notify/sms/1/111/tail\?access_token=masked&a=1&tok=masked&sig=masked$", made.text, re.MULTILINE
    )
    assert differences(made) == []
