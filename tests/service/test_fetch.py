"""A certificate is fetched from Amazon's own hosts only, and what cannot be fetched is asked for again later."""

import asyncio
import http.server
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapter.service.fetch import MAX_BYTES, MAX_FETCHES, Fetcher, FetchFailed
from adapter.signatures.sns import certificate_name

HOST = "sns.us-east-1.amazonaws.com"
URL = f"https://{HOST}/SimpleNotificationService-{{}}.pem"
CONFIRM = f"https://{HOST}/?Action=ConfirmSubscription&Token=1"
ANSWERS = {"good": (200, b"PEM"), "missing": (404, b""), "moved": (302, b""), "huge": (200, b"x" * (MAX_BYTES + 1))}


class Amazon(http.server.BaseHTTPRequestHandler):
    """Answers by the name in the path, and remembers what was asked."""

    asked: list[tuple[str, str | None]] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["host"]))
        name = self.path.partition("-")[2].removesuffix(".pem")
        status, body = ANSWERS.get(name, (200, b"confirmed"))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "https://127.0.0.1/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def fetcher(certificate: Path) -> Iterator[Fetcher]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Amazon)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Amazon.asked.clear()
    trust = ssl.create_default_context(cafile=str(certificate))
    yield Fetcher(trust=trust, routes={HOST: f"https://127.0.0.1:{server.server_port}"})
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_certificate_is_fetched_once_a_day_and_stands_under_its_name(fetcher: Fetcher) -> None:
    url = URL.format("good")
    for _ in range(3):
        assert asyncio.run(fetcher.certificate(url)) == {certificate_name(url): (b"PEM",)}
    assert Amazon.asked == [("/SimpleNotificationService-good.pem", HOST)]


def test_a_subscription_is_confirmed_at_its_address(fetcher: Fetcher) -> None:
    asyncio.run(fetcher.visit(CONFIRM))
    assert Amazon.asked == [("/?Action=ConfirmSubscription&Token=1", HOST)]


@pytest.mark.parametrize(
    ("name", "why"), [("missing", "answered 404"), ("moved", "answered 302"), ("huge", "more than 65536 bytes")]
)
def test_anything_but_a_small_answer_is_a_failure(fetcher: Fetcher, name: str, why: str) -> None:
    with pytest.raises(FetchFailed, match=why):
        asyncio.run(fetcher.certificate(URL.format(name)))


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-good.pem",
        "https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-good.pem",
        "https://evil.example/SimpleNotificationService-good.pem",
        "https://sns.us-east-1.amazonaws.com/../SimpleNotificationService-good.pem",
        "https://user@sns.us-east-1.amazonaws.com/SimpleNotificationService-good.pem",
        "https://sns.us-east-1.amazonaws.com:8443/SimpleNotificationService-good.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-good.pem\n",
        "file:///etc/passwd",
    ],
)
def test_no_other_address_is_ever_asked(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(FetchFailed, match="not an address"):
        asyncio.run(fetcher.certificate(url))
    with pytest.raises(FetchFailed, match="not an address"):
        asyncio.run(fetcher.visit(url))
    assert Amazon.asked == []


def test_a_server_that_cannot_prove_its_name_is_not_believed(fetcher: Fetcher) -> None:
    doubting = Fetcher(routes=fetcher.routes)
    with pytest.raises(FetchFailed, match="ConnectError"):
        asyncio.run(doubting.certificate(URL.format("good")))


def test_strangers_cannot_make_it_fetch_without_end(fetcher: Fetcher) -> None:
    for number in range(MAX_FETCHES):
        asyncio.run(fetcher.visit(f"{CONFIRM}{number}"))
    with pytest.raises(FetchFailed, match="fetches a minute"):
        asyncio.run(fetcher.visit(CONFIRM))
    assert len(Amazon.asked) == MAX_FETCHES
