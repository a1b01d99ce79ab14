"""What did the author mean by this expression?

An expression made only of dotted names is a plain path. Everything else is JMESPath, parsed by the jmespath
library and read as its author means it in four places: `!a.b` denies all of `a.b`; bare `true`, `false` and
`null` are those values; names may hold `-`, `$` and letters of any script; `_` is the request.
"""

import json
import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

from jmespath import ast, exceptions, lexer, parser

from adapter.expressions.functions import FUNCTIONS
from adapter.formats.json_text import MAX_DEPTH
from adapter.spec.language import Tree

MAX_LENGTH = 4000
REQUEST_NAMES = ("body", "headers", "query", "path", "method", "parents", "index", "settings", "vendor", "channel")

_SEGMENT = r"""[^\s.|&!<>=()\[\]{}*@,:?'"`]+"""
PLAIN_PATH = re.compile(rf"{_SEGMENT}(?:\.{_SEGMENT})*")
_CONSTANTS = {"true": True, "false": False, "null": None}


class BadExpression(ValueError):
    """An expression that cannot be read: `offset` counts characters from 0, `code` is the check's."""

    def __init__(self, message: str, offset: int, code: str = "EXPR001", help_text: str = "") -> None:
        super().__init__(message)
        self.message, self.offset, self.code, self.help = message, offset, code, help_text


def parse_path(text: str) -> tuple[str, ...]:
    """The names of a plain path. Raises BadExpression for anything else."""
    if not PLAIN_PATH.fullmatch(text):
        bad = PLAIN_PATH.match(text)
        raise BadExpression("not a dotted path", bad.end() if bad else 0, help_text="write names joined by dots: a.b.c")
    return tuple(text.split("."))


def parse(text: str, fold: Callable[[str], str] | None = None) -> Tree:
    """The tree of an expression; `fold` is applied to every name of the body's. Raises BadExpression."""
    if len(text) > MAX_LENGTH:
        raise BadExpression(
            f"the expression has more than {MAX_LENGTH} characters", 0, "EXPR010", "split it into fields or steps"
        )
    if text in _CONSTANTS:
        return dict(ast.literal(_CONSTANTS[text]))
    if PLAIN_PATH.fullmatch(text):
        return path_tree(tuple(text.split(".")), fold)
    tree = _jmespath(text)
    _check_functions(tree, text)
    _check_references(tree, text)
    _check_request_names(tree, text)
    return _folded(tree, fold)


def path_tree(names: tuple[str, ...], fold: Callable[[str], str] | None = None) -> Tree:
    """A plain path as a tree; behind `_` names are ours, header names fold to lower case."""
    if names[0] == "_":
        if len(names) > 1 and names[1] not in REQUEST_NAMES:
            raise BadExpression(f"'_' has no '{names[1]}'", 2, "EXPR011", f"one of: {', '.join(REQUEST_NAMES)}")
        rest = names[2:]
        if names[1:2] == ("headers",):
            rest = tuple(name.lower() for name in rest)
        elif fold and names[1:2] in (("body",), ("query",), ("parents",)):
            rest = tuple(fold(name) for name in rest)
        return {"type": "path", "children": [], "value": names[:2] + rest}
    return {"type": "path", "children": [], "value": tuple(fold(name) for name in names) if fold else names}


def nodes(tree: Tree) -> Iterator[Tree]:
    """Every node of a tree, parents first."""
    yield tree
    for child in tree.get("children", ()):
        if isinstance(child, dict):
            yield from nodes(child)


def tokens(text: str) -> list[dict[str, Any]]:
    """The words of an expression that can be read: each with its type, value, start and end."""
    return list(_Lexer().tokenize(text))


def _jmespath(text: str) -> Tree:
    try:
        tree = _Parser().parse(text).parsed
    except exceptions.IncompleteExpressionError as error:
        raise BadExpression("the expression ends too early", len(text)) from error
    except exceptions.LexerError as error:
        raise _lexical(error, text) from error
    except exceptions.ParseError as error:
        seen = error.token_value
        raise BadExpression(f"unexpected '{seen}'", error.lex_position, help_text=_hint(text)) from error
    except exceptions.JMESPathError as error:
        raise BadExpression(str(error), 0) from error
    except RecursionError as error:
        raise BadExpression("the expression is nested too deep", 0, "EXPR010", "split it into steps") from error
    if _depth(tree) > MAX_DEPTH:
        raise BadExpression(f"the expression is nested deeper than {MAX_DEPTH}", 0, "EXPR010", "split it into steps")
    return dict(tree)


def _lexical(error: exceptions.LexerError, text: str) -> BadExpression:
    offset = error.lexer_position or 0
    message = str(error.message)
    if message.startswith("`"):
        return BadExpression(message, offset, "EXPR004", 'between backticks stands JSON: `11`, `"text"`, `true`')
    if "=" in message and text[offset : offset + 1] == "=":
        return BadExpression("a single '='", offset, help_text="comparing is '=='")
    return BadExpression(f"unexpected '{text[offset : offset + 1]}'", offset, help_text=_hint(text))


def _hint(text: str) -> str:
    if text.count("(") != text.count(")"):
        return "parentheses do not match; inside { } an expression with a comma needs quotes around it"
    if re.search(r"\d-|^\d|\.\d", text):
        return "a name that begins with a digit goes in double quotes"
    return ""


def _depth(tree: Tree) -> int:
    level, depth = [tree], 0
    while level:
        depth += 1
        level = [child for node in level for child in node.get("children", ()) if isinstance(child, dict)]
    return depth


