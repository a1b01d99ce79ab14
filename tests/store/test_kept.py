"""What else is kept of a callback: deliveries, bodies, duplicates that say more, and those who could not prove it."""

import asyncio
import threading
import zlib
from dataclasses import replace
from typing import Any

import pytest

from adapter.model import Event, Outcome, Problem
from adapter.store.quarantine import HEAD_BYTES
from adapter.store.reading import read_request
from adapter.store.rows import Arrival
from adapter.store.store import Queued, nowhere
from adapter.store.transaction import Result, StoreFailed, write
from tests.postgresql import database
from tests.service.tiny import event, outcome, request
from tests.store.place import Place, run, save_all, subjects


def test_each_new_event_is_due_at_each_of_its_sinks_in_the_same_commit(place: Place) -> None:
    def route(event: Event) -> tuple[str, ...]:
        return ("a", "b") if event.envelope["subject"] == "1" else ("a",)

    with place.opened() as store:
        for name in ("r1", "r2"):
            run(save_all(store, (request(name), outcome(event("1"), event("2"))), route=route))
    found = place.rows("SELECT sink, events.subject, state FROM deliveries JOIN events ON id = event_id ORDER BY 1, 2")
    assert found == [("a", "1", "due"), ("a", "2", "due"), ("b", "1", "due")]


def test_an_event_that_cannot_be_written_leaves_no_delivery(place: Place) -> None:
    with place.connected() as session:
        pairs = [(request("good"), outcome(event("1"))), (request("bad"), outcome(event("2", never={1})))]
        results = write(session, [Arrival(*pair, lambda _: ("a",)) for pair in pairs])
    assert [type(result) for result in results] == [bool, StoreFailed]
    assert place.rows("SELECT count(*) FROM deliveries") == [(1,)]


@pytest.mark.parametrize(
    ("again", "kept"),
    [
        ({}, False),
        ({"body": b'{"real": 2}'}, True),
        ({"query": b"real=2"}, True),
        ({"headers": ((b"x-try", b"2"),)}, False),
    ],
    ids=["the same bytes", "another body", "another query", "another header"],
)
def test_a_duplicate_is_kept_where_its_bytes_are_new(place: Place, again: dict[str, Any], kept: bool) -> None:
    """A spec that is mended later may find two messages where today's sees one."""
    with place.opened() as store:
        run(save_all(store, (request("r1", body=b'{"real": 1}'), outcome(event("1")))))
        second = request("r2", **{"body": b'{"real": 1}', **again})
        assert run(save_all(store, (second, outcome(event("1"))))) == [True]
    assert place.rows("SELECT outcome FROM requests ORDER BY seq") == [("accepted",)] + [("duplicate",)] * kept


def test_duplicates_within_one_group_are_told_apart_by_their_bytes(place: Place) -> None:
    pairs = [(request(f"r{n}", body=body), outcome(event("1"))) for n, body in enumerate([b"a", b"a", b"b"])]
    with place.connected() as session:
        assert write(session, [Arrival(*pair, nowhere) for pair in pairs]) == [False, True, True]
    assert place.rows("SELECT outcome FROM requests ORDER BY seq") == [("accepted",), ("duplicate",)]


@pytest.mark.parametrize("body", [b"", b"short", b"long " * 200, bytes(range(256)) * 4])
def test_a_packed_body_comes_back_as_it_was(place: Place, body: bytes) -> None:
    with place.opened(packed=True) as store:
        run(save_all(store, (request("r1", body=body), outcome(event("1")))))
    ((kept, encoding),) = place.rows("SELECT body, body_encoding FROM requests")
    assert (zlib.decompress(kept) if encoding else bytes(kept)) == body
    assert len(kept) <= len(body)
    found = read_request(place.url, "r1")
    assert found
    assert found.body == body


def refused(name: str, **changed: Any) -> tuple[Any, Outcome]:
    problem = Problem("verify", "bad_signature", "header X-Sign is wrong")
    return request(name, **changed), replace(
        outcome(name="refused", keep=False), code="bad_signature", problems=(problem,)
    )


def settle(store: Queued, *pairs: tuple[Any, Outcome]) -> None:
    async def all_of_them() -> None:
        for pair in pairs:
            store.refuse(*pair)
        while store.waiting:
            await asyncio.sleep(0.01)

    run(all_of_them())


