"""Where do the databases of a measurement come from, and how is each run given a fresh copy of the same one?"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psycopg
import sqlalchemy as sa

from tests.services import start_postgres


class Databases(Protocol):
    """Databases by name; `of` gives the address, `copy` makes `name` equal to `source`."""

    @property
    def kind(self) -> str: ...

    def of(self, name: str) -> str: ...

    def make(self, name: str) -> str: ...

    def copy(self, source: str, name: str) -> str: ...

    def drop(self, name: str) -> None: ...


@dataclass(frozen=True)
class Sqlite:
    """Files in one folder."""

    folder: Path
    kind: str = "sqlite"

    def of(self, name: str) -> str:
        return f"sqlite:///{self._path(name)}"

    def make(self, name: str) -> str:
        self.drop(name)
        return self.of(name)

    def copy(self, source: str, name: str) -> str:
        self.drop(name)
        with sqlite3.connect(self._path(source)) as c:
            c.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        c.close()
        shutil.copyfile(self._path(source), self._path(name))
        return self.of(name)

    def drop(self, name: str) -> None:
        for path in self.folder.glob(f"{name}.db*"):
            path.unlink()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.db"


@dataclass(frozen=True)
class Postgresql:
    """Databases of one server, named with a prefix of our own."""

    server: str
    kind: str = "postgresql"
    made: set[str] = field(default_factory=set)

    def of(self, name: str) -> str:
        return sa.make_url(self.server).set(database=f"bench_{name}").render_as_string(hide_password=False)

    def make(self, name: str) -> str:
        self.drop(name)
        self._run(f"CREATE DATABASE bench_{name}")
        return self.of(name)

    def copy(self, source: str, name: str) -> str:
        self.drop(name)
        self._run(f"CREATE DATABASE bench_{name} TEMPLATE bench_{source} STRATEGY file_copy")
        return self.of(name)

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS bench_{name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as c:
            c.execute(statement.encode())


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Databases]:
    """SQLite files in `folder`, or a real PostgreSQL that is stopped at the end. Raises NoService."""
    if kind == "sqlite":
        yield Sqlite(folder)
        return
    server = start_postgres()
    try:
        yield Postgresql(server.url)
    finally:
        server.stop()
