"""What becomes of this one callback?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.text import Text

from adapter.cli import explain_request, options, show, stored
from adapter.cli.addressed import addressed
from adapter.cli.deployed import Deployed, deployed
from adapter.cli.files import Selection, select
from adapter.cli.show_code import Generated, generated
from adapter.cli.signing import signed_for, vendor_to_sign_for
from adapter.cli.stored import Asked, FileOrId, asked_for
from adapter.cli.world import live_secrets
from adapter.engine.flow import process
from adapter.http_text import Written
from adapter.model import Json, Outcome, Problem, Request, Secrets, dumps
from adapter.rehearsal import bound
from adapter.service.deployment import signs_url
from adapter.service.secrets import faults, variable, wanted
from adapter.signing import arriving, made_up_secrets
from adapter.spec.diagnostics import plural, visible
from adapter.spec.language import Registry, Spec
from adapter.trace.masking import mask
from adapter.trace.way import Way, way

FINE = frozenset({"accepted", "ignored"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is asked, and of whom; `everybody` are all whom it might have been for; `elsewhere` says why its URL
    may not be the one that the vendor has signed."""

    everybody: Registry
    registry: Registry
    written: Written
    asked: Request
    secrets: Secrets
    elsewhere: str = ""
    show_code: bool = False


@dataclass(slots=True)
class Trace:
    """What the stages found on the way, by their names."""

    stages: dict[str, Any] = field(default_factory=dict)

    def __call__(self, stage: str, found: Any) -> None:
        self.stages.setdefault(stage, found)


@click.command("try", short_help="What would become of this one callback?")
@click.argument("asked", metavar="REQUEST", type=FileOrId("rb"), callback=asked_for)
@options.specs
@options.config
@stored.store
@click.option("--spec", "name", metavar="NAME", help="The vendor it belongs to; otherwise the specs are asked.")
@click.option("--sign", is_flag=True, help="Sign it with a test secret first, as its vendor would.")
@click.option("--explain", is_flag=True, help="Show why: each match, rule, field, row; what would have matched.")
@click.option("--show-code", is_flag=True, help="Show the Python that was generated from the file's expressions.")
@options.output("text", "json")
@options.color
def attempt(  # noqa: PLR0913, PLR0917  (one for each option)
    asked: Asked, vendors: Sequence[Path], schemas: Sequence[Path], config: Path | None,
    name: str | None, sign: bool, explain: bool, show_code: bool, output: str,
) -> None:  # fmt: skip
    """Show what would become of one callback: who claims it, signature, events, problems, answer. Nothing is stored.

    REQUEST is a file, or - for standard input: raw HTTP text (request line, headers, an empty line, body), or a curl
    command. Or it is the id of a stored request, as the log names it: it is read from --store, and judged by today's
    specs as of the moment when it came.
    Secrets are read as in serve. A signature over the URL is held against the public_url of the deployment file; no
    store keeps a URL's token, so a stored request is given the live one of its channel. Exits with 1 when it is
    refused, unmatched, unclaimed or has problems.

    \b
    adapter try captured.http
    adapter try captured.http --explain
    adapter try captured.http --spec acme --sign
    adapter try 019a1b2c3d4e5f60718293a4b5c6d7e8 --explain
    """
    selection = select(vendors, schemas)
    found = deployed(selection, config)
    tried = replace(_attempt(found, *asked, _named(selection, name), sign), show_code=show_code)
    trace = Trace()
    outcome = process(tried.registry, tried.asked, tried.secrets, trace)
    code = 0 if outcome.name in FINE and not outcome.problems else 1
    if explain:
        explained = _way(tried, outcome)
        outcome, tried = _masked(tried, outcome)
        REPORTS[output](tried, outcome, trace, explained)
    else:
        REPORTS[output](tried, outcome, trace, None)
    raise SystemExit(code)


def _way(tried: Attempt, outcome: Outcome) -> Way:
    spec = tried.registry.specs.get(outcome.vendor)
    return way(tried.everybody, spec, tried.asked, tried.secrets)


