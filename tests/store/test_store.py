"""Where does what arrived stay?"""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from adapter.model import Integer, Number, Outcome, Problem, Request
from adapter.store.reading import read_events
from adapter.store.rows import Arrival
from adapter.store.store import Queued, nowhere
from adapter.store.transaction import StoreFailed, write
from tests.service.tiny import event, outcome, request
from tests.store.place import Place, run, save_all, subjects


def test_a_request_is_kept_as_it_came(place: Place) -> None:
    raw = request(body=b"\x00\xff", query=b"a=%E5\xff", path="/tail", headers=((b"x", b"\xe9"), (b"x", b"2")))
    with place.opened() as store:
        assert run(save_all(store, (raw, outcome(event("1"))))) == [False]
    kept = place.rows('SELECT id, method, channel, path, "query", headers, body, outcome, ack_status FROM requests')
    headers = '[["x","é"],["x","2"]]'
    assert kept == [("r1", "POST", "sms/1", "/tail", "a=%E5ÿ", headers, b"\x00\xff", "accepted", 200)]


def test_an_event_is_stored_once_and_its_retry_is_a_duplicate(place: Place) -> None:
    with place.opened() as store:
        assert run(save_all(store, (request("r1"), outcome(event("1"), event("2"))))) == [False]
        assert run(save_all(store, (request("r2"), outcome(event("1"), event("2"))))) == [True]
        assert subjects(store) == ["1", "2"]
    assert place.rows("SELECT id FROM requests") == [("r1",)]


def test_within_one_group_the_first_of_an_id_stands(place: Place) -> None:
    with place.opened() as store:
        answers = run(save_all(store, *((request(f"r{n}"), outcome(event("same"))) for n in range(20))))
        assert answers == [False, *[True] * 19]
        assert subjects(store) == ["same"]


def test_a_request_with_one_new_event_is_no_duplicate(place: Place) -> None:
    with place.opened() as store:
        run(save_all(store, (request("r1"), outcome(event("1")))))
        assert run(save_all(store, (request("r2"), outcome(event("1"), event("2"))))) == [False]
    assert place.rows("SELECT id FROM requests") == [("r1",), ("r2",)]


def test_a_request_without_events_is_never_a_duplicate(place: Place) -> None:
    ends = [(request(f"r{n}"), outcome(name="unclaimed")) for n in range(2)]
    with place.opened() as store:
        assert run(save_all(store, *ends)) == [False, False]
    assert place.rows("SELECT id, outcome FROM requests") == [("r0", "unclaimed"), ("r1", "unclaimed")]


def test_a_duplicate_with_other_content_leaves_the_first_and_a_problem(place: Place) -> None:
    with place.opened() as store:
        run(save_all(store, (request("r1"), outcome(event("1", to="a")))))
        assert run(save_all(store, (request("r2"), outcome(event("1", to="b"))))) == [True]
        assert [json.loads(stored.envelope)["data"]["to"] for stored in store.events()] == ["a"]
    assert place.rows("SELECT request_id, code, content FROM problems") == [("r2", "changed_duplicate", '{"to":"b"}')]
    assert len(place.rows("SELECT id FROM requests")) == 2


def test_what_a_mended_spec_says_about_itself_is_no_change(place: Place) -> None:
    with place.opened() as store:
        run(save_all(store, (request("r1"), outcome(event("1", spec="old", warnings=[])))))
        run(save_all(store, (request("r2"), outcome(event("1", spec="new", warnings=[{}])))))
    assert place.rows("SELECT * FROM problems") == []


def test_problems_stand_beside_their_request(place: Place) -> None:
    problems = (Problem("extract", "required", "no status", 3, {"a": Number("0.10")}), Problem("explode", "x", "y"))
    with place.opened() as store:
        run(save_all(store, (request(), outcome(name="partial", problems=problems))))
    found = place.rows("SELECT request_id, stage, code, message, record, content FROM problems ORDER BY seq")
    assert found == [
        ("r1", "extract", "required", "no status", 3, '{"a":0.10}'),
        ("r1", "explode", "x", "y", None, None),
    ]


def test_every_digit_of_a_number_is_kept(place: Place) -> None:
    with place.opened() as store:
        run(save_all(store, (request(), outcome(event("1", a=Number("0.10"), b=Integer(10**30))))))
        (stored,) = store.events()
    assert f'"a":0.10,"b":{10**30}' in stored.envelope


