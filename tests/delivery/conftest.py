"""The same promises of every database."""

from tests.store.conftest import place, server

__all__ = ["place", "server"]
