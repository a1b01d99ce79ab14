"""Is each field mapped to what it is for?"""

from adapter.spec.build.draft import Draft
from adapter.spec.checking.complaint import Found, warning
from adapter.spec.language import Spec

_TELL_APART = ("message_id", "event_id", "reference", "to", "from", "text")
"""Fields of which no two can be the same thing."""


def mapped_twice(draft: Draft, spec: Spec) -> Found:
    for place, entry in enumerate(spec.entries):
        seen: dict[str, str] = {}
        for field in entry.shape.fields:
            for one in field.inputs[:1] if field.column.name in _TELL_APART else ():
                other = seen.setdefault(one.text, field.column.name)
                if other != field.column.name:
                    message = f"'{one.text}' is mapped to {other} and to {field.column.name}: one of the two is wrong"
                    path = ("events", place, "fields", field.column.name)
                    yield warning(path, message, "map each to what the vendor's page says of it")
