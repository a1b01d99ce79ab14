"""Are the answers whole that the examples get?"""

from dataclasses import replace

from adapter.engine.ack import ack
from adapter.examined.runs import Examined, Remarks, Run, of_example
from adapter.spec.language import Answer, Reference, Template


def empty_references(examined: Examined) -> Remarks:
    """A vendor that wants its own id back takes an answer without it for a failure."""
    told: set[Reference] = set()
    for run in examined.runs:
        answer = examined.spec.answers.get(run.observed.outcome.name)
        if run.observed.outcome.name not in ("accepted", "partial") or answer is None or run.tree is None:
            continue
        for reference in _references(answer):
            if reference not in told and not _filled(reference, run):
                told.add(reference)
                message = f"the answer to '{run.example.name}' lacks {{{reference.source}.{'.'.join(reference.path)}}}"
                yield of_example(run, "warning", message, "mend the reference under ack:, or the example")


def _references(answer: Answer) -> tuple[Reference, ...]:
    return (*answer.body.references, *(one for _, value in answer.headers for one in value.references))


def _filled(reference: Reference, run: Run) -> bool:
    plain = Template("", (replace(reference, filters=()),))
    answers = {"asked": Answer(200, (), plain, None)}
    return bool(ack(answers, "asked", run.observed.view, run.observed.request.id).body)
