"""The vendor's fields under our names: what must be known is known, or the record is a problem."""

from adapter.expressions.interpreter import Reading
from adapter.model import Json, Refused


def extract(reading: Reading) -> dict[str, Json]:
    """Every field of the kind, null where unknown. Raises Refused where a field that must be known is not."""
    if reading.missing:
        raise Refused("missing_field", f"no {reading.missing}", 200)
    return reading.data
