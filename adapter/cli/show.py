"""How is something shown to a person? Tables, colour where a terminal wants it, nothing that could move its cursor."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence

import click
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from adapter.model import Ack, Json
from adapter.spec.diagnostics import Diagnostic, Sources, paint, to_text, visible

PLAIN_WIDTH = 120
"""Of a pipe or a file, which has none of its own."""

BODY_LINES = 4
PROVENANCE = frozenset({"vendor", "channel", "spec", "extra", "warnings"})
"""Members of an event's data that the kind has no field for."""

COLOURS = {True: "green", False: "red"}


def say(renderable: RenderableType) -> None:
    """Print to stdout; a reader that left raises BrokenPipeError."""
    console = _console()
    with console.capture() as captured:
        console.print(renderable, highlight=False, markup=False)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def coloured() -> bool:
    """What --color says; else whether the output is a terminal, and NO_COLOR is not set."""
    context = click.get_current_context(silent=True)
    if context is not None and context.color is not None:
        return context.color
    console = Console()
    return console.is_terminal and not console.no_color


def diagnosed(diagnostics: Sequence[Diagnostic], sources: Sources) -> str:
    """Diagnostics as people read them."""
    text = to_text(diagnostics, sources)
    return paint(text) if coloured() else text


def rows(cells: Iterable[tuple[str, RenderableType]], indent: int = 0) -> Table:
    """Names on the left, what they are on the right."""
    table = Table(box=None, show_header=False, pad_edge=True, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in cells:
        table.add_row(Text(" " * indent + visible(name), style="bold"), value)
    return table


def value(found: Json) -> Text:
    """A value on one line: text as it is, all else as JSON."""
    return plain(found if isinstance(found, str) else json.dumps(found, ensure_ascii=False))


def plain(text: str, style: str = "") -> Text:
    return Text("\n".join(visible(line) for line in text.split("\n")), style=style)


def verdict(good: bool, text: str) -> Text:
    return plain(text, f"bold {COLOURS[good]}")


def event(envelope: Mapping[str, Json], indent: int = 0) -> Table:
    """The fields of one event: what is known, and the names of what is not."""
    data = envelope["data"]
    own = {name: found for name, found in data.items() if name not in PROVENANCE}
    said = {**own, **{f"extra.{name}": found for name, found in data["extra"].items()}}
    unknown = [name for name, found in said.items() if found is None]
    cells = [(name, value(found)) for name, found in said.items() if found is not None]
    cells += [("null", plain(", ".join(unknown), "dim"))] if unknown else []
    cells += [("warning", plain(f"{one['field']} {one['message']}".strip(), "yellow")) for one in data["warnings"]]
    return rows([*cells, ("id", value(envelope["id"]))], indent)


def answer(ack: Ack) -> Text:
    """A response as a vendor gets it: status, headers, body."""
    headers = [f"{name.decode()}: {content.decode('latin-1')}" for name, content in ack.headers]
    return plain("\n".join([str(ack.status), *headers, *([body(ack.body)] if ack.body else [])]))


def body(content: bytes, lines: int = BODY_LINES, width: int = 100) -> str:
    """The beginning of a body."""
    text = content.decode("utf-8", "replace").strip().split("\n")
    cut = [line if len(line) <= width else line[: width - 1] + "…" for line in text[:lines]]
    return "\n".join([*cut, *(["…"] if len(text) > lines else [])])


def _console() -> Console:
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    if not coloured():
        return Console(width=width, color_system=None)
    blind = Console(force_terminal=True).color_system is None  # TERM=dumb, and yet --color always
    return Console(width=width, force_terminal=True, no_color=False, color_system="standard" if blind else "auto")
