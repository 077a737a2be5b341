"""How does a shop get a project folder of its own, without losing anything that is already there?"""

import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from outreach.core.errors import Misuse

#: What a project is made of; shipped inside the wheel, or lying at the top of a checkout.
PARTS = ("config", "templates", "jobs")
SECRETS = ("OUTREACH_PEPPER", "OUTREACH_TOKEN_KEYS", "OUTREACH_HOLDOUT_SALT")
IGNORED = (".env", ".outreach/", "rejected/", "reports/")
_PACKAGE = Path(__file__).resolve().parents[1]
_NOT_SHIPPED = frozenset({"__pycache__"})


@dataclass(frozen=True, slots=True)
class Started:
    """Files of the project, relative to it: written now, and left as they were because they existed."""

    made: tuple[str, ...]
    kept: tuple[str, ...]


def start(folder: Path) -> Started:
    """Copy the shipped config, templates and jobs; write .env (mode 600, new random keys) and .gitignore.

    Never overwrites. Raises Misuse (OUT-607) when `folder` is a file or cannot be written to.
    """
    made: list[str] = []
    kept: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source, name in _shipped():
            (made if _copy(source, folder / name) else kept).append(name)
        (made if _write_new(folder / ".env", _fresh_secrets(), 0o600) else kept).append(".env")
        (made if _ignore(folder / ".gitignore") else kept).append(".gitignore")
    except OSError as error:
        raise _refusal(folder, error) from error
    return Started(tuple(made), tuple(kept))


def shipped_folder() -> Path:
    """Where the shipped config/, templates/ and jobs/ lie: in the wheel, else at the top of the checkout."""
    inside = _PACKAGE / "_project"
    return inside if inside.is_dir() else _PACKAGE.parent


def _shipped() -> Iterator[tuple[Path, str]]:
    home = shipped_folder()
    for part in PARTS:
        for path in sorted((home / part).rglob("*")):
            if path.is_file() and not _NOT_SHIPPED.intersection(path.parts):
                yield path, path.relative_to(home).as_posix()


def _copy(source: Path, target: Path) -> bool:
    """Copy the bytes under a new name, or say that the name is taken."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with source.open("rb") as read, target.open("xb") as write:
            shutil.copyfileobj(read, write)
    except FileExistsError:
        return False
    return True


def _write_new(path: Path, text: str, mode: int) -> bool:
    """Made with its mode from the first moment: nobody else can read it in between, and two of us cannot both win."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return True


def _fresh_secrets() -> str:
    lines = [
        "# The keys of this installation. Back this file up with the database: one is of no use without the other.",
        "# Never put it into version control, and never make new keys for an old database.",
        *(f"{name}={secrets.token_urlsafe(48)}" for name in SECRETS),
    ]
    return "\n".join(lines) + "\n"


def _ignore(path: Path) -> bool:
    """Add what must not be shared to .gitignore, keeping what stands there. False when nothing was missing."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    missing = [line for line in IGNORED if line not in before.splitlines()]
    if missing:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write("" if not before or before.endswith("\n") else "\n")
            file.write("\n".join(missing) + "\n")
    return bool(missing)


def _refusal(folder: Path, error: OSError) -> Misuse:
    if folder.exists() and not folder.is_dir():
        return Misuse("OUT-607", f"{folder} is a file, not a folder", help="outreach init ANOTHER-NAME")
    where = error.filename or folder
    said = error.strerror or str(error)
    return Misuse("OUT-607", f"{where} cannot be written: {said}", help="choose a folder that is yours to write in")
