"""Does the demo work here, and does it notice when something does not?"""

from pathlib import Path

import pytest

from tests.cli.command import AKC, acme, run

SHORT_LIVED = (
    ('of: "{body}"}', 'of: "{header.X-Time}.{body}", at: "{header.X-Time}", unit: s, within: 300s}'),
    ("Content-Type: application/json\n", "Content-Type: application/json\n      X-Time: 1714525200\n"),
)


def test_everything_that_the_packaged_files_show_comes_out_right() -> None:
    result = run("demo")
    assert result.exit_code == 0, result.stdout
    for words in (
        "用户接收成功",
        '{"statuscode":"000000"}',
        "bad_signature: nothing stored",
        "duplicate: nothing stored",
    ):
        assert words in result.stdout
    assert result.stdout.splitlines()[-2].endswith(" 0 not as its file says")
    assert result.stdout.splitlines()[-1].startswith("Next: adapter serve")


@pytest.mark.parametrize("changes", [(), SHORT_LIVED], ids=["signed", "signed for a while"])
def test_an_own_vendor_is_shown_too(tmp_path: Path, changes: tuple[tuple[str, str], ...]) -> None:
    result = run("demo", "--vendors", acme(tmp_path / "own", *changes))
    assert result.exit_code == 0, result.stdout
    assert "acme" in result.stdout


def test_what_differs_is_named_and_fails(tmp_path: Path) -> None:
    change = ("message_id: a-1, status: delivered", "message_id: a-1, status: expired")
    result = run("demo", "--vendors", acme(tmp_path / "own", change))
    assert result.exit_code == 1
    assert "acme: delivered: event 0 · status: expected 'expired', got 'delivered'" in result.stdout
    assert result.stdout.splitlines()[-1].endswith(" 1 not as its file says")


def test_a_broken_file_is_named_and_spares_the_others(tmp_path: Path) -> None:
    result = run("demo", "--vendors", acme(tmp_path / "own", AKC))
    assert result.exit_code == 1
    assert "acme.yaml:9:1: error[SPEC001]" in result.stdout
    assert "duplicate: nothing stored" in result.stdout
