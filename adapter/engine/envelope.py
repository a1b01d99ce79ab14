"""Seal a record as an event. Its id depends on what the vendor said, never on when we heard it."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

from adapter.expressions.interpreter import Note
from adapter.model import Event, Json, Refused, Request, value
from adapter.spec.language import Kind, Spec


def identified(alternatives: Sequence[Sequence[str]], parts: Sequence[str]) -> Sequence[str]:
    """The parts that make a record itself. Raises Refused where there are none."""
    if parts:
        return parts
    wanted = dict.fromkeys(name for alternative in alternatives for name in alternative)
    raise Refused("no_key", f"nothing to tell it by: no {', '.join(wanted)}", 200)


def event_id(vendor: str, channel: str, kind: str, parts: Sequence[str]) -> str:
    """SHA-256 over the length-prefixed parts, in hex."""
    told = _beginning(vendor, channel, kind) + "".join([f"{len(text)}:{text}" for text in parts])
    if not told.isascii():  # a length counts bytes
        raw = [text.encode("utf-8", "surrogatepass") for text in (vendor, channel, kind, *parts)]
        return hashlib.sha256(b"".join([b"%d:%s" % (len(text), text) for text in raw])).hexdigest()
    return hashlib.sha256(told.encode()).hexdigest()


@lru_cache(maxsize=1024)
def _beginning(vendor: str, channel: str, kind: str) -> str:
    return "".join([f"{len(text)}:{text}" for text in (vendor, channel, kind)])


@value
class Seal:
    """What all events of one request have in common."""

    spec: Spec
    channel: str
    source: str
    arrived: str


def seal(spec: Spec, request: Request) -> Seal:
    return Seal(spec, request.channel, f"/{request.channel}/{spec.vendor}", arrival(request))


def envelope(
    by: Seal, kind: Kind, identity: str, data: dict[str, Json], extra: dict[str, Json],
    notes: Sequence[Note], record: int,
) -> Event:  # fmt: skip
    """A CloudEvents 1.0 document, around the data. The subject is the message, never a phone number."""
    document: dict[str, Json] = {
        "specversion": "1.0",
        "id": identity,
        "source": by.source,
        "type": kind.name,
        "time": _happened(kind, data) or by.arrived,
        "datacontenttype": "application/json",
        "dataschema": kind.dataschema,
        "recordedtime": by.arrived,
        "data": data,
    }
    subject = data.get(kind.subject)
    if subject:
        document["subject"] = subject
    word = kind.words.get(data.get("status", ""))
    data["vendor"] = by.spec.vendor
    data["channel"] = by.channel
    data["spec"] = by.spec.hash
    data["extra"] = extra
    data["warnings"] = [{"code": one.code, "field": one.field, "message": one.message} for one in notes]
    return Event(identity, kind.name, document, record, word.rank if word else 0)


def _happened(kind: Kind, data: dict[str, Json]) -> Json:
    for name in kind.times:
        if data.get(name):
            return data[name]
    return None


def arrival(request: Request) -> str:
    """The arrival as RFC 3339 text in UTC."""
    return request.received_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
