"""One callback from arrival to answer, in order. Read this file first.

identify -> verify -> decode -> explode -> (extract, classify, envelope per record) -> ack. The same arguments
always give the same outcome. Two sizes of failure: before explode `Refused` ends the request; behind it a bad
record becomes a problem, and its neighbours pass.
"""

from collections.abc import Generator, Hashable, Sequence
from dataclasses import dataclass, field, replace

from adapter.engine.ack import DEFAULTS, OK, RETRY, ack, handshake
from adapter.engine.challenge import challenged
from adapter.engine.classify import IGNORE, Classified, classify, constant
from adapter.engine.decode import DECODERS, Decoded, choose, decode_as, look, may_have_names, sort
from adapter.engine.detection import detection
from adapter.engine.envelope import Seal, envelope, event_id, identified, seal
from adapter.engine.explode import Exploded, explode
from adapter.engine.extract import extract
from adapter.engine.identify import Identified, identify
from adapter.engine.verify import verify
from adapter.expressions.evaluate import lookup
from adapter.expressions.interpreter import Note, Reading
from adapter.expressions.values import as_text
from adapter.expressions.view import View
from adapter.model import Ack, Event, Json, Outcome, Problem, Record, Refused, Request, Secrets, Watch, value
from adapter.signatures.sns import SUBSCRIBE
from adapter.spec.language import Challenge, Channel, Entry, Manner, Registry, Spec


def unwatched(_: str, __: object) -> None:
    """Nobody looks."""


def process(registry: Registry, request: Request, secrets: Secrets, watch: Watch = unwatched) -> Outcome:
    """What becomes of a request. Pure, and never raises for anything that a vendor may send."""
    work = steps(registry, request, secrets, watch)
    try:
        while True:
            next(work)
    except StopIteration as done:
        outcome: Outcome = done.value
        return outcome


def steps(
    registry: Registry, request: Request, secrets: Secrets, watch: Watch = unwatched
) -> Generator[None, None, Outcome]:
    """What becomes of a request, in steps: it gives way after every CHUNK records, so that others can be served.

    What it returns is what `process` returns. Pure, as `process` is.
    """
    channel = registry.channel(request.channel)
    if channel is None:
        return _unknown_channel()
    if channel.secrets:
        secrets = {**secrets, **{name: secrets.get(other, ()) for name, other in channel.secrets.items()}}
    bodies = _Bodies(request)
    known = detection(registry, channel.vendors)
    if channel.vendors and not known.specs:
        return _held_back(channel)
    asked = challenged(known.challenges, request, bodies.tree) if known.challenges else None
    if asked:
        return _handshake(*asked, request, secrets, bodies)
    try:
        identified = identify(known, len(channel.vendors or ()) == 1, request, bodies)
        watch("identify", identified)
        if identified.spec is None:
            return _unmatched(known.specs, identified, bodies)
    except Refused as refused:
        answer = DEFAULTS[refused.code]
        return Outcome("refused", answer, OK, RETRY, code=refused.code, problems=(_problem("decode", refused),))
    spec = identified.spec
    if channel.settings:
        spec = replace(spec, settings={**spec.settings, **channel.settings})
    return (yield from _for_vendor(spec, request, secrets, bodies, watch, identified.mismatch))


def _handshake(spec: Spec, entry: Challenge, request: Request, secrets: Secrets, bodies: "_Bodies") -> Outcome:
    """Answered once it is proved who asks; nothing is stored."""
    answers = _Answers(spec, request)
    try:
        verify(spec, entry.rules, request, secrets, lambda: bodies.tree(spec))
        body = None if request.method in ("GET", "HEAD") else bodies.tree(spec)
        view = View(request, spec.vendor, body, spec.settings, spec.manner.fold_keys)
        answer = handshake(entry, view, request.id, lambda name: _live(secrets, f"{spec.vendor}.{name}"))
    except Refused as refused:
        return answers.refused(_problem("challenge", refused), refused, keep=False)
    fetch = as_text(lookup(body, entry.confirm)) or "" if entry.confirm else ""
    if entry.confirm and not SUBSCRIBE.fullmatch(fetch):
        stranger = Refused("bad_challenge", "the address to confirm is not at Amazon SNS", 400)
        return answers.refused(_problem("challenge", stranger), stranger, keep=False)
    return Outcome("ignored", answer, answer, RETRY, spec.vendor, spec.hash, "challenge", keep=False, fetch=fetch)