def test_who_could_not_prove_himself_is_kept_apart(place: Place) -> None:
    with place.opened() as store:
        settle(store, refused("r1", body=b"forged", peer="203.0.113.9"))
        assert subjects(store) == []
    assert place.rows("SELECT id, body, code, message, peer FROM refused") == [
        ("r1", b"forged", "bad_signature", "header X-Sign is wrong", "203.0.113.9")
    ]
    assert place.rows("SELECT * FROM requests") == []


def test_of_the_refused_the_newest_are_kept_for_each_channel(place: Place) -> None:
    each = HEAD_BYTES + 100
    with place.opened(refused_bytes=10 * each) as store:
        settle(store, refused("other", body=bytes(100), channel="sms/2"))
        for number in range(25):
            settle(store, refused(f"r{number:02}", body=bytes(100)))
    kept = [name for (name,) in place.rows("SELECT id FROM refused WHERE channel = 'sms/1' ORDER BY seq")]
    assert 8 <= len(kept) <= 10
    assert kept == [f"r{number:02}" for number in range(25 - len(kept), 25)]
    assert place.rows("SELECT id FROM refused WHERE channel = 'sms/2'") == [("other",)]


def test_the_refused_are_dropped_and_counted_when_the_writer_is_busy(place: Place) -> None:
    async def flood(store: Queued) -> None:
        for number in range(16):
            store.refuse(*refused(f"r{number}"))
        while store.waiting:
            await asyncio.sleep(0.01)

    with place.opened(waiting=32) as store:
        run(flood(store))
        assert store.dropped == 12
    assert place.rows("SELECT count(*) FROM refused") == [(4,)]


@pytest.mark.parametrize("name", ["quarantined", "unclaimed", "unmatched", "partial"])
def test_a_full_quarantine_means_come_again_and_spares_other_channels(place: Place, name: str) -> None:
    bad = outcome(name=name)
    with place.opened(quarantine_bytes=3 * (HEAD_BYTES + 100)) as store:
        answers = [run(save_all(store, (request(f"r{n}", body=bytes(100)), bad)))[0] for n in range(5)]
        assert [type(answer) for answer in answers] == [bool] * 3 + [StoreFailed] * 2
        assert "quarantine of sms/1 is full" in str(answers[-1])
        more = (request("good"), outcome(event("1"))), (request("other", channel="sms/2"), bad)
        assert run(save_all(store, *more)) == [False, False]
    with place.opened(quarantine_bytes=3 * (HEAD_BYTES + 100)) as store:
        assert isinstance(run(save_all(store, (request("again", body=bytes(100)), bad)))[0], StoreFailed)


def test_a_nul_in_a_text_is_kept_as_something(place: Place) -> None:
    with place.opened() as store:
        problem = Problem("extract", "required", "no \0 status", 0, {"a": "\0"})
        story = replace(event("1\0"), envelope={**event("1").envelope, "subject": "1\0"})
        assert run(save_all(store, (request(path="/\0"), outcome(story, problems=(problem,))))) == [False]
    assert len(place.rows("SELECT 1 FROM events JOIN requests ON request_id = requests.id")) == 1


def test_two_writers_that_get_the_same_store_it_once() -> None:
    with database("writers") as url:
        place, ready = Place(url), threading.Barrier(2)
        answers: list[Result] = []
        groups = [
            [(request(f"{name}{n}-{k}"), outcome(*(replace(event(f"{n} {m}", status="sent"), rank=2) for m in order)))
             for n in range(60) for k in range(2)]
            for name, order in (("a", (0, 1, 2, 3)), ("b", (3, 2, 1, 0)))
        ]  # fmt: skip

        def write_all(pairs: list[tuple[Any, Outcome]]) -> None:
            with place.connected() as session:
                ready.wait()
                for start in range(0, len(pairs), 8):
                    answers.extend(
                        write(session, [Arrival(*pair, lambda _: ("s",)) for pair in pairs[start : start + 8]])
                    )

        threads = [threading.Thread(target=write_all, args=(group,)) for group in groups]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer for answer in answers if isinstance(answer, StoreFailed)] == []
        assert answers.count(False) == 60
        assert place.rows("SELECT count(*), count(DISTINCT id) FROM events") == [(240, 240)]
        assert place.rows("SELECT count(*) FROM deliveries") == [(240,)]


def test_a_body_that_is_no_text_is_kept(place: Place) -> None:
    with place.opened() as store:
        assert run(save_all(store, (request(body=bytes(range(256))), outcome(event("1"))))) == [False]
    assert place.rows("SELECT length(body) FROM requests") == [(256,)]
