"""With send.strict, is no message to somebody on its way when their opt-out is committed? (PostgreSQL)"""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from outreach.bootstrap import build
from outreach.core.errors import Busy, Misuse
from outreach.core.shop import Sending
from outreach.core.terms import Scope
from outreach.flows import opt_out, opt_out_lists
from outreach.flows.app import App
from outreach.providers.base import Envelope
from outreach.store import address_locks, provider_states
from outreach.store.engine import writing
from tests.flows import outgoing as o
from tests.flows.outgoing import Vendor
from tests.flows.stage import Stage, new_project

ASKED = opt_out.Asked(Scope.EVERYTHING, "asked", "page", None, None, o.LONG_AGO)


@pytest.fixture
def app(tmp_path, postgres_url: str, shipped_catalogue, vendor: Vendor) -> Iterator[App]:  # type: ignore[no-untyped-def]
    stage = Stage(new_project(tmp_path / "strict", postgres_url), postgres_url, shipped_catalogue)
    app = o.going(stage.app, vendor, sending=Sending(strict=True))
    with writing(app.engine) as c:
        provider_states.well(c, vendor.name)
    yield app
    stage.close()


def while_a_call_is_under_way(app: App, vendor: Vendor, wish: Callable[[], object]) -> list[str]:
    """What happened in which order when somebody opted out while a message to them was on its way."""
    order: list[str] = []

    async def scene() -> None:
        begun, goes_on = asyncio.Event(), asyncio.Event()

        async def on_its_way(_: Envelope) -> None:
            begun.set()
            await goes_on.wait()
            order.append("answered")

        async def opting_out() -> None:
            await begun.wait()
            asked = asyncio.create_task(asyncio.to_thread(wish))
            done, _ = await asyncio.wait([asked], timeout=0.3)
            assert not done, "it is not committed while the call is under way"
            goes_on.set()
            await asked
            order.append("opted out")

        vendor.wait = on_its_way
        await asyncio.gather(o.send_due(app), opting_out())

    asyncio.run(scene())
    return order


def test_an_opt_out_waits_for_the_call_under_way(app: App, vendor: Vendor) -> None:
    """Rule 7."""
    [i] = o.queue(app.engine)
    order = while_a_call_is_under_way(app, vendor, lambda: opt_out.add(app, o.email(i), ASKED))
    assert order == ["answered", "opted out"]
    assert o.states(app.engine) == {i: "accepted"}


def test_a_list_of_opt_outs_waits_for_the_calls_under_way(app: App, vendor: Vendor, tmp_path: Path) -> None:
    ids = o.queue(app.engine, 3)
    path = tmp_path / "stop.txt"
    path.write_text("".join(f"{o.email(i)}\n" for i in ids), encoding="utf-8")
    order = while_a_call_is_under_way(app, vendor, lambda: opt_out_lists.read_list(app, path, ASKED, write=True))
    assert order.index("opted out") == len(vendor.journal)


def test_who_is_opting_out_this_moment_is_not_handed_over(app: App, vendor: Vendor) -> None:
    one, other = o.queue(app.engine, 2)
    with writing(app.engine) as c:
        assert address_locks.wait_for_calls(c, [o.hash_of(one)])
        assert o.send(app).states == {"accepted": 1}
    assert vendor.names == [f"m-{other}"]
    assert o.states(app.engine)[one] == "ready"
    assert o.send(app).states == {"accepted": 1}, "the lock went with the transaction"


def test_no_lock_stays_behind(app: App) -> None:
    ids = o.queue(app.engine, 150)
    o.send(app)
    with writing(app.engine) as c:
        assert address_locks.wait_for_calls(c, [o.hash_of(i) for i in ids])


def test_sqlite_cannot_and_says_so(project) -> None:  # type: ignore[no-untyped-def]
    file = project / "config" / "outreach.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("strict: false", "strict: true"), encoding="utf-8")
    with pytest.raises(Misuse) as refused:
        build(project)
    assert refused.value.code == "OUT-431"


def test_a_session_that_is_lost_with_its_locks_is_a_database_that_does_not_answer(app: App, vendor: Vendor) -> None:
    """A restart of PostgreSQL in the middle of a call: its answer is recorded, and the rest leaves by the next look."""
    ids = o.queue(app.engine, 30)

    async def locks_are_lost(_: Envelope) -> None:
        if len(vendor.journal) == 1:
            held = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            with writing(app.engine) as c:
                assert c.execute(sa.text(held)).scalars().all() == [True]

    vendor.wait = locks_are_lost
    with pytest.raises(Busy):
        o.send(app)
    assert sorted(o.states(app.engine).values()) == ["accepted", *["ready"] * 29]
    assert o.send(app).accepted == 29
    assert sorted(vendor.names) == sorted(f"m-{i}" for i in ids)
