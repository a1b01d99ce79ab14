"""Is what somebody wants to be forgotten really gone, and nothing else?"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from adapter.replay.erase import Erasure, erase, sweep
from adapter.replay.needle import Message, Needle, phone
from adapter.store.databases import reader
from tests.replay.shop import Shop, acme, callback, raw, report, to_all
from tests.store.place import Place

NUMBER = "+86 138-0000-0001"


@pytest.fixture
def shop(place: Place) -> Shop:
    return Shop(place)


def erased(shop: Shop, needle: Needle, vendor: str = "") -> dict[str, int]:
    """What went, after what would was counted the same."""
    with shop.engines() as engines:
        would = +erase(Erasure(engines.reads, None, needle, vendor))
        done: Counter[str] = +erase(Erasure(engines.reads, engines.writes, needle, vendor))
        assert would == done
        assert +erase(Erasure(engines.reads, engines.writes, needle, vendor)) == {}
    return dict(done)


def everything(place: Place) -> str:
    tables = ("requests", "events", "problems", "refused", "deliveries", "messages")
    return repr([place.rows(f"SELECT * FROM {table}") for table in tables])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("13800000001", "+8613800000001", True),
        ("008613800000001", "13800000001", True),
        ("+49 171 1234567", "01711234567", True),
        ("13800000001", "13800000002", False),
        ("13800000001", "1138000000011", False),
        ("13800000001", "999913800000001", False),
        ("00000001", "00000001", True),
        ("80000001", "13880000001", True),
        ("13800000001", "0000001", False),
        ("13800000001", "call 13800000001", False),
    ],
)
def test_numbers_are_compared_by_their_ends(one: str, other: str, same: bool) -> None:
    if one == "00000001":
        with pytest.raises(ValueError, match="no phone number"):
            phone(one)
        return
    assert phone(one).same(other) is same


@pytest.mark.parametrize(
    ("body", "inside"),
    [
        (b'{"phone": "13800000001"}', True),
        (b"to=%2B8613800000001&x=1", True),
        (b"to=+86+138+0000+0001", True),
        (b"to=%31%33%38%30%30%30%30%30%30%30%31", True),
        (b'{"phone": "\\u00313800000001"}', True),
        (b'{"at": "2024-05-01 13800000001"}', True),
        (b"008613800000001", True),
        (b"\x00\xff 138 0000 0001", True),
        (b"13800000002", False),
        (b"3138000000019", False),
        (b"", False),
    ],
)
def test_a_number_is_found_however_a_request_writes_it(body: bytes, inside: bool) -> None:
    assert phone(NUMBER).inside(body) is inside


def test_all_of_a_number_goes_and_other_people_stay(shop: Shop) -> None:
    known = acme()
    mixed = callback(2, report("b", "000", "13800000001"), report("c", "000", "13900000002"))
    bad = callback(3, {"result": "000", "phone": "13800000001"})
    forged = callback(4, report("d", "000", "13800000001"), secret=b"forged")
    other = callback(5, report("e", "000", "13900000002"), {"phone": "13900000002"})
    shop.arrive(known, callback(1, report("a", "000")), mixed, bad, other, route=to_all)
    shop.arrive(known, forged)
    counts = erased(shop, phone(NUMBER))
    assert counts == {
        "events": 2,
        "deliveries": 2,
        "messages": 2,
        "problems": 1,
        "requests": 2,
        "emptied": 1,
        "refused": 1,
    }
    assert "13800000001" not in everything(shop.place)
    assert sorted(shop.messages()) == ["c", "e"]
    assert shop.place.rows("SELECT id, outcome, body FROM requests ORDER BY seq") == [
        (mixed.id, "erased", b""), (other.id, "partial", other.body)
    ]  # fmt: skip
    assert shop.replay(known) == {"requests": 1, "unchanged": 1}


def test_all_of_a_message_goes_its_corrections_too(shop: Shop) -> None:
    shop.arrive(acme(), callback(1, report("a", "001")), callback(2, report("ab", "001")))
    shop.replay(acme(('"001": undelivered', '"001": delivered')))
    assert erased(shop, Message("a"), "other") == {}
    assert erased(shop, Message("a"), "acme") == {"events": 2, "messages": 1, "requests": 1}
    assert sorted(shop.messages()) == ["ab"]


def test_packed_bodies_are_looked_into(shop: Shop) -> None:
    body = json.dumps({"reports": [], "pad": "x" * 600, "phone": "13800000001"}).encode()
    with shop.place.opened(packed=True) as store:
        assert store
    shop.arrive(acme(), raw(1, body))
    assert erased(shop, phone(NUMBER)) == {"requests": 1}


def test_nothing_of_it_is_left_in_the_files(tmp_path: Path) -> None:
    shop = Shop(Place(f"sqlite:///{tmp_path / 'a.db'}"))
    numbers = ["13800000001" if n % 3 else f"139{n:08}" for n in range(300)]
    shop.arrive(acme(), *(callback(n, report(f"m{n}", "000", number)) for n, number in enumerate(numbers)))
    with shop.engines() as engines:
        erase(Erasure(engines.reads, engines.writes, phone(NUMBER)))
        assert sweep(engines.writes)
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"13800000001" not in left
    assert all(number.encode() in left for number in numbers[::3])


def test_an_event_may_hold_whatever_it_likes() -> None:
    data: dict[str, Any] = {"extra": {"list": [None, True, 1.5, 13800000001, {"x": "\0"}]}}
    assert phone(NUMBER).names(data, None)
    assert not phone("13900000001").names(data, None)


def test_free_places_are_cleared_in_every_database_and_not_while_somebody_writes(shop: Shop) -> None:
    shop.arrive(acme(), callback(1, report("a", "000")))
    with shop.engines() as engines:
        assert sweep(engines.writes)
        if shop.place.sqlite:
            with shop.place.connected() as session, session.transaction():
                assert not sweep(reader(shop.place.where, writes=True, busy_seconds=0.1))
