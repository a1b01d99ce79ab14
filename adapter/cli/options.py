"""Which options do several commands share?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import click

Command: TypeAlias = Callable[..., Any]

STORE = "sqlite:///adapter.db"


def vendors(command: Command) -> Command:
    return click.option(
        "--vendors", multiple=True, type=click.Path(path_type=Path), metavar="DIR",
        help="A folder of vendor files, laid over the packaged ones by file name. May be repeated.",
    )(command)  # fmt: skip


def schemas(command: Command) -> Command:
    return click.option(
        "--schemas", multiple=True, type=click.Path(path_type=Path), metavar="DIR",
        help="A folder whose events/*.json add kinds of events, or replace packaged ones. May be repeated.",
    )(command)  # fmt: skip


def specs(command: Command) -> Command:
    """What is loaded."""
    return vendors(schemas(command))


def output(*formats: str) -> Callable[[Command], Command]:
    """The first format is the default."""
    return click.option(
        "-o", "--output", type=click.Choice(formats), default=formats[0], show_default=True, help="How to print it."
    )


def _colour(context: click.Context, _: click.Parameter, word: str) -> None:
    context.color = COLOURS[word]


COLOURS = {"auto": None, "always": True, "never": False}

color = click.option(
    "--color", type=click.Choice(list(COLOURS)), default="auto", show_default=True, expose_value=False,
    callback=_colour, help="Colours; auto asks the terminal and NO_COLOR.",
)  # fmt: skip


def config(command: Command) -> Command:
    return click.option(
        "--config", type=click.Path(path_type=Path), metavar="FILE",
        help="The deployment file; adapter.yaml of this folder if it is there, else open mode.",
    )(command)  # fmt: skip


paths = click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]...")

store = click.option(
    "--store",
    default=STORE,
    show_default=True,
    metavar="URL",
    help="The database: a path, sqlite:///path or postgresql://user@host/database.",
)