def _live(secrets: Secrets, name: str) -> bytes:
    value = next((value for value in secrets.get(name, ()) if value), None)
    if value is None:
        raise Refused("secret_unset", f"secret {name} is not set", RETRY.status)
    return value


CHUNK = 100
"""Records between two steps: about a millisecond's work."""

MISMATCH = "match_mismatch"
"""The note that the channel's only vendor got a request that its `match` does not know."""

OUR_FAULT = ("secret_unset", "certificate_needed")
"""Refusals that the vendor cannot help: it is to come again."""


class _Bodies:
    """The request's body as a tree, decoded once for each manner of reading that makes a difference."""

    def __init__(self, request: Request) -> None:
        self._look = look(request)
        self._by_spec: dict[int, Decoded | Refused] = {}
        self._by_choice: dict[Hashable, Decoded | Refused] = {}

    def decoded(self, manner: Manner) -> Decoded:
        known = self._by_spec.get(id(manner))
        if known is None:
            known = self._by_spec[id(manner)] = self._decoded(manner)
        if isinstance(known, Refused):
            raise known
        return known

    def _decoded(self, manner: Manner) -> Decoded | Refused:
        body = choose(self._look, manner.body)
        key = _key(body, manner)
        if key not in self._by_choice:
            try:
                self._by_choice[key] = decode_as(self._look, manner, body)
            except Refused as refused:
                self._by_choice[key] = refused
        return self._by_choice[key]

    @property
    def sort(self) -> Hashable:
        return sort(self._look)

    def reading(self, manner: Manner) -> Hashable:
        """Manners that read this body alike have the same; None where a manner finds no names in it."""
        return _key(choose(self._look, manner.body), manner) if may_have_names(self._look, manner) else None

    def of(self, spec: Spec) -> Decoded:
        return self.decoded(spec.manner)

    def tree(self, spec: Spec) -> Json:
        return self.of(spec).tree


def _key(body: str | None, manner: Manner) -> Hashable:
    return body, manner.charset, manner.parse_json, manner.fold_keys


def _unknown_channel() -> Outcome:
    answer = Ack(404, OK.headers, b"unknown")
    return Outcome("refused", answer, answer, RETRY, code="unknown_channel", keep=False)


def _held_back(channel: Channel) -> Outcome:
    """Its vendor's file has mistakes: the vendor is to come again when they are mended."""
    problem = Problem("identify", "held_back", f"the file of {', '.join(channel.vendors or ())} has mistakes")
    return Outcome("refused", RETRY, RETRY, RETRY, code="held_back", problems=(problem,), keep=False)


def _unmatched(known: Sequence[Spec], identified: Identified, bodies: _Bodies) -> Outcome:
    """Nobody's, or several vendors': kept raw and acked. Raises Refused where no vendor could even read it."""
    if identified.claims:
        return _ambiguous(identified)
    listed = {word for spec in known for word in spec.body}
    bodies.decoded(Manner(tuple(word for word in DECODERS if word in listed) or tuple(DECODERS)))
    problem = Problem("identify", "unmatched", "no vendor claims it")
    return Outcome("unmatched", OK, OK, RETRY, code="unmatched", problems=(problem,))


def _ambiguous(identified: Identified) -> Outcome:
    """Never a guess."""
    problem = Problem("identify", "ambiguous", f"several vendors claim it: {', '.join(identified.claims)}")
    return Outcome("unmatched", OK, OK, RETRY, code="ambiguous", problems=(problem,))


def _for_vendor(
    spec: Spec, request: Request, secrets: Secrets, bodies: _Bodies, watch: Watch, mismatch: bool
) -> Generator[None, None, Outcome]:
    answers = _Answers(spec, request)
    stage = "verify"
    try:
        proved = verify(spec, spec.verify, request, secrets, lambda: bodies.tree(spec))
        watch("verify", spec)
        stage = "decode"
        decoded = bodies.of(spec)
    except Refused as refused:
        return answers.refused(_problem(stage, refused), refused, keep=stage == "decode")
    watch("decode", decoded)
    view = View(request, spec.vendor, decoded.tree, spec.settings, spec.manner.fold_keys)
    exploded = explode(spec, decoded.tree, view)
    watch("explode", exploded)
    notes = [Note("not_json", "", warning) for warning in decoded.warnings] if decoded.warnings else []
    work = _Work(seal(spec, request), view, watch, notes)
    done = 0
    for entry, records in exploded.taken:
        for record in records:
            work.do(entry, record)
            done += 1
            if done % CHUNK == 0:
                yield
    return answers.outcome(work, exploded, view, (*proved, MISMATCH) if mismatch else proved)


