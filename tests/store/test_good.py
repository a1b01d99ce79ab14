"""Are the last good versions there again after a restart?"""

import pytest

from adapter.store.good import Kept, read_kept, write_kept
from adapter.store.store import prepare
from adapter.store.transaction import StoreFailed
from tests.store.place import Place

FILES = {"acme.yaml": "title: 短信\r\n", "tables/t.yaml": "x"}
ACME = Kept("acme", "1", FILES, "2026-01-01T00:00:00Z")
BETA = Kept("beta", "", {}, "2026-01-01T00:00:00Z", "never right")


def test_rows_are_written_changed_and_removed(place: Place) -> None:
    prepare(place.where)
    write_kept(place.where, [BETA, ACME], ())
    assert read_kept(place.where) == {"acme": ACME, "beta": BETA}
    changed = Kept("acme", "2", {}, "2026-01-02T00:00:00Z", "why")
    write_kept(place.where, [changed], ["beta", "nobody"])
    assert read_kept(place.where) == {"acme": changed}


def test_all_of_a_step_is_written_or_nothing(place: Place) -> None:
    prepare(place.where)
    write_kept(place.where, [ACME], ())
    unwritable = Kept("zeta", None, {}, "")  # type: ignore[arg-type]
    with pytest.raises(StoreFailed):
        write_kept(place.where, [BETA, unwritable], ["acme"])
    assert read_kept(place.where) == {"acme": ACME}
