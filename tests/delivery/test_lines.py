"""Are lines whole, on the disk, and in the file of that name, whatever others do with it?"""

import asyncio
import os
import resource
import signal
from functools import partial
from pathlib import Path

import pytest

from adapter.delivery.lines import lines
from adapter.delivery.sink import Answer, Parcel, Sink
from tests.delivery.world import means

WRITTEN = Answer("delivered", "written")


def parcel(text: str) -> Parcel:
    return Parcel(1, "e", b"m", 0, text.encode())


def write(target: Path | str, *groups: list[str], between: "dict[int, object] | None" = None) -> list[list[Answer]]:
    """Each group in one call, with something done before some of them."""

    async def work() -> list[list[Answer]]:
        answers = []
        async with lines(Sink("l", "lines", str(target)), means()) as send:
            for number, group in enumerate(groups):
                action = (between or {}).get(number)
                if callable(action):
                    action()
                answers.append([*await send([parcel(text) for text in group])])
        return answers

    return asyncio.run(work())


def test_parcels_become_lines_in_their_order_behind_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text("0\n")
    assert write(file, ["1", "短信"], ["3"]) == [[WRITTEN] * 2, [WRITTEN]]
    assert file.read_text() == "0\n1\n短信\n3\n"


def test_half_a_line_that_a_crash_left_spoils_none_of_ours(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"half": ')
    write(file, ["1"], ["2"])
    assert file.read_text() == '{"half": \n1\n2\n'


def test_a_file_that_was_moved_away_is_followed_by_a_new_one(tmp_path: Path) -> None:
    file, moved = tmp_path / "events.jsonl", tmp_path / "events.jsonl.1"
    write(file, ["1"], ["2"], ["3"], between={1: lambda: file.rename(moved), 2: moved.unlink})
    assert file.read_text() == "2\n3\n"


def test_a_file_that_was_cut_to_nothing_goes_on_from_there(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    write(file, ["1"], ["2"], between={1: lambda: os.truncate(file, 0)})
    assert file.read_text() == "2\n"


def test_a_folder_that_is_not_there_is_a_failure_until_it_is(tmp_path: Path) -> None:
    file = tmp_path / "later" / "events.jsonl"
    failed = Answer("failed", "not written: No such file or directory")
    assert write(file, ["1"], ["1"], between={1: file.parent.mkdir}) == [[failed], [WRITTEN]]
    assert file.read_text() == "1\n"


def test_a_disk_that_takes_no_more_leaves_no_half_line_and_is_a_failure_until_it_does(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def most(size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))

    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        found = write(file, ["1"], ["x" * 500], ["2"], between={1: partial(most, 100), 2: partial(most, limits[0])})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert found == [[WRITTEN], [Answer("failed", "not written: File too large")], [WRITTEN]]
    assert file.read_text() == "1\n2\n"


def test_a_pipe_that_nobody_reads_is_a_failure_and_holds_nothing_up(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert write(pipe, ["1"]) == [[Answer("failed", "not written: No such device or address")]]
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert write(pipe, ["2"]) == [[WRITTEN]]
    assert os.read(reader, 100) == b"2\n"
    os.close(reader)


def test_stdout_has_the_lines_too(capfd: pytest.CaptureFixture[str]) -> None:
    assert write("-", ["1", "2"], ["3"]) == [[WRITTEN] * 2, [WRITTEN]]
    assert capfd.readouterr().out == "1\n2\n3\n"
