"""How does a test get messages that are due, and a provider that answers as it is told?"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from outreach.core.addresses import address_hash
from outreach.core.shop import Sending
from outreach.core.terms import Channel, Mode
from outreach.flows.app import App
from outreach.flows.send import Handed, send_due
from outreach.providers.base import Envelope, Found, LookUp, Receipt, Verdict
from outreach.render.content import Content
from outreach.store import contacts, provider_states, schema, shop
from outreach.store.engine import now, reading, writing
from outreach.store.schema import outbox
from tests.builders import PEPPER

NIGHT = date(2026, 11, 14)
DAY = timedelta(days=1)
REVISION = "r-test"
SKELETON = b"Hello, this is a message of the tests."
BODY = Content("Hello", "<p>Hello</p>", "Hello", (("From", "Mara"),))


@dataclass
class Vendor:
    """A provider that keeps a journal. `answer`: what it says to each message; `wait`: awaited before that."""

    name: str = "vendor"
    idempotent: bool = False
    per_second: float | None = None
    answer: Callable[[Envelope], Receipt] = lambda envelope: Receipt(message_id=f"v-{envelope.reference}")
    wait: Callable[[Envelope], Any] | None = None
    at_once: int = 400
    listed: dict[str, LookUp] = field(default_factory=dict)
    journal: list[Envelope] = field(default_factory=list)
    verdict: Verdict = field(default_factory=lambda: Verdict(True, "vendor"))

    async def ready(self, calls: int) -> None:
        """No connections."""

    async def send(self, envelope: Envelope) -> Receipt:
        self.journal.append(envelope)
        if self.wait is not None:
            await self.wait(envelope)
        return self.answer(envelope)

    async def look_up(self, envelope: Envelope, since: datetime) -> LookUp:
        return self.listed.get(envelope.id, LookUp(Found.ABSENT) if self.listed else LookUp(Found.CANNOT_TELL))

    async def check(self) -> Verdict:
        return self.verdict

    async def close(self) -> None:
        """Nothing is held open."""

    @property
    def names(self) -> list[str]:
        return [envelope.id for envelope in self.journal]


def going(app: App, vendor: Vendor, mode: Mode = Mode.LIVE, sending: Sending | None = None) -> App:
    """The shop in live mode, each channel by this vendor, at any hour of the day."""
    house = replace(app.house, mode=mode, sending=sending or app.house.sending)
    return replace(app, house=house, providers=dict.fromkeys(Channel, vendor))


def queue(engine: sa.Engine, count: int = 1, **values: Any) -> list[int]:
    """So many due messages to as many new customers, outside quiet hours' reach unless `kind` says otherwise."""
    with writing(engine) as c:
        at = now(c)
        run = _run(c, at)
        first = c.execute(sa.select(sa.func.coalesce(sa.func.max(shop.customers.c.id), 0))).scalar_one() + 1
        ids = list(range(first, first + count))
        c.execute(sa.insert(shop.customers), [_customer(i) for i in ids])
        c.execute(sa.insert(contacts.contact_points), [_point(i) for i in ids])
        c.execute(sa.insert(outbox), [{**_message(i, run, at), **values} for i in ids])
        body = BODY.pack(SKELETON)
        c.execute(sa.insert(schema.contents), [_content(i, body) for i in ids])
        if engine.dialect.name == "postgresql":
            for table in ("customer", "contact_point", "outbox"):
                c.execute(sa.text(f"SELECT setval('{table}_id_seq', {ids[-1]})"))
    return ids


def _run(c: sa.Connection, at: datetime) -> int:
    found = c.execute(sa.select(schema.runs.c.id)).scalars().first()
    if found is not None:
        return int(found)
    revision = {
        "revision": REVISION,
        "campaign": "safety_note",
        "channel": "email",
        "language": "en",
        "file": "email.en.j2",
        "source": "Hello",
        "skeleton": SKELETON,
        "first_used_at": at,
    }
    c.execute(sa.insert(schema.template_revisions), [revision])
    row = {"name": f"n-{NIGHT}", "job": "nightly", "business_date": NIGHT, "mode": "live", "state": "done"}
    return int(c.execute(sa.insert(schema.runs).values(**row, started_at=at).returning(schema.runs.c.id)).scalar_one())


def email(i: int) -> str:
    return f"customer{i}@example.com"


def hash_of(i: int) -> str:
    return address_hash(PEPPER, Channel.EMAIL, email(i))


def _customer(i: int) -> dict[str, Any]:
    return {"id": i, "key": f"C-{i}", "household_id": i, "first_name": "Ana", "country": "GB", "language": "en"}


def _point(i: int) -> dict[str, Any]:
    return {
        "id": i,
        "customer_id": i,
        "channel": "email",
        "address": email(i),
        "address_hash": hash_of(i),
        "current": True,
    }


def _message(i: int, run: int, at: datetime) -> dict[str, Any]:
    return {
        "id": i,
        "dedupe_key": f"k-{i}",
        "run_id": run,
        "night": NIGHT,
        "mode": "live",
        "campaign": "delivery_check",
        "kind": "answer",  # at any hour
        "legal": "service",
        "customer_id": i,
        "contact_point_id": i,
        "contact_hash": hash_of(i),
        "channel": "email",
        "language": "en",
        "subject_key": f"s-{i}",
        "subjects": [f"s-{i}"],
        "template_revision": REVISION,
        "facts": {},
        "state": "ready",
        "rank": 1,
        "draw": i,
        "not_before": at - timedelta(hours=1),
        "not_after": at + 3 * DAY,
        "created_at": at,
        "updated_at": at,
    }


def _content(i: int, body: bytes) -> dict[str, Any]:
    return {"outbox_id": i, "revision": REVISION, "body": body, "sha": BODY.sha}


def trusted(app: App, vendor: Vendor) -> App:
    """The shop in live mode, by a vendor that took one message before: nothing waits for a first one."""
    app = going(app, vendor)
    with writing(app.engine) as c:
        provider_states.well(c, vendor.name)
    return app


def send(app: App, **how: Any) -> Handed:
    """One hand-over, to its end."""
    return asyncio.run(send_due(app, **how))


def states(engine: sa.Engine, ids: Sequence[int] | None = None) -> dict[int, str]:
    """{message: state}."""
    with reading(engine) as c:
        rows = c.execute(sa.select(outbox.c.id, outbox.c.state).order_by(outbox.c.id)).all()
    return {row.id: row.state for row in rows if ids is None or row.id in ids}


def message(engine: sa.Engine, message_id: int) -> Any:
    """One message's row."""
    with reading(engine) as c:
        return c.execute(sa.select(outbox).where(outbox.c.id == message_id)).one()


def change(engine: sa.Engine, ids: Sequence[int], **values: Any) -> None:
    """Change messages behind everybody's back, as time would."""
    with writing(engine) as c:
        c.execute(sa.update(outbox).where(outbox.c.id.in_(ids)).values(**values))


def live_where_it_is(engine: sa.Engine, ids: Sequence[int], *, hour: int) -> None:
    """Move customers to a zone where it is between `hour` and an hour later at this moment."""
    with writing(engine) as c:
        behind = (now(c).hour - hour + 11) % 24 - 11  # hours west of Greenwich, -11 to 12
        zone = "Etc/GMT" + (f"{behind:+d}" if behind else "")  # POSIX: plus is west
        c.execute(sa.update(shop.customers).where(shop.customers.c.id.in_(ids)).values(zone=zone))


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
