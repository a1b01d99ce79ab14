"""How is an event posted to a URL? Signed, to a checked address, whole or not at all within a time."""

import socket
import ssl
from asyncio import get_running_loop, timeout
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx

from adapter.delivery.addresses import Forbidden, allowed
from adapter.delivery.aside import aside
from adapter.delivery.backoff import retry_after
from adapter.delivery.signed import headers, usable
from adapter.delivery.sink import Answer, Means, Parcel, Send, Sink

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
MAX_BYTES = 16 << 10
"""So much of an answer is read, that the connection may be used again; nobody looks at it."""

DRAIN_SECONDS = 1.0
KEPT_SECONDS = 4.0
"""Idle connections: many servers close theirs after five seconds, and one that is closing loses a post."""

ADDRESS_SECONDS = 30.0
HELD_SECONDS = 10.0
TELLS_WHEN = (429, 503)
GONE = 410


@dataclass(slots=True)
class Host:
    """The addresses of one name, each of them checked; what was checked is what is connected to."""

    name: str
    port: int
    sink: Sink
    means: Means
    found: list[str] = field(default_factory=list)
    until: float = 0.0

    async def addresses(self) -> Sequence[str]:
        """Raises Forbidden, and OSError for a name that nobody knows."""
        now = get_running_loop().time()
        if now >= self.until:
            texts = await aside(lambda: self.means.resolve(self.name, self.port))
            self.found = allowed(texts, self.sink.networks)
            self.until = now + ADDRESS_SECONDS
        return self.found

    def blame(self, address: str) -> None:
        """Ask another one first next time."""
        self.found = sorted(self.found, key=lambda one: one == address)


@asynccontextmanager
async def webhook(sink: Sink, means: Means) -> AsyncIterator[Send]:
    """One event a request, as CloudEvents in structured mode. 2xx is delivered; 410 says that nobody wants it any
    more, so it is dead at once; everything else is tried again, redirects too: they are not followed."""
    limits = httpx.Limits(
        max_connections=None, max_keepalive_connections=sink.concurrency, keepalive_expiry=KEPT_SECONDS
    )
    times = httpx.Timeout(sink.timeout, connect=sink.timeout / 2)  # time is left for another address
    async with httpx.AsyncClient(
        verify=means.trust, timeout=times, follow_redirects=False, trust_env=False, limits=limits
    ) as client:
        url = httpx.URL(sink.target)
        port = url.port or {"https": 443}.get(url.scheme, 80)
        poster = Poster(sink, means, client, url, Host(url.raw_host.decode("ascii"), port, sink, means))

        async def send(parcels: Sequence[Parcel]) -> Sequence[Answer]:
            return [await poster.post(parcel) for parcel in parcels]

        yield send


@dataclass(frozen=True, slots=True)
class Poster:
    sink: Sink
    means: Means
    client: httpx.AsyncClient
    url: httpx.URL
    host: Host

    async def post(self, parcel: Parcel) -> Answer:
        keys = usable(self.means.secrets().get(self.sink.secret, ())) if self.sink.secret else []
        if self.sink.secret and not keys:
            return Answer("held", f"secret {self.sink.secret} has no usable value", HELD_SECONDS)
        seconds = int(self.means.clock().timestamp())
        head = {"content-type": CONTENT_TYPE, **headers(parcel.id, seconds, parcel.body, keys)}
        try:
            async with timeout(self.sink.timeout):
                response = await self._sent(parcel.body, head)
        except Forbidden as error:
            return Answer("failed", f"refused to connect: {error}")
        except (TimeoutError, httpx.TimeoutException):
            return Answer("failed", f"no answer within {self.sink.timeout:g} s")
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            return Answer("failed", f"no answer: {_worded(error)}")
        answer = self._judged(response)
        await _drained(response)
        return answer

    async def _sent(self, body: bytes, head: dict[str, str]) -> httpx.Response:
        """The first address that takes a connection."""
        addresses = await self.host.addresses()
        for address in addresses[:-1]:
            try:
                return await self._to(address, body, head)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                self.host.blame(address)
        return await self._to(addresses[-1], body, head)

    async def _to(self, address: str, body: bytes, head: dict[str, str]) -> httpx.Response:
        """To an address, under the name: a name that is looked up twice may have two answers."""
        name = self.url.netloc.decode("ascii")
        request = self.client.build_request(
            "POST", self.url.copy_with(host=address), content=body, headers={"host": name, **head},
            extensions={"sni_hostname": self.host.name},
        )  # fmt: skip
        return await self.client.send(request, stream=True)

    def _judged(self, response: httpx.Response) -> Answer:
        status = response.status_code
        said = f"answered {status}"
        if response.is_success:
            return Answer("delivered", said)
        if status == GONE:
            return Answer("dead", f"{said}: nobody wants it any more")
        if response.is_redirect:
            return Answer("failed", f"{said}: redirects are not followed")
        if status in TELLS_WHEN:
            return Answer("failed", said, retry_after(response.headers.get("retry-after", ""), self.means.clock()))
        return Answer("failed", said)


def _worded(error: Exception) -> str:
    """In our words: an error's own text has details of this one attempt."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not believed"
    if isinstance(error, socket.gaierror):
        return "nobody knows the address of its name"
    return "nobody takes a connection" if isinstance(error, httpx.ConnectError) else "the connection broke"


async def _drained(response: httpx.Response) -> None:
    """What is left of an answer changes nothing."""
    size = 0
    with suppress(TimeoutError, httpx.HTTPError, OSError):
        async with timeout(DRAIN_SECONDS):
            async for piece in response.aiter_raw():
                size += len(piece)
                if size > MAX_BYTES:
                    break
    with suppress(httpx.HTTPError, OSError):
        await response.aclose()
