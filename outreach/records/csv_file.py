"""How is a CSV file read so that every row keeps the line it starts on?

UTF-8 with or without BOM; comma, semicolon, tab or bar; quotes may hold line breaks; any line ending.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from outreach.core.errors import Misuse, Place
from outreach.records.table import Row

_DELIMITERS = ",;\t|"
_BOM = b"\xef\xbb\xbf"
csv.field_size_limit(1 << 20)


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file whose header was read. `name` is how errors call it."""

    path: Path
    name: str
    header: tuple[str, ...]
    delimiter: str

    def rows(self) -> Iterator[Row]:
        """Rows after the header, without blank lines. Raises Misuse (OUT-204): not UTF-8, or a quote never closed."""
        lines = _Lines(self.path, self.name)
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        start = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield _broken(error, lines, self.delimiter, start)
                start = reader.line_num + 1
                continue
            if cells and start > 1:
                yield Row(start, cells)
            start = reader.line_num + 1


def open_csv(path: Path, *, name: str | None = None) -> CsvFile:
    """Read the header. Raises Misuse (OUT-204): not there, empty, not UTF-8, two columns of one name."""
    shown = name or path.name
    try:
        first = next(iter(_Lines(path, shown)), "")
        delimiter = max(_DELIMITERS, key=lambda d: len(next(csv.reader([first], delimiter=d), [])))
        reader = csv.reader(_Lines(path, shown), delimiter=delimiter, strict=True)
        header = tuple(cell.strip() for cell in next(reader, []))
    except csv.Error as error:
        raise Misuse("OUT-204", f"the first row of {shown} cannot be read: {error}", place=Place(shown, 1, 1)) from None
    if not any(header):
        raise Misuse("OUT-204", f"{shown} is empty", help="the first row must name the columns")
    return CsvFile(path, shown, header, delimiter)


class _Lines:
    """Decoded lines, one by one; remembers the last and its number."""

    def __init__(self, path: Path, shown: str) -> None:
        self._path = path
        self._shown = shown
        self.number = 0
        self.last = ""

    @property
    def shown(self) -> str:
        return self._shown

    def __iter__(self) -> Iterator[str]:
        try:
            with self._path.open("rb") as file:
                if file.read(len(_BOM)) != _BOM:
                    file.seek(0)
                for self.number, raw in enumerate(file, 1):
                    text = raw.decode("utf-8")
                    if "\r" in text and "\r" in text.rstrip("\r\n"):  # old Mac line endings: one "line" holds many
                        for self.last in text.splitlines(keepends=True):
                            yield self.last
                    else:
                        self.last = text
                        yield text
        except UnicodeDecodeError as error:
            raise self._not_text(error) from None
        except OSError as error:
            raise Misuse("OUT-204", f"{self._shown} cannot be read: {error.strerror}") from None

    def _not_text(self, error: UnicodeDecodeError) -> Misuse:
        return Misuse(
            "OUT-204",
            f"{self._shown} is not UTF-8 text: row {self.number}, byte {error.start + 1}",
            place=Place(self._shown, self.number),
            help="save it again as CSV UTF-8; letters with accents are the ones that break",
        )


def _broken(error: csv.Error, lines: _Lines, delimiter: str, start: int) -> Row:
    """A row whose quotes do not close, as well as it can be read; a quote open at the end of the file stops all."""
    if "unexpected end" in str(error) or "limit" in str(error) or start == 1:
        raise Misuse(
            "OUT-204",
            f'{lines.shown}: a quote (") opened in row {start} is never closed',
            place=Place(lines.shown, start),
            help='close it; a quote inside a field is written twice: ""',
        ) from None
    cells = next(csv.reader([lines.last], delimiter=delimiter), [])
    return Row(start, cells, 'has a quote (") that is neither closed nor written twice')
