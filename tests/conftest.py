"""The same promises of every database: what a test asks of `place` is asked of each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgresql import database, emptied
from tests.store.place import Place

# How long an example takes is a benchmark's matter: here it would be the neighbours' load.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with database("store") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty store that nobody has opened."""
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path / 'adapter.db'}")
    url = request.getfixturevalue("server")
    emptied(url)
    return Place(url)
