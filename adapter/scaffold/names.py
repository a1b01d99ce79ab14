"""Under which names do vendors keep a field of ours? The kinds' own lists first, then what else has been seen."""

import re
from collections.abc import Mapping

from adapter.scaffold.nouns import Leaf

ALSO: Mapping[str, str] = {
    "message_id": (
        "msgid messageid smsid smsmsgid sendid mid smid msgno serialno serial uuid messagesid sid id taskid "
        "batchid bizid"
    ),
    "call_id": "callid callsid calluuid sessionid uuid id",
    "event_id": "eventid id uuid",
    "reference": (
        "outid clientref clientid customid custom ext extend userdata callbackdata attach uid outtradeno "
        "orderid reference ref tag"
    ),
    "to": (
        "mobile phone phonenumber phoneno phonenum mobilephone msisdn tel telephone number recipient "
        "destination destaddr dest dst receiver to called email rcpt address"
    ),
    "from": (
        "from sender source src srcaddr originator caller fromnum mobile phone phonenumber phoneno phonenum "
        "msisdn tel number"
    ),
    "code": (
        "status stat state result resultcode errcode errorcode deliverstatus deliverresult deliverycode "
        "reportstatus statuscode dlrstatus err code messagestatus smsstatus event"
    ),
    "description": (
        "description desc statusdesc statusmsg errmsg errormessage errordetail message msg reason remark info "
        "detail statustext statetext stateinfo"
    ),
    "segments": (
        "segments parts smscount smssize count total feenum chargecnt chargenum pktotal numsegments msgcount splitcount"
    ),
    "part": "part partno sequence seq pknumber index",
    "country_code": "nationcode countrycode country areacode",
    "operator": "operator network mccmnc carrier isp networkcode",
    "text": "content text message msg body msgcontent smscontent replycontent",
    "subject": "subject templateid objectid id",
    "type": "type event action eventtype",
    "duration": "duration billsec talktime",
    "digits": "digits dtmf",
    "url": "url link",
    "user_agent": "useragent ua",
    "response": "response smtpresponse",
}
"""Names in lower case without signs, the likeliest first."""

INBOUND: Mapping[str, str] = {
    "to": (
        "destcode dest destination to spnumber spcode destid extendcode subcode extno receiver servicenumber "
        "shortcode called"
    ),
    "message_id": "moid replyid sequenceid msgid messageid smsid id",
}
"""In a reply the phone is the sender's, and the recipient is a number of ours."""

TIMES: Mapping[str, str] = {
    "sent_at": r"send|sent|submit|^sub|request|creat",
    "done_at": r"report|recv|receiv|deliv|done|updat|finish|complete|status|notif|event|occur",
    "received_at": r"recv|receiv|reply|arriv|^mo|up|time|date|stamp",
    "occurred_at": r"time|date|stamp|occur|event|^at$|^ts$",
    "started_at": r"start|begin|dial|create",
    "answered_at": r"answer|connect|pick",
    "ended_at": r"end|hang|release|bye|finish",
}
"""What the name of a time says, in lower case without signs."""

MARKS = frozenset(
    {
        *("type", "eventtype", "event", "action", "msgtype", "messagetype", "smstype", "eventname", "notifytype"),
        *("callbacktype", "pushtype", "recordtype", "cmd", "command", "kind", "topic", "object", "method"),
    }
)
"""Fields that tell one sort of callback from another."""

_OF_OTHER_THINGS = re.compile(
    r"req|trace|push|account|app|templ|user|sign|corp|batch|channel|spid|org|group|event|dest|src|ext"
)
SECRETS = ("token", "secret", "password", "passwd", "pwd", "apikey", "appkey", "accesskey", "authorization", "auth")


def plain(name: str) -> str:
    """A name as the lists have it."""
    return re.sub(r"[^a-z0-9\u0080-\uffff]", "", name.lower())


def score(kind: str, field: str, mapped_from: tuple[str, ...], leaf: Leaf) -> tuple[int, str]:
    """How well a leaf's name speaks for a field: 100 where a kind lists it as written, 0 where it says nothing."""
    way = ".".join(str(name) for name in leaf.names)
    if way in mapped_from or leaf.name in mapped_from:
        return 100, "a name for it"
    known = listed(kind, field, mapped_from)
    for name in dict.fromkeys((plain(way), plain(leaf.name))):
        if name in known:
            return max(95 - 2 * known.index(name), 65), "a name for it"
    return _ending(field, known, plain(leaf.name))


def listed(kind: str, field: str, mapped_from: tuple[str, ...]) -> list[str]:
    """Every name for a field of a kind, the likeliest first."""
    also = INBOUND.get(field) if kind.endswith(".inbound") and field in INBOUND else ALSO.get(field, "")
    own = [plain(name) for name in mapped_from if re.fullmatch(r"[\w.-]+", name)]
    return list(dict.fromkeys([*own, *(also or "").split()]))


def _ending(field: str, known: list[str], name: str) -> tuple[int, str]:
    if field.endswith("_id") and name.endswith("id"):
        return (20, "an id of something") if _OF_OTHER_THINGS.search(name) else (55, "an id")
    ends = next((one for one in known if len(one) > 3 and name.endswith(one)), "")
    return (55, f"its name ends with {ends}") if ends else (0, "")


def is_mark(name: str) -> bool:
    return plain(name) in MARKS


def is_secret(name: str) -> bool:
    """Does a name say that its value is to be kept secret?"""
    return plain(name) in SECRETS or plain(name).endswith(("token", "secret", "password"))
