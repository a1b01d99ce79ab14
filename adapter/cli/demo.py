"""Does the whole thing work here? Real requests to a real server, held against what the vendor files say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

import click
import orjson

from adapter.cli import options, show
from adapter.cli.beside import post, serving
from adapter.cli.boundary import PROBLEMS, Nothing
from adapter.cli.demo_table import Played, table
from adapter.cli.files import Selection, select
from adapter.cli.world import now
from adapter.engine.flow import process
from adapter.expressions.templates import Missing
from adapter.http_text import BadRequestText, Written, parse, request
from adapter.model import Ack, Event, Outcome, Refused, Secrets
from adapter.rehearsal import compare, prepared
from adapter.signing import arriving, made_up_secrets
from adapter.spec import packaged
from adapter.spec.diagnostics import plural, to_concise, visible
from adapter.spec.files import shown
from adapter.spec.language import Example, Registry, Spec
from adapter.store.store import Store


@click.command(short_help="See it work: real callbacks to a real server.")
@options.specs
def demo(vendors: Sequence[Path], schemas: Sequence[Path]) -> None:
    """Start a server with a new database, post what vendors send, and show what becomes of it.

    Every example with "demo: true" in the loaded vendor files is posted, signed with a secret that is made up on
    the spot; then the first one that was accepted once more, as vendors do. Answers and stored events must be
    what the examples say, or it exits with 1. Nothing is left behind.

    \b
    adapter demo
    adapter demo --vendors my-vendors
    """
    selection = select(vendors, schemas)
    chosen = [(spec, example) for spec in selection.specs for example in spec.examples if example.demo]
    if not chosen:
        raise Nothing('no loaded vendor file has an example with "demo: true": nothing to show')
    salt = token_hex(16)
    scenes = [_scene(spec, example, salt) for spec, example in chosen]
    with TemporaryDirectory(prefix="adapter-demo-") as folder:
        played = _played(selection.loaded.registry, scenes, Path(folder) / "adapter.db")
    show.say(table(played))
    _report(selection, played)


@dataclass(frozen=True, slots=True)
class _Scene:
    """What is to be posted, signed with these secrets."""

    spec: Spec
    example: Example
    written: Written
    secrets: Secrets


def _scene(spec: Spec, example: Example, salt: str) -> _Scene:
    try:
        secrets = made_up_secrets(spec, parse(example.request), salt)
        return _Scene(spec, example, prepared(spec, example, secrets), secrets)
    except (BadRequestText, Missing, Refused) as error:
        raise click.ClickException(f"{spec.vendor}: {example.name}: {error} (adapter test says more)") from error


def _secrets(scenes: Sequence[_Scene]) -> Secrets:
    """All that the server must know; a vendor may have several live values."""
    found: dict[str, tuple[bytes, ...]] = {}
    for scene in scenes:
        for name, values in scene.secrets.items():
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *values)))
    return found


@dataclass(slots=True)
class _Clock:
    """The time; a signature that is only good for a while is shown at the moment when it was made."""

    moment: datetime | None = None

    def __call__(self) -> datetime:
        return self.moment or now()

    def turn_to(self, spec: Spec, written: Written) -> None:
        passes = any(rule.timestamp and rule.timestamp.within for rule in spec.verify)
        self.moment = arriving(spec, written).received_at if passes else None


@dataclass(slots=True)
class _Stage:
    """A running server, and the events that it has stored so far."""

    registry: Registry
    secrets: Secrets
    port: int
    store: Store
    clock: _Clock
    seq: int = 0

    def play(self, scene: _Scene) -> Played:
        self.clock.turn_to(scene.spec, scene.written)
        outcome = process(self.registry, request(scene.written, self.clock()), self.secrets)
        answer, stored = self._post(scene.written)
        differences = _differences(scene.example, outcome, answer, stored)
        return Played(scene.spec, scene.example, scene.written, outcome, answer, stored, differences)

    def play_again(self, first: Played) -> Played:
        """A vendor that has not heard us sends the same once more: acked again, stored once."""
        self.clock.turn_to(first.spec, first.written)
        outcome = replace(first.outcome, name="duplicate", ack=first.outcome.duplicate_ack, events=())
        answer, stored = self._post(first.written)
        same = first.outcome.duplicate_ack == first.outcome.ack
        example = replace(first.example, expect=(), outcome=None, ack=first.example.ack if same else None)
        differences = _differences(example, outcome, answer, stored)
        return replace(first, outcome=outcome, answer=answer, stored=stored, differences=differences)

    def _post(self, written: Written) -> tuple[Ack, tuple[Event, ...]]:
        """The answer, and the events that are new in the store."""
        answer = post(self.port, written)
        new = list(self.store.events(since=self.seq))
        self.seq = new[-1].seq if new else self.seq
        return answer, tuple(_event(one.envelope) for one in new)


def _event(text: str) -> Event:
    envelope = orjson.loads(text)
    return Event(envelope["id"], envelope["type"], envelope, 0)


def _differences(example: Example, outcome: Outcome, answer: Ack, stored: tuple[Event, ...]) -> tuple[str, ...]:
    found = compare(example, replace(outcome, ack=answer, events=stored))
    if answer.status != outcome.ack.status:
        found.append(f"answer: expected {outcome.ack.status}, got {answer.status} {show.body(answer.body)}")
    if [event.id for event in stored] != [event.id for event in outcome.events]:
        found.append(f"stored {plural(len(stored), 'event')}, expected {len(outcome.events)} with their ids")
    return tuple(found)


def _played(registry: Registry, scenes: Sequence[_Scene], path: Path) -> list[Played]:
    clock, secrets = _Clock(), _secrets(scenes)
    with serving(registry, secrets, str(path), clock) as (port, store):
        stage = _Stage(registry, secrets, port, store, clock)
        played = [stage.play(scene) for scene in scenes]
        accepted = [one for one in played if one.outcome.name == "accepted"]
        return [*played, *(stage.play_again(one) for one in accepted[:1])]


def _report(selection: Selection, played: Sequence[Played]) -> None:
    errors = [one for one in selection.diagnostics if one.severity == "error"]
    if errors:
        click.echo(to_concise(errors, selection.loaded.sources))
    for one in played:
        for difference in one.differences:
            click.echo(f"{one.spec.vendor}: {visible(one.example.name)}: {visible(difference)}")
    wrong = sum(bool(one.differences) for one in played)
    stored = sum(len(one.stored) for one in played)
    click.echo(
        f"{plural(len(played), 'callback')} posted, {plural(stored, 'event')} stored, {wrong} not as its file says"
    )
    if wrong or errors:
        raise SystemExit(PROBLEMS)
    click.echo(f"Next: adapter serve; and your own vendor is one YAML file: {shown(packaged.vendors() / 'README.md')}")
