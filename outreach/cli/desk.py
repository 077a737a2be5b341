"""What does every command find on its desk? The project folder, the screen, and the program when it needs it."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import typer

from outreach.bootstrap import build
from outreach.cli.screen import Screen
from outreach.core.errors import Misuse
from outreach.flows.app import App


@dataclass(frozen=True, slots=True)
class Desk:
    """`project`: absolute. Commands get it as `ctx.obj`; what they open is closed when they are done."""

    project: Path
    screen: Screen
    _opened: list[App] = field(default_factory=list)

    def open(self, project: Path | None = None) -> App:
        """The program over the project (or another folder). Raises Misuse before anything is decided."""
        app = build(project or self.project)
        self._opened.append(app)
        return app

    def close(self) -> None:
        """Give back every connection to a database."""
        for app in self._opened:
            app.engine.dispose()


def desk(ctx: typer.Context) -> Desk:
    """The desk of a command."""
    found: Any = ctx.obj
    assert isinstance(found, Desk)
    return found


def day(text: str | None, *, option: str) -> date | None:
    """`2026-11-14` as a date. Raises Misuse (OUT-600) naming the option."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Misuse("OUT-600", f'{option}: "{text}" is not a date like 2026-11-14') from None
