"""How is what happens told? One line each, as JSON or for a person's eyes, also what the libraries have to say."""

import logging
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from adapter.service.masked import mask
from adapter.service.outlet import Outlet, Sink

OURS = "adapter"
"""The logger that follows the level which is asked for; libraries are heard from warnings on, for they name URLs."""

FORMATS = ("json", "console")
LEVELS = ("debug", "info", "warning", "error")

SHARED: tuple[Processor, ...] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


class Handler(logging.Handler):
    """Hands lines to an outlet: a reader of logs that stalls holds nobody up."""

    def __init__(self, sink: Sink) -> None:
        super().__init__()
        self._outlet = Outlet(sink, lambda: None)

    def emit(self, record: logging.LogRecord) -> None:
        self._outlet.put((self.format(record) + "\n").encode("utf-8", "backslashreplace"))

    def close(self) -> None:
        self._outlet.close()
        super().close()


def formatter(style: str, colors: bool = False) -> logging.Formatter:
    """Numbers of people are masked in everything, tracebacks too."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _without_empty,
            mask,
            _RENDERERS[style](colors),
        ],
    )


def configure(style: str, level: str, sink: Sink, colors: bool = False) -> Handler:
    """The process's logging from here on; the handler is to be closed at the end."""
    handler = Handler(sink)
    handler.setFormatter(formatter(style, colors))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level.upper())
    return handler


def _without_empty(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {name: value for name, value in event.items() if value not in ("", None)}


def _json(_: bool) -> Processor:
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _console(colors: bool) -> Processor:
    renderer: Any = structlog.dev.ConsoleRenderer(colors=colors)
    return renderer  # type: ignore[no-any-return]


_RENDERERS = {"json": _json, "console": _console}
