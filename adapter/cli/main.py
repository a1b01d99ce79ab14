"""Which commands are there? The front door."""

from importlib import import_module
from typing import Any

import click

from adapter.cli.boundary import Boundary
from adapter.cli.world import version

COMMANDS = {
    "demo": "demo:demo",
    "new": "new:new",
    "validate": "validate:validate",
    "test": "rehearse:test",
    "try": "attempt:attempt",
    "explain": "explain:explain",
    "serve": "serve:serve",
    "events": "events:events",
    "requests": "requests:requests",
    "quarantine": "quarantine:quarantine",
    "replay": "replay:replay",
    "deliveries": "deliveries:deliveries",
    "prune": "prune:prune_command",
    "purge": "purge:purge",
    "specs": "specs:specs",
    "schema": "schema:schema",
    "send": "send:send",
    "doctor": "doctor:doctor",
}
"""In the order in which a new user meets them: the room of each, and its name there. Only the one that is asked for is
read, which is most of the time that the others would take to start."""


class Front(click.Group):
    """Commands by name, inside one boundary."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        room, _, own = COMMANDS[name].partition(":")
        command: click.Command = getattr(import_module(f"adapter.cli.{room}"), own)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        with Boundary():
            return super().invoke(ctx)


@click.group(cls=Front, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version(), prog_name="adapter")
def main() -> None:
    """Turn any vendor's callback into one normalized event. Vendors are YAML files, never code.

    \b
    adapter demo                              see it work, with nothing set up
    adapter new acme --from captured.http     a first file for a vendor, from what it has sent
    adapter validate --vendors my-vendors     are my files right?
    adapter test --vendors my-vendors         do their examples come out as they say?
    adapter serve --vendors my-vendors        take callbacks

    Exit codes: 0 fine, 1 problems found, 2 wrong usage or nothing to check, 3 only warnings under --strict,
    4 the tool itself failed.
    """
