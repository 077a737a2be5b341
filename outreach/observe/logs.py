"""What is written down while the program works? One line per event: ids, counts and codes; never a person.

JSON on a pipe or in a file, words on a terminal. Whatever a library says goes through the same wall, so that an
address or a number that slips into its words is not written.
"""

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog

#: Libraries whose lower levels would print what they carry: bound values, requests, keys (faults.md, security 4).
_HUSHED = ("sqlalchemy", "aiohttp", "asyncio", "redis", "urllib3", "python_http_client", "twilio", "alembic")
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:\[\]{}]+@[^\s@<>\"'(),;:\[\]{}]+")
_NUMBER = re.compile(r"\+\d[\d ().-]{5,}\d")
#: How long one and the same complaint of the queue's library stays said, in seconds: Redis may be dead all night.
_ONCE_IN = 60.0


def set_up(*, verbose: int = 0) -> None:
    """Write logs to stderr from now on, as this process's only ones. `verbose` 1: DEBUG too; -1: warnings only."""
    before: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        _only_the_kind_of_error,
        _masked,
    ]
    shown: Any = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(sys.stderr)
    drop = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=[drop, shown]))
    handler.addFilter(_Patience())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_level(verbose))
    for name in _HUSHED:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("dramatiq").setLevel(logging.DEBUG if verbose > 0 else logging.WARNING)
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _level(verbose: int) -> int:
    return logging.DEBUG if verbose > 0 else logging.INFO if verbose == 0 else logging.WARNING


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose events carry `part=name`."""
    found: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name, part=name)
    return found


def masked(text: str) -> str:
    """The text without what looks like an address or a telephone number."""
    return _NUMBER.sub("(number)", _ADDRESS.sub("(address)", text))


def _masked(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last wall: we log ids only, but a library may not."""
    for key, value in event.items():
        if not key.startswith("_") and not isinstance(value, int | float | bool | None):
            event[key] = masked(value if isinstance(value, str) else str(value))
    return event


def _only_the_kind_of_error(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception's words may quote a row; its kind may not. The trace goes to .outreach/faults."""
    given = event.pop("exc_info", None)
    if isinstance(given, BaseException):
        event["error"] = type(given).__name__
    elif isinstance(given, tuple) and given[0] is not None:
        event["error"] = given[0].__name__
    elif given and (now := sys.exc_info()[0]) is not None:
        event["error"] = now.__name__
    return event


class _Patience(logging.Filter):
    """Lets each complaint of the queue's library through once a minute, not once a second."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("dramatiq") or record.levelno < logging.WARNING:
            return True
        now = time.monotonic()
        if now - self._said.get(str(record.msg), -_ONCE_IN) < _ONCE_IN:
            return False
        self._said[str(record.msg)] = now
        return True
