"""What may a vendor file say? A checked spec as frozen data; below the loader nobody asks for types."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from adapter.model import Ack, Json

Tree: TypeAlias = dict[str, Any]
"""A parsed expression: the jmespath library's nodes, and `path` and `request` of our own."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file; line and column count from 1."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Expression:
    """A value's way out of a record.

    `text` is what the author wrote, `evaluate` takes what the expression stands on and the request (`_`). `field`
    names the field whose value it is, where it has no tree of its own (`fields.code`).
    """

    text: str
    tree: Tree = field(hash=False, compare=False)
    evaluate: Callable[[Json, Json], Json] = field(hash=False, compare=False, repr=False)
    place: Place = Place()
    field: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a kind: its type word (text, integer, number, boolean, date-time, enum, list of text, object)."""

    name: str
    type: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A status word: later news has a higher rank, a final one ends the story."""

    name: str
    rank: int
    final: bool
    success: bool
    reasoned: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """What an event is about: one JSON Schema file in `schemas/events/`.

    `columns` is every field that a spec may map; `required` lists groups of which one member must be known;
    `key` lists alternatives of key parts, the first that knows anything is taken (`status.from` and
    `status.success` stand for the vendor's codes and flag); `times` is the order in which an event's time is
    looked for.
    """

    name: str
    version: str
    title: str
    columns: Mapping[str, Column]
    results: tuple[str, ...]
    required: tuple[tuple[str, ...], ...]
    key: tuple[tuple[str, ...], ...]
    times: tuple[str, ...]
    subject: str
    words: Mapping[str, Word]
    reasons: tuple[str, ...]
    unknown_reason: str
    success: str

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def dataschema(self) -> str:
        return f"urn:callback-adapter:{self.name}:{self.version}"


@dataclass(frozen=True, slots=True)
class Row:
    """What one code means: either half may be open."""

    code: str
    status: str | None
    reason: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Glob:
    pattern: str
    literals: int
    row: Row


@dataclass(frozen=True, slots=True)
class Codes:
    """One layer of code rows. `fold` compares NFKC and upper case. Globs stand with the most literal first."""

    exact: Mapping[str, Row]
    ranges: tuple[tuple[int, int | None, Row], ...]
    globs: tuple[Glob, ...]
    fold: bool
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Status:
    """How the vendor's codes become our words. Without `inputs` the mapped `code` is the only one."""

    inputs: tuple[Expression, ...] | None
    success: Expression | None
    layers: tuple[Codes, ...]
    otherwise: str
    place: Place


@dataclass(frozen=True, slots=True)
class Clock:
    """How the vendor writes times: formats in order, and the zone of a text that names none."""

    zone: str | None
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of ours and the expressions that are tried for it in order."""

    column: Column
    inputs: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Extra:
    """What the kind has no name for: named expressions, and one that gives a whole object."""

    named: tuple[tuple[str, tuple[Expression, ...]], ...] = ()
    whole: Expression | None = None


@dataclass(frozen=True, slots=True)
class Equals:
    """A path whose text must be one of the words."""

    path: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """What a body must look like: every part must hold. `quick` is all of it as one function of a tree and a view."""

    when: Expression | None = None
    has: tuple[tuple[str, ...], ...] = ()
    equals: tuple[Equals, ...] = ()
    quick: Callable[[Json, Callable[[], Any]], bool] | None = field(default=None, hash=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Shape:
    """One entry of `events`: which records it lists and how they are read. `kind` is None for `ignore`."""

    kind: Kind | None
    condition: Condition
    each: tuple[Expression, ...]
    where: Expression | None
    fields: tuple[Field, ...]
    constants: Mapping[str, Json]
    extra: Extra
    status: Status | None
    clock: Clock
    key: tuple[tuple[str, ...], ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Match:
    """One way to tell that a request is this vendor's: every part must hold. Header names are lower case."""

    headers: tuple[str, ...]
    method: str | None
    path: str | None
    content_type: str | None
    condition: Condition


