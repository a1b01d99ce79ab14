"""Do the vendor's codes become our words as the tables say?"""

# A row of a table is one line.
# ruff: noqa: E501

import json
from typing import Any

import pytest

from adapter.model import Json
from tests.specs import arrived, become, data, loaded, tiny

FULL = "fold: true\n"


def spec(status: str, entry: str = "", kind: str = "kind: sms.delivery, fields: {message_id: id, code: c}") -> str:
    return tiny(f"body: json\nstatus: {{{status}}}\nevents:\n  - {{{kind}{', ' + entry if entry else ''}}}\n")


def table(codes: str, name: str, fold: str = "") -> str:
    return f"table: v1\nname: {name}\n{fold}codes: {{{codes}}}\n"


def classified(text: str, record: dict[str, Json], tables: dict[str, str] | None = None) -> tuple[Any, ...]:
    outcome = become(text, arrived(json.dumps({"id": "1", **record})), tables=tables)
    if outcome.name == "ignored":
        return ("ignore",)
    found = data(outcome)
    return found["status"], found["reason"], found["code_known"]


CODES = """codes: {'000': delivered, '021': undelivered/absent_subscriber, '044': /blacklisted, '10..12': rejected/rate_limited,
  '21..': expired, 'MK:*': undelivered, 'MK:00*': undelivered/invalid_number, 'MK:0001': /suspended, '*BLACK*': rejected/blacklisted,
  'drop': ignore, 'x[1]?': expired, 'acc': accepted/rate_limited, 'rd': read}, otherwise: unknown"""


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("000", ("delivered", None, True)),
        ("0", ("unknown", "unknown_reason", False)),
        (" 000 ", ("delivered", None, True)),
        ("021", ("undelivered", "absent_subscriber", True)),
        ("044", ("expired", "blacklisted", True)),
        # a range: digits, inclusive
        ("9", ("unknown", "unknown_reason", False)),
        ("10", ("rejected", "rate_limited", True)),
        (12, ("rejected", "rate_limited", True)),
        ("13", ("unknown", "unknown_reason", False)),
        ("0010", ("rejected", "rate_limited", True)),
        ("21", ("expired", "unknown_reason", True)),
        ("9" * 40, ("expired", "unknown_reason", True)),
        ("-21", ("unknown", "unknown_reason", False)),
        ("21.5", ("unknown", "unknown_reason", False)),
        ("２１", ("unknown", "unknown_reason", False)),
        # globs: most literal characters first; each half on its own
        ("MK:0002", ("undelivered", "invalid_number", True)),
        ("MK:1", ("undelivered", "unknown_reason", True)),
        ("MK:0001", ("undelivered", "suspended", True)),
        ("mk:1", ("unknown", "unknown_reason", False)),
        ("xBLACKx", ("rejected", "blacklisted", True)),
        ("BLACK", ("rejected", "blacklisted", True)),
        ("MK:BLACK", ("rejected", "blacklisted", True)),
        ("x[1]?", ("expired", "unknown_reason", True)),
        ("x1a", ("unknown", "unknown_reason", False)),
        # words without a reason
        ("acc", ("accepted", None, True)),
        ("rd", ("read", None, True)),
        ("drop", ("ignore",)),
        # no code
        ("", ("unknown", "unknown_reason", None)),
        ("  ", ("unknown", "unknown_reason", None)),
        (None, ("unknown", "unknown_reason", None)),
        (True, ("unknown", "unknown_reason", False)),
        ({"a": 1}, ("unknown", "unknown_reason", None)),
    ],
)  # fmt: skip
def test_a_code_is_looked_for_exactly_then_in_ranges_then_in_globs(code: Json, result: tuple[Any, ...]) -> None:
    assert classified(spec(CODES), {"c": code}) == result


