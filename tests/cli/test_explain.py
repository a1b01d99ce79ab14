"""Does `adapter explain` help somebody who has met a code?"""

import pytest

from adapter.spec.explanations.book import EXPLANATIONS
from tests.cli.command import run


@pytest.mark.parametrize("code", ["CODE002", "code002", "[CODE002]"])
def test_a_code_is_explained_with_a_wrong_and_a_right_piece(code: str) -> None:
    result = run("explain", code)
    assert result.exit_code == 0
    assert result.stdout.startswith("warning[CODE002]: a code is not quoted\n")
    assert "\nwrong\n    codes: {0012: expired}\n" in result.stdout
    assert '\nright\n    codes: {"0012": expired}\n' in result.stdout


def test_the_list_has_every_code() -> None:
    result = run("explain", "--list")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(EXPLANATIONS)


@pytest.mark.parametrize(
    ("code", "fragment"),
    [
        ("COD002", "did you mean 'CODE002'?"),
        ("CODE099", "one of: CODE001, CODE002"),
        ("EXPR", "one of: EXPR001"),
        ("nonsense", "--list has all"),
    ],
)
def test_an_unknown_code_gets_a_guess_and_exit_code_2(code: str, fragment: str) -> None:
    result = run("explain", code)
    assert result.exit_code == 2
    assert fragment in result.stderr
    assert not result.stdout


@pytest.mark.parametrize("arguments", [(), ("CODE002", "--list")])
def test_it_wants_a_code_or_the_list(arguments: tuple[str, ...]) -> None:
    assert run("explain", *arguments).exit_code == 2
