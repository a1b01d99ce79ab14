"""How is a draft laid out as a vendor file?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adapter.model import Json
from adapter.scaffold import ways, yaml_text
from adapter.scaffold.claim import Claim
from adapter.scaffold.nouns import Group, Guess, Leaf, StatusGuess
from adapter.scaffold.signs import Sign
from adapter.scaffold.yaml_text import aligned, commented

MODELINE = "# yaml-language-server: $schema=../schemas/vendor.v1.json"
TODO = "TODO"


@dataclass(frozen=True, slots=True)
class Example:
    """A captured request as text, and what must come of it."""

    name: str
    request: str
    expect: tuple[Mapping[str, Json], ...] = ()
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that a first vendor file says."""

    vendor: str
    body: tuple[str, ...]
    charset: tuple[str, ...]
    opened: tuple[str, ...]
    groups: tuple[Group, ...]
    claims: tuple[Claim, ...]
    signs: tuple[Sign, ...]
    zone: str
    zone_why: str
    formats: tuple[str, ...]
    examples: tuple[Example, ...] = field(default=())


def written(page: Page) -> str:
    """The file's text."""
    parts = (_head(page), _match(page), _trust(page), _answer(page), _time(page), _status(page), _events(page))
    spaced = (line for part in map(list, parts) if part for line in (*part, ""))
    return aligned([*spaced, *_examples(page)])


def _head(page: Page) -> Iterator[str]:
    yield MODELINE
    yield "spec: v1"
    yield f"vendor: {yaml_text.text(page.vendor)}"
    yield f"title: {yaml_text.text(page.vendor.replace('-', ' ').replace('_', ' ').title())}"
    yield f'docs: ["{TODO}: the address of the page that describes these callbacks"]'


def _match(page: Page) -> Iterator[str]:
    yield f"body: {page.body[0] if len(page.body) == 1 else yaml_text.sequence(page.body)}"
    if page.charset:
        yield f"charset: {yaml_text.sequence(page.charset)}"
    if page.opened:
        yield commented(f"parse_json: {yaml_text.sequence(page.opened)}", "its text is JSON")
    claims = [one for one in dict.fromkeys(page.claims) if one.headers or one.has or one.equals]
    if claims:
        yield "match:"
    for one in claims:
        yield from (f"  {line}" for line in (_claim(one) if len(claims) == 1 else _listed(_claim(one))))


def _listed(lines: Iterable[str]) -> Iterator[str]:
    """A mapping as an item of a list."""
    return (f"{'  ' if place else '- '}{line}" for place, line in enumerate(lines))


def _claim(one: Claim) -> Iterator[str]:
    why = f"{TODO}: {', '.join(one.collides)} takes this too" if one.collides else "in every request"
    if one.headers:
        yield commented(f"headers: {yaml_text.sequence(one.headers)}", "" if one.has or one.equals else why)
    if one.equals:
        said = yaml_text.mapping((path, yaml_text.quoted(text)) for path, text in one.equals)
        yield commented(f"equals: {said}", "" if one.has else why)
    if one.has:
        yield commented(f"has: {yaml_text.sequence(one.has)}", why)


def _trust(page: Page) -> Iterator[str]:
    if not page.signs:
        yield f'unsigned: "{TODO}: nothing here looks like a signature; say so, or write verify: as its page says"'
        return
    yield "# If the vendor's page agrees with the rules below, write verify: in place of the line unsigned:, take away"
    yield "# the # before them, and give the example sign: true."
    yield f'unsigned: "{TODO}: whether {_proofs(page)} proves who sent it; nothing is checked yet"'
    yield from (commented(f"#  - {one.rule}", one.why) for one in page.signs)


def _proofs(page: Page) -> str:
    return " with ".join(one.name for one in page.signs)


def _answer(_: Page) -> Iterator[str]:
    yield commented("ack: {status: 200, text: OK}", f"{TODO}: the answer that its page asks for")


def _time(page: Page) -> Iterator[str]:
    if page.zone or page.formats not in ((), ("iso8601",)):
        zone = [("zone", page.zone)] if page.zone else []
        said = yaml_text.mapping([*zone, ("formats", f"[{', '.join(map(yaml_text.pattern, page.formats))}]")])
        yield commented(f"time: {said}", f"{TODO}: the zone is a guess ({page.zone_why})" if page.zone else "")


def _status(page: Page) -> Iterator[str]:
    found = _shared(page)
    if found:
        yield "status:"
        yield from (f"  {line}" for line in _status_lines(found))


def _shared(page: Page) -> StatusGuess | None:
    """The status that all entries have in common."""
    found = [group.status for group in page.groups if group.status]
    return found[0] if found and all(one == found[0] for one in found) else None


def _status_lines(found: StatusGuess) -> Iterator[str]:
    if found.success:
        doubt = f"{TODO}: {found.success_doubt}" if found.success_doubt else "it alone decides success"
        yield commented(f"success: {yaml_text.quoted(found.success)}", doubt)
    if found.tables:
        yield f"tables: {yaml_text.sequence(found.tables)}"
    if found.rows:
        yield "codes:"
    for code, meaning, doubtful in found.rows:
        doubt = f"{TODO}: what does it mean?" if doubtful else ""
        yield commented(f"  {yaml_text.quoted(code)}: {meaning}", doubt)
    yield commented(f"otherwise: {found.otherwise}", "what a code that nobody listed means")


