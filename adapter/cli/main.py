"""Which commands are there? The front door."""

from typing import Any

import click

from adapter.cli.attempt import attempt
from adapter.cli.boundary import Boundary
from adapter.cli.deliveries import deliveries
from adapter.cli.demo import demo
from adapter.cli.doctor import doctor
from adapter.cli.events import events
from adapter.cli.explain import explain
from adapter.cli.new import new
from adapter.cli.prune import prune_command
from adapter.cli.purge import purge
from adapter.cli.quarantine import quarantine
from adapter.cli.rehearse import test
from adapter.cli.replay import replay
from adapter.cli.requests import requests
from adapter.cli.schema import schema
from adapter.cli.send import send
from adapter.cli.serve import serve
from adapter.cli.specs import specs
from adapter.cli.validate import validate
from adapter.cli.world import version


class Front(click.Group):
    """Commands in the order in which a new user meets them, inside one boundary."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(self.commands)

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


for command in (
    demo, new, validate, test, attempt, explain, serve, events, requests, quarantine, replay, deliveries,
    prune_command, purge, specs, schema, send, doctor,
):  # fmt: skip
    main.add_command(command)
