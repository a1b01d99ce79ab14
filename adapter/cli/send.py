"""What does a running server answer when a vendor posts to it?"""

import re
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import click

from adapter.cli import options, show
from adapter.cli.boundary import PROBLEMS, Failed
from adapter.cli.load import Heard, Pace, load, told
from adapter.cli.portrayal import FORGERIES, Line, Unplayable, forged, genuine
from adapter.cli.post import connect, hear
from adapter.cli.signing import UNSIGNABLE
from adapter.cli.stage import Stage, Wish, stage
from adapter.cli.world import now
from adapter.model import Ack
from adapter.rehearsal import compare
from adapter.spec.language import Example

SECONDS = 20.0
PER_SECOND = re.compile(r"([1-9][0-9]{0,3})(?:/s)?")
FOR_SECONDS = re.compile(r"([1-9][0-9]{0,3})s?")
UNREACHABLE = (OSError, HTTPException)


@click.command(short_help="Play a vendor: post an example to a running server.")
@click.argument("vendor")
@options.specs
@options.config
@click.option("--example", metavar="N|NAME", help="Which example of its file; else the first that is to be accepted.")
@click.option("--to", metavar="URL", help="The server, or a whole URL; else this machine, by the deployment file.")
@click.option("--channel", metavar="NAME", help="The channel, such as sms/1, where several take this vendor.")
@click.option("--forge", type=click.Choice(tuple(FORGERIES)), help="Send a forged copy, which must be refused.")
@click.option("--rate", metavar="N/s", help="Send so many a second, each with a message id of its own.")
@click.option("--for", "seconds", metavar="Ns", help="For how long; 10s with --rate.")
def send(
    vendors: Sequence[Path], schemas: Sequence[Path], config: Path | None,
    forge: str | None, rate: str | None, seconds: str | None, **wish: str | None,
) -> None:  # fmt: skip
    """Post an example of a vendor file to a running server, signed with the deployment's secrets, as of now.

    It prints the answer, and whether it is the one that the file promises; a forged copy must be refused. A vendor
    that signs with a private key cannot be played.

    \b
    adapter send acme
    adapter send acme --channel sms/1 --forge body
    adapter send acme --rate 50/s --for 10s
    """
    pace = _pace(rate, seconds, forge)
    scene = stage(vendors, schemas, config, Wish(**wish))
    try:
        good = _many(scene, pace) if pace else _once(scene, forge)
    except Unplayable as error:
        raise click.UsageError(str(error)) from error
    except UNSIGNABLE as error:
        raise click.UsageError(f"this example of {wish['vendor']} cannot be signed: {error}") from error
    raise SystemExit(0 if good else PROBLEMS)


def _pace(rate: str | None, seconds: str | None, forge: str | None) -> Pace | None:
    if rate is None and seconds is not None:
        raise click.UsageError("--for needs --rate")
    if rate is None:
        return None
    if forge is not None:
        raise click.UsageError("choose one of --rate and --forge")
    return Pace(_number(rate, PER_SECOND, "--rate", "50/s"), _number(seconds or "10s", FOR_SECONDS, "--for", "10s"))


def _number(text: str, form: re.Pattern[str], option: str, like: str) -> int:
    found = form.fullmatch(text)
    if found is None:
        raise click.UsageError(f"{option} {text}: write it like {like}")
    return int(found[1])


def _once(scene: Stage, forge: str | None) -> bool:
    line = forged(scene.part, now(), forge) if forge else genuine(scene.part, now())
    with closing(connect(scene.to, SECONDS)) as connection:
        answer = _heard(scene, connection, line)
    wrong = _differences(scene.part.example, line, answer)
    what = f"{scene.part.spec.vendor}: {scene.part.example.name}" + (f"   (forged: {forge})" if forge else "")
    show.say(show.rows([
        ("sent", show.plain(what)),
        ("to", show.plain(scene.shown)),
        ("answered", show.answer(answer)),
        ("verdict", show.verdict(not wrong, "\n".join(wrong) or _promise(line))),
    ]))  # fmt: skip
    return not wrong


def _heard(scene: Stage, connection: HTTPConnection, line: Line) -> Ack:
    try:
        return hear(connection, line.target, line.written)
    except UNREACHABLE as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise Failed(f"no answer from {scene.to}: {why} (is adapter serve running there?)") from error


def _promise(line: Line) -> str:
    if line.outcome.name == "refused":
        return f"refused, as it must be ({line.outcome.code})"
    return f"as its file promises ({line.outcome.name}, or a duplicate)"


def _differences(example: Example, line: Line, answer: Ack) -> list[str]:
    """What is not as it should be. A message that was sent before is a duplicate, and may have an answer of its own."""
    promised = [line.outcome.ack, *([] if line.outcome.name == "refused" else [line.outcome.duplicate_ack])]
    statuses = dict.fromkeys(one.status for one in promised)
    if answer.status not in statuses:
        return [f"expected {' or '.join(map(str, statuses))}, got {answer.status} {show.body(answer.body)}".rstrip()]
    duplicate = line.outcome.duplicate_ack
    if line.outcome.code or (answer.status, answer.body) == (duplicate.status, duplicate.body):
        return []
    bare = replace(example, expect=None, reject=None, outcome=None)
    return compare(bare, replace(line.outcome, ack=answer))


def _many(scene: Stage, pace: Pace) -> bool:
    loaded = load(pace, partial(connect, scene.to, SECONDS), partial(_play, scene))
    show.say(show.rows([("to", show.plain(scene.shown)), *told(loaded)]))
    return loaded.good


def _play(scene: Stage, connection: HTTPConnection, number: int) -> Heard:
    at = now()
    line = genuine(scene.part, at, int(at.timestamp()) % 1_000_000 * 10_000 + number)
    began = time.monotonic()
    try:
        answer = hear(connection, line.target, line.written)
    except UNREACHABLE:
        connection.close()
        return Heard(None, False, time.monotonic() - began)
    took = time.monotonic() - began
    return Heard(answer, not _differences(scene.part.example, line, answer), took)
