"""Every explanation by its code, in the order in which a file is read."""

from adapter.spec.explanations.answers import ANSWERS
from adapter.spec.explanations.channels import CHANNELS
from adapter.spec.explanations.deployments import DEPLOYMENTS
from adapter.spec.explanations.examples import EXAMPLES
from adapter.spec.explanations.explanation import Explanation
from adapter.spec.explanations.expressions import EXPRESSIONS
from adapter.spec.explanations.matching import MATCHING
from adapter.spec.explanations.reading import READING
from adapter.spec.explanations.records import RECORDS
from adapter.spec.explanations.shape import SHAPE
from adapter.spec.explanations.signatures import SIGNATURES
from adapter.spec.explanations.sinks import SINKS
from adapter.spec.explanations.times import TIMES

EXPLANATIONS: dict[str, Explanation] = {
    one.code: one
    for one in (
        *READING,
        *SHAPE,
        *EXPRESSIONS,
        *RECORDS,
        *TIMES,
        *MATCHING,
        *SIGNATURES,
        *ANSWERS,
        *EXAMPLES,
        *CHANNELS,
        *SINKS,
        *DEPLOYMENTS,
    )
}
