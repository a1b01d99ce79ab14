"""What does `adapter new` say, and what does it leave alone?"""

from pathlib import Path

import pytest
from click.testing import CliRunner

from adapter.cli.main import main
from tests.cli.command import CALLBACKS, run

TENCENT = CALLBACKS / "tencent.http"
TOLD = """\
read      tencent.http: POST, json list of 1, nothing that looks like a signature
kind      sms.delivery
guessed   message_id   sid                     (a name for it)
          to           mobile                  (11 digits starting with 1)
          code         errmsg                  ("DELIVRD" is in table cn-carrier)
          description  description             (words for people)
          country_code nationcode              (a name for it)
          done_at      user_receive_time       (yyyy-MM-dd HH:mm:ss)
status    report_status == 'SUCCESS', table cn-carrier, all else undelivered
time      yyyy-MM-dd HH:mm:ss, no zone in it: Asia/Shanghai assumed (as others with the table cn-carrier)
match     errmsg user_receive_time mobile   (no other vendor sends all of it)
"""


def _new(folder: Path, *arguments: str | Path) -> tuple[int, str]:
    found = run("new", *arguments, "--folder", folder)
    return found.exit_code, found.output


def test_every_guess_is_explained(tmp_path: Path) -> None:
    code, said = _new(tmp_path / "my-vendors", "tencent", "--from", TENCENT)
    assert code == 0
    assert said.startswith(TOLD)
    assert "tencent.yaml  (4 TODO)" in said
    assert "1 example as the file says; next: open it, decide every TODO" in said


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text("mine", encoding="utf-8")
    code, said = _new(tmp_path, "acme", "--from", TENCENT)
    assert (code, "is there already" in said) == (2, True)
    assert (tmp_path / "acme.yaml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Acme!", "--from", str(TENCENT)), "is no name for a vendor"),
        (("acme",), "Missing option '--from'"),
        (("acme", "--from", "no-such-file"), "No such file"),
        (("acme", "--from", str(TENCENT), "--kind", "sms.nothing"), "there is no such kind"),
        (("acme", "--from", str(CALLBACKS.parent / "README.md")), "is no request line"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    code, said = _new(tmp_path / "my-vendors", *arguments)
    assert (code, message in said) == (2, True), said
    assert not (tmp_path / "my-vendors").exists()


@pytest.mark.parametrize("text", ["POST /notify/sms/1/111\n", "POST /cb\n\n{}\n", "{}"])
def test_a_callback_without_anything_in_it_makes_no_file(tmp_path: Path, text: str) -> None:
    source = tmp_path / "empty.http"
    source.write_text(text, encoding="utf-8")
    code, said = _new(tmp_path / "my-vendors", "acme", "--from", source)
    assert (code, said.startswith("Error: ")) == (1, True), said
    assert not (tmp_path / "my-vendors").exists()


def test_a_callback_may_come_over_a_pipe(tmp_path: Path) -> None:
    arguments = ["new", "acme", "--from", "-", "--folder", str(tmp_path)]
    found = CliRunner().invoke(main, arguments, input='{"msgId": "1", "phone": "13912345678", "status": "DELIVRD"}')
    assert found.exit_code == 0, found.output
    assert "as captured (standard input)" in (tmp_path / "acme.yaml").read_text(encoding="utf-8")


def test_a_second_vendor_of_a_folder_is_told_from_the_first(tmp_path: Path) -> None:
    assert _new(tmp_path, "one", "--from", TENCENT, "--no-mask")[0] == 0
    code, said = _new(tmp_path, "two", "--from", TENCENT)
    assert code == 0
    assert "one takes this request for its own" in said
    assert "TODO: one, tencent takes this too" in (tmp_path / "two.yaml").read_text(encoding="utf-8")


def test_an_own_kind_can_be_what_the_callbacks_are_about(tmp_path: Path) -> None:
    events = tmp_path / "schemas" / "events"
    events.mkdir(parents=True)
    kind = (
        '{"title": "Alarm", "type": "object", "properties": {"id": {"type": "string", "x-mapped-from": ["alarmNo"]}},'
        ' "required": ["id"]}'
    )
    (events / "own.alarm.v1.json").write_text(kind, encoding="utf-8")
    source = tmp_path / "alarm.json"
    source.write_text('{"alarmNo": "7", "level": 3}', encoding="utf-8")
    code, said = _new(
        tmp_path / "my", "acme", "--from", source, "--kind", "own.alarm", "--schemas", tmp_path / "schemas"
    )
    assert code == 0, said
    assert "id           alarmNo" in said
