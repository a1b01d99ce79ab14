"""What stands in the log, and what never does?"""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.service.logs import configure, formatter
from adapter.service.masked import mask, masked

LONG = re.compile(r"\d{7}")

MASKED = [
    ("13800001234", "138****"),
    ("+8613800001234, 555-0100", "+861****, 555-0100"),
    ("to=１３８００００１２３４", "to=１３８****"),  # full-width digits
    ("123456", "123456"),
    ("018f3b5c9a7e4d2f8b6a1c0e5d4f3a2b", "018f3b5c9a7e4d2f8b6a1c0e5d4f3a2b"),
    ("00000000000000000000000000000000", "00000000000000000000000000000000"),
    ("018f3b5c9a7e4d2f8b6a1c0e5d4f3a2b0000000", "018f3b5c9a7e4d2f8b6a1c0e5d4f3a2b000****"),
    ("2024-05-01T08:00:00.123456Z", "2024-05-01T08:00:00.123456Z"),
    ("192.168.100.200:8080", "192.168.100.200:8080"),
]


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_a_long_number_is_masked_and_an_id_of_a_request_is_not(text: str, expected: str) -> None:
    assert masked(text) == expected


PHONES = st.from_regex(r"\+?[0-9]{7,15}", fullmatch=True)
AROUND = st.text(st.characters(blacklist_categories=["Nd", "Cs", "Cc"]), max_size=20)  # JSON writes controls as digits
VALUES = st.recursive(
    st.one_of(PHONES, st.integers(10**6), st.builds("{}{}{}".format, AROUND, PHONES, AROUND), st.none(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(PHONES, AROUND), inner, max_size=3)),
    max_leaves=8,
)  # fmt: skip


@given(VALUES, st.sampled_from(["reason", "event", "vendor", "timestamp", "request"]))
def test_no_number_of_a_phone_is_left_wherever_it_stands(value: Any, name: str) -> None:
    if name in ("timestamp", "request") and isinstance(value, str):
        value += " and more than an id or a time could be"
    assert not LONG.search(json.dumps(mask(None, "", {name: value}), ensure_ascii=False))


@given(st.from_regex(r"[0-9a-f]{32}", fullmatch=True), st.datetimes())
def test_ids_of_requests_and_times_are_left_alone(request: str, moment: Any) -> None:
    event = {"event": f"stored {request}", "request": request, "timestamp": moment.isoformat() + "Z"}
    assert mask(None, "", dict(event)) == event


@pytest.fixture
def stream() -> Iterator[io.BytesIO]:
    root, ours = logging.getLogger(), logging.getLogger("adapter")
    before, level, own = root.handlers[:], root.level, ours.level
    yield io.BytesIO()
    root.handlers[:] = before
    root.setLevel(level)
    ours.setLevel(own)


def test_libraries_and_ours_come_out_the_same_and_only_ours_below_a_warning(stream: io.BytesIO) -> None:
    handler = configure("json", "info", stream)
    logging.getLogger("adapter.service.intake").info("request.accepted", extra={"vendor": "acme", "code": ""})
    logging.getLogger("adapter.service.intake").debug("unheard")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request of %s", "13800001234")
    logging.getLogger("httpx").info("GET https://host/token")
    handler.close()
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert {name: first[name] for name in ("event", "level", "logger", "vendor")} == {
        "event": "request.accepted", "level": "info", "logger": "adapter.service.intake", "vendor": "acme",
    }  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", first["timestamp"])
    assert "code" not in first
    assert second["event"] == "Invalid HTTP request of 138****"


def test_a_traceback_is_masked_too(stream: io.BytesIO) -> None:
    handler = configure("json", "info", stream)
    try:
        int("13800001234x")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    handler.close()
    (line,) = stream.getvalue().splitlines()
    assert b"138****x" in line
    assert not LONG.search(json.loads(line)["exception"])


def test_for_a_persons_eyes_it_is_the_same_in_other_clothes() -> None:
    fields = {"msg": "request.refused", "levelname": "WARNING", "code": "stale", "reason": "of 13800001234"}
    record = logging.makeLogRecord({"name": "adapter", **fields})
    line = formatter("console").format(record)
    assert re.search(r"request\.refused .*code=stale .*reason='of 138\*\*\*\*'", line)
