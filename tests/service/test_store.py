"""Where does what arrived stay?"""

import asyncio
import json
import sqlite3
from collections.abc import Coroutine, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from adapter.model import Integer, Number, Outcome, Problem, Request
from adapter.service.settings import Settings
from adapter.service.store import SqliteStore, connect, location, open_store, read_events
from adapter.service.writer import StoreFailed, write
from tests.service.tiny import event, outcome, request

T = TypeVar("T")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "adapter.db"


@contextmanager
def opened(path: Path, **changed: Any) -> Iterator[SqliteStore]:
    store = open_store(replace(Settings(store=str(path), busy_seconds=0.1), **changed))
    assert isinstance(store, SqliteStore)
    with closing(store):
        yield store


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


async def save_all(store: SqliteStore, *pairs: tuple[Request, Outcome]) -> list[bool | BaseException]:
    return await asyncio.gather(*(store.save(*pair) for pair in pairs), return_exceptions=True)


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def subjects(store: SqliteStore, **wanted: Any) -> list[str]:
    return [json.loads(stored.envelope)["subject"] for stored in store.events(**wanted)]


def test_a_request_is_kept_as_it_came(path: Path) -> None:
    raw = request(body=b"\x00\xff", query=b"a=%E5\xff", path="/tail", headers=((b"x", b"\xe9"), (b"x", b"2")))
    with opened(path) as store:
        assert run(save_all(store, (raw, outcome(event("1"))))) == [False]
    kept = rows(path, 'SELECT id, method, channel, path, "query", headers, body, outcome, ack_status FROM requests')
    headers = '[["x","é"],["x","2"]]'
    assert kept == [("r1", "POST", "sms/1", "/tail", "a=%E5ÿ", headers, b"\x00\xff", "accepted", 200)]


def test_an_event_is_stored_once_and_its_retry_is_a_duplicate(path: Path) -> None:
    with opened(path) as store:
        assert run(save_all(store, (request("r1"), outcome(event("1"), event("2"))))) == [False]
        assert run(save_all(store, (request("r2"), outcome(event("1"), event("2"))))) == [True]
        assert subjects(store) == ["1", "2"]
    assert rows(path, "SELECT id FROM requests") == [("r1",)]


def test_within_one_group_the_first_of_an_id_stands(path: Path) -> None:
    with opened(path) as store:
        answers = run(save_all(store, *((request(f"r{n}"), outcome(event("same"))) for n in range(20))))
        assert answers == [False, *[True] * 19]
        assert subjects(store) == ["same"]


def test_a_request_with_one_new_event_is_no_duplicate(path: Path) -> None:
    with opened(path) as store:
        run(save_all(store, (request("r1"), outcome(event("1")))))
        assert run(save_all(store, (request("r2"), outcome(event("1"), event("2"))))) == [False]
    assert rows(path, "SELECT id FROM requests") == [("r1",), ("r2",)]


def test_a_request_without_events_is_never_a_duplicate(path: Path) -> None:
    ends = [(request(f"r{n}"), outcome(name="unclaimed")) for n in range(2)]
    with opened(path) as store:
        assert run(save_all(store, *ends)) == [False, False]
    assert rows(path, "SELECT id, outcome FROM requests") == [("r0", "unclaimed"), ("r1", "unclaimed")]


def test_a_duplicate_with_other_content_leaves_the_first_and_a_problem(path: Path) -> None:
    with opened(path) as store:
        run(save_all(store, (request("r1"), outcome(event("1", to="a")))))
        assert run(save_all(store, (request("r2"), outcome(event("1", to="b"))))) == [True]
        assert [json.loads(stored.envelope)["data"]["to"] for stored in store.events()] == ["a"]
    assert rows(path, "SELECT request_id, code, content FROM problems") == [("r2", "changed_duplicate", '{"to":"b"}')]
    assert len(rows(path, "SELECT id FROM requests")) == 2


