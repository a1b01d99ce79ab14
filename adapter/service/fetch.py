"""What must be fetched before a callback can be believed? Certificates and confirmations, from pinned addresses."""

import ssl
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from adapter.signatures.sns import CERTIFICATE, SUBSCRIBE, certificate_name

MAX_BYTES = 64 << 10
TIMEOUT_SECONDS = 5.0
KEPT_SECONDS = 24 * 3600.0
MAX_KEPT = 64
MAX_FETCHES = 20
"""New addresses a minute: whoever posts names them, before anything is proved."""


class FetchFailed(Exception):
    """What was needed could not be had; the message says why, and never what was answered."""


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches certificates, which it keeps for a day, and visits confirmations. No redirects, 64 KiB, 5 seconds.

    `routes` sends a host's requests elsewhere, for tests: the name that is asked for stays what it was.
    """

    clock: Callable[[], float] = time.monotonic
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    routes: Mapping[str, str] = field(default_factory=dict)
    kept: dict[str, tuple[float, bytes]] = field(default_factory=dict)
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=MAX_FETCHES))

    async def certificate(self, url: str) -> Mapping[str, tuple[bytes, ...]]:
        """The certificate at a pinned address, under the name by which rules look for it. Raises FetchFailed."""
        known = self.kept.get(url)
        if known is None or self.clock() - known[0] > KEPT_SECONDS:
            if not CERTIFICATE.fullmatch(url):
                raise FetchFailed("not an address of Amazon SNS")
            known = self.clock(), await self._get(url)
            if len(self.kept) >= MAX_KEPT:
                self.kept.clear()
            self.kept[url] = known
        return {certificate_name(url): (known[1],)}

    async def visit(self, url: str) -> None:
        """Confirm a subscription at a pinned address. Raises FetchFailed."""
        if not SUBSCRIBE.fullmatch(url):
            raise FetchFailed("not an address of Amazon SNS")
        await self._get(url)

    async def _get(self, url: str) -> bytes:
        now = self.clock()
        if len(self.recent) == MAX_FETCHES and now - self.recent[0] < 60:
            raise FetchFailed(f"more than {MAX_FETCHES} fetches a minute")
        self.recent.append(now)
        asked = httpx.URL(url)
        headers, extensions = {"host": asked.host}, {"sni_hostname": asked.host}
        to = httpx.URL(self.routes[asked.host]).join(asked.raw_path.decode()) if asked.host in self.routes else asked
        try:
            async with (
                self._client() as client,
                client.stream("GET", to, headers=headers, extensions=extensions) as response,
            ):
                return await _content(response)
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            raise FetchFailed(f"{asked.host}: {type(error).__name__}") from error

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(verify=self.trust, timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)


async def _content(response: httpx.Response) -> bytes:
    if response.status_code != 200:
        raise FetchFailed(f"{response.url.host} answered {response.status_code}")
    content = bytearray()
    started = time.monotonic()
    async for piece in response.aiter_bytes():
        content += piece
        if len(content) > MAX_BYTES:
            raise FetchFailed(f"{response.url.host} answered more than {MAX_BYTES} bytes")
        if time.monotonic() - started > TIMEOUT_SECONDS:
            raise FetchFailed(f"{response.url.host} was too slow")
    return bytes(content)
