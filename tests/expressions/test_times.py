"""Does every way of writing a time come out as RFC 3339, in its own zone, or as null with a warning?"""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.expressions.times import BadFormat, check_format, has_offset, pattern, time_reader, zone
from adapter.model import Element, Integer, Json, Number
from adapter.spec.language import Clock

RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?[+-][0-9]{2}:[0-9]{2}")
NAMES = ["iso8601", "rfc2822", "unix", "unix_ms", "unix_any"]


def read(value: Json, *formats: str, zone: str | None = None) -> tuple[str | None, str]:
    return time_reader(Clock(zone, formats))(value)


@pytest.mark.parametrize(
    ("form", "zone_name", "text", "value"),
    [
        # iso8601
        ("iso8601", None, "2024-05-01T10:00:00Z", "2024-05-01T10:00:00+00:00"),
        ("iso8601", None, "2024-05-01T10:00:00z", "2024-05-01T10:00:00+00:00"),
        ("iso8601", None, "2024-05-01t10:00:00Z", "2024-05-01T10:00:00+00:00"),
        ("iso8601", None, "2024-05-01 10:00:00+08:00", "2024-05-01T10:00:00+08:00"),
        ("iso8601", None, "2024-05-01T10:00:00+0000", "2024-05-01T10:00:00+00:00"),
        ("iso8601", None, "2024-05-01T10:00:00-0330", "2024-05-01T10:00:00-03:30"),
        ("iso8601", "Asia/Shanghai", "2024-05-01T10:00:00Z", "2024-05-01T10:00:00+00:00"),
        ("iso8601", "Asia/Shanghai", "2024-05-01T10:00:00", "2024-05-01T10:00:00+08:00"),
        ("iso8601", "Asia/Shanghai", "2024-05-01 10:00", "2024-05-01T10:00:00+08:00"),
        ("iso8601", None, "2024-05-01T10:00:00", None),
        ("iso8601", None, "2024-05-01T10:00:00.1Z", "2024-05-01T10:00:00.1+00:00"),
        ("iso8601", None, "2024-05-01T10:00:00.12Z", "2024-05-01T10:00:00.12+00:00"),
        ("iso8601", None, "2024-05-01T10:00:00.123Z", "2024-05-01T10:00:00.123+00:00"),
        ("iso8601", None, "2024-05-01T10:00:00.100Z", "2024-05-01T10:00:00.1+00:00"),
        ("iso8601", None, "2024-05-01T10:00:00.000Z", "2024-05-01T10:00:00+00:00"),
        ("iso8601", None, "2024-05-01T10:00:00.123456789Z", "2024-05-01T10:00:00.123456+00:00"),
        ("iso8601", None, "2024-05-01T10:00:00.1234567890Z", None),
        ("iso8601", None, "2024-05-01T10:00:00.Z", None),
        ("iso8601", None, "0000-05-01T10:00:00Z", None),
        ("iso8601", None, "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
        ("iso8601", None, "2024-13-01T10:00:00Z", None),
        ("iso8601", None, "2023-02-29T10:00:00Z", None),
        ("iso8601", None, "2024-02-29T10:00:00Z", "2024-02-29T10:00:00+00:00"),
        ("iso8601", None, "2024-05-01T24:00:00Z", None),
        ("iso8601", None, "2024-05-01T10:00:60Z", None),
        ("iso8601", None, "2024-05-01T10:00:00+99:99", None),
        ("iso8601", None, "2024-05-01T10:00:00Z and more", None),
        ("iso8601", None, " 2024-05-01T10:00:00Z\n", "2024-05-01T10:00:00+00:00"),
        ("iso8601", None, "２０２４-05-01T10:00:00Z", None),
        ("iso8601", None, "yesterday", None),
        # rfc2822
        ("rfc2822", None, "Wed, 01 May 2024 10:00:00 +0800", "2024-05-01T10:00:00+08:00"),
        ("rfc2822", None, "1 May 2024 10:00:00 GMT", "2024-05-01T10:00:00+00:00"),
        ("rfc2822", None, "Wed, 1 May 2024 10:00 UT", "2024-05-01T10:00:00+00:00"),
        ("rfc2822", None, "Wed, 01 may 2024 10:00:00 -0330", "2024-05-01T10:00:00-03:30"),
        ("rfc2822", None, "Wed, 01 May 2024 10:00:00 +0000 (UTC)", "2024-05-01T10:00:00+00:00"),
        ("rfc2822", None, "Wed, 01 May 2024 10:00:00 +0800 (China Standard Time)", "2024-05-01T10:00:00+08:00"),
        ("rfc2822", None, "Wed, 01 May 2024 10:00:00 +0000 (UTC", None),
        *(("rfc2822", None, f"1 May 2024 10:00:00 {word}", f"2024-05-01T10:00:00-0{hours}:00") for word, hours in
          {"EST": 5, "EDT": 4, "CST": 6, "CDT": 5, "MST": 7, "MDT": 6, "PST": 8, "PDT": 7}.items()),
        ("rfc2822", None, "1 May 2024 10:00:00 XST", None),
        ("rfc2822", None, "Wed, 01 Mai 2024 10:00:00 +0000", None),
        ("rfc2822", None, "Wed, 01 May 2024 10:00:00", None),
        # unix
        ("unix", None, "1714557600", "2024-05-01T10:00:00+00:00"),
        ("unix", "Asia/Shanghai", "1714557600", "2024-05-01T18:00:00+08:00"),
        ("unix", None, 1714557600, "2024-05-01T10:00:00+00:00"),
        ("unix", None, Number("1714557600.25"), "2024-05-01T10:00:00.25+00:00"),
        ("unix", None, "1714557600.1234567", "2024-05-01T10:00:00.123456+00:00"),
        ("unix", None, "-1", "1969-12-31T23:59:59+00:00"),
        ("unix", None, "-1.5", "1969-12-31T23:59:58.5+00:00"),
        ("unix", None, "253402300799", "9999-12-31T23:59:59+00:00"),
        ("unix", None, "253402300800", None),
        ("unix", None, "1e9", "2001-09-09T01:46:40+00:00"),
        ("unix", None, Number("1.7145576E9"), "2024-05-01T10:00:00+00:00"),
        ("unix", None, "1.71455760025e+9", "2024-05-01T10:00:00.25+00:00"),
        ("unix", None, "17145576000E-1", "2024-05-01T10:00:00+00:00"),
        ("unix", None, "1e99", None),
        ("unix", None, "1e999999999", None),
        ("unix_ms", None, "1.714557600123E12", "2024-05-01T10:00:00.123+00:00"),
        ("unix_any", None, "1.714557600123E12", "2024-05-01T10:00:00.123+00:00"),
        ("unix_any", None, "1.7145576E9", "2024-05-01T10:00:00+00:00"),
        ("unix_ms", None, "1714557600123", "2024-05-01T10:00:00.123+00:00"),
        ("unix_ms", None, "1714557600123.5", "2024-05-01T10:00:00.1235+00:00"),
        ("unix_ms", None, "-1", "1969-12-31T23:59:59.999+00:00"),
        ("unix_any", None, "1714557600", "2024-05-01T10:00:00+00:00"),
        ("unix_any", None, "1714557600123", "2024-05-01T10:00:00.123+00:00"),
        ("unix_any", None, "100000000000", "5138-11-16T09:46:40+00:00"),
        ("unix_any", None, "100000000001", "1973-03-03T09:46:40.001+00:00"),
        ("unix_any", None, "-100000000001", "1966-10-31T14:13:19.999+00:00"),
        *((form, None, str(10**power), None) for form in ("unix", "unix_ms") for power in (16, 17, 18, 30)),
        *((form, None, "-" + str(10**power), None) for form in ("unix", "unix_ms", "unix_any") for power in (17, 18)),
        *((form, None, "9" * 18, None) for form in ("unix", "unix_ms", "unix_any")),
        *((form, None, "9" * 18 + ".5", None) for form in ("unix", "unix_ms", "unix_any")),
        # patterns
        ("yyyy-MM-dd HH:mm:ss", "Asia/Shanghai", "2024-05-01 10:00:00", "2024-05-01T10:00:00+08:00"),
        ("yyyyMMddHHmmss", "Asia/Shanghai", "20240501100000", "2024-05-01T10:00:00+08:00"),
        ("yyMMddHHmm", "Asia/Shanghai", "2405011000", "2024-05-01T10:00:00+08:00"),
        ("yyyy/MM/dd", "UTC", "2024/05/01", "2024-05-01T00:00:00+00:00"),
        ("dd MMM yyyy HH:mm:ss", "UTC", "01 mAy 2024 10:00:00", "2024-05-01T10:00:00+00:00"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", None, "2024-05-01T10:00:00.120+08:00", "2024-05-01T10:00:00.12+08:00"),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", None, "2024-05-01T10:00:00+0800", "2024-05-01T10:00:00+08:00"),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", None, "2024-05-01T10:00:00Z", "2024-05-01T10:00:00+00:00"),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", None, "2024-05-01T10:00:00+08", "2024-05-01T10:00:00+08:00"),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", None, "2024-05-01T10:00:00-03", "2024-05-01T10:00:00-03:00"),
        ("iso8601", None, "2024-05-01T10:00:00+08", "2024-05-01T10:00:00+08:00"),
        ("dd MMM ''yy", "UTC", "01 May '24", "2024-05-01T00:00:00+00:00"),
        ("HH 'o''clock' yyyy.MM.dd", "UTC", "10 o'clock 2024.05.01", "2024-05-01T10:00:00+00:00"),
        ("yyyy''''MM'T'dd", "UTC", "2024''05T01", "2024-05-01T00:00:00+00:00"),
        ("yyyy年MM月dd日 HH时mm分", "Asia/Shanghai", "2024年05月01日 10时00分", "2024-05-01T10:00:00+08:00"),
        ("'at 'yyyy.MM.dd", "UTC", "at 2024.05.01", "2024-05-01T00:00:00+00:00"),
        ("yyyy.MM.dd", "UTC", "2024x05x01", None),
        ("yyyy-MM-dd HH:mm:ss", "Asia/Shanghai", "2024-5-1 10:00:00", None),
        ("yyyy-MM-dd HH:mm:ss", "Asia/Shanghai", "2024-05-01 10:00:00 ", "2024-05-01T10:00:00+08:00"),
        ("yyyy-MM-dd HH:mm:ss", "Asia/Shanghai", "0000-00-00 00:00:00", None),
        ("yyyy-MM-dd HH:mm:ss", "Asia/Shanghai", "0001-01-01 00:00:00", None),
        ("yyyy-MM-dd HH:mm:ss", "America/Los_Angeles", "9999-12-31 23:59:59", None),
        # zones: both edges of summer time
        ("yyyy-MM-dd HH:mm:ss", "Europe/Berlin", "2024-10-27 02:30:00", "2024-10-27T02:30:00+02:00"),
        ("yyyy-MM-dd HH:mm:ss", "Europe/Berlin", "2024-10-27 03:00:00", "2024-10-27T03:00:00+01:00"),
        ("yyyy-MM-dd HH:mm:ss", "Europe/Berlin", "2024-03-31 01:59:59", "2024-03-31T01:59:59+01:00"),
        ("yyyy-MM-dd HH:mm:ss", "Europe/Berlin", "2024-03-31 03:00:00", "2024-03-31T03:00:00+02:00"),
        ("yyyy-MM-dd HH:mm:ss", "America/New_York", "2024-11-03 01:30:00", "2024-11-03T01:30:00-04:00"),
        ("unix", "Europe/Berlin", "1729992600", "2024-10-27T02:30:00+01:00"),
    ],
)  # fmt: skip
def test_a_text_in_a_format_is_a_time_or_null_with_a_warning(
    form: str, zone_name: str | None, text: Json, value: str | None
) -> None:
    found, warning = read(text, form, zone=zone_name)
    assert found == value
    assert bool(warning) == (value is None)