def test_what_a_mended_spec_says_about_itself_is_no_change(path: Path) -> None:
    with opened(path) as store:
        run(save_all(store, (request("r1"), outcome(event("1", spec="old", warnings=[])))))
        run(save_all(store, (request("r2"), outcome(event("1", spec="new", warnings=[{}])))))
    assert rows(path, "SELECT * FROM problems") == []


def test_problems_stand_beside_their_request(path: Path) -> None:
    problems = (Problem("extract", "required", "no status", 3, {"a": Number("0.10")}), Problem("explode", "x", "y"))
    with opened(path) as store:
        run(save_all(store, (request(), outcome(name="partial", problems=problems))))
    found = rows(path, "SELECT request_id, stage, code, message, record, content FROM problems ORDER BY seq")
    assert found == [
        ("r1", "extract", "required", "no status", 3, '{"a":0.10}'),
        ("r1", "explode", "x", "y", None, None),
    ]


def test_every_digit_of_a_number_is_kept(path: Path) -> None:
    with opened(path) as store:
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
def test_one_bad_request_does_not_fail_its_neighbours(path: Path, bad: Request, outcome_of_bad: Outcome) -> None:
    good = [(request(f"good{n}"), outcome(event(f"{n}"))) for n in range(4)]
    with closing(connect(path, 0.1)) as connection, closing(asyncio.new_event_loop()) as loop:
        pairs = [*good[:2], (bad, outcome_of_bad), *good[2:]]
        results = write(connection, [(loop.create_future(), *pair) for pair in pairs])
    assert [isinstance(result, StoreFailed) for result in results] == [False, False, True, False, False]
    assert rows(path, "SELECT id FROM requests") == [("good0",), ("good1",), ("good2",), ("good3",)]
    assert [subject for (subject,) in rows(path, "SELECT subject FROM events ORDER BY seq")] == ["0", "1", "2", "3"]


def test_a_full_disk_fails_whoever_waits_and_recovers(path: Path) -> None:
    big = "x" * 100_000
    with closing(connect(path, 0.1)) as connection, closing(asyncio.new_event_loop()) as loop:

        def save(message: str, text: str) -> object:
            job = (loop.create_future(), request(f"r{message}"), outcome(event(message, text=text)))
            return write(connection, [job])[0]

        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 4}")
        assert isinstance(save("1", big), StoreFailed)
        assert not connection.in_transaction
        assert save("2", "small") is False
        connection.execute("PRAGMA max_page_count = 1000000")
        assert save("1", big) is False
    assert rows(path, "SELECT subject FROM events ORDER BY seq") == [("2",), ("1",)]


def test_a_locked_database_fails_whoever_waits_and_recovers(path: Path) -> None:
    async def locked_then_free(store: SqliteStore) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreFailed, match="locked"):
                await store.save(request("r1"), outcome(event("1")))
            with pytest.raises(StoreFailed, match="locked"):
                await store.check()
            other.execute("ROLLBACK")
        await store.check()
        assert await store.save(request("r2"), outcome(event("1"))) is False
        await store.check()

    with opened(path) as store:
        run(locked_then_free(store))
        assert subjects(store) == ["1"]


def test_too_many_waiting_are_turned_away_at_once(path: Path) -> None:
    async def flood(store: SqliteStore) -> None:
        waiting = [store.save(request(f"r{n}"), outcome(event(f"{n}"))) for n in range(8)]
        with pytest.raises(StoreFailed, match="8 requests wait"):
            store.save(request("late"), outcome(event("late")))
        assert await asyncio.gather(*waiting) == [False] * 8
        assert await store.save(request("later"), outcome(event("later"))) is False

    with opened(path, queue_limit=8) as store:
        run(flood(store))


