"""From when on? A span back from now, or a moment."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from adapter.cli.world import now

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
SPAN = re.compile(r"([0-9]{1,6})([smhdw])")


class Since(click.ParamType[datetime]):
    """Becomes an aware time in UTC."""

    name = "since"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return moment(str(value), now())
        except (ValueError, OverflowError):
            self.fail(f"'{value}' is neither a span such as 2h, 3d or 30m, nor a time such as 2026-01-31T08:00:00Z",
                      param, ctx)  # fmt: skip


def moment(text: str, at: datetime) -> datetime:
    """A time that names no zone is in UTC. Raises ValueError and OverflowError."""
    span = SPAN.fullmatch(text)
    if span:
        return at - timedelta(**{UNITS[span[2]]: int(span[1])})
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


since = click.option("--since", type=Since(), metavar="WHEN", help="From then on: 2h, 3d, or a time (UTC if no zone).")
