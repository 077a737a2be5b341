"""In which files of the project does one person stand, and how are they taken out?

Everything the program writes: .outreach/ (messages of outbox mode, previews, saved traces), reports/ and rejected/. A
page or a message that names them is removed, for the database makes pages again; of a list of rejected rows only their
rows go. The shop's own files, its database, templates and their history are no concern of ours.
"""

import csv
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from io import StringIO
from pathlib import Path

from outreach.core.proofs import folded
from outreach.records.rejects import FOLDER as REJECTED

#: Folders the program writes, and what in them holds nobody.
_WRITTEN = (".outreach", "reports")
_NOT_OURS = frozenset({"history"})
_DATABASE = (".db", ".db-wal", ".db-shm", ".db-journal", ".lock")
#: Previews name people by their first name alone, and are made to be looked at once: all of them go.
_LOOKED_AT = ("preview",)
#: A longer cell is no address.
_LONGEST = 320


@dataclass(frozen=True, slots=True)
class Traces:
    """What to look for: addresses and whole names; the shop's key; names of messages; whether a cell is an address."""

    words: tuple[str, ...]
    key: str | None
    messages: frozenset[str]
    is_theirs: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """How many files went (or would), how many rows of lists, and which files could not be opened."""

    files: int
    rows: int
    failed: tuple[str, ...]


def clean(project: Path, traces: Traces, *, write: bool) -> Cleaned:
    """Take them out of every file; with `write` False only count. Done twice, the second time finds nothing."""
    files = rows = 0
    failed: list[str] = []
    for path in _files(project):
        try:
            if path.parent.name == REJECTED and ".csv" in path.name:
                rows += _without_their_rows(path, traces, write)
            elif _is_preview(path, project) or _is_about(path, traces):
                files += 1
                if write:
                    path.unlink(missing_ok=True)
        except (OSError, csv.Error) as error:
            if not isinstance(error, FileNotFoundError):
                failed.append(str(path.relative_to(project)))
    return Cleaned(files, rows, tuple(failed))


def _files(project: Path) -> Iterator[Path]:
    for name in (*_WRITTEN, REJECTED):
        for folder, folders, names in os.walk(project / name):
            folders[:] = sorted(each for each in folders if each not in _NOT_OURS)
            yield from (Path(folder) / each for each in sorted(names) if not each.endswith(_DATABASE))


def _is_preview(path: Path, project: Path) -> bool:
    return path.relative_to(project).parts[1:2] == _LOOKED_AT


def _is_about(path: Path, traces: Traces) -> bool:
    """By its name (m-12.eml, .m-12.eml.977 of a writer that died), or by what stands in it."""
    if path.name.lstrip(".").partition(".")[0] in traces.messages:
        return True
    text = folded(path.read_bytes().decode("utf-8", "replace"))
    wanted = [folded(word) for word in traces.words]
    if any(word in text or escape(word) in text for word in wanted):
        return True
    return traces.key is not None and _stands(folded(traces.key), text)


def _stands(key: str, text: str) -> bool:
    """The key, and not the beginning of a longer one."""
    at = text.find(key)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(key) : at + len(key) + 1]
        if not (before.isalnum() or after.isalnum()):
            return True
        at = text.find(key, at + 1)
    return False


def _without_their_rows(path: Path, traces: Traces, write: bool) -> int:
    """Write the list again without their rows, whole or not at all; a list that holds none stays as it is."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        first = file.readline()
        file.seek(0)
        delimiter = max(",;\t|", key=first.count)
        rows = list(csv.reader(file, delimiter=delimiter))
    kept = [row for number, row in enumerate(rows) if number == 0 or not _names_them(row, traces)]
    gone = len(rows) - len(kept)
    if gone and write:
        out = StringIO(newline="")
        csv.writer(out, delimiter=delimiter).writerows(kept)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_text(out.getvalue(), encoding="utf-8", newline="")
        beside.replace(path)
    return gone


def _names_them(row: list[str], traces: Traces) -> bool:
    cells = [cell.strip() for cell in row]
    if traces.key is not None and traces.key in cells:
        return True
    line = folded(" ".join(cells))
    if any(folded(word) in line for word in traces.words):
        return True
    return any(traces.is_theirs(cell) for cell in cells if len(cell) <= _LONGEST)