@pytest.mark.parametrize(
    ("status", "record", "result"),
    [
        # inputs in order; for one input own codes, then tables
        ("from: [c, d], codes: {'a': delivered, 'b': expired}, otherwise: unknown", {"c": "?", "d": "b"}, ("expired", "unknown_reason", False)),
        ("from: [c, d], codes: {'a': delivered, 'b': expired}, otherwise: unknown", {"c": "a", "d": "b"}, ("delivered", None, True)),
        ("from: [c, d], codes: {'a': /suspended, 'b': expired/invalid_number}, otherwise: unknown", {"c": "a", "d": "b"}, ("expired", "suspended", True)),
        ("from: [c, d], codes: {'a': delivered}, otherwise: unknown", {"c": None, "d": "a"}, ("delivered", None, True)),
        ("from: [c, d], codes: {'a': delivered}, otherwise: unknown", {"c": "", "d": "a"}, ("delivered", None, True)),
        ("codes: {'a': /suspended}, tables: [t, u], otherwise: unknown", {"c": "a"}, ("expired", "suspended", True)),
        ("tables: [t, u], otherwise: unknown", {"c": "a"}, ("expired", "invalid_number", True)),
        ("tables: [u, t], otherwise: unknown", {"c": "a"}, ("rejected", "blacklisted", True)),
        ("tables: [t, u], otherwise: unknown", {"c": "only-u"}, ("deleted", "unknown_reason", True)),
        # the whole input goes before the next one, with all its layers
        ("from: [c, d], codes: {'b': rejected}, tables: [t], otherwise: unknown", {"c": "a", "d": "b"}, ("expired", "invalid_number", True)),
        # folding
        ("codes: {'Ab': expired}, otherwise: unknown", {"c": "aB"}, ("unknown", "unknown_reason", False)),
        ("fold: true, codes: {'Ab': expired}, otherwise: unknown", {"c": "ａB"}, ("expired", "unknown_reason", True)),
        ("fold: true, codes: {'Ab*': expired}, otherwise: unknown", {"c": "ａBx"}, ("expired", "unknown_reason", True)),
        ("fold: true, codes: {'1..9': expired}, otherwise: unknown", {"c": "５"}, ("expired", "unknown_reason", True)),
        ("tables: [f], otherwise: unknown", {"c": "ab"}, ("expired", "unknown_reason", True)),
        # `*` is what nobody knows
        ("codes: {'*': expired}, otherwise: unknown", {"c": "x"}, ("expired", "unknown_reason", False)),
        ("codes: {'*': expired, 'x': /suspended}, otherwise: unknown", {"c": "x"}, ("expired", "suspended", True)),
        # otherwise may drop
        ("codes: {'a': delivered}, otherwise: ignore", {"c": "x"}, ("ignore",)),
        ("codes: {'a': ignore, 'a*': /suspended}, otherwise: unknown", {"c": "a"}, ("ignore",)),
        # a row that only gives a reason still knows the code
        ("codes: {'a': /suspended}, otherwise: sent", {"c": "a"}, ("sent", None, True)),
    ],
)  # fmt: skip
def test_each_half_is_searched_on_its_own(status: str, record: dict[str, Json], result: tuple[Any, ...]) -> None:
    tables = {"t": table("'a': expired/invalid_number", "t"), "u": table("'a': rejected/blacklisted, 'only-u': deleted", "u"),
              "f": table("'AB': expired", "f", FULL)}  # fmt: skip
    assert classified(spec(status), record, tables) == result


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ({"ok": True, "c": "ok"}, ("delivered", None, True)),
        ({"ok": True, "c": "bad"}, ("delivered", None, True)),
        ({"ok": True, "c": "?"}, ("delivered", None, False)),
        ({"ok": True}, ("delivered", None, None)),
        ({"ok": True, "c": "why"}, ("delivered", None, True)),
        ({"ok": True, "c": "drop"}, ("delivered", None, True)),
        ({"ok": False, "c": "bad"}, ("rejected", "unknown_reason", True)),
        ({"ok": False, "c": "ok"}, ("undelivered", "unknown_reason", True)),
        ({"ok": False, "c": "?"}, ("undelivered", "unknown_reason", False)),
        ({"ok": False, "c": "why"}, ("undelivered", "suspended", True)),
        ({"ok": False, "c": "drop"}, ("ignore",)),
        ({"c": "ok"}, ("undelivered", "unknown_reason", True)),
        ({"ok": "", "c": "bad"}, ("rejected", "unknown_reason", True)),
        ({"ok": 0, "c": "bad"}, ("delivered", None, True)),
    ],
)
def test_a_success_flag_alone_decides_success(record: dict[str, Json], result: tuple[Any, ...]) -> None:
    status = "success: ok, codes: {'ok': delivered, 'bad': rejected, 'why': /suspended, 'drop': ignore}, otherwise: undelivered"
    assert classified(spec(status), record) == result


def test_a_flag_that_raises_is_no_success() -> None:
    assert classified(spec("success: abs(ok), otherwise: undelivered"), {"ok": "x"})[0] == "undelivered"


@pytest.mark.parametrize(
    ("entry", "code", "status"),
    [
        ("status: {codes: {'b': expired}}", "a", "unknown"),
        ("status: {codes: {'b': expired}}", "b", "expired"),
        ("status: {otherwise: sent}", "x", "sent"),
        ("status: {otherwise: sent}", "a", "rejected"),
        ("status: {from: [d]}", "a", "unknown"),
        ("status: {fold: true}", "A", "rejected"),
        ("set: {status: read}", "a", "read"),
    ],
)
def test_status_inside_an_entry_replaces_key_by_key(entry: str, code: str, status: str) -> None:
    assert classified(spec("codes: {'a': rejected}, otherwise: unknown", entry), {"c": code})[0] == status


def test_the_code_is_the_first_input_with_text_where_none_is_mapped() -> None:
    text = spec("from: [x, y, z], otherwise: unknown", kind="kind: sms.delivery, fields: {message_id: id}")
    assert data(become(text, arrived('{"id": 1, "x": null, "y": "", "z": 7}')))["code"] == "7"
    mapped = spec("from: [x], otherwise: unknown", kind="kind: sms.delivery, fields: {message_id: id, code: c}")
    assert data(become(mapped, arrived('{"id": 1, "x": "7", "c": " raw "}')))["code"] == " raw "


def test_a_table_for_several_kinds_gives_each_only_its_own_words() -> None:
    mixed = {"t": table("'a': bounced/spam, 'b': expired/suspended, 'c': unknown/spam", "t")}
    text = spec("tables: [t], otherwise: unknown")
    assert classified(text, {"c": "a"}, mixed)[:2] == ("unknown", "unknown_reason")
    assert classified(text, {"c": "b"}, mixed) == ("expired", "suspended", True)


def test_an_entry_status_without_otherwise_anywhere_is_an_error() -> None:
    text = tiny(
        "body: json\nevents:\n  - {kind: sms.delivery, fields: {message_id: id, code: c}, status: {codes: {'a': delivered}}}\n"
    )
    errors = [one for one in loaded({"acme.yaml": text}).diagnostics if one.severity == "error"]
    assert [one.code for one in errors] == ["CODE011"]