@dataclass(frozen=True, slots=True)
class Filter:
    """`|name` or `|name(reference, …)` behind a reference."""

    name: str
    arguments: tuple["Reference", ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """`{source.path|filter}` in a template; header names are lower case. An `optional` one may be missing."""

    source: str
    path: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    optional: bool = False

    @property
    def name(self) -> str:
        """How people call it: `header x-signature`."""
        return f"{self.source} {'.'.join(self.path)}".strip()


@dataclass(frozen=True, slots=True)
class Segment:
    """`[[…]]` in a template: left out when a reference in it is missing or empty."""

    parts: tuple[bytes | Reference, ...]


@dataclass(frozen=True)
class Template:
    """Literal bytes, references and optional segments, parsed once; what a reference gives is never read again."""

    text: str
    parts: tuple[bytes | Reference | Segment, ...]

    @property
    def fixed(self) -> bool:
        """Is it the same for every request?"""
        return all(isinstance(part, bytes) for part in self.parts)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Every reference, those in segments and in filters' arguments too."""
        flat = (one for part in self.parts for one in (part.parts if isinstance(part, Segment) else (part,)))
        outer = [one for one in flat if isinstance(one, Reference)]
        return tuple(one for ref in outer for one in (ref, *(arg for each in ref.filters for arg in each.arguments)))


@dataclass(frozen=True, slots=True)
class Timestamp:
    """When the vendor signed: `at` in `unit` (s, ms, rfc3339, rfc1123), at most `within` seconds from arrival."""

    at: Template
    unit: str
    within: float | None


@dataclass(frozen=True, slots=True)
class Key:
    """The secret of a keyed algorithm: what to `strip` from its value, how to `decode` it, what to `derive` from it.

    Where `id` is given, each live value is written `id:value`, and only those with the id of the request are tried.
    """

    secret: str
    strip: str = ""
    decode: str = ""
    derive: Template | None = None
    id: Template | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """How a signature is written where it stands: prefix, several ones split, named ones paired, one picked."""

    encoding: str = "hex"
    prefix: str = ""
    split: str = ""
    pair: str = ""
    pick: Template | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names and values of the request in a vendor's order, as one text: `{pairs}`."""

    source: Reference
    only: Template | None
    require: tuple[str, ...]
    exclude: tuple[str, ...]
    drop_empty: bool
    unique: bool
    sort: str
    replace: tuple[tuple[bytes, bytes], ...]
    replace_key: tuple[tuple[bytes, bytes], ...]
    quote: bool
    pair: tuple[bytes, ...]
    join: bytes


@dataclass(frozen=True, slots=True)
class Listed:
    """Texts in order, or sorted, as one: `{list}`."""

    items: tuple[Template, ...]
    sort: bool
    join: bytes


@dataclass(frozen=True, slots=True)
class Token:
    """What a JWT must say: its algorithms, claims that must be there, claims that must equal a template."""

    allow: tuple[str, ...]
    require: tuple[str, ...]
    leeway: float
    claims: tuple[tuple[str, Template], ...]


@dataclass(frozen=True, slots=True)
class Applies:
    """Which requests a rule is for, by method, headers that are there, or body type."""

    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One thing that must hold before a callback is believed; or, with `any`, rules of which one must.

    `algorithm` is the word under `is`; `signature` refers to where the vendor's signature stands; `checks` are
    further texts that must equal each other.
    """

    algorithm: str
    message: Template
    signature: Reference | None
    key: Key | None
    written: Written
    timestamp: Timestamp | None
    pairs: Mapping[str, Pairs]
    listed: Listed | None
    let: Mapping[str, Template]
    checks: tuple[tuple[Template, Template], ...]
    token: Token | None
    when: Applies
    any: tuple["Rule", ...]
    place: Place

    @cached_property
    def templates(self) -> tuple[Template, ...]:
        """Every template that a request fills in."""
        lists = self.listed.items if self.listed else ()
        only = tuple(one.only for one in self.pairs.values() if one.only)
        key = tuple(one for one in ((self.key.derive, self.key.id) if self.key else ()) if one)
        at = (self.timestamp.at,) if self.timestamp else ()
        pick = (self.written.pick,) if self.written.pick else ()
        claims = tuple(template for _, template in self.token.claims) if self.token else ()
        checks = tuple(side for check in self.checks for side in check)
        return (self.message, *lists, *only, *key, *at, *pick, *claims, *checks, *self.let.values())

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """The secrets of this rule, and of those under `any`."""
        named = (part.path[0] for template in self.templates for part in template.references if part.source == "secret")
        inner = (name for rule in self.any for name in rule.secrets)
        return tuple(dict.fromkeys([*([self.key.secret] if self.key else []), *named, *inner]))


@dataclass(frozen=True, slots=True)
class Answer:
    """One ack as written. `fixed` is the whole answer where no template needs the request."""

    status: int
    headers: tuple[tuple[bytes, Template], ...]
    body: Template
    fixed: Ack | None


@dataclass(frozen=True, slots=True)
class Challenge:
    """A handshake: a request that asks who we are, and the answer to it.

    `has` and `equals` look at the query of a GET, at the body of anything else. `rules` prove who asks: the
    spec's own where the entry gives none. What the answer repeats must have the `shape` (an RE2 pattern).
    `confirm` is the path of an address that is visited before the answer.
    """

    methods: tuple[str, ...]
    headers: tuple[str, ...]
    condition: Condition
    rules: tuple[Rule, ...]
    answer: Answer
    shape: str
    confirm: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Example:
    """A callback as pasted from a page or a capture, and what must become of it.

    `secrets` are values that the vendor's page publishes with its own sample, so that its signature can be tried.
    """

    name: str
    request: str
    sign: bool
    secrets: Mapping[str, str]
    demo: bool
    expect: tuple[Mapping[str, Json], ...] | None
    reject: str | None
    outcome: str | None
    ack: Mapping[str, Json] | None
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """A shape and the function that reads a record by it: the one seam between language and engine."""

    shape: Shape
    read: Callable[..., Any] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a vendor's bodies are read: body types to choose from, charsets in order, paths whose text is JSON."""

    body: tuple[str, ...]
    charset: tuple[str, ...] = ()
    parse_json: tuple[tuple[str, ...], ...] = ()
    fold_keys: bool = False


@dataclass(frozen=True, slots=True)
class Spec:
    """A vendor file that passed every check. `hash` is the content hash of the file and of its `tables`.

    `verify` is empty when the vendor signs nothing, and `unsigned` says why. `answers` has one for every outcome
    that is stored, and those that the file words for refusals and for `retry`.
    """

    vendor: str
    title: str
    docs: tuple[str, ...]
    hash: str
    manner: Manner
    settings: Mapping[str, Json]
    match: tuple[Match, ...]
    challenges: tuple[Challenge, ...]
    verify: tuple[Rule, ...]
    unsigned: str | None
    answers: Mapping[str, Answer]
    entries: tuple[Entry, ...]
    examples: tuple[Example, ...]
    place: Place
    tables: tuple[str, ...] = ()

    @property
    def body(self) -> tuple[str, ...]:
        return self.manner.body

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret that rules and handshakes use, in order, by its full name (`vendor.name`)."""
        rules = (*self.verify, *(rule for one in self.challenges for rule in one.rules))
        answers = (part for one in self.challenges for part in one.answer.body.references if part.source == "secret")
        names = (*(name for rule in rules for name in rule.secrets), *(part.path[0] for part in answers))
        return tuple(dict.fromkeys(f"{self.vendor}.{name}" for name in names))


@dataclass(frozen=True, slots=True)
class Channel:
    """A URL that a deployment gives out. `vendors` is None where any vendor may post (open mode).

    `secrets` binds full names of secrets (`acme.app_secret`) to other names, so that two accounts of one vendor
    differ; `settings` stand over those of the spec.
    """

    name: str
    vendors: tuple[str, ...] | None
    secrets: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Registry:
    """Everything the engine knows, immutable: specs and kinds by name, channels by full name.

    `channels` is None in open mode, where every channel exists and takes any vendor.
    """

    specs: Mapping[str, Spec]
    kinds: Mapping[str, Kind]
    channels: Mapping[str, Channel] | None = None
    indexes: dict[int, tuple[Any, Any]] = field(default_factory=dict, init=False, repr=False)
    """What the engine has made of it, to find vendors by."""

    def of(self, channel: Channel) -> tuple[Spec, ...]:
        """The specs that may claim what comes over a channel."""
        names = self.specs if channel.vendors is None else channel.vendors
        return tuple(self.specs[name] for name in names if name in self.specs)

    def channel(self, name: str) -> Channel | None:
        if self.channels is None:
            return Channel(name, None)
        return self.channels.get(name)