@pytest.mark.parametrize(
    ("zone_name", "text", "value"),
    [
        ("Europe/Berlin", "2024-03-31 02:30:00", "2024-03-31T03:30:00+02:00"),
        ("America/New_York", "2024-03-10 02:00:00", "2024-03-10T03:00:00-04:00"),
        ("Pacific/Apia", "2011-12-30 12:00:00", "2011-12-31T12:00:00+14:00"),
    ],
)
def test_a_local_time_that_does_not_exist_shifts_forward_with_a_warning(zone_name: str, text: str, value: str) -> None:
    found, warning = read(text, "yyyy-MM-dd HH:mm:ss", zone=zone_name)
    assert found == value
    assert "does not exist" in warning


@pytest.mark.parametrize("zone_name", ["Asia/Shanghai", "Europe/Amsterdam", "Africa/Monrovia"])
@pytest.mark.parametrize("text", ["1900-01-01 00:00:00", "1753-01-01 00:00:00"])
def test_a_time_before_zones_were_whole_minutes_is_still_rfc_3339(zone_name: str, text: str) -> None:
    found, _ = read(text, "yyyy-MM-dd HH:mm:ss", zone=zone_name)
    assert found is None or RFC3339.fullmatch(found)


@pytest.mark.parametrize("value", ["", " ", "0", 0, None, " 0 "])
@pytest.mark.parametrize("form", [*NAMES, "yyyy-MM-dd"])
def test_nothing_and_zero_are_null_without_a_warning(form: str, value: Json) -> None:
    assert read(value, form, zone="UTC") == (None, "")


