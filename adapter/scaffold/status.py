"""Which status is which code?"""

import re
from collections.abc import Mapping, Sequence

from adapter.scaffold import words
from adapter.scaffold.nouns import Guess, Leaf, StatusGuess, World
from adapter.scaffold.sorts import flag
from adapter.scaffold.ways import operand
from adapter.spec.language import Kind


def status(world: World, kind: Kind, leaves: Sequence[Leaf], guesses: Mapping[str, Guess]) -> StatusGuess:
    """A flag decides success where there is one beside the code; codes go to a table, else to rows of their own."""
    code = guesses["code"].leaf if "code" in guesses else None
    flags = [leaf for leaf in leaves if flag(leaf) and (code is None or leaf.expression != code.expression)]
    success, doubt = _success(flags[0]) if flags else ("", "")
    texts = code.texts if code else ()
    tables = dict.fromkeys(name for text in texts if (name := words.table_of(world.tables, text)))
    failure = next((word for word in ("undelivered", "failed") if word in kind.words), "unknown")
    rows = [] if tables else [_row(kind, text, failure) for text in texts if text]
    decided = bool(success or tables or any(doubtful for _, _, doubtful in rows))
    said = flags[0].expression if flags else ""
    return StatusGuess(said, success, doubt, tuple(tables), tuple(rows), failure if decided else _open(kind))


def _success(leaf: Leaf) -> tuple[str, str]:
    """The condition for success, and what is doubtful about it."""
    good = next((text for text in leaf.texts if text.lower() in words.TRUE), "")
    bad = next((text for text in leaf.texts if text.lower() in words.FALSE), "")
    wanted = good or _cased(words.OPPOSITE.get(bad.lower(), ""), bad)
    doubt = "" if good else f"{leaf.expression} was {bad} here, so success is a guess"
    read = operand(leaf)
    text = read if all(isinstance(value, str) for value in leaf.values) else f"text({read})"
    return f"{text} == '{wanted}'", doubt


def _cased(word: str, like: str) -> str:
    return word.upper() if like.isupper() else word.capitalize() if like[:1].isupper() else word


def _row(kind: Kind, text: str, failure: str) -> tuple[str, str, bool]:
    """A code, its meaning, and whether a person must decide."""
    word = words.meaning(kind, text)
    if word:
        return text, word, False
    return text, kind.success if re.fullmatch("0+", text) and kind.success else failure, True


def _open(kind: Kind) -> str:
    return "unknown" if "unknown" in kind.words else next(word for word, each in kind.words.items() if not each.success)
