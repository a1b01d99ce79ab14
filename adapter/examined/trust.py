"""Does the file's own evidence show that it is the vendor's, and that nobody else can send it?"""

from adapter.examined.runs import Examined, Remark, Remarks, of_example

SEEN = ("accepted", "partial")


def not_claimed(examined: Examined) -> Remarks:
    """An example that gives events and that its own `match` does not take."""
    outcomes = ((run, run.observed.outcome) for run in examined.runs if examined.spec.match)
    missed = [run for run, one in outcomes if one.name in SEEN and "match_mismatch" in one.notes]
    for run in missed[:1]:
        more = f" and {len(missed) - 1} more" if len(missed) > 1 else ""
        message = f"match does not take the example '{run.example.name}'{more}"
        hint = "where several vendors share a channel nobody would claim it: mend match, or give it an alternative"
        yield of_example(run, "error", message, hint)


def never_proved(examined: Examined) -> Remarks:
    """Rules that no example puts to the test."""
    spec = examined.spec
    if spec.verify and not any(one.sign or one.reject == "bad_signature" for one in spec.examples):
        message = "no example shows that these rules let the vendor in and keep others out"
        hint = "add sign: true to an example, or one with reject: bad_signature"
        yield Remark("warning", ("verify",), spec.verify[0].place, message, hint)