@pytest.mark.parametrize("value", [True, {}, {"a": 1}, [], [{}], Element({}, "x"), Integer(10**39), Number("1e50")])
def test_what_is_no_time_is_null_with_a_warning(value: Json) -> None:
    found, warning = read(value, "unix")
    assert found is None
    assert warning


def test_the_first_format_that_takes_the_whole_text_wins() -> None:
    formats = ("yyyy-dd-MM", "yyyy-MM-dd", "unix")
    assert read("2024-01-02", *formats, zone="UTC")[0] == "2024-02-01T00:00:00+00:00"
    assert read("2024-01-31", *formats, zone="UTC")[0] == "2024-01-31T00:00:00+00:00"
    assert read("1714557600", *formats, zone="UTC")[0] == "2024-05-01T10:00:00+00:00"


def test_without_formats_times_are_iso8601() -> None:
    assert read("2024-05-01T10:00:00Z")[0] == "2024-05-01T10:00:00+00:00"


def test_an_element_with_text_is_a_time() -> None:
    assert read(Element({"zone": "x"}, "1714557600"), "unix")[0] == "2024-05-01T10:00:00+00:00"


@pytest.mark.parametrize(
    ("form", "fragment"),
    [
        ("YYYY-MM-dd", "'YYYY'"), ("yyyy-MM-DD", "'DD'"), ("yyyy-MM-dd hh:mm", "'hh'"), ("yyyy-MM-dd'T", "not closed"),
        ("yyyy-MM-ddTHH:mm", "'T'"), ("yyyy-MM-dd yyyy", "twice"), ("HH:mm:ss", "no year"), ("yyyy-MM", "no year"),
        ("unix_us", "no token"), ("", "no year"), ("y-MM-dd", "'y'"), ("yyyy-M-d", "'M'"), ("yyyy-MM-dd SS", "'SS'"),
    ],
)  # fmt: skip
def test_a_format_that_does_not_exist_is_named(form: str, fragment: str) -> None:
    with pytest.raises(BadFormat) as caught:
        check_format(form)
    assert fragment in caught.value.message
    assert caught.value.help


