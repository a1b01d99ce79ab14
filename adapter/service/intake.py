"""How does a callback come in and its answer go out? Raw ASGI in front of everything else that is served."""

import logging
import re
import traceback
from asyncio import sleep
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import getrandbits
from typing import TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from adapter.model import Ack, Event, Outcome, Refused, Request, Secrets
from adapter.service.body import Gone, Patience, linger, read_body
from adapter.service.fetch import Fetcher, FetchFailed
from adapter.service.gate import Visitor, retry_status
from adapter.service.held import Crowded, Room, Share
from adapter.service.metrics import Counts
from adapter.service.serving import Serving
from adapter.service.settings import Settings
from adapter.service.watching import Watching
from adapter.spec.language import Channel, Registry, Spec
from adapter.store.store import Store
from adapter.store.transaction import StoreFailed

Steps: TypeAlias = Callable[[Registry, Request, Secrets], Generator[None, None, Outcome]]
"""What becomes of a request; it gives way now and then, so that a large one does not stop its neighbours."""

Announce: TypeAlias = Callable[[Sequence[Event]], None]

ADDRESS = re.compile(r"/notify/([A-Za-z0-9._-]{1,64}/[A-Za-z0-9._-]{1,64})/([A-Za-z0-9._-]{1,64})(/.*)?", re.DOTALL)
"""Channel, token, tail. Whoever admits looks at the token; behind that it stands in the vendor's URL alone, which no
store keeps."""

TEXT = (b"content-type", b"text/plain; charset=utf-8")
CLOSE = (b"connection", b"close")
GREETING = Ack(200)
RETRY_AFTER = (b"retry-after", b"10")
UNAVAILABLE = Ack(503, (TEXT, RETRY_AFTER), b"unavailable")
NO_LENGTH = frozenset({204, 304})
"""Statuses whose answers have no body, and say no length: RFC 9110, 8.6."""

PLAIN = frozenset({"accepted", "ignored", "duplicate"})
"""Outcomes that need nobody's eye."""

