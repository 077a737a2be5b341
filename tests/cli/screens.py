"""How does a test type a command and read what came back?"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from outreach.cli.main import main


@dataclass(frozen=True)
class Said:
    """One command's exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout; nothing else may be there."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Type = Callable[..., Said]


def typed(capsys: pytest.CaptureFixture[str], project: Path | None) -> Type:
    """`o("why", "C-1")` as if typed in `project`."""

    def o(*words: object, where: Path | None = project) -> Said:
        capsys.readouterr()
        place = ["-C", str(where)] if where is not None else []
        code = main([*place, *map(str, words)])
        shown = capsys.readouterr()
        return Said(code, shown.out, shown.err)

    return o
