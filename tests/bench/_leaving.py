"""What do a night's words, and handing them over, cost? And the whole night?"""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from outreach.cli.main import main as outreach
from outreach.core.terms import Channel
from outreach.flows import rendering
from outreach.flows.app import App
from outreach.flows.send import BATCH, hand_over
from outreach.providers.base import Envelope, Found, LookUp, Receipt, Verdict
from outreach.render.content import Content
from outreach.store import recipients, reports, revisions, runs, schema
from outreach.store.engine import open_engine, reading, writing
from outreach.store.facts import expand
from outreach.store.runs import Run
from tests.bench import _bare
from tests.bench._clock import NOTHING, Cost, Measured, spent, timed, used
from tests.bench._project import NIGHT, beside, ready, the_run


def render_all(project: Path, _: str) -> Measured:
    """Words for every planned message, compressed and stored; beside it plain Jinja for equal messages."""
    app = ready(project)
    run = the_run(app)

    def work() -> int:
        rendering.render_planned(app, run)
        with reading(app.engine) as c:
            return int(c.execute(sa.select(sa.func.count()).select_from(schema.contents)).scalar_one())

    measured = timed(work)
    bare = _jinja_alone(app, run)
    with writing(app.engine) as c:
        rendering.release(app, c, run)
        runs.set_run(c, run.id, state="done")
    return beside(measured, bare, **_sizes(app.engine))


def _jinja_alone(app: App, run: Run) -> Cost:
    """Every message of the run once more, by templates made of one finished message per revision."""
    made: dict[str, Callable[[dict[str, str]], str]] = {}
    total = NOTHING
    with reading(app.engine) as c:
        ids = list(c.execute(sa.select(schema.outbox.c.id).where(schema.outbox.c.run_id == run.id)).scalars())
    for start in range(0, len(ids), 1_000):
        with reading(app.engine) as c:
            some = ids[start : start + 1_000]
            rows = c.execute(sa.select(schema.outbox).where(schema.outbox.c.id.in_(some))).all()
            stored = revisions.stored(c, some)
            names = recipients.load(c, [row.customer_id for row in rows])
            whole = expand(c, [row.facts for row in rows], run.night)
        for row, facts in zip(rows, whole, strict=True):
            values = _values(app, row, facts, names[row.customer_id].first_name or "")
            if row.template_revision not in made:
                body, skeleton = stored[row.id]
                assert body is not None
                content = Content.unpack(body, skeleton)
                made[row.template_revision] = _bare.plain_template(content, values, Channel(row.channel))
            render = made[row.template_revision]
            total += used(lambda r=render, v=values: r(v))  # type: ignore[misc]
    return total


def _values(app: App, row: Any, facts: dict[str, Any], first_name: str) -> dict[str, str]:
    order, newer = facts.get("order") or facts.get("last_order") or {}, facts.get("newer") or {}
    owned = facts.get("owned") or {}
    item = (order.get("main_item") or {}).get("name")
    found = {
        "first_name": first_name,
        "order": order.get("number"),
        "item": item or (owned[0] if isinstance(owned, list) else owned).get("name"),
        "newer": newer.get("name"),
        "link": newer.get("link"),
        "stop": app.links.stop(row.contact_point_id),
    }
    return {name: value or "" for name, value in found.items()}


class Nowhere:
    """A provider that takes everything and keeps nothing, so that the database's share shows."""

    name = "nowhere"
    idempotent = True
    per_second: float | None = None
    at_once = 400

    async def ready(self, calls: int) -> None:
        """No connections."""

    async def send(self, envelope: Envelope) -> Receipt:
        return Receipt(message_id=envelope.id)

    async def look_up(self, envelope: Envelope, since: datetime) -> LookUp:
        return LookUp(Found.CANNOT_TELL)

    async def check(self) -> Verdict:
        return Verdict(True, "nowhere")

    async def close(self) -> None:
        """Nothing is held open."""


def record(project: Path, bare_url: str) -> Measured:
    """Claim, hand to a provider that keeps nothing, record; beside it one bare UPDATE a message."""
    app = replace(ready(project), providers=dict.fromkeys(Channel, Nowhere()))
    measured = timed(lambda: hand_over(app).accepted)
    twin = open_engine(bare_url)
    with reading(twin) as c:
        ids = [row.id for row in c.execute(sa.select(schema.outbox.c.id).where(schema.outbox.c.state == "ready"))]
    bare = spent(lambda: _bare.accept(twin, ids, batch=BATCH))
    return beside(measured, bare)


def files(project: Path, _: str) -> Measured:
    """The same with the outbox provider: every message on disk."""
    app = ready(project)
    return timed(lambda: hand_over(app).accepted)


def night(project: Path, _: str) -> Measured:
    """`outreach nightly`, whole, on one processor."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    words = ["--project", str(project), "--quiet", "nightly", "--night", NIGHT.isoformat()]
    measured = timed(lambda: outreach(words))
    assert measured.rows == 0, "the night failed"
    app = ready(project)
    with reading(app.engine) as c:
        report = reports.night(c, the_run(app).id, list(app.campaigns))
    queued = sum(tally.queued for tally in report.tallies)
    return Measured(measured.cost, queued, measured.peak)


def _sizes(engine: sa.Engine) -> dict[str, float]:
    """Bytes of an average outbox row and of an average content row, as the database keeps them."""
    found = {}
    for table in (schema.outbox, schema.contents):
        text = f"SELECT avg(pg_column_size(t.*)) FROM {table.name} t"
        if engine.dialect.name == "sqlite":
            count = f"(SELECT count(*) FROM {table.name})"
            text = f"SELECT sum(payload) * 1.0 / {count} FROM dbstat WHERE name = '{table.name}'"
        with reading(engine) as c:
            found[f"{table.name}_bytes"] = float(c.exec_driver_sql(text).scalar_one())
    return found
