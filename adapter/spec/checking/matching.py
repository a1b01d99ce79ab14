"""Can it be told that a request is this vendor's?"""

import re
from collections.abc import Iterator

from adapter.spec.build.draft import Draft
from adapter.spec.checking.complaint import Found, warning
from adapter.spec.diagnostics import Path
from adapter.spec.language import Entry, Match, Spec


def claims_nothing(draft: Draft, spec: Spec) -> Found:
    if not spec.match and "match" not in draft.document.data:
        message = "without match it works on a channel of its own only"
        yield warning(("vendor",), message, "add match: with what every callback of this vendor has")


def unreachable(draft: Draft, spec: Spec) -> Found:
    """An entry that asks for another value than every alternative of `match`."""
    for place, entry in enumerate(spec.entries):
        clashes = [_clash(match, entry) for match in spec.match]
        if clashes and all(clashes):
            message = f"match takes only callbacks with another {clashes[0]}: on a shared channel this entry sees none"
            yield warning(("events", place, "equals"), message, "let match ask for what all entries have in common")


def _clash(match: Match, entry: Entry) -> str:
    wanted = {equals.path: set(equals.words) for equals in match.condition.equals}
    both = (one for one in entry.shape.condition.equals if one.path in wanted)
    return next((".".join(one.path) for one in both if not wanted[one.path] & set(one.words)), "")


_OF_THE_WAY = re.compile(
    r"host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|via|forwarded|x-forwarded-.*|x-real-ip|proxy-.*|"
    r"content-length|accept-encoding|expect",
    re.IGNORECASE,
)


def of_the_way(draft: Draft, _: Spec) -> Found:
    """Headers that belong to the way a request takes, not to who sent it."""
    for path in _alternatives(draft):
        for place, name in enumerate(draft.listed((*path, "headers"))):
            if _OF_THE_WAY.fullmatch(str(name)):
                message = f"a proxy may add, change or drop the header '{name}'"
                at = draft.item_path((*path, "headers"), place)
                yield warning(at, message, "match by a header that the vendor alone sends", 0)


def unprovable(draft: Draft, _: Spec) -> Found:
    for path in _alternatives(draft):
        if (*path, "when") in draft.parsed and not {"headers", "has", "equals"} & set(draft.get(path)):
            message = "match asks only by when: nobody can prove that no other vendor's callbacks fit too"
            yield warning((*path, "when"), message, "ask by headers, has or equals first, and by when for the rest")


def _alternatives(draft: Draft) -> Iterator[Path]:
    value = draft.get(("match",))
    yield from [("match", place) for place in range(len(value))] if isinstance(value, list) else [("match",)]
