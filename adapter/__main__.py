"""What does `python -m adapter` do? The same as `adapter`."""

from adapter.cli.main import main

main(prog_name="adapter")
