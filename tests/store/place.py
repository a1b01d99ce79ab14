"""A database to try, and what lies in its tables."""

import asyncio
import json
from collections.abc import Coroutine, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import text

from adapter.model import Outcome, Request
from adapter.store.databases import connector, reader
from adapter.store.location import Location, location
from adapter.store.rows import Route
from adapter.store.store import Limits, Queued, nowhere, open_store, prepare
from adapter.store.transaction import Connected

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    url: str

    @property
    def where(self) -> Location:
        return location(self.url)

    @property
    def sqlite(self) -> bool:
        return self.where.scheme == "sqlite"

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        engine = reader(self.where)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(query), values)]
        finally:
            engine.dispose()

    def change(self, *statements: str) -> None:
        engine = reader(self.where, writes=True)
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    @contextmanager
    def opened(self, **changed: Any) -> Iterator[Queued]:
        store = open_store(self.url, replace(Limits(busy_seconds=0.1), **changed))
        assert isinstance(store, Queued)
        with closing(store):
            yield store

    @contextmanager
    def connected(self, packed: bool = False) -> Iterator[Connected]:
        """What the writer holds, without a writer."""
        prepare(self.where)
        with closing(connector(self.where)(self.where, 0.1, packed)) as session:
            yield session


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


async def save_all(
    store: Queued, *pairs: tuple[Request, Outcome], route: Route = nowhere
) -> list[bool | BaseException]:
    return await asyncio.gather(*(store.save(*pair, route) for pair in pairs), return_exceptions=True)


def subjects(store: Queued, **wanted: Any) -> list[str]:
    return [json.loads(stored.envelope)["subject"] for stored in store.events(**wanted)]
