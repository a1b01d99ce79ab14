"""Does it work behind a real proxy, with the configuration that is shipped?"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from adapter.engine.flow import process
from tests.nginx import before
from tests.service.test_deployment import good, shipped
from tests.service.tiny import Served, serving

LIMIT = 1 << 20
SECRETS = {"twilio.auth_token": (b"the-secret",), "token_one": (b"token-of-one",), "token_two": (b"token-of-two",)}
CONFIG = """\
adapter: v1
listen: {public_url: "https://hooks.example.com", trusted_proxies: [127.0.0.1]}
channels:
  sms/one: {vendor: twilio, token: token_one}
  sms/two: {vendor: tencent, token: token_two, networks: [127.0.0.2/32]}
"""
REPORT = (
    b'[{"user_receive_time":"2015-10-17 08:03:04","nationcode":"86","mobile":"13xxxxxxxxx","report_status":"SUCCESS",'
    b'"errmsg":"DELIVRD","description":"ok","sid":"x1"}]'
)


@dataclass(frozen=True)
class Proxied:
    server: Served
    port: int
    folder: Path

    def post(
        self, path: str, body: bytes, headers: dict[str, str] | None = None, source: str = "127.0.0.1", port: int = 0
    ) -> httpx.Response:
        """Through nginx, or to another port, as if from another address of this machine."""
        with httpx.Client(transport=httpx.HTTPTransport(local_address=source), timeout=20) as client:
            url = f"http://127.0.0.1:{port or self.port}{path}"
            return client.post(url, content=body, headers={"Host": "hooks.example.com", **(headers or {})})


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("nginx")
    found = good(folder, CONFIG)
    with (
        serving(folder, shipped(), process, secrets=SECRETS, deployment=found, open_mode=False) as server,
        before(server.port, folder) as port,
    ):
        yield Proxied(server, port, folder)


def twilio(path: str, fields: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """As Twilio's page words it: HMAC-SHA1 of the URL that it was given and each field in order."""
    signed = "https://hooks.example.com" + path + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.digest(b"the-secret", signed.encode(), hashlib.sha1)
    headers = {"X-Twilio-Signature": base64.b64encode(digest).decode()}
    return urlencode(fields).encode(), {**headers, "Content-Type": "application/x-www-form-urlencoded"}


FIELDS = {"AccountSid": "AC1", "MessageSid": "SM1", "MessageStatus": "delivered", "To": "+15550100"}


@pytest.mark.parametrize("tail", ["", "/tail%20of?a=%E5%2F&b=1+2"])
def test_a_vendor_that_signs_its_url_is_verified_byte_for_byte(proxied: Proxied, tail: str) -> None:
    path = f"/notify/sms/one/token-of-one{tail}"
    body, headers = twilio(path, FIELDS)
    answer = proxied.post(path, body, headers)
    assert (answer.status_code, answer.text) == (200, "<Response/>")
    assert proxied.post(f"{path}&" if tail else f"{path}/", body, headers).status_code == 401


CALLERS = [
    ("through the proxy from its network", "127.0.0.2", {}, True, 200),
    ("through the proxy from elsewhere", "127.0.0.3", {}, True, 404),
    ("through the proxy with a word of its own", "127.0.0.3", {"X-Forwarded-For": "127.0.0.2"}, True, 404),
    ("past the proxy from elsewhere", "127.0.0.3", {"X-Forwarded-For": "127.0.0.2"}, False, 404),
    ("past the proxy from its network", "127.0.0.2", {"X-Forwarded-For": "127.0.0.3"}, False, 200),
]


@pytest.mark.parametrize(
    ("source", "headers", "through", "status"), [row[1:] for row in CALLERS], ids=[row[0] for row in CALLERS]
)
def test_a_forwarded_address_is_believed_from_the_trusted_proxy_alone(
    proxied: Proxied, source: str, headers: dict[str, str], through: bool, status: int
) -> None:
    port = 0 if through else proxied.server.port
    answer = proxied.post("/notify/sms/two/token-of-two", REPORT, headers, source, port)
    assert answer.status_code == status


@pytest.mark.parametrize(("size", "status"), [(LIMIT, 200), (LIMIT + 1, 413)])
def test_nginx_and_the_adapter_agree_on_how_large_a_body_may_be(proxied: Proxied, size: int, status: int) -> None:
    for port in (0, proxied.server.port):
        body = REPORT.ljust(size)
        answer = proxied.post("/notify/sms/two/token-of-two", body, source="127.0.0.2", port=port)
        assert answer.status_code == status


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/healthz", "/"])
def test_what_is_ours_alone_is_not_public(proxied: Proxied, path: str) -> None:
    assert httpx.get(f"http://127.0.0.1:{proxied.port}{path}").status_code == 404


def test_no_log_of_nginx_has_a_token(proxied: Proxied) -> None:
    proxied.post("/notify/sms/two/token-of-two/tail?x=query-of-two", REPORT, source="127.0.0.2")
    proxied.post("/notify/sms/two/token-of-two", b"x" * (LIMIT + 1), source="127.0.0.2")
    written = {path.name: path.read_text() for path in proxied.folder.glob("*.log")}
    assert "/notify/sms/two/- " in written["callbacks.log"]
    assert [name for name, text in written.items() if "token-of" in text or "query-of" in text] == []
