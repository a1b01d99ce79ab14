"""Does a database of before become one of today, and is one of tomorrow left alone?"""

from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from adapter.store.databases import reader
from adapter.store.migrate import HEAD
from adapter.store.reading import read_events
from adapter.store.store import open_store, prepare
from adapter.store.tables import METADATA
from adapter.store.transaction import StoreFailed
from adapter.store.upgrade import newest
from tests.service.tiny import event, outcome, request
from tests.store.place import Place, run, save_all

NEW = ("messages", "deliveries", "refused", "replays", "good_specs")
COLUMNS = {
    "requests": ("body_encoding", "replay"),
    "events": ("record", "received_at", "stale", "revision", "superseded_by"),
}


def test_the_scripts_make_the_tables_that_the_code_knows(place: Place) -> None:
    prepare(place.where)
    engine = reader(place.where)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_the_last_script_is_the_one_that_is_asked_for() -> None:
    assert newest() == HEAD


@pytest.mark.parametrize("number", [1, 2])
def test_a_file_of_before_is_brought_up_to_date_and_loses_nothing(tmp_path: Path, number: int) -> None:
    place = Place(f"sqlite:///{tmp_path / 'adapter.db'}")
    with place.opened() as store:
        run(save_all(store, (request("r1"), outcome(event("1")))))
    dropped = [f"ALTER TABLE {table} DROP COLUMN {name}" for table, names in COLUMNS.items() for name in names]
    notes = ["ALTER TABLE requests DROP COLUMN notes"] if number == 1 else []
    tables = [f"DROP TABLE {name}" for name in (*NEW, "alembic_version")]
    place.change(
        "DROP INDEX problems_request",
        "DROP INDEX events_request",
        *dropped,
        *notes,
        *tables,
        f"PRAGMA user_version = {number}",
    )
    with pytest.raises(StoreFailed, match="older form"):
        read_events(place.url)
    for _ in range(2):
        with place.opened() as store:
            noted = replace(outcome(event("2")), notes=("secret acme.key: 2 of 2",))
            run(save_all(store, (request("r2"), noted)))
    assert place.rows("SELECT id, notes FROM requests") == [("r1", "[]"), ("r2", '["secret acme.key: 2 of 2"]')]
    assert place.rows("SELECT received_at FROM events") == [("2024-05-01T08:00:00+00:00",)] * 2


def test_a_newer_database_is_refused(place: Place) -> None:
    prepare(place.where)
    place.change("UPDATE alembic_version SET version_num = '9999'")
    for look in (open_store, read_events):
        with pytest.raises(StoreFailed, match="newer adapter"):
            look(place.url)


def test_a_newer_file_of_the_first_days_is_refused(tmp_path: Path) -> None:
    place = Place(f"sqlite:///{tmp_path / 'adapter.db'}")
    prepare(place.where)
    place.change("DROP TABLE alembic_version", "PRAGMA user_version = 99")
    with pytest.raises(StoreFailed, match="newer adapter"):
        open_store(place.url)
