"""What is the adapter measured against? The bare server, and what a user would write by hand."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.bench.seed5 import SECRET

CHINA = ZoneInfo("Asia/Shanghai")
Event = dict[str, Any]


async def raw(scope: Scope, receive: Receive, send: Send) -> None:
    """The price of HTTP alone: the body is read, the answer is 200."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        return await send({"type": "lifespan.shutdown.complete"})
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    return await send({"type": "http.response.body", "body": b"OK"})


def hand(store: Path) -> Starlette:
    """A route and a mapping for each vendor, the json of the standard library, one transaction for each request."""
    connection = _connect(store)

    def route(vendor: str, read: Callable[[Request, bytes], list[Event]], answer: Callable[[], Response]) -> Route:
        async def handler(request: Request) -> Response:
            body = await request.body()
            try:
                events = read(request, body)
            except PermissionError:
                return PlainTextResponse("bad signature", status_code=401)
            _save(connection, vendor, request, body, events)
            return answer()

        return Route(f"/notify/sms/{vendor}/{{token}}", handler, methods=["POST"])

    return Starlette(routes=[route(vendor, *handlers) for vendor, handlers in HANDLERS.items()])


def _connect(store: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(store, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE raw (id INTEGER PRIMARY KEY, vendor TEXT, headers TEXT, body BLOB, at TEXT)")
    connection.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, key TEXT UNIQUE, vendor TEXT, envelope TEXT)")
    return connection


def _save(connection: sqlite3.Connection, vendor: str, request: Request, body: bytes, events: list[Event]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    headers = json.dumps(dict(request.headers))
    connection.execute(
        "INSERT INTO raw (vendor, headers, body, at) VALUES (?, ?, ?, ?)",
        (vendor, headers, body, datetime.now(CHINA).isoformat()),
    )
    for event in events:
        key = hashlib.sha256(f"{vendor}:{event['message_id']}:{event['to']}:{event['code']}".encode()).hexdigest()
        envelope = {
            "specversion": "1.0",
            "id": key,
            "source": f"/sms/{vendor}",
            "type": "sms.delivery",
            "subject": event["message_id"],
            "time": event["done_at"],
            "data": event,
        }
        connection.execute(
            "INSERT INTO events (key, vendor, envelope) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (key, vendor, json.dumps(envelope, ensure_ascii=False)),
        )
    connection.execute("COMMIT")


def _time(text: str, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    return datetime.strptime(text, form).replace(tzinfo=CHINA).isoformat()


def _aliyun(_: Request, body: bytes) -> list[Event]:
    return [
        {
            "message_id": report["biz_id"],
            "reference": report.get("out_id"),
            "to": report["phone_number"],
            "status": "delivered" if report["success"] else "undelivered",
            "code": report.get("err_code"),
            "description": report.get("err_msg"),
            "segments": int(report["sms_size"]),
            "sent_at": _time(report["send_time"]),
            "done_at": _time(report["report_time"]),
        }
        for report in json.loads(body)
    ]


def _cloopen(_: Request, body: bytes) -> list[Event]:
    report = json.loads(body)["Request"]
    return [
        {
            "message_id": report["reqId"],
            "to": report["fromNum"],
            "status": "delivered" if report["status"] == "0" else "undelivered",
            "code": report.get("deliverCode"),
            "description": report.get("content"),
            "segments": int(report["smsCount"]),
            "sent_at": _time(report["dateSent"], "%Y%m%d%H%M%S"),
            "done_at": _time(report["recvTime"], "%Y%m%d%H%M%S"),
        }
    ]


def _huawei(_: Request, body: bytes) -> list[Event]:
    form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    return [
        {
            "message_id": form["smsMsgId"],
            "to": form.get("to"),
            "status": "delivered" if form["status"] == "DELIVRD" else "undelivered",
            "code": form["status"],
            "done_at": datetime.strptime(form["updateTime"], "%Y-%m-%dT%H:%M:%S%z").isoformat(),
        }
    ]


def _netease(request: Request, body: bytes) -> list[Event]:
    md5 = hashlib.md5(body).hexdigest()
    check = hashlib.sha1(f"{SECRET}{md5}{request.headers['curtime']}".encode()).hexdigest()
    if md5 != request.headers["md5"] or check != request.headers["checksum"]:
        raise PermissionError
    return [
        {
            "message_id": report["sendid"],
            "to": report["mobile"],
            "status": "delivered" if report["result"] == "DELIVRD" else "undelivered",
            "code": report["result"],
            "segments": int(report["spliced"]),
            "sent_at": _time(report["sendTime"]),
            "done_at": _time(report["reportTime"]),
            "extra": {"template_id": report.get("templateId")},
        }
        for report in json.loads(body)["objects"]
    ]


def _tencent(_: Request, body: bytes) -> list[Event]:
    return [
        {
            "message_id": report["sid"],
            "to": report["mobile"],
            "country_code": report["nationcode"],
            "status": "delivered" if report["report_status"] == "SUCCESS" else "undelivered",
            "code": report.get("errmsg"),
            "description": report.get("description"),
            "done_at": _time(report["user_receive_time"]),
        }
        for report in json.loads(body)
    ]


HANDLERS: dict[str, tuple[Callable[[Request, bytes], list[Event]], Callable[[], Response]]] = {
    "aliyun": (_aliyun, lambda: JSONResponse({"code": 0, "msg": "ok"})),
    "cloopen": (_cloopen, lambda: Response("<?xml version='1.0'?><response><retcode>0</retcode></response>", 200)),
    "huawei": (_huawei, lambda: Response(b"", 200)),
    "netease": (_netease, lambda: JSONResponse({"code": 200})),
    "tencent": (_tencent, lambda: JSONResponse({"result": 0, "errmsg": "OK"})),
}
