"""A journey of ten lines, so that the service can be tried on its own: the body says what becomes of it."""

import hashlib
import json
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import httpx
from starlette.types import ASGIApp

from adapter.model import Ack, Event, Outcome, Problem, Request, Secrets
from adapter.service.app import create_app
from adapter.service.deployment import Deployment
from adapter.service.intake import Announce, Intake, Steps
from adapter.service.metrics import Counts
from adapter.service.numbers import Told
from adapter.service.server import bind, create_server
from adapter.service.settings import Settings
from adapter.spec.language import Registry
from adapter.store.store import Limits, Store, open_store

LIMITS = {field.name for field in fields(Limits)}
OPEN = Registry({}, {}, None)
ARRIVAL = datetime(2024, 5, 1, 8, 0, tzinfo=UTC)
THANKS, AGAIN, LATER = Ack(200, body=b"thanks"), Ack(200, body=b"again"), Ack(599, body=b"later")

Process: TypeAlias = Callable[[Registry, Request, Secrets], Outcome]


def clock() -> datetime:
    return datetime.now(UTC)


def request(id: str = "r1", **changed: Any) -> Request:  # noqa: A002
    made = Request("POST", "sms/1", "", b"", ((b"host", b"localhost"),), b"{}", ARRIVAL, id)
    return replace(made, **changed)


def event(message: str, **data: Any) -> Event:
    id = hashlib.sha256(message.encode()).hexdigest()  # noqa: A001
    envelope = {"id": id, "time": "2024-05-01T08:00:00Z", "subject": message, "data": {"spec": "s", **data}}
    return Event(id, "sms.delivery", envelope, 0)


def outcome(*events: Event, name: str = "accepted", problems: tuple[Problem, ...] = (), keep: bool = True) -> Outcome:
    ack = THANKS if keep else Ack(401, body=b"no")
    return Outcome(name, ack, AGAIN, LATER, "acme", "s", "" if keep else name, events, problems, 0, keep)


def process(_: Registry, request: Request, __: Secrets) -> Outcome:
    """`{"messages": ["1"]}` becomes those events; anything else raises, `{"refuse": true}` is not authentic."""
    said = json.loads(request.body or b'{"messages": []}')
    if said.get("refuse"):
        return outcome(name="refused", keep=False)
    if said.get("unwritable"):
        return outcome(event("unwritable", never={1}))
    return outcome(*(event(message) for message in said["messages"]))


def in_one_step(process: Process) -> Steps:
    """A journey that gives way to nobody."""

    def steps(registry: Registry, request: Request, secrets: Secrets) -> Generator[None, None, Outcome]:
        yield from ()
        return process(registry, request, secrets)

    return steps


@dataclass(frozen=True)
class Served:
    port: int
    store: Store
    client: httpx.Client
    announced: list[str]
    counts: Counts

    def post(self, *messages: str, **more: Any) -> httpx.Response:
        return self.client.post("/notify/sms/1/secret-token", json={"messages": messages, **more})

    def stored(self) -> list[str]:
        return [json.loads(stored.envelope)["subject"] for stored in self.store.events()]


@contextmanager
def serving(
    path: Path,
    registry: Registry = OPEN,
    process: Process = process,
    announce: Announce | None = None,
    held_back: tuple[str, ...] = (),
    secrets: Secrets | None = None,
    deployment: Deployment | None = None,
    reread: Callable[[], Secrets] | None = None,
    *,
    told: Told | None = None,
    steps: Steps | None = None,
    **changed: Any,
) -> Iterator[Served]:
    """A real server on a free port."""
    limits = replace(Limits(busy_seconds=0.2), **{name: changed.pop(name) for name in LIMITS & changed.keys()})
    settings = replace(Settings(port=0, store=str(path / "adapter.db"), limits=limits, grace_seconds=1), **changed)
    announced: list[str] = []

    def remember(events: Sequence[Event]) -> None:
        announced.extend(event.id for event in events)

    store = open_store(settings.store, settings.limits)
    app = create_app(
        registry, steps or in_one_step(process), store, secrets or {}, settings,
        clock=clock, announce=announce or remember, held_back=held_back,
        deployment=deployment, reread=reread, every=0.05, told=told,
    )  # fmt: skip
    assert isinstance(app, Intake)
    with running(app, settings) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        yield Served(port, store, client, announced, app.counts)


@contextmanager
def running(app: ASGIApp, settings: Settings) -> Iterator[int]:
    listening = threading.Event()
    with bind(settings) as listener:
        server = create_server(app, settings, lambda _, __: listening.set())
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            assert listening.wait(10)
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()