@dataclass(slots=True)
class _Work:
    """What the records of one request became so far."""

    seal: Seal
    view: View
    watch: Watch
    notes: list[Note]
    events: dict[str, Event] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    ignored: int = 0

    def do(self, entry: Entry, record: Record) -> None:
        view = self.view
        view["parents"], view["index"] = list(record.parents), record.index
        try:
            event = self._event(entry, record)
        except Refused as refused:
            self.problems.append(_problem("extract", refused, record, str(entry.shape.place)))
            return
        if event is None:
            self.ignored += 1
        elif event.id in self.events:
            first = self.events[event.id].envelope["data"]["warnings"]
            if not first or first[-1]["code"] != "repeated":  # once is enough, however often it stands there
                first.append({"code": "repeated", "field": "", "message": f"record {record.index} has the same id"})
        else:
            self.events[event.id] = event

    def _event(self, entry: Entry, record: Record) -> Event | None:
        kind = entry.shape.kind
        assert kind
        reading: Reading = entry.read(record.value, self.view)
        data = extract(reading)
        notes = [*self.notes, *reading.warnings]
        classified = self._classified(entry, reading)
        if classified:
            if classified.status == IGNORE:
                return None
            data.update(classified.results)
            if "code" in data and data["code"] is None:
                data["code"] = classified.code
            if classified.guessed:
                notes.append(Note("no_code", "status", "the vendor sent no code: the status is a guess"))
        parts = identified(entry.shape.key, reading.parts)
        identity = event_id(self.seal.spec.vendor, self.seal.channel, kind.name, parts)
        event = envelope(self.seal, kind, identity, data, reading.extra, notes, record.index)
        self.watch("event", (entry, record, reading, classified, event))
        return event

    def _classified(self, entry: Entry, reading: Reading) -> Classified | None:
        kind, status = entry.shape.kind, entry.shape.status
        if not kind or not kind.words:
            return None
        fixed = entry.shape.constants.get("status")
        if status and not fixed:
            return classify(kind, status, reading.codes, reading.success, reading.values.get("code"))
        return constant(kind, str(fixed), entry.shape.constants.get("reason"))


@value
class _Answers:
    """The vendor's words for each end."""

    spec: Spec
    request: Request

    def refused(self, problem: Problem, refused: Refused, keep: bool) -> Outcome:
        view = View(self.request, self.spec.vendor, None, self.spec.settings, self.spec.manner.fold_keys)
        retry = self._ack("retry", view)
        answer = retry if refused.code in OUR_FAULT else self._ack(refused.code, view)
        fetch = refused.message if refused.code == "certificate_needed" else ""
        return Outcome(
            "refused",
            answer,
            answer,
            retry,
            self.spec.vendor,
            self.spec.hash,
            refused.code,
            problems=(problem,),
            keep=keep,
            fetch=fetch,
        )

    def outcome(self, work: _Work, exploded: Exploded, view: View, notes: tuple[str, ...]) -> Outcome:
        problems = [*work.problems, *map(_unclaimed, exploded.unclaimed)]
        if exploded.unclaimed_body:
            problems.append(
                Problem("explode", "unclaimed", "no entry found a record: did the vendor change its format?")
            )
        name = _name(work, exploded, bool(problems))
        return Outcome(
            name, self._ack(name, view), self._ack("duplicate", view), self._ack("retry", view),
            self.spec.vendor, self.spec.hash, events=tuple(work.events.values()), problems=tuple(problems),
            ignored=exploded.ignored + work.ignored, notes=notes,
        )  # fmt: skip

    def _ack(self, word: str, view: View) -> Ack:
        return ack(self.spec.answers, word, view, self.request.id)


def _name(work: _Work, exploded: Exploded, problems: bool) -> str:
    if work.events:
        return "partial" if problems else "accepted"
    if work.problems:
        return "quarantined"
    return "unclaimed" if problems else "ignored"


def _problem(stage: str, refused: Refused, record: Record | None = None, place: str = "") -> Problem:
    if record is None:
        return Problem(stage, refused.code, refused.message)
    return Problem(stage, refused.code, refused.message, record.index, record.value, place)


def _unclaimed(record: Record) -> Problem:
    return Problem("explode", "unclaimed_record", "no entry takes this record", record.index, record.value)
