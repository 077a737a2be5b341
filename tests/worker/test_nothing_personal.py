"""Does any log, of a night and its send, at its most talkative, name a customer? Everything they wrote is searched."""

import re
import signal

import sqlalchemy as sa

from outreach.store.contacts import contact_points
from outreach.store.shop import customers
from tests.fake.conftest import *  # noqa: F403 - fixtures are found by their names here
from tests.fake.running import Running
from tests.flows.stage import NIGHT, Stage
from tests.worker.running import Starter, typed
from tests.worker.test_live import due, order, result


def test_no_address_and_no_name_is_ever_written(stage: Stage, start: Starter, fake: Running, redis_url: str):
    _, _, night = typed(stage.project, "-vv", "nightly", "--night", NIGHT.replace(day=13))
    due(stage)
    fake.mode(sendgrid={"chances": {"accept_500": 0.2, "400": 0.2, "503": 0.1}})
    worker = start.live(order(stage, until_empty=False), 2, OUTREACH_REDIS_URL=redis_url, **fake.environment)
    worker.until("handed over", times=2)
    worker.signal(signal.SIGTERM)
    assert result(worker)[0] == 143
    text = night + worker.text
    assert len(text.splitlines()) > 50
    addresses = [row.address for row in stage.rows(sa.select(contact_points.c.address)) if row.address]
    people = stage.rows(sa.select(customers.c.first_name, customers.c.last_name))
    names = {name for row in people for name in row if name and len(name) > 3}
    assert len(addresses) > 100
    assert [found for found in addresses if found.lower() in text.lower()] == []
    assert [name for name in names if re.search(rf"\b{re.escape(name)}\b", text)] == []
    assert not re.search(r"[\w.+-]+@[\w-]+\.[\w.]+", text)