BAD = [
    ("an envelope that is not JSON", request("bad"), outcome(event("bad", a={1}))),
    ("a path that is not text", request("bad", path="\ud800"), outcome(event("bad"))),
    ("an id that is taken", request("good0"), outcome(event("bad"))),
    ("no time", request("bad"), outcome(replace(event("bad"), envelope={}))),
    ("no text where one must be", request("bad"), outcome(replace(event("bad"), kind=None))),  # type: ignore[arg-type]
    ("a number beyond the column", request("bad"), outcome(problems=(Problem("", "", "", 2**64),))),
]


@pytest.mark.parametrize(("bad", "outcome_of_bad"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_one_bad_request_does_not_fail_its_neighbours(place: Place, bad: Request, outcome_of_bad: Outcome) -> None:
    good = [(request(f"good{n}"), outcome(event(f"{n}"))) for n in range(4)]
    with place.connected() as session:
        pairs = [*good[:2], (bad, outcome_of_bad), *good[2:]]
        results = write(session, [Arrival(*pair, nowhere) for pair in pairs])
    assert [isinstance(result, StoreFailed) for result in results] == [False, False, True, False, False]
    assert sorted(place.rows("SELECT id FROM requests")) == [("good0",), ("good1",), ("good2",), ("good3",)]
    assert [subject for (subject,) in place.rows("SELECT subject FROM events ORDER BY seq")] == ["0", "1", "2", "3"]


def test_too_many_waiting_are_turned_away_at_once(place: Place) -> None:
    async def flood(store: Queued) -> None:
        waiting = [store.save(request(f"r{n}"), outcome(event(f"{n}"))) for n in range(8)]
        with pytest.raises(StoreFailed, match="8 requests wait"):
            store.save(request("late"), outcome(event("late")))
        assert await asyncio.gather(*waiting) == [False] * 8
        assert await store.save(request("later"), outcome(event("later"))) is False

    with place.opened(waiting=8) as store:
        run(flood(store))


def test_closing_writes_what_waits_and_then_takes_nothing(place: Place) -> None:
    async def close_amid(store: Queued) -> None:
        waiting = [store.save(request(f"r{n}"), outcome(event(f"{n}"))) for n in range(50)]
        await asyncio.to_thread(store.close)
        assert await asyncio.gather(*waiting) == [False] * 50
        with pytest.raises(StoreFailed, match="closed"):
            store.save(request("late"), outcome(event("late")))
        with pytest.raises(StoreFailed, match="closed"):
            await store.check()

    with place.opened() as store:
        run(close_amid(store))
        assert len(subjects(store)) == 50


def test_a_waiter_that_gave_up_disturbs_nobody(place: Place) -> None:
    async def give_up(store: Queued) -> None:
        first, second = (store.save(request(f"r{n}"), outcome(event(f"{n}"))) for n in range(2))
        first.cancel()
        assert await second is False

    with place.opened() as store:
        run(give_up(store))
        assert subjects(store) == ["0", "1"]


WANTED = [
    ({}, ["0", "1", "2", "3", "4"]),
    ({"since": 2}, ["2", "3", "4"]),
    ({"limit": 2}, ["0", "1"]),
    ({"limit": 0}, []),
    ({"since": 1, "limit": 2}, ["1", "2"]),
    ({"vendor": "acme"}, ["0", "1", "2", "3", "4"]),
    ({"vendor": "other"}, []),
    ({"kind": "sms.inbound"}, ["3"]),
    ({"kind": "sms.delivery", "since": 3}, ["4"]),
]


@pytest.mark.parametrize(("wanted", "expected"), WANTED)
@pytest.mark.parametrize("page", [1, 2, 500])
def test_events_are_read_in_order_of_storing(
    place: Place, wanted: dict[str, Any], expected: list[str], page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.store.reading.PAGE", page)
    events = [event(f"{n}") for n in range(5)]
    events[3] = replace(events[3], kind="sms.inbound")
    with place.opened() as store:
        run(save_all(store, (request(), outcome(*events))))
        assert subjects(store, **wanted) == expected


def test_a_store_is_read_while_another_writes_it(place: Place) -> None:
    with place.opened() as store:
        run(save_all(store, (request(), outcome(event("1")))))
        assert [stored.seq for stored in read_events(place.url)] == [1]


def test_what_was_stored_is_there_when_the_file_is_opened_again(place: Place) -> None:
    for number in range(3):
        with place.opened() as store:
            run(save_all(store, (request(f"r{number}"), outcome(event(f"{number}")))))
            assert subjects(store) == [f"{n}" for n in range(number + 1)]