def _masked(tried: Attempt, outcome: Outcome) -> tuple[Outcome, Attempt]:
    """What is explained is shown to others: no secret in it, not even where the vendor sent one."""
    hidden = mask(tried.secrets)
    events = tuple(replace(event, envelope=hidden.tree(event.envelope)) for event in outcome.events)
    problems = tuple(
        replace(one, message=hidden.hide(one.message), content=hidden.tree(one.content)) for one in outcome.problems
    )
    answer = replace(outcome.ack, body=hidden.tree(outcome.ack.body.decode("utf-8", "replace")).encode())
    written = replace(tried.written, target=hidden.hide(tried.written.target))
    return replace(outcome, events=events, problems=problems, ack=answer), replace(tried, written=written)


def _named(selection: Selection, name: str | None) -> Spec | None:
    specs = selection.loaded.registry.specs
    if name is None or name in specs:
        return specs[name] if name else None
    if name in selection.loaded.held_back:
        raise click.UsageError(f"--spec {name}: its file has mistakes; adapter validate shows them")
    raise click.UsageError(f"--spec {name}: no such vendor; there are {', '.join(specs)}")


def _attempt(found: Deployed, written: Written, asked: Request, spec: Spec | None, sign: bool) -> Attempt:
    registry, elsewhere = found.registry, ""
    if sign:
        spec = spec or vendor_to_sign_for(registry, written)
        secrets = made_up_secrets(spec, written)
        written = signed_for(spec, written)
        asked = arriving(spec, written)
    else:
        secrets = dict(live_secrets(found.wanted))
        asked, elsewhere = addressed((written, asked), found, secrets)
    judges = bound(spec, registry.kinds, asked.channel) if spec else registry
    return Attempt(registry, judges, written, asked, secrets, elsewhere)


def _text(tried: Attempt, outcome: Outcome, trace: Trace, explained: Way | None) -> None:
    spec = tried.registry.specs.get(outcome.vendor)
    steps = [*explain_request.rows(explained, outcome)] if explained else [*_steps(tried, outcome, trace, spec)]
    show.say(show.rows([_asked(tried), *steps, ("verdict", _verdict(outcome))]))
    for place, event in enumerate(outcome.events):
        show.say(Group("", Text(f"event {place}   {event.kind}", style="bold"), show.event(event.envelope, 2)))
    if outcome.problems:
        show.say(
            Group(
                "",
                Text("problems", style="bold"),
                *map(_problem, outcome.problems),
                *_advice(tried, outcome),
                *_of_the_url(tried, outcome),
            )
        )
    if not explained:
        show.say(Group("", show.rows([("ack", show.answer(outcome.ack))])))
    for one in _code(tried, outcome, trace):
        show.say(Group("", Text(f"code of {one.kind}   ({one.place})", style="bold")))
        click.echo(f"\n{one.source}", nl=False)


def _code(tried: Attempt, outcome: Outcome, trace: Trace) -> tuple[Generated, ...]:
    """What was asked for, of the vendor that it is from."""
    if not tried.show_code:
        return ()
    return generated(tried.registry.specs.get(outcome.vendor), trace.stages.get("explode"))


def _asked(tried: Attempt) -> tuple[str, RenderableType]:
    written, media_type = tried.written, (tried.asked.header(b"content-type") or b"").decode("latin-1")
    line = f"{written.method} {written.target}   {plural(len(written.body), 'byte')}   {media_type}"
    return "request", show.plain(line.rstrip())


