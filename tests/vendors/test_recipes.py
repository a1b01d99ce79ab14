"""Do the recipes of vendors.d/README.md do what they say? Each is made a vendor file and rehearsed."""

import re
from dataclasses import dataclass
from textwrap import indent

import pytest

from adapter.expressions.functions import OURS
from adapter.rehearsal import rehearse
from adapter.spec import packaged
from adapter.spec.loader import Loaded
from tests.specs import loaded

PAGE = (packaged.vendors() / "README.md").read_text(encoding="utf-8")
TABLES = {f"tables/{path.name}": path.read_text(encoding="utf-8") for path in packaged.vendors().glob("tables/*.yaml")}
HEAD = "spec: v1\nvendor: acme\n"
UNDERSTOOD = re.findall(r"^```text\n(body: .*?)^```", PAGE, re.M | re.S)[0].splitlines()
"""The lines that the page says are understood."""

RECEIPTS = ("sms.delivery",)
"""Kinds with codes, for which a status is understood."""

MATCHLESS = "MATCH007"
"""A recipe need not say how its vendor is told."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The sentence above it, its lines of a vendor file, and its callbacks with what comes out."""

    name: str
    lines: str
    callbacks: tuple[tuple[str, str], ...]

    @property
    def file(self) -> str:
        """A whole vendor file."""
        understood = "".join(f"{line}\n" for line in UNDERSTOOD if self._needs(line.partition(":")[0]))
        examples = "".join(_example(number, *one) for number, one in enumerate(self.callbacks))
        return f"{HEAD}{understood}{self.lines}examples:\n{examples}"

    def _needs(self, key: str) -> bool:
        said = re.findall(r"^(\w+):", self.lines, re.M)
        wanted = {"unsigned": "verify" not in said, "status": any(kind in self.lines for kind in RECEIPTS)}
        return key not in said and wanted.get(key, True)


def _example(number: int, request: str, result: str) -> str:
    head = f"  - name: callback {number}\n    request: |\n"
    return head + indent(request, "      ") + "\n" + indent(result, "    ")


def _recipes() -> list[Recipe]:
    found = []
    for block in re.finditer(r"^```yaml recipe\n(.*?)^```", PAGE, re.M | re.S):
        lines, *rest = re.split(r"^---\n", block[1], flags=re.M)
        titles = re.findall(r"^\*\*(.+?)\*\*", PAGE[: block.start()], re.M)
        found.append(Recipe(titles[-1], lines, tuple(zip(rest[::2], rest[1::2], strict=True))))
    return found


RECIPES = _recipes()
every_recipe = pytest.mark.parametrize("recipe", RECIPES, ids=[one.name for one in RECIPES])


def _mistakes(found: Loaded) -> list[str]:
    return [f"{one.span} {one.code} {one.message}" for one in found.diagnostics if one.code != MATCHLESS]


@every_recipe
def test_a_recipe_is_right_and_gives_what_it_says(recipe: Recipe) -> None:
    found = loaded({"acme.yaml": recipe.file, **TABLES})
    assert _mistakes(found) == [], recipe.file
    for one in rehearse(found.registry.specs["acme"], found.registry.kinds):
        assert one.differences == (), recipe.file
        assert bool(one.forged) == one.example.sign


@every_recipe
def test_a_recipe_shows_a_callback_and_fits_a_page(recipe: Recipe) -> None:
    assert recipe.callbacks
    assert len(recipe.lines.splitlines()) <= 12


@pytest.mark.parametrize(
    "word",
    [
        *("query", "form", "json", "xml", "multipart", "parse_json", "charset", "keys", "settings", "match", "verify"),
        *(
            "challenge",
            "ack",
            "retry_status",
            "time",
            "zone",
            "formats",
            "status",
            "from",
            "success",
            "tables",
            "codes",
        ),
        *("fold", "kind", "when", "has", "equals", "each", "where", "fields", "set", "extra", "key"),
        *("hmac-sha256", "sha1", "md5", "equal", "ed25519", "jwt", "at", "within", "pairs", "pick"),
    ],
)
def test_every_capability_has_its_recipe(word: str) -> None:
    assert re.search(rf"\b{word}\b", "\n".join(one.lines for one in RECIPES))


@pytest.mark.parametrize("name", OURS)
def test_every_function_of_ours_has_its_recipe(name: str) -> None:
    assert re.search(rf"\b{name}\(", "\n".join(one.lines for one in RECIPES))


@pytest.mark.parametrize("kind", sorted(loaded({}).registry.kinds))
def test_every_kind_has_its_recipe(kind: str) -> None:
    assert re.search(rf"\bkind: {re.escape(kind)}\b", "\n".join(one.lines for one in RECIPES))
