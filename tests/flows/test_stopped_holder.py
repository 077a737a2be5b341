"""Does a process that was stopped in the middle of a transaction keep others waiting for ever? (PostgreSQL)"""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from outreach.core.errors import Busy
from outreach.store import engine as the_engine
from outreach.store.engine import open_engine, reading, writing


@pytest.fixture
def impatient(postgres_url: str) -> Iterator[sa.Engine]:
    engine = open_engine(postgres_url)
    sa.event.listen(engine, "begin", lambda c: c.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 50"))
    yield engine
    engine.dispose()


def ended(watcher: sa.Engine, pid: int) -> bool:
    with reading(watcher) as c:
        asked = sa.text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
        return not c.execute(asked, {"pid": pid}).scalar_one()


def sleeps_in_a_transaction(impatient: sa.Engine, watcher: sa.Engine) -> None:
    with writing(impatient) as c:
        pid = c.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        while not ended(watcher, pid):  # its locks are free from then on
            pass
        c.execute(sa.text("SELECT 1"))


def test_its_session_ends_and_when_it_wakes_up_it_hears_that_the_database_does_not_answer(
    impatient: sa.Engine, postgres_url: str
) -> None:
    watcher = open_engine(postgres_url)
    with pytest.raises(Busy) as said:
        sleeps_in_a_transaction(impatient, watcher)
    watcher.dispose()
    assert said.value.code == "OUT-302"


def test_every_session_of_ours_is_so(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with reading(engine) as c:
        said = c.execute(sa.text("SHOW idle_in_transaction_session_timeout")).scalar_one()
    engine.dispose()
    assert said == f"{the_engine._BUSY_MS // 1000}s"
