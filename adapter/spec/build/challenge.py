"""How are handshakes answered? The entries under `challenge`."""

import re
from collections.abc import Mapping
from typing import Any

from adapter.signatures.proof import proves
from adapter.signatures.rules import SNS
from adapter.spec.build.answers import challenge_answer
from adapter.spec.build.draft import Draft
from adapter.spec.build.events import condition
from adapter.spec.build.verify import rules
from adapter.spec.diagnostics import Path
from adapter.spec.language import Answer, Challenge, Condition, Equals, Reference, Rule

ECHOED = r"[ -;=?-~]{1,512}"
"""What an answer may repeat: printable ASCII without < and >."""

COMPUTED = r"[A-Za-z0-9_-]{1,128}"
"""What may be signed for a caller who proved nothing: too plain to be the body of a callback."""

COMPUTED_BYTES = re.compile(rb"[A-Za-z0-9_-]*")


def challenges(draft: Draft) -> tuple[Challenge, ...]:
    """Every handshake of the file."""
    listed = enumerate(draft.listed(("challenge",)))
    return tuple(_challenge(draft, ("challenge", place), value) for place, value in listed)


def _challenge(draft: Draft, path: Path, value: Mapping[str, Any]) -> Challenge:
    methods = tuple(str(word).upper() for word in draft.listed((*path, "method")))
    own = rules(draft, (*path, "verify")) if "verify" in value else ()
    proved = own or (rules(draft) if "unsigned" not in value else ())
    answer = challenge_answer(draft, path)
    computed, proving = _computed(answer), any(map(proves, proved))
    _check(draft, path, value)
    if own and not proving:
        draft.error("SIG004", (*path, "verify"), "no rule uses a secret: anybody could ask like this",
                    "a rule needs key: or {secret.…} in of:")  # fmt: skip
    if computed and not proving:
        _check_oracle(draft, path, answer)
    return Challenge(
        methods=methods,
        headers=tuple(str(name).lower() for name in draft.listed((*path, "headers"))),
        condition=_condition(draft, path, value, "GET" in methods),
        rules=proved,
        answer=answer,
        confirm=_confirm(draft, path, proved),
        shape=COMPUTED if computed and not proving else ECHOED,
        place=draft.place(path),
    )


def _check_oracle(draft: Draft, path: Path, answer: Answer) -> None:
    """What is signed for a caller who proved nothing must not be what a callback is signed with."""
    used = {one.path[0] for one in _references(answer) if one.source == "secret"}
    for rule in rules(draft):
        keys = {rule.key.secret} if rule.key else set()
        if used & keys and not _never_plain(rule, draft.listed(("body",))):
            message = "anybody could have a callback signed by this answer: it uses the key of verify"
            draft.error("CHAL003", path, message, "give the handshake a secret of its own, or verify: who asks")


def _never_plain(rule: Rule, bodies: list[Any]) -> bool:
    """Can the signed text never be one that a handshake would sign? It has another character, or is a JSON object."""
    if rule.any:
        return all(_never_plain(one, bodies) for one in rule.any)
    if any(isinstance(part, bytes) and not COMPUTED_BYTES.fullmatch(part) for part in rule.message.parts):
        return True
    return set(bodies) <= {"json", "xml"} and any(one.source == "body" for one in rule.message.references)


def _confirm(draft: Draft, path: Path, proved: tuple[Rule, ...]) -> tuple[str, ...]:
    """The path of the address to visit: only what Amazon SNS has signed names one."""
    text = draft.get((*path, "confirm"))
    if text is None:
        return ()
    if not any(rule.algorithm == SNS for rule in proved):
        draft.error("CHAL002", (*path, "confirm"), "confirm is for Amazon SNS only", "verify with is: aws-sns")
    return draft.name_path((*path, "confirm"), str(text)) or ()


def _condition(draft: Draft, path: Path, value: Mapping[str, Any], query: bool) -> Condition:
    """On a query names are names, dots and all; on a body they are paths."""
    if not query:
        return condition(draft, path)
    equals = {
        name: wanted if isinstance(wanted, list) else [wanted] for name, wanted in value.get("equals", {}).items()
    }
    return Condition(
        None,
        tuple((str(name),) for name in draft.listed((*path, "has"))),
        tuple(Equals((name,), tuple(map(str, wanted))) for name, wanted in equals.items()),
    )


def _computed(answer: Answer) -> bool:
    return any(one.source == "secret" for one in _references(answer))


def _references(answer: Answer) -> list[Reference]:
    return [*answer.body.references, *(one for _, value in answer.headers for one in value.references)]


def _check(draft: Draft, path: Path, value: Mapping[str, Any]) -> None:
    if not any(key in value for key in ("method", "headers", "has", "equals", "when")):
        draft.error("CHAL001", path, "nothing says which requests this is for", "add method:, has: or equals:")
    if "verify" in value and "unsigned" in value:
        draft.error("SIG011", (*path, "unsigned"), "both verify and unsigned", "keep one of them")
