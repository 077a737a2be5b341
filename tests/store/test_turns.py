"""Do those who write to one SQLite file take turns, and does one that gets none say so?"""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.core.errors import Busy, Misuse
from outreach.store.engine import migrate, open_engine, reading, writing
from outreach.store.schema import installation

MINE = installation.c.name == "turns"


@pytest.fixture
def url(tmp_path: Path) -> str:
    where = f"sqlite:///{tmp_path / 'shop.db'}"
    engine = open_engine(where)
    migrate(engine)
    with writing(engine) as c:
        c.execute(sa.insert(installation).values(name="turns", value="0"))
    engine.dispose()
    return where


def patient(url: str, milliseconds: int) -> sa.Engine:
    engine = open_engine(url)

    def hurry(driver: Any, _record: Any) -> None:
        driver.execute(f"PRAGMA busy_timeout={milliseconds}")

    sa.event.listen(engine, "connect", hurry)
    return engine


def test_nobody_writes_between_anothers_look_and_change(url: str):
    def add(engine: sa.Engine) -> None:
        for _ in range(50):
            with writing(engine) as c:
                seen = int(c.execute(sa.select(installation.c.value).where(MINE)).scalar_one())
                c.execute(sa.update(installation).where(MINE).values(value=str(seen + 1)))

    engines = [open_engine(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, engines))
    with reading(engines[0]) as c:
        assert c.execute(sa.select(installation.c.value).where(MINE)).scalar_one() == "200"


@pytest.mark.parametrize("milliseconds", [0, 30])
def test_without_a_turn_in_time_the_database_does_not_answer(url: str, milliseconds: int):
    holder, other = open_engine(url), patient(url, milliseconds)
    with writing(holder):
        with pytest.raises(Busy, match="database is locked") as said, writing(other):
            pass
        with reading(other) as c:  # who only looks waits for nobody
            assert c.execute(sa.select(installation.c.value).where(MINE)).scalar_one() == "0"
    assert said.value.code == "OUT-302"
    with writing(other) as c:  # and the turn comes again
        c.execute(sa.update(installation).where(MINE).values(value="1"))


def test_a_connection_stays_as_patient_as_it_was(url: str):
    engine = patient(url, 12)
    with writing(engine) as c:
        assert c.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 12
    with writing(open_engine(url)), pytest.raises(Busy), writing(engine):
        pass
    with reading(engine) as c:
        assert c.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 12


def test_a_file_that_is_no_database_is_told_at_once(tmp_path: Path):
    (tmp_path / "shop.db").write_bytes(b"a letter, not a database " * 100)
    with pytest.raises(Misuse, match="cannot be read"), writing(open_engine(f"sqlite:///{tmp_path / 'shop.db'}")):
        pass


def test_a_file_that_is_damaged_meanwhile_is_told(url: str, tmp_path: Path):
    engine = open_engine(url)
    with reading(engine) as c:
        c.execute(sa.select(installation.c.value)).all()
    other = sqlite3.connect(tmp_path / "shop.db")
    other.execute("UPDATE installation SET value = '1'")
    other.commit()
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    with (tmp_path / "shop.db").open("r+b") as file:
        file.write(b"no database any more" * 1_000)
    with pytest.raises(Misuse, match="cannot be read"), writing(engine):
        pass
