"""What does the process bring in from outside? Clock, environment, version."""

import os
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path

import click

from adapter.model import Secrets
from adapter.service.secrets import needed, read_secrets
from adapter.spec.language import Registry


def now() -> datetime:
    return datetime.now(UTC)


def version() -> str:
    try:
        return installed("callback-adapter")
    except PackageNotFoundError:  # run from a checkout that nobody installed
        return "0 (not installed)"


def live_secrets(registry: Registry) -> Secrets:
    """The secrets that the loaded specs ask for, from ADAPTER_SECRETS_DIR or the environment."""
    named = os.environ.get("ADAPTER_SECRETS_DIR")
    folder = Path(named) if named else None
    if folder and not folder.is_dir():
        raise click.UsageError(f"ADAPTER_SECRETS_DIR: there is no folder {folder}")
    return read_secrets(needed(registry), os.environ, folder)
