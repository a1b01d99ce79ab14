"""What do the five seed vendors post? Their printed bodies, each with message ids that nobody sent before."""

import hashlib
from collections.abc import Callable, Iterator
from itertools import count, cycle, islice
from pathlib import Path

CALLBACKS = Path(__file__).parents[2] / "examples" / "callbacks"
SECRET = "bench-secret"
VENDORS = ("aliyun", "cloopen", "huawei", "netease", "tencent")

IDS = {
    "aliyun": (b"12345",),
    "cloopen": (b"123",),
    "huawei": (b"xxxxxxxxxxx",),
    "netease": (b"1490", b"1491"),
    "tencent": (b"xxxxxxx",),
}
"""What stands as the message id in each printed body."""

QUOTED = b'"%s"'


def requests(amount: int) -> Iterator[bytes]:
    """Round robin, each a whole HTTP request, every one new."""
    bodies = {
        vendor: (CALLBACKS / f"{vendor}.http").read_bytes().partition(b"\n\n")[2].rstrip(b"\n") for vendor in VENDORS
    }
    for number, vendor in islice(zip(count(1), cycle(VENDORS)), amount):
        yield _request(vendor, _renamed(vendor, bodies[vendor], number))


def write(path: Path, amount: int) -> None:
    """Each request behind its length, for the load generator."""
    with path.open("wb") as stream:
        for request in requests(amount):
            stream.write(b"%d\n%s" % (len(request), request))


def _renamed(vendor: str, body: bytes, number: int) -> bytes:
    form = b"smsMsgId=%s" if vendor == "huawei" else QUOTED
    for place, printed in enumerate(IDS[vendor]):
        body = body.replace(form % printed, form % (b"m%012d%d" % (number, place)), 1)
    return body


def _request(vendor: str, body: bytes) -> bytes:
    lines = [
        f"POST /notify/sms/{vendor}/111 HTTP/1.1",
        "Host: localhost:8080",
        f"Content-Length: {len(body)}",
        f"Content-Type: {'application/x-www-form-urlencoded' if vendor == 'huawei' else 'application/json'}",
        *SIGNED.get(vendor, _unsigned)(body),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _unsigned(_: bytes) -> list[str]:
    return []


def _netease(body: bytes) -> list[str]:
    md5, time = hashlib.md5(body).hexdigest(), "1496385645000"
    return [f"MD5: {md5}", f"CurTime: {time}", f"CheckSum: {hashlib.sha1(f'{SECRET}{md5}{time}'.encode()).hexdigest()}"]


SIGNED: dict[str, Callable[[bytes], list[str]]] = {"netease": _netease}