def _steps(tried: Attempt, outcome: Outcome, trace: Trace, spec: Spec | None) -> Iterator[tuple[str, RenderableType]]:
    if spec is None:
        identified = trace.stages.get("identify")
        claims = ", ".join(identified.claims) if identified else ""
        yield "claimed by", show.verdict(False, f"several: {claims}" if claims else "nobody")
        return
    yield "claimed by", show.plain(f"{spec.vendor}   {spec.title}   ({spec.place.file})")
    yield "signature", _signature(outcome, trace, spec)
    if decoded := trace.stages.get("decode"):
        exploded = trace.stages["explode"]
        count = sum(len(records) for _, records in exploded.taken)
        yield "body", show.plain(f"{decoded.body}, {plural(count, 'record')}, {outcome.ignored} ignored")
    if "match_mismatch" in outcome.notes:
        yield "note", show.plain("its match does not claim this request: on a shared channel nobody would", "yellow")


def _signature(outcome: Outcome, trace: Trace, spec: Spec) -> RenderableType:
    if spec.unsigned:
        return show.plain(f"unsigned: {spec.unsigned}", "dim")
    if outcome.code == "challenge":
        return show.verdict(True, "a handshake: answered")
    good = "verify" in trace.stages
    return show.verdict(good, f"holds ({plural(len(spec.verify), 'rule')})" if good else f"no: {outcome.code}")


def _verdict(outcome: Outcome) -> Text:
    counts = f"{plural(len(outcome.events), 'event')}, {plural(len(outcome.problems), 'problem')}"
    why = f" ({outcome.code})" if outcome.code else ""
    return show.verdict(outcome.name in FINE and not outcome.problems, f"{outcome.name}{why}   {counts}")


def _problem(problem: Problem) -> Text:
    record = "" if problem.record is None else f"record {problem.record}   "
    place = f"   ({problem.place})" if problem.place else ""
    content = "" if problem.content is None else f"\n      {_short(problem.content)}"
    return show.plain(f"  {record}{problem.stage}: {problem.code}: {problem.message}{place}{content}")


def _advice(tried: Attempt, outcome: Outcome) -> Iterator[Text]:
    if outcome.code == "secret_unset":
        wrong = faults(wanted(tried.registry), tried.secrets)
        mine = dict.fromkeys(variable(one.wanted.name) for one in wrong if one.wanted.vendor == outcome.vendor)
        yield show.plain(f"  = help: set {', '.join(mine)}, or let --sign sign it with a test secret", "cyan")


def _of_the_url(tried: Attempt, outcome: Outcome) -> Iterator[Text]:
    """A signature over another URL than the vendor's cannot hold."""
    spec = tried.registry.specs.get(outcome.vendor)
    if outcome.code == "bad_signature" and tried.elsewhere and spec and signs_url(spec):
        yield show.plain(f"  = note: {spec.vendor} signs the URL, and {tried.elsewhere}", "cyan")


def _short(content: Json) -> str:
    return show.body(dumps(content), 1)


def _json(tried: Attempt, outcome: Outcome, trace: Trace, explained: Way | None) -> None:
    ack = outcome.ack
    document: dict[str, Json] = {
        "request": {"method": tried.written.method, "target": tried.written.target, "channel": tried.asked.channel},
        "vendor": outcome.vendor or None,
        "spec": outcome.spec or None,
        "outcome": outcome.name,
        "code": outcome.code or None,
        "events": [event.envelope for event in outcome.events],
        "problems": [_problem_row(problem) for problem in outcome.problems],
        "ignored": outcome.ignored,
        "notes": list(outcome.notes),
        "ack": {
            "status": ack.status,
            "headers": {name.decode(): value.decode("latin-1") for name, value in ack.headers},
            "body": ack.body.decode("utf-8", "replace"),
        },
    }
    document |= {"explained": explain_request.document(explained)} if explained else {}
    code = _code(tried, outcome, trace)
    document |= (
        {"generated": [{"kind": one.kind, "place": one.place, "source": one.source} for one in code]} if code else {}
    )
    click.echo(dumps(document).decode())


def _problem_row(problem: Problem) -> dict[str, Json]:
    return {
        "stage": problem.stage,
        "code": problem.code,
        "message": visible(problem.message),
        "record": problem.record,
        "content": problem.content,
        "place": problem.place or None,
    }


REPORTS = {"text": _text, "json": _json}