def _events(page: Page) -> Iterator[str]:
    yield "events:"
    for group in page.groups:
        yield from (f"  {line}" for line in _listed([f"kind: {group.kind.name}", *_entry(page, group)]))


def _entry(page: Page, group: Group) -> Iterator[str]:
    yield from _conditions(page, group)
    if group.constants:
        said = yaml_text.mapping((name, yaml_text.text(each)) for name, each in group.constants.items())
        yield commented(f"set: {said}", f"{TODO}: what happened")
    if group.guesses:
        yield "fields:"
    for name, guess in group.guesses.items():
        yield commented(f"  {name}: {expression(guess.leaf)}", _doubt(guess))
    yield from _extra(dict(_named(group)))
    if group.status and not _shared(page):
        yield "status:"
        yield from (f"  {line}" for line in _status_lines(group.status))


def expression(leaf: Leaf) -> str:
    return yaml_text.text(leaf.expression)


def _doubt(guess: Guess) -> str:
    if guess.others:
        return f"{TODO}: or {', '.join(leaf.expression for leaf in guess.others)}?"
    if guess.leaf.expression == TODO or not guess.score:
        return f"{TODO}: {guess.why}"
    return guess.why


def _conditions(page: Page, group: Group) -> Iterator[str]:
    """Which bodies the entry is for, which records it lists, and which of them it takes."""
    outside = [(path, text) for leaf, text in group.marks if (path := ways.path(leaf.path)) and 0 not in leaf.path]
    if outside:
        said = yaml_text.mapping((path, yaml_text.quoted(text)) for path, text in outside)
        yield commented(f"equals: {said}", "another value is another sort of callback")
    rivals = [one for one in page.groups if one is not group]
    own = [_where(leaf, text) for leaf, text in group.marks if 0 in leaf.path or not ways.path(leaf.path)]
    inside = any(one.each == group.each and set(one.samples) & set(group.samples) for one in rivals)
    present = _telling(group, rivals) if rivals and not outside and not own else None
    if present and not inside and not group.each and 0 not in present.path:
        yield f"has: {yaml_text.sequence([ways.path(present.path)])}"
    if group.each:
        yield f"each: {yaml_text.text(group.each[0]) if len(group.each) == 1 else yaml_text.sequence(group.each)}"
    if present and (inside or group.each or 0 in present.path):
        own = [f"{ways.operand(present)} != null"]
    if own:
        yield f"where: {yaml_text.quoted(' && '.join(own))}"


def _where(leaf: Leaf, text: str) -> str:
    said = ways.operand(leaf)
    said = said if all(isinstance(value, str) for value in leaf.values) else f"text({said})"
    return f"{said} == {_literal(text)}"


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _telling(group: Group, rivals: Sequence[Group]) -> Leaf | None:
    """A value that these records always have and no other sort has."""
    known = {leaf.expression for one in rivals for leaf in one.leaves}
    first = [guess.leaf for name, guess in group.guesses.items() if name in ("code", "text", "segments", "done_at")]
    able = [leaf for leaf in (*first, *group.leaves) if leaf.everywhere and not leaf.around and ways.path(leaf.path)]
    return next((leaf for leaf in able if leaf.expression not in known), None)


def _extra(named: Mapping[str, Leaf]) -> Iterator[str]:
    """A list where the names are the expressions, else a mapping."""
    if named and all(name == leaf.expression for name, leaf in named.items()):
        yield f"extra: {yaml_text.sequence(named)}"
    elif named:
        yield "extra:"
        yield from (f"  {yaml_text.text(name)}: {expression(leaf)}" for name, leaf in named.items())


def _named(group: Group) -> Iterator[tuple[str, Leaf]]:
    """What no field took, under the vendor's own names."""
    seen: set[str] = set()
    for leaf in kept(group):
        name = leaf.name if leaf.name not in seen else "_".join(str(one) for one in leaf.names)
        if name not in seen:
            seen.add(name)
            yield name, leaf


def kept(group: Group) -> list[Leaf]:
    """Leaves for `extra`: no signatures, passwords, or fields that `success` reads."""
    flag = group.status.flag if group.status else ""
    return [leaf for leaf in group.left if leaf.expression != flag]


def _examples(page: Page) -> Iterator[str]:
    yield "examples:"
    for one in page.examples:
        yield f"  - name: {yaml_text.text(one.name)}"
        yield f"    request: {yaml_text.block(one.request, ' ' * 6)}"
        if one.outcome:
            yield f"    outcome: {one.outcome}"
        yield from _expected(one.expect) if one.expect else ["    expect: []"]
    yield ""


def _expected(events: Iterable[Mapping[str, Json]]) -> Iterator[str]:
    yield "    expect:"
    for event in events:
        members = [f"{name}: {yaml_text.value(value)}" for name, value in event.items()]
        yield from (f"      {line}" for line in _listed(members))
