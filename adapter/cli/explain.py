"""What does this code mean, and what is to be written instead?"""

from string import ascii_uppercase, digits
from textwrap import fill, indent

import click

from adapter.cli.boundary import USAGE
from adapter.cli.show import coloured
from adapter.spec.diagnostics import suggestion
from adapter.spec.explanations.book import EXPLANATIONS
from adapter.spec.explanations.explanation import Explanation

WIDTH = 90
COLOURS = {"error": "red", "warning": "yellow"}


@click.command(short_help="What does a code such as CODE002 mean?")
@click.argument("code", required=False)
@click.option("--list", "listed", is_flag=True, help="List all codes.")
def explain(code: str | None, listed: bool) -> None:
    """Explain the code of an error or a warning, with a piece of a file that is wrong and then right.

    \b
    adapter explain CODE002
    adapter explain --list
    """
    if (code is None) != listed:
        raise click.UsageError("give a code, such as CODE002, or --list")
    click.echo("\n".join(map(_line, EXPLANATIONS.values())) if code is None else _page(_known(code)))


def _known(code: str) -> Explanation:
    found = EXPLANATIONS.get(code.upper().strip("[]"))
    if found is None:
        click.echo(f"there is no code '{code}'; {_meant(code)}", err=True)
        raise SystemExit(USAGE)
    return found


def _meant(code: str) -> str:
    """The nearest code, or those of the family that was named."""
    family, number = code.upper().rstrip(digits), code.upper().lstrip(ascii_uppercase)
    alike = [known for known in EXPLANATIONS if known.rstrip(digits) == family]
    guess = suggestion(number and code.upper(), alike) if alike else suggestion(code.upper(), EXPLANATIONS)
    return f"{guess} (adapter explain --list has all)"


def _line(one: Explanation) -> str:
    return f"{one.code:9} {_severity(one):7}  {one.title}"


def _page(one: Explanation) -> str:
    head = f"{_severity(one).strip()}[{one.code}]: {one.title}"
    parts = (fill(one.text, WIDTH), f"wrong\n{indent(one.wrong, '    ')}", f"right\n{indent(one.right, '    ')}")
    return "\n\n".join((head, *parts))


def _severity(one: Explanation) -> str:
    word = f"{one.severity:7}"
    return click.style(word, fg=COLOURS[one.severity]) if coloured() else word
