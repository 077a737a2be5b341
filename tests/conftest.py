"""What does every test start from? A clean environment, closed sockets, and real migrated databases."""

import os
import shutil
import signal
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
import redis
import sqlalchemy as sa

from outreach.store.engine import migrate, open_engine
from tests.builders import SECRETS
from tests.services import NoService, Postgres, Redis, start_postgres, start_redis

ROOT = Path(__file__).resolve().parents[1]
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost", ""})

MEMORY, ROOM = Path("/dev/shm"), 6 << 30

#: The same code gets the same answer; OUTREACH_TEST_EXPLORE=1 goes where nobody has been.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True, derandomize=True, database=None)
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True)
hypothesis.settings.load_profile("explore" if os.environ.get("OUTREACH_TEST_EXPLORE") else "house")


def pytest_configure() -> None:
    """No setting of the machine reaches a test, and no test reaches another machine."""
    for name in [n for n in os.environ if n.startswith("OUTREACH_") and not n.startswith("OUTREACH_TEST_")]:
        del os.environ[name]
    sys.addaudithook(_refuse_the_network)  # an audit hook also sees sockets opened from C
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background: our children would be deaf
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and _roomy(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)  # thousands of databases are copied and thrown away
        tempfile.tempdir = None


def _roomy(folder: Path) -> bool:
    """Whether programs may be run from there, and all the databases fit in."""
    found = os.statvfs(folder)
    return not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize > ROOM


def _refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        return
    where = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[0]
    host = where[0] if isinstance(where, tuple) else where
    if event in ("socket.connect", "socket.sendto") and not isinstance(where, tuple):
        return  # a socket in the file system
    name = host.decode() if isinstance(host, bytes) else host
    if name is not None and name not in LOOPBACK and not name.startswith("127."):
        raise RuntimeError(f"a test may not reach the network: {event} {name}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One real PostgreSQL per test process (0.6 s to start). Not there: the test fails, it is never skipped."""
    try:
        server = start_postgres()
    except NoService as problem:
        pytest.fail(str(problem), pytrace=False)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """One real Redis per test process (0.03 s to start). Not there: the test fails, it is never skipped."""
    try:
        server = start_redis()
    except NoService as problem:
        pytest.fail(str(problem), pytrace=False)
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: Redis) -> str:
    """The address of an empty Redis database. Its keys are gone when the next test asks."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushdb()
    return redis_server.url


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> Iterator[str]:
    """The name of a migrated, empty database that tests are cloned from."""
    name = f"outreach_template_{uuid.uuid4().hex[:12]}"
    _administer(postgres, f"CREATE DATABASE {name}")
    _migrated(_named(postgres, name))
    yield name
    _administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    """The address of a migrated, empty PostgreSQL database of this test alone."""
    name = f"outreach_test_{uuid.uuid4().hex[:12]}"
    # file_copy: 33 ms a clone; the default, wal_log, takes 140 ms
    _administer(postgres, f"CREATE DATABASE {name} TEMPLATE {postgres_template} STRATEGY file_copy")
    yield _named(postgres, name)
    _administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file that tests are copied from."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a migrated, empty SQLite database of this test alone."""
    path = tmp_path / "database" / "outreach.db"
    path.parent.mkdir()
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated, empty database: each test that asks runs on both."""
    found: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return found


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    """The same database as `url`, opened as the program opens it."""
    opened = open_engine(url)
    yield opened
    opened.dispose()


@pytest.fixture
def connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction on `engine`, given up at the end."""
    with engine.connect() as opened, opened.begin() as transaction:
        yield opened
        if transaction.is_active:
            transaction.rollback()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder with the shipped config, templates and jobs, and fixed secrets in .env."""
    folder = tmp_path / "shop"
    folder.mkdir()
    for name in ("config", "templates", "jobs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / ".env").write_text(
        f"OUTREACH_PEPPER={SECRETS.pepper.decode()}\n"
        f"OUTREACH_TOKEN_KEYS={b','.join(SECRETS.token_keys).decode()}\n"
        f"OUTREACH_HOLDOUT_SALT={SECRETS.holdout_salt.decode()}\n"
    )
    return folder


def _migrated(url: str) -> None:
    opened = open_engine(url)
    migrate(opened)
    if opened.dialect.name == "sqlite":  # all of it in one file, so that one file can be copied
        with opened.connect() as c:
            c.rollback()
            raw = c.connection.dbapi_connection
            assert raw is not None
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    opened.dispose()


def _administer(server: Postgres, statement: str) -> None:
    with psycopg.connect(server.url, autocommit=True) as c:
        c.execute(statement.encode())


def _named(server: Postgres, name: str) -> str:
    return sa.make_url(server.url).set(database=name).render_as_string(hide_password=False)
