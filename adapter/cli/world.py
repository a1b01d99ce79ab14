"""What does the process bring in from outside? Clock, environment, version."""

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from errno import ENOENT
from functools import partial
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path

import click

from adapter.model import Secrets
from adapter.service.secrets import Wanted, read_secrets


def now() -> datetime:
    return datetime.now(UTC)


def version() -> str:
    try:
        return installed("callback-adapter")
    except PackageNotFoundError:  # run from a checkout that nobody installed
        return "0 (not installed)"


def secrets_folder() -> Path | None:
    """Where secrets lie as files. Raises UsageError for a folder that is not there."""
    named = os.environ.get("ADAPTER_SECRETS_DIR")
    folder = Path(named) if named else None
    if folder and not folder.is_dir():
        raise click.UsageError(f"ADAPTER_SECRETS_DIR: there is no folder {folder}")
    return folder


def live_secrets(those: Iterable[Wanted]) -> Secrets:
    """The values of wanted secrets, from ADAPTER_SECRETS_DIR or the environment."""
    return read_secrets(dict.fromkeys(one.name for one in those), os.environ, secrets_folder())


def again(those: Iterable[Wanted]) -> Callable[[], Secrets] | None:
    """How to read them anew; None where they are in the environment, which does not change."""
    names, folder = [one.name for one in those], secrets_folder()
    return partial(_again, names, folder) if folder else None


def _again(names: Iterable[str], folder: Path) -> Secrets:
    """Raises OSError also for a folder that is gone: that is no reason to forget everything."""
    if not folder.is_dir():
        raise FileNotFoundError(ENOENT, "there is no such folder", str(folder))
    return read_secrets(dict.fromkeys(names), os.environ, folder)
