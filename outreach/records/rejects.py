"""Where do the rows go that could not be read, so that they can be mended and imported again?"""

import csv
from pathlib import Path
from types import TracebackType
from typing import Any

from outreach.core.cells import harmless
from outreach.records.reading import WIDTH_SAID, Reject
from outreach.records.table import Table

FOLDER = "rejected"
#: How the file of an import's rejected rows ends.
REJECTED = ".rejected.csv"
COLUMN = "problem"


class RejectsFile:
    """PROJECT/rejected/<name>.rejected.csv: the original columns and `problem`. Written beside, then put in place.

    No file appears when nothing was rejected; a file from an earlier import is then left as it is.
    """

    def __init__(self, project: Path, table: Table) -> None:
        stem = table.name.replace(":", "-").replace("/", "-").removesuffix(".csv").removesuffix(".rejected")
        self.shown = f"{FOLDER}/{stem}{REJECTED}"
        self._path = project / self.shown
        self._fresh = self._path.with_suffix(".csv.new")
        self._table = table
        self._width = len(table.header)
        self._had_column = table.header[-1:] == (COLUMN,)
        self._out: Any = None
        self._writer: Any = None

    def __enter__(self) -> "RejectsFile":
        return self

    def add(self, reject: Reject) -> None:
        """One row and what is wrong with it. A row with a wrong number of fields stays one, to be seen again."""
        if self._writer is None:
            self._open()
        cells = reject.cells
        if self._had_column and (len(cells) == self._width or WIDTH_SAID in cells[-1]):
            cells = cells[:-1]
        self._writer.writerow([*cells, harmless("; ".join(str(wrong) for wrong in reject.wrong))])

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._out = self._fresh.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._out, delimiter=self._table.delimiter)
        header = self._table.header[:-1] if self._had_column else self._table.header
        self._writer.writerow([*header, COLUMN])

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._out is None:
            return
        self._out.close()
        self._fresh.replace(self._path)  # also after a fault: these rows were read and are not in
