"""Seal a record as an event. Its id depends on what the vendor said, never on when we heard it."""

import hashlib
from collections.abc import Iterable, Sequence

from adapter.expressions.interpreter import Note
from adapter.model import Event, Json, Refused, Request
from adapter.spec.language import Kind, Spec


def identified(alternatives: Sequence[Sequence[str]], parts: Sequence[str]) -> Sequence[str]:
    """The parts that make a record itself. Raises Refused where there are none."""
    if parts:
        return parts
    wanted = dict.fromkeys(name for alternative in alternatives for name in alternative)
    raise Refused("no_key", f"nothing to tell it by: no {', '.join(wanted)}", 200)


def event_id(vendor: str, channel: str, kind: str, parts: Iterable[str]) -> str:
    """SHA-256 over the length-prefixed parts, in hex."""
    texts = (part.encode("utf-8", "surrogatepass") for part in (vendor, channel, kind, *parts))
    return hashlib.sha256(b"".join(b"%d:%s" % (len(text), text) for text in texts)).hexdigest()


def envelope(
    spec: Spec, kind: Kind, request: Request, identity: str, data: dict[str, Json], extra: dict[str, Json],
    notes: Sequence[Note], record: int,
) -> Event:  # fmt: skip
    """A CloudEvents 1.0 document. The subject is the message, never a phone number."""
    arrived = arrival(request)
    happened = next((data[name] for name in kind.times if data.get(name)), arrived)
    document: dict[str, Json] = {
        "specversion": "1.0",
        "id": identity,
        "source": f"/{request.channel}/{spec.vendor}",
        "type": kind.name,
        "time": happened,
        "datacontenttype": "application/json",
        "dataschema": kind.dataschema,
        "recordedtime": arrived,
        "data": {
            **data,
            "vendor": spec.vendor,
            "channel": request.channel,
            "spec": spec.hash,
            "extra": extra,
            "warnings": [{"code": note.code, "field": note.field, "message": note.message} for note in notes],
        },
    }
    if data.get(kind.subject):
        document["subject"] = data[kind.subject]
    return Event(identity, kind.name, document, record)


def arrival(request: Request) -> str:
    """The arrival as RFC 3339 text in UTC."""
    return request.received_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
