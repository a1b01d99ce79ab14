"""What does a user see when something fails? One line, an exit code, and no traceback unless it is asked for."""

import os
import sys
import traceback
from types import TracebackType

import click

from adapter.spec.kinds import BadKind
from adapter.store.transaction import StoreFailed

PROBLEMS, USAGE, WARNINGS, FAILED = 1, 2, 3, 4

PASSED_ON = (click.ClickException, click.exceptions.Exit, click.Abort)
"""What click itself turns into a message and a code."""


class Nothing(click.ClickException):
    """There is nothing to check or to show: not an answer, so not a success."""

    exit_code = USAGE


class Failed(click.ClickException):
    """The tool cannot do it, and the message says why."""

    exit_code = FAILED


class Boundary:
    """Around every command: the last place that an exception reaches."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if not isinstance(error, Exception) or isinstance(error, PASSED_ON):
            return
        if os.environ.get("ADAPTER_TRACEBACK"):
            traceback.print_exception(error)
        if isinstance(error, BrokenPipeError):
            _let_go_of_stdout()
        click.echo(f"adapter: {_worded(error)}", err=True)
        raise SystemExit(PROBLEMS if isinstance(error, BadKind) else FAILED) from None


def _worded(error: Exception) -> str:
    if isinstance(error, BrokenPipeError):
        return "whoever read the output has left"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, BadKind | StoreFailed):
        return str(error)
    return f"a mistake of the adapter's own, {type(error).__name__}: {error} (ADAPTER_TRACEBACK=1 shows where)"


def _let_go_of_stdout() -> None:
    """Or the interpreter would try to write the rest when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