def test_closing_writes_what_waits_and_then_takes_nothing(path: Path) -> None:
    async def close_amid(store: SqliteStore) -> None:
        waiting = [store.save(request(f"r{n}"), outcome(event(f"{n}"))) for n in range(50)]
        await asyncio.to_thread(store.close)
        assert await asyncio.gather(*waiting) == [False] * 50
        with pytest.raises(StoreFailed, match="closed"):
            store.save(request("late"), outcome(event("late")))
        with pytest.raises(StoreFailed, match="closed"):
            await store.check()

    with opened(path) as store:
        run(close_amid(store))
        assert len(subjects(store)) == 50


def test_a_waiter_that_gave_up_disturbs_nobody(path: Path) -> None:
    async def give_up(store: SqliteStore) -> None:
        first, second = (store.save(request(f"r{n}"), outcome(event(f"{n}"))) for n in range(2))
        first.cancel()
        assert await second is False

    with opened(path) as store:
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
    path: Path, wanted: dict[str, Any], expected: list[str], page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.service.store.PAGE", page)
    events = [event(f"{n}") for n in range(5)]
    events[3] = replace(events[3], kind="sms.inbound")
    with opened(path) as store:
        run(save_all(store, (request(), outcome(*events))))
        assert subjects(store, **wanted) == expected


def test_a_store_is_read_while_another_writes_it(path: Path) -> None:
    with opened(path) as store:
        run(save_all(store, (request(), outcome(event("1")))))
        assert [stored.seq for stored in read_events(f"sqlite:///{path}")] == [1]


def test_what_was_stored_is_there_when_the_file_is_opened_again(path: Path) -> None:
    for number in range(3):
        with opened(path) as store:
            run(save_all(store, (request(f"r{number}"), outcome(event(f"{number}")))))
            assert subjects(store) == [f"{n}" for n in range(number + 1)]


def test_a_database_of_before_is_brought_up_to_date_and_loses_nothing(path: Path) -> None:
    with opened(path) as store:
        run(save_all(store, (request("r1"), outcome(event("1")))))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE requests DROP COLUMN notes")
        connection.execute("PRAGMA user_version = 1")
    for _ in range(2):
        with opened(path) as store:
            noted = replace(outcome(event("2")), notes=("secret acme.key: 2 of 2",))
            run(save_all(store, (request("r2"), noted)))
    assert rows(path, "SELECT id, notes FROM requests") == [("r1", "[]"), ("r2", '["secret acme.key: 2 of 2"]')]


def test_a_newer_database_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreFailed, match="newer adapter"):
        open_store(Settings(store=str(path)))
    with pytest.raises(StoreFailed, match="newer adapter"):
        read_events(str(path))


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_text("a letter, not a database " * 100)
    with pytest.raises(StoreFailed, match="not a database"):
        open_store(Settings(store=str(path)))


def test_a_missing_file_or_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="there is no folder"):
        open_store(Settings(store=str(tmp_path / "nowhere" / "adapter.db")))
    with pytest.raises(StoreFailed, match="unable to open"):
        read_events(str(tmp_path / "nothing.db"))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("adapter.db", "adapter.db"),
        ("/data/adapter.db", "/data/adapter.db"),
        ("sqlite:///adapter.db", "adapter.db"),
        ("sqlite:///data/adapter.db", "data/adapter.db"),
        ("sqlite:////data/adapter.db", "/data/adapter.db"),
    ],
)
def test_a_store_is_named_by_path_or_url(url: str, expected: str) -> None:
    assert location(url) == ("sqlite", Path(expected))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://h/d", "'mysql' is not one of"),
        ("://x", "'' is not one of"),
        ("sqlite://", "write sqlite:///"),
        ("sqlite://adapter.db", "write sqlite:///"),
        ("sqlite:///a.db?mode=ro", "write sqlite:///"),
    ],
)
def test_a_store_that_is_none_is_said(url: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        location(url)


def test_the_commit_waits_for_the_disk(path: Path) -> None:
    with closing(connect(path, 0.1)) as connection:
        settled = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert settled == {"journal_mode": "wal", "synchronous": 2}
