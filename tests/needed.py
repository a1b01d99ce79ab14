"""What if something that a test needs is not there? It is skipped by name, or fails where nothing may be skipped."""

import os
from typing import NoReturn

import pytest


def absent(what: str) -> NoReturn:
    """ADAPTER_TEST_ALL is set where everything must be tested."""
    if os.environ.get("ADAPTER_TEST_ALL"):
        pytest.fail(what)
    pytest.skip(what)
