"""What do the rooms of the scaffold share? Samples, leaves, guesses, groups."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from adapter.expressions.values import as_text
from adapter.http_text import Written
from adapter.model import Json
from adapter.spec.language import Codes, Kind, Spec

Names: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys, and places in lists."""

Told: TypeAlias = tuple[str, str]
"""A line for the person who asked: its label and its text."""


class NoDraft(ValueError):
    """Nothing can be made of what was captured; the message says why."""


@dataclass(frozen=True, slots=True)
class World:
    """What is known already: kinds, where vendors keep their fields (kind, field, names), tables, other specs."""

    kinds: Mapping[str, Kind]
    mapped_from: Mapping[str, Mapping[str, tuple[str, ...]]]
    tables: Mapping[str, Codes]
    others: tuple[Spec, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A captured request and how its body is read; `opened` are the paths whose text is JSON, `spelling` has
    header names as they were written, by their lower-case form."""

    name: str
    written: Written
    body: str
    charset: str
    opened: tuple[str, ...]
    tree: Json
    spelling: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of every record of a group: how it is reached, and what stood there.

    `path` leads to it from the body where no list has to be gone through, with 0 for the first item of a list;
    `around` says that it stands beside the records.
    """

    names: Names
    expression: str
    path: Names
    values: tuple[Json, ...]
    everywhere: bool = True
    around: bool = False

    @property
    def name(self) -> str:
        """The last name that is not a place in a list."""
        return next((str(name) for name in reversed(self.names) if isinstance(name, str)), "")

    @property
    def texts(self) -> tuple[str, ...]:
        """What stood there as texts, without those that are empty."""
        found = ((as_text(value) or "").strip() for value in self.values)
        return tuple(dict.fromkeys(text for text in found if text))

    @property
    def first(self) -> str:
        return next(iter(self.texts), "")


@dataclass(frozen=True, slots=True)
class Guess:
    """A field of ours, the vendor's value for it, why, and which others it could be."""

    field: str
    leaf: Leaf
    score: int
    why: str
    others: tuple[Leaf, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusGuess:
    """How codes become our words: a flag and what it must be, tables, rows (code, meaning, is a person to decide)."""

    flag: str = ""
    success: str = ""
    success_doubt: str = ""
    tables: tuple[str, ...] = ()
    rows: tuple[tuple[str, str, bool], ...] = ()
    otherwise: str = "unknown"


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one shape in one or more samples: an entry of the file."""

    kind: Kind
    each: tuple[str, ...]
    samples: tuple[int, ...]
    leaves: tuple[Leaf, ...]
    marks: tuple[tuple[Leaf, str], ...] = ()
    guesses: Mapping[str, Guess] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    status: StatusGuess | None = None

    @property
    def left(self) -> tuple[Leaf, ...]:
        """What no field took and no condition asks for."""
        used = {guess.leaf.expression for guess in self.guesses.values()} | {leaf.expression for leaf, _ in self.marks}
        return tuple(leaf for leaf in self.leaves if leaf.expression not in used)
