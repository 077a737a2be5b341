"""Somebody is forgotten while a message to them is on its way, or the program dies of it: does it all end well?"""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.flows import forget, opt_out
from outreach.flows.app import App
from outreach.providers.base import DEADLINE
from outreach.records.invented import ShopFiles
from outreach.store import sending
from outreach.store.contacts import contact_points, suppressions
from outreach.store.engine import now, reading, writing
from outreach.store.schema import outbox
from outreach.store.shop import customers
from tests.flows import outgoing as o
from tests.flows.outgoing import Vendor
from tests.flows.stage import Stage, read_rows, take_in, write_back


def rows(app: App, query: Any) -> list[Any]:
    with reading(app.engine) as c:
        return list(c.execute(query))


def silenced(app: App) -> bool:
    return bool(rows(app, sa.select(suppressions.c.reason).where(suppressions.c.reason == "erased")))


def test_rule_35_fault_33_erased_in_flight_and_imported_again(app: App, vendor: Vendor, tmp_path: Path):
    """0 twice, the address gone, the suppression stays."""
    [i] = o.queue(app.engine)

    async def scene() -> None:
        on_its_way = asyncio.Event()

        async def call(_envelope: Any) -> None:
            on_its_way.set()
            while not await asyncio.to_thread(silenced, app):
                await asyncio.sleep(0.01)

        async def forgetting() -> None:
            await on_its_way.wait()
            await asyncio.to_thread(forget.forget, app, f"C-{i}")

        vendor.wait = call
        await asyncio.gather(o.send_due(app), forgetting())

    asyncio.run(scene())
    assert o.states(app.engine) == {i: "accepted"}, "the call was let end, and was recorded"
    record = tmp_path / "customers.csv"
    head = {"customer": f"C-{i}", "email": o.email(i), "first_name": "Ana", "country": "GB"}
    write_back(record, [head, {**head, "customer": "C-other"}])
    take_in(app, [record])
    again = {"id": 900, "dedupe_key": "again", "state": "ready", "attempt": 0, "provider_message_id": None}
    with writing(app.engine) as c:  # a message that some fault left behind
        row = c.execute(sa.select(outbox).where(outbox.c.id == i)).one()
        c.execute(sa.insert(outbox).values({**row._mapping, **again, "kind": "safety"}))
    o.send(app)
    assert vendor.names == [f"m-{i}"], "once, and never again"
    assert rows(app, sa.select(contact_points.c.address, contact_points.c.current)) == [(None, False)] * 2
    assert rows(app, sa.select(customers.c.first_name)) == [(None,)] * 2
    assert silenced(app)


def test_a_claimed_message_is_not_handed_over(app: App, vendor: Vendor):
    [i] = o.queue(app.engine, state="claimed", attempt=1, kind="safety")
    with writing(app.engine) as c:
        lease = now(c) + timedelta(minutes=5)
        c.execute(sa.update(outbox).values(lease_until=lease, owner="w"))
    assert forget.forget(app, f"C-{i}").withdrawn == 1
    with writing(app.engine) as c:
        at = now(c)
        assert not sending.hand(c, [(i, 1)], at=at, deadline=DEADLINE, clock=at), "T2 is fenced by the state"
    assert (o.states(app.engine), vendor.journal) == ({i: "suppressed"}, [])


@pytest.mark.parametrize("point", ["after_silenced", "after_files", "after_emptied"])
def test_killed_anywhere_the_same_command_does_the_rest(sqlite_stage: Stage, shop_files: ShopFiles, point: str):
    who = read_rows(shop_files.customers)[0]
    sqlite_stage.night()
    trace = sqlite_stage.project / ".outreach" / "faults" / "x.txt"
    trace.parent.mkdir()
    trace.write_text(who["email"], encoding="utf-8")
    sqlite_stage.close()
    typed = [sys.executable, "-c", "from outreach.cli.main import main; main()"]
    command = [*typed, "-C", str(sqlite_stage.project), "forget", who["customer"], "--yes"]
    died = subprocess.run(command, env={**os.environ, "OUTREACH_FAIL_AT": point}, capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert silenced(sqlite_stage.app), "they are left alone, wherever it died"
    forget.forget(sqlite_stage.app, who["customer"])
    assert not trace.exists()
    assert not sqlite_stage.rows(sa.select(contact_points).where(contact_points.c.address == who["email"]))
    assert not forget.look(sqlite_stage.app, who["customer"]).anything
    assert opt_out.standing(sqlite_stage.app, who["customer"])[1]
