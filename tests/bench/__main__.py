"""How fast is the adapter? All its goals, measured in one run on this machine.

python -m tests.bench            everything, about eight minutes; writes examples/performance/ and the README's table
python -m tests.bench --quick    short rounds, under two minutes; only prints
"""

import time
from collections.abc import Callable, Iterator

import click

from tests.bench import batches, durable, loading, many, mapping, report, starting
from tests.bench.figures import Figure, machine
from tests.bench.load import Load

Part = Callable[[], Iterator[Figure]]


def parts(load: Load, quick: bool) -> tuple[Part, ...]:
    few = 1 if quick else 5
    return (
        lambda: loading.figures(few, 200 if quick else 1000),  # first: in a process as young as one that loads
        lambda: durable.figures(load),
        lambda: mapping.figures(few, 4_000 if quick else 20_000),
        lambda: batches.figures(load),
        lambda: many.figures(load),
        lambda: starting.figures(few),
    )


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="One short round of everything; nothing is written.")
def main(quick: bool) -> None:
    load = Load(rounds=1, seconds=1) if quick else Load(rounds=3, seconds=3)
    conditions = f"{load.rounds} of {load.seconds} s"
    click.echo(f"{machine()}\n{conditions}")
    found = []
    for part in parts(load, quick):
        for figure in part():
            click.echo(str(figure))
            found.append(figure)
    found.sort(key=lambda one: one.goal.number)
    if not quick:
        report.write(report.record(found, machine(), conditions, time.strftime("%Y-%m-%d")))
        click.echo(f"written to {report.FOLDER}")


if __name__ == "__main__":
    main()
