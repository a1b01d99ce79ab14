"""What is a record about: which kind of event, and which of its values tell it from the vendor's other callbacks?"""

import re
from collections.abc import Mapping, Sequence

from adapter.scaffold import names, shapes, words
from adapter.scaffold.fields import guesses
from adapter.scaffold.nouns import Guess, Leaf, World
from adapter.spec.language import Kind

_TEXT_OF_A_REPLY = ("content", "text", "body", "smscontent", "msgcontent", "replycontent", "messagebody")
_OF_A_CALL = re.compile(r"call(sid|uuid|id|status|duration|starttime|endtime)|(answer|ring|talk)time|hangup")
_OF_MAIL = re.compile(r"mail|recipient|rcpt|^to$")
_OF_A_REPORT = re.compile(r"report|deliv|done")
_OF_A_MESSAGE = re.compile(r"msg|sms|message")
FALLBACK = "generic.event"


def kind_of(world: World, leaves: Sequence[Leaf]) -> Kind:
    """The kind that the names and looks of a record's values speak for; `generic.event` where nothing does."""
    told = [leaf for leaf in leaves if leaf.texts]
    for name, holds in (("voice.call", _a_call), ("email.event", _about_mail)):
        if name in world.kinds and holds(told) and "code" in guesses(world, world.kinds[name], told):
            return world.kinds[name]
    return world.kinds[_message(world, told)]


def _a_call(leaves: Sequence[Leaf]) -> bool:
    return sum(bool(_OF_A_CALL.search(names.plain(leaf.name))) for leaf in leaves) >= 2


def _about_mail(leaves: Sequence[Leaf]) -> bool:
    return any(shapes.is_email(leaf.first) and _OF_MAIL.search(names.plain(leaf.name)) for leaf in leaves)


def _message(world: World, leaves: Sequence[Leaf]) -> str:
    report = guesses(world, world.kinds["sms.delivery"], leaves)
    reply = guesses(world, world.kinds["sms.inbound"], leaves)
    listed = "code" in report and bool(words.table_of(world.tables, report["code"].leaf.first))
    flagged = any(flag(leaf) for leaf in leaves)
    phone = "from" in reply
    reported = listed or flagged or any(_OF_A_REPORT.search(names.plain(leaf.name)) for leaf in leaves)
    written = "text" in reply and names.plain(reply["text"].leaf.name) in _TEXT_OF_A_REPLY
    if phone and written and not ("code" in report and reported):
        return "sms.inbound"
    if "code" in report or flagged:
        telling = phone or listed or report.keys() & {"to", "segments", "operator"} or _of_a_message(report)
        return "sms.delivery" if telling else FALLBACK
    return "sms.inbound" if phone and "text" in reply else FALLBACK


def _of_a_message(report: Mapping[str, Guess]) -> bool:
    return "message_id" in report and bool(_OF_A_MESSAGE.search(names.plain(report["message_id"].leaf.name)))


def flag(leaf: Leaf) -> bool:
    """Does a value say by itself whether it went well: true, SUCCESS, FAIL?"""
    texts = [text.lower() for text in leaf.texts]
    if leaf.around or not texts or not all(text in words.TRUE + words.FALSE for text in texts):
        return False
    said = "succe|ok$|deliver|status|result" if {"true", "false"} & set(texts) else "succe|status|state|result"
    return bool(re.search(said, names.plain(leaf.name)))


def marks(kind: Kind, leaves: Sequence[Leaf], coded: Sequence[str]) -> list[tuple[Leaf, str]]:
    """Values such as `type: 11` that tell this sort of callback from others, and the texts they have here.

    A value that the kind reads as its code, or that is a status word, tells what happened instead.
    """
    found = []
    for leaf in leaves:
        words_of_status = [text for text in leaf.texts if words.meaning(kind, text)]
        if not names.is_mark(leaf.name) or leaf.expression in coded or words_of_status or not leaf.everywhere:
            continue
        truths = any(isinstance(value, bool) for value in leaf.values)
        if len(leaf.texts) == 1 and not truths and shapes.may_be_code(leaf.first) and len(leaf.names) <= 3:
            found.append((leaf, leaf.first))
    return found
