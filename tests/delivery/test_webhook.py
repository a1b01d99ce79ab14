"""What does a receiver get, and what becomes of each of its answers?"""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook

from adapter.delivery.addresses import objection
from adapter.delivery.backoff import LONGEST_WISH, retry_after
from adapter.delivery.sink import Answer, Means, Parcel, Sink
from adapter.delivery.webhook import webhook
from tests.delivery.receiver import OK, endless, hang, hang_up, receiving, slow
from tests.delivery.receiver import Answer as Behaviour
from tests.delivery.world import KEY, LOOPBACK, OLD_KEY, means, sink

BODY = '{"id": "e-1", "text": "短信 \\u0000", "big": 123456789012345678901234567890, "cents": 0.10}'.encode()
PARCEL = Parcel(1, "e-1", b"m", 0, BODY)


async def sent(to: Sink, with_: Means, times: int = 1) -> Answer:
    async with webhook(to, with_) as send:
        for _ in range(times):
            (answer,) = await send([PARCEL])
    return answer


def test_the_official_library_takes_what_every_live_secret_has_signed_and_the_body_is_the_stored_one() -> None:
    async def post() -> None:
        async with receiving() as receiver:
            to = sink(receiver.url, secret="key", unsigned="")
            assert await sent(to, means({"key": (KEY, b"no key", OLD_KEY)})) == Answer("delivered", "answered 200")
            assert await sent(to, means({"key": (b"no key",)})) == Answer(
                "held", "secret key has no usable value", 10.0
            )
        (heard,) = receiver.heard
        assert heard.body == BODY
        assert heard.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
        assert heard.headers["host"] == f"127.0.0.1:{receiver.port}"
        assert heard.headers["webhook-id"] == "e-1"
        for key in (KEY, OLD_KEY):
            Webhook(key.decode()).verify(heard.body, heard.headers)

    asyncio.run(post())


NOW = datetime(2024, 5, 1, 8, 0, tzinfo=UTC)
ANSWERS: list[tuple[Behaviour, Answer]] = [
    (OK, Answer("delivered", "answered 200")),
    ("204 No Content", Answer("delivered", "answered 204")),
    ("500 Internal Server Error", Answer("failed", "answered 500")),
    ("404 Not Found", Answer("failed", "answered 404")),
    ("410 Gone", Answer("dead", "answered 410: nobody wants it any more")),
    ("429 Too Many Requests\nretry-after: 7", Answer("failed", "answered 429", 7.0)),
    (f"503 Unavailable\nretry-after: {format_datetime(NOW + timedelta(seconds=90), True)}",
     Answer("failed", "answered 503", 90.0)),
    ("302 Found\nlocation: http://127.0.0.1:1/", Answer("failed", "answered 302: redirects are not followed")),
    (hang, Answer("failed", "no answer within 0.2 s")),
    (hang_up, Answer("failed", "no answer: the connection broke")),
    (slow(0.05), Answer("delivered", "answered 200")),
    (endless, Answer("delivered", "answered 200")),
]  # fmt: skip


@pytest.mark.parametrize(("behaviour", "expected"), ANSWERS)
def test_an_answer_has_its_meaning_and_none_of_its_body(behaviour: Behaviour, expected: Answer) -> None:
    async def post() -> None:
        async with receiving(behaviour) as receiver:
            assert await sent(sink(receiver.url, timeout=0.2), means(clock=lambda: NOW)) == expected

    asyncio.run(post())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("120", 120), ("99999999999999", LONGEST_WISH), ("", 0), ("-5", 0), ("soon", 0), ("١٢", 0),
     ("Wed, 01 May 2024 08:01:00 GMT", 60), ("Wed, 01 May 2024 07:00:00 GMT", 0),
     ("Wed, 01 May 2030 07:00:00 GMT", LONGEST_WISH)],
)  # fmt: skip
def test_a_wish_for_a_pause_is_understood_and_has_an_end(text: str, seconds: float) -> None:
    assert retry_after(text, NOW) == seconds


PUBLIC = ("8.8.8.8", "2606:4700::1111")
PRIVATE = (
    "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "100.64.0.1", "0.0.0.0", "169.254.169.254", "240.0.0.1",
    "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "100.100.100.200", "168.63.129.16",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_that_is_not_public_is_connected_to(address: str) -> None:
    assert objection(ip_address(address), ())


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_unless_networks_say_otherwise(address: str) -> None:
    assert objection(ip_address(address), ()) == ""
    assert objection(ip_address(address), LOOPBACK) == "is in none of its networks"


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "::1"])
def test_named_networks_are_connected_to(address: str) -> None:
    assert objection(ip_address(address), LOOPBACK) == ""


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1"])
def test_metadata_is_never_connected_to_whatever_is_named(address: str) -> None:
    everything = ip_network("0.0.0.0/0"), ip_network("::/0")
    assert objection(ip_address(address), everything) == "is never connected to"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "2130706433"])
def test_a_name_that_leads_to_this_machine_is_not_posted_to(host: str) -> None:
    async def post() -> None:
        async with receiving() as receiver:
            answer = await sent(sink(f"http://{host}:{receiver.port}/", networks=()), means())
        assert receiver.heard == []
        assert (answer.verdict, answer.reason[:18]) == ("failed", "refused to connect")

    asyncio.run(post())


def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to() -> None:
    """A name server that says something else the second time is not asked a second time."""
    asked: list[str] = []

    def resolver(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    async def post() -> None:
        async with receiving() as receiver:
            to = sink(f"http://billing.example:{receiver.port}/in?a=b")
            answer = await sent(to, means(resolve=resolver), times=2)
        assert answer.verdict == "delivered"
        assert [(one.path, one.headers["host"]) for one in receiver.heard] == [
            ("/in?a=b", f"billing.example:{receiver.port}")
        ] * 2

    asyncio.run(post())
    assert asked == ["billing.example"]


def test_the_next_address_is_tried_where_the_first_takes_no_connection() -> None:
    async def post() -> None:
        async with receiving(host="::1") as receiver:
            to = sink(f"http://billing.example:{receiver.port}/")
            answer = await sent(to, means(resolve=lambda _, __: ["127.0.0.1", "10.0.0.1", "::1"]))
            assert (answer.verdict, len(receiver.heard)) == ("delivered", 1)

    asyncio.run(post())


@pytest.mark.parametrize(("name", "verdict"), [("billing.example", "delivered"), ("other.example", "failed")])
def test_the_certificate_must_be_that_of_the_name(tmp_path: Path, name: str, verdict: str) -> None:
    serving, trust = certified(tmp_path, "billing.example")

    async def post() -> None:
        async with receiving(tls=serving) as receiver:
            to = sink(f"https://{name}:{receiver.port}/")
            answer = await sent(to, means(resolve=lambda _, __: ["127.0.0.1"], trust=trust))
            assert answer.verdict == verdict

    asyncio.run(post())


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server of that name shows, and who trusts it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    signed = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = signed.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "both.pem").write_bytes(private + pem)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / "both.pem")
    return serving, ssl.create_default_context(cadata=pem.decode())
