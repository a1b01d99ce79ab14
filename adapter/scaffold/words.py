"""What do vendors' status words mean in ours?"""

from collections.abc import Mapping

from adapter.engine.classify import candidates
from adapter.scaffold.names import plain
from adapter.spec.language import Codes, Kind

MEANT: Mapping[str, str] = {
    "accepted": "accepted queued queue pending buffered scheduled processing submitted enroute",
    "queued": "queued queue pending scheduled processed accepted",
    "sent": "sent sending dispatched dispatch",
    "delivered": "delivered deliver delivrd delivery success succeeded successful ok done",
    "read": "read seen displayed",
    "undelivered": "undelivered undeliverable undeliv failed fail failure error",
    "failed": "failed fail failure error dropped",
    "expired": "expired timeout timedout",
    "rejected": "rejected reject blocked dropped refused",
    "deleted": "deleted canceled cancelled aborted",
    "opened": "opened open",
    "clicked": "clicked click",
    "bounced": "bounced bounce hardbounce softbounce",
    "deferred": "deferred deferral delayed",
    "complained": "complained complaint spam spamreport spamcomplaint",
    "unsubscribed": "unsubscribed unsubscribe",
    "completed": "completed complete success answered",
    "busy": "busy",
    "no_answer": "noanswer unanswered",
    "ringing": "ringing",
}
"""Our word and the vendors' in lower case without signs; only words that a kind has are given."""

TRUE, FALSE = ("true", "success", "succeeded", "ok", "yes"), ("false", "fail", "failed", "failure", "error", "no")
OPPOSITE: Mapping[str, str] = {
    "fail": "success",
    "failed": "success",
    "failure": "success",
    "false": "true",
    "error": "ok",
    "no": "yes",
}


def meaning(kind: Kind, text: str) -> str:
    """Our word for a vendor's, or nothing."""
    name = plain(text)
    own = next((word for word in kind.words if plain(word) == name), "")
    return own or next((word for word, known in MEANT.items() if word in kind.words and name in known.split()), "")


def table_of(tables: Mapping[str, Codes], text: str) -> str:
    """The first table that lists a code, or nothing. Bare digits mean something else for every vendor, and small
    letters are a vendor's own words."""
    if not text or text.isdecimal() or text.islower():
        return ""
    return next((name for name, rows in tables.items() if next(candidates(rows, text), None)), "")
