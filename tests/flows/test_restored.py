"""Does a restored or copied database refuse to send until a person has looked? (settled 36)"""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from outreach.core.errors import Held
from outreach.flows import epoch
from outreach.flows.app import App
from outreach.flows.release import release
from outreach.store import epochs
from outreach.store.engine import writing
from outreach.store.schema import attempts
from tests.flows import outgoing as o
from tests.flows.outgoing import Vendor
from tests.flows.stage import Stage


@pytest.fixture
def app(bare: Stage, vendor: Vendor) -> App:
    return o.going(bare.app, vendor)


def forget_what_was_sent(app: App, ids: list[int]) -> None:
    """The database as a backup knew it: these still wait."""
    with writing(app.engine) as c:
        c.execute(sa.delete(attempts))
    o.change(app.engine, ids, state="ready", attempt=0)


def test_a_database_that_is_behind_refuses_until_a_person_confirms(app: App, vendor: Vendor) -> None:
    ids = o.queue(app.engine, 4)
    o.send(app)
    assert o.send(app).states == {}, "the same database goes on"
    forget_what_was_sent(app, ids)
    for refused in (lambda: o.send(app), lambda: release(app, lambda _: None)):
        with pytest.raises(Held) as held:
            refused()
        assert (held.value.code, held.value.exit_code) == ("OUT-430", 3)
    assert len(vendor.journal) == 4
    confirmed = epoch.confirm_restore(app)
    assert confirmed.unknown == 4
    assert set(o.states(app.engine).values()) == {"unknown"}
    [new] = o.queue(app.engine, 1)
    o.send(app)
    assert vendor.names[4:] == [f"m-{new}"]


def test_another_database_refuses(app: App) -> None:
    o.queue(app.engine, 1)
    o.send(app)
    with writing(app.engine) as c:
        epochs.begin_anew(c, handed_until=None, mode="live", at=o.LONG_AGO)
    with pytest.raises(Held):
        o.send(app)


def test_a_file_nobody_can_read_refuses(app: App) -> None:
    epoch.require_same_database(app)
    (app.project / ".outreach").mkdir(exist_ok=True)
    (app.project / ".outreach" / "epoch").write_text("{", encoding="ascii")
    with pytest.raises(Held):
        epoch.require_same_database(app)


def test_many_threads_remember_at_once(app: App) -> None:
    """Each lane of a process does, after each of its hand-offs."""
    marks = [epoch.Mark("0123456789ab", i, 1, o.LONG_AGO) for i in range(400)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda mark: epoch.remember(app.project, mark), marks))
    assert epoch.last_mark(app.project) in marks
    assert [path.name for path in (app.project / ".outreach").glob("epoch*")] == ["epoch"]


def test_a_mark_that_cannot_be_written_stops_no_message(
    app: App, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    """What T2 committed is under way; the next hand-over says that the mark cannot be read."""
    ids = o.queue(app.engine, 30)

    async def in_its_place(_: object) -> None:
        file = app.project / ".outreach" / "epoch"
        if file.is_file():
            file.unlink()
            file.mkdir()

    vendor.wait = in_its_place
    assert o.send(app).states == {"accepted": len(ids)}
    assert "not remembered on this machine" in caplog.text
    with pytest.raises(Held):
        o.send(app)


def test_news_of_messages_made_after_the_backup_meets_none_of_ours(app: App) -> None:
    first = epoch.require_same_database(app)
    [known] = o.queue(app.engine, 1)
    epoch.confirm_restore(app)
    [new] = o.queue(app.engine, 1)
    with writing(app.engine) as c:
        assert epochs.knows(c, epochs.Reference(first, known, 1))
        assert not epochs.knows(c, epochs.Reference(first, new, 1))
        assert not epochs.knows(c, epochs.Reference("0123456789ab", known, 1))
