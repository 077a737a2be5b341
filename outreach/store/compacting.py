"""Is what was deleted gone from the disk, too? SQLite leaves it in free pages until the file is written anew."""

import sqlite3

import sqlalchemy as sa


def compact(engine: sa.Engine) -> bool:
    """Write SQLite's file anew, without free pages, and empty its log. False: others are at work in it just now.

    PostgreSQL reuses and overwrites what autovacuum frees; nothing is done there.
    """
    if engine.dialect.name != "sqlite":
        return True
    with engine.connect() as c:
        raw = c.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        c.detach()
        try:
            raw.execute("PRAGMA busy_timeout=5000")
            raw.execute("VACUUM")
            busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            return False
    return not busy