def _check_functions(tree: Tree, text: str) -> None:
    for node in nodes(tree):
        if node["type"] != "function_expression":
            continue
        name, count = node["value"], len(node["children"])
        offset = max(text.find(name + "("), 0)
        function = FUNCTIONS.get(name)
        if function is None:
            raise BadExpression(f"unknown function '{name}'", offset, "EXPR002", _nearest_function(name))
        if not function.least <= count <= function.most:
            raise BadExpression(
                f"{name}() takes {function.arity} arguments, not {count}", offset, "EXPR002", function.usage
            )
        if function.check:
            complaint = function.check(
                [child.get("value") if child["type"] == "literal" else None for child in node["children"]]
            )
            if complaint:
                raise BadExpression(complaint, offset, "EXPR002", function.usage)


def _check_references(tree: Tree, text: str) -> None:
    """`&expr` is for functions such as sort_by; it is no value of its own."""
    if "&" not in text:
        return
    inside = {id(child) for node in nodes(tree) if node["type"] == "function_expression" for child in node["children"]}
    if any(node["type"] == "expref" and id(node) not in inside for node in nodes(tree)):
        raise BadExpression(
            "'&' stands outside a function", text.find("&"), help_text="it goes into sort_by(list, &name)"
        )


def _nearest_function(name: str) -> str:
    plain = {known.replace("_", ""): known for known in FUNCTIONS}
    near = [plain[word] for word in get_close_matches(name.replace("_", "").lower(), plain, n=1, cutoff=0.7)]
    return f"did you mean '{near[0]}'?" if near else f"one of: {', '.join(sorted(FUNCTIONS))}"


def _check_request_names(tree: Tree, text: str) -> None:
    for node in nodes(tree):
        children = node.get("children", ())
        if node["type"] == "subexpression" and children[0]["type"] == "request" and children[1]["type"] == "field":
            name = children[1]["value"]
            if name not in REQUEST_NAMES:
                offset = max(text.find(f"_.{name}"), 0) + 2
                raise BadExpression(f"'_' has no '{name}'", offset, "EXPR011", f"one of: {', '.join(REQUEST_NAMES)}")


def _folded(tree: Tree, fold: Callable[[str], str] | None) -> Tree:
    """Fold header names behind `_.headers`, and with `keys: fold` every name of the body's."""
    kind, children = tree["type"], tree.get("children", [])
    if kind == "field":
        return {**tree, "value": fold(tree["value"])} if fold else tree
    if kind == "subexpression" and children[0]["type"] == "request":
        part = children[1].get("value")
        below = str.lower if part == "headers" else fold if part in ("body", "query", "parents") else None
        return {**tree, "children": [*children[:2], *(_folded(child, below) for child in children[2:])]}
    if fold and kind == "function_expression" and tree["value"] in _TAKES_NAMES and len(children) > 1:
        children = [children[0], _folded_names(children[1], fold), *children[2:]]
    return {**tree, "children": [_folded(child, fold) if isinstance(child, dict) else child for child in children]}


_TAKES_NAMES = ("find", "numbered", "without")
"""Functions whose second argument is the name of a key, or a list of names."""


def _folded_names(tree: Tree, fold: Callable[[str], str]) -> Tree:
    """Texts that stand for keys: 'a', ['a', 'b'], `"a"`, `["a", "b"]`."""
    if tree["type"] == "multi_select_list":
        return {**tree, "children": [_folded_names(child, fold) for child in tree["children"]]}
    if tree["type"] != "literal":
        return tree
    names = tree["value"]
    if isinstance(names, list):
        return {**tree, "value": [fold(name) if isinstance(name, str) else name for name in names]}
    return {**tree, "value": fold(names)} if isinstance(names, str) else tree


class _NameStart:
    def __contains__(self, char: object) -> bool:
        return isinstance(char, str) and (char.isalpha() or char in "_$")


class _NamePart:
    def __contains__(self, char: object) -> bool:
        return isinstance(char, str) and (char.isalnum() or char in "_$-")


class _Lexer(lexer.Lexer):  # type: ignore[misc]
    START_IDENTIFIER = _NameStart()
    VALID_IDENTIFIER = _NamePart()

    def _consume_literal(self) -> dict[str, Any]:
        # The library takes a literal that is not JSON for text; an author has misspelt it.
        start = self._position
        written = self._consume_until("`").replace("\\`", "`")
        try:
            value = json.loads(written)
        except ValueError as error:
            raise exceptions.LexerError(start, written, f"`{written}` is not JSON") from error
        return {"type": "literal", "value": value, "start": start, "end": self._position}


class _Parser(parser.Parser):  # type: ignore[misc]
    # `not` binds looser than paths and projections: !a.b, !a[0] and !a[?b] deny the whole.
    BINDING_POWER = {**parser.Parser.BINDING_POWER, "not": 8}  # noqa: RUF012
    _CACHE: dict[str, Any] = {}  # noqa: RUF012
    _behind_dot = False

    def _parse(self, expression: str) -> parser.ParsedResult:
        self._tokens = list(_Lexer().tokenize(expression))
        self._index = 0
        parsed = self._expression(binding_power=0)
        if self._current_token() != "eof":
            token = self._lookahead_token(0)
            raise exceptions.ParseError(token["start"], token["value"], token["type"], "unexpected")
        return parser.ParsedResult(expression, parsed)

    def _parse_dot_rhs(self, binding_power: int) -> Tree:
        self._behind_dot = self._current_token() == "unquoted_identifier"
        return dict(super()._parse_dot_rhs(binding_power))

    def _token_nud_unquoted_identifier(self, token: dict[str, Any]) -> Tree:
        behind_dot, self._behind_dot = self._behind_dot, False
        name = token["value"]
        if behind_dot or self._current_token() == "lparen":
            return dict(ast.field(name))
        if name == "_":
            return {"type": "request", "children": []}
        return dict(ast.literal(_CONSTANTS[name]) if name in _CONSTANTS else ast.field(name))