@pytest.mark.parametrize(
    ("form", "says"), [*((name, name != "iso8601") for name in NAMES), ("yyyy-MM-ddXXX", True), ("yyyy-MM-dd", False)]
)
def test_whether_a_format_always_says_its_offset(form: str, says: bool) -> None:
    assert has_offset(form) is says


@pytest.mark.parametrize(
    "name",
    [
        "Asia/Nowhere",
        "",
        "../etc/passwd",
        "/etc/localtime",
        "CST8",
        "\0",
        "Asia",
        "localtime",
        "Factory",
        "posixrules",
        "posix/UTC",
        "zone.tab",
    ],
)
def test_a_zone_that_does_not_exist_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        zone(name)


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2037, 1, 1)),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe"]),
)
def test_the_same_moment_is_the_same_moment_in_every_format(moment: datetime, name: str) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    seconds = int(moment.timestamp())
    texts = {
        "unix": str(seconds),
        "unix_ms": f"{seconds}000",
        "iso8601": moment.isoformat(),
        "rfc2822": f"{moment:%a, %d %b %Y %H:%M:%S} GMT",
    }
    for form, text in texts.items():
        found, _ = read(text, form, zone=name)
        assert (found is None and seconds == 0) or datetime.fromisoformat(found or "") == moment


@given(
    st.text(max_size=30) | st.integers() | st.floats() | st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", fullmatch=True)
)
def test_whatever_stands_there_is_a_time_or_null(value: Json) -> None:
    for form in (*NAMES, "yyyy-MM-dd HH:mm:ss", "yyyyMMddHHmmss"):
        found, _ = read(value, form, zone="Asia/Shanghai")
        assert found is None or RFC3339.match(found)


@given(
    st.lists(
        st.sampled_from(["yyyy", "MM", "dd", "HH", "mm", "ss", "SSS", "XXX", "-", " ", "'T'", "'", "x", "(", "*"]),
        max_size=8,
    ).map("".join)
)
def test_any_format_is_a_pattern_or_a_bad_format(form: str) -> None:
    try:
        assert pattern(form).fullmatch("") is None
    except BadFormat as bad:
        assert bad.message  # noqa: PT017
