"""What do the faults happen to? An invented shop whose night is planned and approved: live, and due this minute."""

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from outreach.bootstrap import build
from outreach.core.terms import Mode
from outreach.flows import again
from outreach.flows.plan import Request, plan
from outreach.records.invented_big import write_big_shop
from outreach.store.engine import now, open_engine, reading, writing
from outreach.store.schema import contents, outbox
from tests.flows.stage import NIGHT, new_project, read_rows, take_in, write_back

#: What differs from the shipped config: the vendors, customers' pages on an address Twilio could call, no ceiling.
CHANGES = {
    "email: {address: hello@alder.example, provider: outbox}": (
        "email: {address: hello@alder.example, provider: sendgrid}"
    ),
    "text: {number: Alder, provider: outbox}": 'text: {number: "+447400000000", provider: twilio}',
    "mode: outbox ": "mode: live ",
    "max_per_night: 200 ": "max_per_night: 100000 ",
    "  from:  ": "  from: 2020-01-01  ",
    '{base_url: "http://127.0.0.1:8076"}': '{base_url: "https://news.alder.example"}',
}
#: An opt-out waits for a call to that address that is under way (PostgreSQL).
STRICT = {"strict: false ": "strict: true "}


@dataclass
class Scene:
    """A project over a database of its own, with messages that are due.

    `patience_ms`: how long we wait for another's lock; None: as long as the program does.
    """

    project: Path
    url: str
    patience_ms: int | None = None

    def __post_init__(self) -> None:
        self.engine = open_engine(self.url)
        if self.patience_ms is not None:
            sa.event.listen(self.engine, "connect", self._hurry)

    def _hurry(self, driver: Any, _record: Any) -> None:
        if self.engine.dialect.name == "sqlite":
            driver.execute(f"PRAGMA busy_timeout={self.patience_ms}")
        else:
            driver.execute(f"SET lock_timeout={self.patience_ms}")
            driver.commit()

    def rows(self, query: Any) -> list[Any]:
        with reading(self.engine) as c:
            return list(c.execute(query))

    def change(self, *statements: Any) -> None:
        with writing(self.engine) as c:
            for statement in statements:
                c.execute(statement)

    def messages(self) -> dict[int, Any]:
        """Every message by its id."""
        return {row.id: row for row in self.rows(sa.select(outbox).order_by(outbox.c.id))}

    def clock(self) -> Any:
        """The database's own time."""
        with reading(self.engine) as c:
            return now(c)

    def leases_run_out(self) -> None:
        """As if a minute had passed since every claim: whoever holds one is late."""
        leased = outbox.c.lease_until.is_not(None)
        self.change(sa.update(outbox).where(leased).values(lease_until=self.clock() - timedelta(seconds=1)))

    def doubts_age(self) -> None:
        """As if a day had passed since every doubt began."""
        doubtful = outbox.c.doubt_since.is_not(None)
        self.change(sa.update(outbox).where(doubtful).values(doubt_since=self.clock() - timedelta(days=2)))

    def breaks_one(self) -> str:
        """The words of one campaign's messages cannot be read any more. Returns the campaign: the smallest but one."""
        sizes = Counter(str(message.campaign) for message in self.messages().values())
        broken = sorted(sizes, key=lambda name: (sizes[name], name))[1]
        theirs = sa.select(outbox.c.id).where(outbox.c.campaign == broken)
        self.change(sa.update(contents).where(contents.c.outbox_id.in_(theirs)).values(body=b"damaged"))
        return broken

    def unplanned(self) -> None:
        """As before the night: nothing decided, nothing queued."""
        tables = (
            "content",
            "told",
            "attempt",
            "contact_ledger",
            "outbox",
            "decision",
            "candidate",
            "run_campaign",
            "run",
        )
        self.change(*(sa.delete(sa.table(name)) for name in tables))

    def close(self) -> None:
        self.engine.dispose()


def settle_in(folder: Path, url: str | None, environment: Mapping[str, str], *, strict: bool = False) -> Path:
    """A project folder that sends through the fake provider."""
    project = new_project(folder, url)
    config = project / "config" / "outreach.yaml"
    text = config.read_text(encoding="utf-8")
    for before, after in (CHANGES | (STRICT if strict else {})).items():
        assert text.count(before) == 1, f"config/outreach.yaml no longer says {before!r}"
        text = text.replace(before, after)
    config.write_text(text, encoding="utf-8")
    tell(project, environment)
    return project


def tell(project: Path, environment: Mapping[str, str]) -> None:
    """More lines for the project's .env."""
    with (project / ".env").open("a", encoding="utf-8") as env:
        env.writelines(f"{name}={value}\n" for name, value in environment.items())


def plan_night(project: Path, customers: int) -> int:
    """Import a shop of this size, plan its night, approve it, and make all of it due. Returns how many messages."""
    app = build(project)
    try:
        take_in(app, _records(project.parent / f"{project.name}-records", customers))
        plan(app, Request(NIGHT, Mode.LIVE, past=True))
        again.approve(app, f"n-{NIGHT}", note="the faults wait", limit=None)
        return make_due(app.engine)
    finally:
        app.engine.dispose()


def make_due(engine: sa.Engine) -> int:
    """All of it may leave from now on, for two days. Returns how many messages."""
    with writing(engine) as c:
        at = now(c)
        due = {"not_before": at - timedelta(hours=1), "not_after": at + timedelta(days=2)}
        return c.execute(sa.update(outbox).values(due)).rowcount


def _records(folder: Path, customers: int) -> tuple[Path, ...]:
    """An invented shop where every third customer can be reached by text only, and it is noon for everybody."""
    files = write_big_shop(folder, customers=customers, orders=2 * customers, as_of=NIGHT)
    rows = read_rows(files.customers)
    noon = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"  # whose sign says how far west
    for n, row in enumerate(rows):
        row["time_zone"] = noon
        if n % 3 == 0:
            row |= {"email": "", "phone": f"+4474{n:08}", "text_service": "yes", "text_marketing": "yes"}
    write_back(files.customers, rows)
    return files.paths


def copied(template: Path, folder: Path, *, changed: Mapping[str, str] | None = None) -> Path:
    """A copy of a planned project, with its SQLite file if it has one. `changed`: addresses in its .env -> the new."""
    shutil.copytree(template, folder, ignore=shutil.ignore_patterns("__pycache__", "*.lock", "epoch"))
    env = folder / ".env"
    text = env.read_text(encoding="utf-8")
    for before, after in (changed or {}).items():
        text = text.replace(before, after)
    env.write_text(text, encoding="utf-8")
    return folder


__all__ = ["NIGHT", "Scene", "copied", "make_due", "plan_night", "settle_in", "tell"]
