"""What was logged while a test ran? The lines as a deployment would write them."""

import logging

import pytest

from adapter.service.logs import formatter


def told(caplog: pytest.LogCaptureFixture, *loggers: str, level: int = logging.WARNING) -> list[str]:
    """JSON lines of these loggers, or of all that are under their names."""
    own = formatter("json")
    return [
        own.format(record)
        for record in caplog.records
        if record.levelno >= level and record.name.startswith(loggers or ("adapter", "uvicorn"))
    ]
