"""A store full of callbacks, and a spec that may be mended."""

import asyncio
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from adapter.engine.flow import process
from adapter.model import Event, Request
from adapter.replay.apply import Run
from adapter.replay.judging import Judge
from adapter.replay.plan import Plan
from adapter.replay.run import Engines, Going, begin, carry_on, finish, plans
from adapter.replay.selection import Selection, bounded
from adapter.spec.language import Registry
from adapter.store.databases import reader
from adapter.store.rows import Manner, Route
from adapter.store.store import nowhere
from tests.specs import registry, tiny
from tests.store.place import Place

AT = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = b"a secret of the test's own"
SECRETS = {"acme.api_secret": (SECRET,)}

SPEC = """\
spec: v1
vendor: acme
docs: [https://docs.acme.example]
body: json
match: {headers: [X-Sign], has: [reports]}
verify:
  - {header: X-Sign, is: hmac-sha256, key: api_secret, encoding: hex, of: "{body}"}
status:
  codes: {"000": delivered, "001": undelivered, "002": sent}
  otherwise: unknown
events:
  - kind: sms.delivery
    each: reports
    fields: {message_id: id, to: phone, code: result}
examples: [{name: none, request: 'POST /', outcome: refused}]
"""


def acme(*changes: tuple[str, str]) -> Registry:
    text = SPEC
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return registry(text)


def unsigned(rest: str, vendor: str = "acme") -> Registry:
    return registry(tiny(rest, vendor))


def report(message: str, code: str, phone: str = "13800000001") -> dict[str, str]:
    return {"id": message, "result": code, "phone": phone}


def callback(number: int, *reports: dict[str, Any], secret: bytes = SECRET, **changed: Any) -> Request:
    """The callback of a number, signed; its id is a number that grows, as ids do."""
    return raw(number, json.dumps({"reports": reports}).encode(), secret, **changed)


def raw(number: int, body: bytes, secret: bytes = SECRET, **changed: Any) -> Request:
    sign = hmac.new(secret, body, hashlib.sha256).hexdigest().encode()
    at = AT + timedelta(seconds=number)
    made = Request("POST", "sms/1", "", b"", ((b"x-sign", sign),), body, at, f"{number:032x}")
    return replace(made, **changed)


def to_all(_: Event) -> Sequence[str]:
    return ("crm",)


@dataclass(frozen=True)
class Shop:
    place: Place

    def arrive(self, known: Registry, *requests: Request, route: Route = nowhere) -> None:
        """As the server does it."""

        async def all_of_them() -> None:
            with self.place.opened(busy_seconds=5) as store:
                waiting = []
                for one in requests:
                    outcome = process(known, one, SECRETS)
                    if outcome.keep:
                        waiting.append(store.save(one, outcome, route))
                    else:
                        store.refuse(one, outcome)
                await asyncio.gather(*waiting)

        asyncio.run(all_of_them())

    @contextmanager
    def engines(self) -> Iterator[Engines]:
        where = self.place.where
        engines = Engines(reader(where), reader(where, writes=True))
        try:
            yield engines
        finally:
            engines.reads.dispose()
            engines.writes.dispose()

    def rehearse(self, known: Registry, selection: Selection | None = None) -> list[Plan]:
        with self.engines() as engines:
            with engines.reads.connect() as connection:
                asked = bounded(connection, selection or Selection())
            return list(plans(engines.reads, Judge(known, SECRETS), asked))

    def replay(
        self,
        known: Registry,
        selection: Selection | None = None,
        run: str = "run",
        route: Route = nowhere,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Counter[str]:
        """A whole run; its counts without zeros."""
        with self.engines() as engines:
            with engines.reads.connect() as connection:
                going = Going(run, bounded(connection, selection or Selection()), "specs")
            begin(engines, going, "2026-01-01")
            return self.carry_on(engines, known, going, route, progress)

    def carry_on(
        self,
        engines: Engines,
        known: Registry,
        going: Going,
        route: Route = nowhere,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Counter[str]:
        doing = Run(going.id, route, Manner(no_nul=not self.place.sqlite), 1_800_000_000_000)
        counts = carry_on(engines, Judge(known, SECRETS), going, doing, progress)
        finish(engines, going.id, "2026-01-02")
        return +counts

    def statuses(self) -> list[str]:
        """Of the events that stand, in the order in which they were stored."""
        rows = self.place.rows("SELECT envelope FROM events WHERE superseded_by IS NULL ORDER BY seq")
        return [json.loads(text)["data"]["status"] for (text,) in rows]

    def events(self) -> list[tuple[dict[str, Any], int, bytes | None, str]]:
        """Envelope, revision, successor, request of every row."""
        rows = self.place.rows("SELECT envelope, revision, superseded_by, request_id FROM events ORDER BY seq")
        return [
            (json.loads(text), revision, None if after is None else bytes(after), request)
            for text, revision, after, request in rows
        ]

    def messages(self) -> dict[str, tuple[str, int, str]]:
        """Status, rank and event by subject."""
        rows = self.place.rows("SELECT subject, status, rank, event_id FROM messages")
        return {subject: (status, rank, bytes(event).hex()) for subject, status, rank, event in rows}

    def outcomes(self) -> list[tuple[str, str]]:
        return [(name, code) for name, code in self.place.rows("SELECT outcome, code FROM requests ORDER BY seq")]
