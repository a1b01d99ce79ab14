"""What a file does that a server does not."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapter.store.databases import connector
from adapter.store.location import location
from adapter.store.reading import read_events
from adapter.store.rows import Arrival
from adapter.store.store import Queued, nowhere, open_store
from adapter.store.transaction import StoreFailed, write
from tests.service.tiny import event, outcome, request
from tests.store.place import Place, run, subjects


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "adapter.db"


@pytest.fixture
def place(path: Path) -> Place:
    return Place(f"sqlite:///{path}")


def test_a_full_disk_fails_whoever_waits_and_recovers(place: Place) -> None:
    big = "x" * 100_000
    with place.connected() as session:

        def save(message: str, text: str) -> object:
            return write(session, [Arrival(request(f"r{message}"), outcome(event(message, text=text)), nowhere)])[0]

        connection = session.connection
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 4}")
        assert isinstance(save("1", big), StoreFailed)
        assert not connection.in_transaction
        assert save("2", "small") is False
        connection.execute("PRAGMA max_page_count = 1000000")
        assert save("1", big) is False
    assert place.rows("SELECT subject FROM events ORDER BY seq") == [("2",), ("1",)]


def test_a_locked_database_fails_whoever_waits_and_recovers(place: Place, path: Path) -> None:
    async def locked_then_free(store: Queued) -> None:
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

    with place.opened() as store:
        run(locked_then_free(store))
        assert subjects(store) == ["1"]


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_text("a letter, not a database " * 100)
    with pytest.raises(StoreFailed, match="not a database"):
        open_store(str(path))


def test_a_missing_file_or_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="there is no folder"):
        open_store(str(tmp_path / "nowhere" / "adapter.db"))
    with pytest.raises(StoreFailed, match="unable to open"):
        read_events(str(tmp_path / "nothing.db"))


def test_the_commit_waits_for_the_disk(place: Place) -> None:
    with place.connected() as session:
        pragma = session.connection.execute
        settled = {name: pragma(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert settled == {"journal_mode": "wal", "synchronous": 2}


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
def test_a_file_is_named_by_path_or_url(url: str, expected: str) -> None:
    assert (location(url).scheme, location(url).path) == ("sqlite", Path(expected))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://h/d", "'mysql' is not one of"),
        ("://x", "'' is not one of"),
        ("sqlite://", "write sqlite:///"),
        ("sqlite://adapter.db", "write sqlite:///"),
        ("sqlite:///a.db?mode=ro", "write sqlite:///"),
        ("postgresql://host", "no database is named"),
        ("postgresql://host:port/d", "write sqlite:///adapter.db, a path, or postgresql://"),
    ],
)
def test_a_store_that_is_none_is_said(url: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        location(url)


def test_what_is_printed_of_a_url_has_no_password() -> None:
    assert str(location("postgresql://me:hush@host/d")) == "postgresql://me:***@host/d"


def test_a_connection_needs_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapter.store.databases.ROOMS", {"postgresql": "adapter.store.nothing"})
    with pytest.raises(StoreFailed, match=r"pip install 'callback-adapter\[postgresql\]'"):
        connector(location("postgresql://host/d"))