TAKEN = frozenset({"POST", "PUT", "HEAD"})
REFUSALS = {
    403: Ack(403, (TEXT,), b"forbidden"),
    404: Ack(404, (TEXT,), b"not_found"),
    405: Ack(405, (TEXT, (b"allow", b"POST")), b"method_not_allowed"),
    408: Ack(408, (TEXT, CLOSE), b"too_slow"),
    413: Ack(413, (TEXT, CLOSE), b"too_large"),
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Intake:
    """The ASGI application: `/notify/…` here, every other path to `otherwise`."""

    current: Callable[[], Serving]
    steps: Steps
    store: Store
    settings: Settings
    clock: Callable[[], datetime]
    announce: Announce
    patience: Patience
    otherwise: ASGIApp
    fetcher: Fetcher = field(default_factory=Fetcher)
    watching: Watching = field(default_factory=Watching)
    room: Room = field(default_factory=lambda: Room(1 << 28))

    @property
    def counts(self) -> Counts:
        return self.watching.counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/notify/"):
            await self._take(scope, receive, send)
        else:
            await self.otherwise(scope, receive, send)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        share = Share(self.room)
        try:
            ack, unseen = await self._treat(scope, receive, share)
        except Refused as refusal:
            await self._refuse(refusal, receive, send)
        except Gone:
            self.counts.add("", "", "refused", "disconnected")
        else:
            await _answer(send, ack)
            if unseen:
                self.announce(unseen)
        finally:
            share.give_back()

    async def _treat(self, scope: Scope, receive: Receive, share: Share) -> tuple[Ack, Sequence[Event]]:
        """The boundary: whatever goes wrong inside, a vendor hears "come again"; to some a 500 means success."""
        channel = outcome = None
        serving = self.current()
        try:
            channel, tail, visitor = _admitted(serving, scope)
            if scope["method"] == "HEAD":  # it only asks whether there is such a channel
                return GREETING, ()
            if "crowded" in scope["state"]:
                raise Crowded("connections_full", "more connections than limits.connections")
            limit = self.settings.body_limit if serving.body_limit is None else serving.body_limit
            body = await read_body(receive, dict(scope["headers"]), limit, self.patience, share)
            request = self._request(scope, channel, tail, visitor, body)
            secrets = serving.secrets()
            outcome = await self._processed(serving.registry, request, secrets)
            if outcome.fetch:
                outcome = await self._fetched(serving.registry, request, outcome, secrets)
            return await self._settle(request, outcome, serving)
        except Crowded as crowded:
            assert channel
            self._note_crowded(channel, crowded)
            return _come_again(serving, channel), ()
        except (Refused, Gone):
            raise
        except FetchFailed as failure:
            log.warning("fetch.failed", extra={"reason": str(failure)})
            return _come_again(serving, channel) if outcome is None else later(outcome.retry_ack), ()
        except Exception as error:
            self._report(error)
            return _come_again(serving, channel) if outcome is None else later(outcome.retry_ack), ()

    async def _processed(self, registry: Registry, request: Request, secrets: Secrets) -> Outcome:
        work = self.steps(registry, request, secrets)
        while True:
            try:
                next(work)
            except StopIteration as done:
                outcome: Outcome = done.value
                return outcome
            await sleep(0)

    async def _fetched(self, registry: Registry, request: Request, outcome: Outcome, secrets: Secrets) -> Outcome:
        """What the engine needs from a pinned address: a certificate to prove with, a subscription to confirm."""
        if outcome.code == "certificate_needed":
            certificate = await self.fetcher.certificate(outcome.fetch)
            outcome = await self._processed(registry, request, {**secrets, **certificate})
        if outcome.code == "challenge" and outcome.fetch:
            await self.fetcher.visit(outcome.fetch)
        return outcome

    def _request(self, scope: Scope, channel: Channel, tail: str, visitor: Visitor, body: bytes) -> Request:
        now = self.clock()
        return Request(
            method=scope["method"],
            channel=channel.name,
            path=tail,
            query=scope["query_string"],
            headers=tuple(scope["headers"]),
            body=body,
            received_at=now,
            id=_new_id(now),
            peer=visitor.peer,
            url=visitor.url,
        )

    async def _settle(self, request: Request, outcome: Outcome, serving: Serving) -> tuple[Ack, Sequence[Event]]:
        """Durable before acknowledged. With the answer, the events that nobody has seen yet."""
        if not outcome.keep:
            if outcome.name == "refused" and outcome.vendor:
                self.store.refuse(request, outcome)
            self._note(request, outcome, outcome.name, outcome.code)
            self.watching(serving.registry, request, outcome, new=True)
            return later(outcome.ack) if outcome.ack == outcome.retry_ack else outcome.ack, ()
        try:
            duplicate = await self.store.save(request, outcome, serving.route)
        except StoreFailed as failure:
            self._note(request, outcome, "not_stored", failure.code, str(failure))
            return later(outcome.retry_ack), ()
        self._note(request, outcome, "duplicate" if duplicate else outcome.name, outcome.code)
        self.watching(serving.registry, request, outcome, new=not duplicate)
        return (outcome.duplicate_ack, ()) if duplicate else (outcome.ack, outcome.events)

    def _note(self, request: Request, outcome: Outcome, name: str, code: str, reason: str = "") -> None:
        self.counts.add(outcome.vendor, request.channel, name, code)
        for note in outcome.notes:
            self.counts.add(outcome.vendor, request.channel, "note", note)
        level = logging.DEBUG if name in PLAIN else logging.WARNING
        if log.isEnabledFor(level):
            log.log(level, f"request.{name}", extra={
                "vendor": outcome.vendor, "channel": request.channel, "outcome": name, "code": code,
                "request": request.id, "reason": reason or _reason(outcome),
            })  # fmt: skip

    def _note_crowded(self, channel: Channel, crowded: Crowded) -> None:
        """Counted, and not logged one by one: there are many, and memory is short."""
        (vendor,) = channel.vendors if channel.vendors and len(channel.vendors) == 1 else ("",)
        self.counts.add(vendor, channel.name, "not_stored", crowded.code)

    async def _refuse(self, refusal: Refused, receive: Receive, send: Send) -> None:
        self.counts.add("", "", "refused", refusal.code)
        log.warning("request.turned_away", extra={"code": refusal.code, "reason": str(refusal)})
        ack = REFUSALS.get(refusal.status) or _unavailable(refusal.status)
        if CLOSE not in ack.headers:
            await _answer(send, ack)
            return
        await _start(send, ack)
        await send({"type": "http.response.body", "body": ack.body, "more_body": True})
        await linger(receive)
        await send({"type": "http.response.body"})

    def _report(self, error: Exception) -> None:
        """Names and lines only: an exception's text may quote what a vendor sent."""
        self.counts.add("", "", "failed", type(error).__name__)
        lines = "".join(traceback.format_tb(error.__traceback__))
        log.error("request.failed", extra={"error": type(error).__name__, "traceback": lines})


def _admitted(serving: Serving, scope: Scope) -> tuple[Channel, str, Visitor]:
    """Which channel is meant, the tail of its path, and who was let in. Raises Refused."""
    found = ADDRESS.fullmatch(scope["path"])
    if found is None:
        raise Refused("not_found", "not the form /notify/{family}/{channel}/{token}", 404)
    address, token, tail = found.groups()
    visitor = serving.admit(address, token, scope)
    channel = serving.registry.channel(address)
    if channel is None:
        raise Refused("not_found", "no such channel", 404)
    if scope["method"] not in TAKEN and scope["method"] not in _more_methods(serving.registry, channel):
        raise Refused("method_not_allowed", "no vendor of this channel sends that", 405)
    return channel, tail or "", visitor


def _more_methods(registry: Registry, channel: Channel) -> Iterable[str]:
    """What else some vendor of the channel sends: queries, and handshakes. Nobody knows of one held back."""
    known = registry.of(channel)
    yield from ("GET",) if len(known) < len(channel.vendors or ()) else ()
    for spec in known:
        yield from _methods(spec)


def _come_again(serving: Serving, channel: Channel | None) -> Ack:
    return _unavailable(retry_status(serving.registry, channel)) if channel else UNAVAILABLE


def later(ack: Ack) -> Ack:
    """The vendor's own words for "come again", with a time where its file gives none."""
    if any(name == RETRY_AFTER[0] for name, _ in ack.headers):
        return ack
    return replace(ack, headers=(*ack.headers, RETRY_AFTER))


def _methods(spec: Spec) -> Iterable[str]:
    yield from ("GET",) if "query" in spec.body else ()
    for challenge in spec.challenges:
        yield from challenge.methods or ("GET",)


def _unavailable(status: int) -> Ack:
    return UNAVAILABLE if status == UNAVAILABLE.status else Ack(status, UNAVAILABLE.headers, UNAVAILABLE.body)


def _reason(outcome: Outcome) -> str:
    """Why a request was refused: names of headers and fields, never what stood in them."""
    if outcome.name != "refused" or not outcome.problems:
        return ""
    return ": " + "".join(letter for letter in outcome.problems[0].message[:120] if letter.isprintable())


def _new_id(now: datetime) -> str:
    """128 bits that grow with time, so that an index over them is written at its end. Nobody's secret."""
    return f"{int(now.timestamp() * 1000):012x}{getrandbits(80):020x}"


async def _start(send: Send, ack: Ack) -> None:
    length = [] if ack.status in NO_LENGTH else [(b"content-length", b"%d" % len(ack.body))]
    await send({"type": "http.response.start", "status": ack.status, "headers": [*ack.headers, *length]})


async def _answer(send: Send, ack: Ack) -> None:
    await _start(send, ack)
    await send({"type": "http.response.body", "body": ack.body})
