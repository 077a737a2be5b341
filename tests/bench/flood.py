"""Is anything lost when everything is told at once? `python3 dev.py bench flood --seconds 60`

A real `outreach serve pages` on PostgreSQL is posted to as SendGrid (20 posts a second of 100 events) and Twilio (100
texts' statuses a second) would, signed. Halfway it is killed with SIGKILL and started again; the provider repeats what
was not answered with 200, as theirs do. At the end every event has to be here once, every message has its fate, and
every bounce its suppression. Exit code 1 when something is missing, or the receiver held more than 256 MiB.
"""

import argparse
import http.client
import json
import queue
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import sqlalchemy as sa

from outreach.bootstrap import build
from outreach.store import epochs
from outreach.store.contacts import suppressions
from outreach.store.engine import reading, writing
from outreach.store.inbox_schema import inbox_events
from outreach.store.schema import outbox
from tests.bench._databases import databases
from tests.bench._receiver import Receiver, free_port
from tests.fake import posting
from tests.fake.posting import Headers, Signer
from tests.faults.scene import settle_in
from tests.flows.outgoing import email
from tests.flows.outgoing import queue as queue_messages

EVENTS, PER_SECOND, TEXTS, BUDGET_MB = 100, 20, 100, 256.0
#: One event in so many is a bounce: a busy day has fewer.
BOUNCES = 25


@dataclass(frozen=True)
class Post:
    """One post, and the second at which it is due."""

    due: float
    target: str
    body: bytes
    headers: Headers
    events: int


@dataclass
class Sender:
    """The provider: so many connections, each post again until it is answered with 200."""

    port: int
    begins: float
    posts: "queue.Queue[Post | None]" = field(default_factory=queue.Queue)
    took: list[tuple[str, float]] = field(default_factory=list)
    again: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        connection: http.client.HTTPConnection | None = None
        while (post := self.posts.get()) is not None:
            time.sleep(max(0.0, self.begins + post.due - time.monotonic()))
            tries, first = 0, time.monotonic()
            while True:
                began = time.monotonic()
                status = None
                try:
                    connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
                    connection.request("POST", post.target, post.body, post.headers)
                    answer = connection.getresponse()
                    answer.read()
                    status = answer.status
                except (OSError, http.client.HTTPException):
                    connection = None
                if status == 200:
                    break
                tries += 1
                self.again[str(status or "no answer")] += 1
                if time.monotonic() - first > 120:
                    raise SystemExit("bench: a post was not taken for two minutes")
                time.sleep(min(2.0, 0.1 * 2**tries))
            self.took.append((post.target.partition("?")[0], time.monotonic() - began))


def prepared(folder: Path, url: str, signer: Signer, messages: int) -> Path:
    """A project with its keys, and so many messages that were handed over."""
    keys = {
        "SENDGRID_WEBHOOK_KEY": signer.public,
        "TWILIO_ACCOUNT_SID": posting.ACCOUNT,
        "TWILIO_AUTH_TOKEN": posting.TOKEN,
    }
    project = settle_in(folder, url, keys)
    app = build(project)
    for start in range(0, messages, 10_000):
        queue_messages(app.engine, min(10_000, messages - start), state="accepted", attempt=1, provider="sendgrid")
    with writing(app.engine) as c:
        epochs.name_it(c)
    app.engine.dispose()
    return project


def planned(instance: str, seconds: int, signer: Signer) -> tuple[list[Post], list[Post], Counter[str]]:
    """All posts of SendGrid and of Twilio, and what they tell: {kind: events}."""
    told: Counter[str] = Counter()
    mails, texts, message = [], [], 0
    for n in range(seconds * PER_SECOND):
        said = []
        for _ in range(EVENTS // 2):
            message += 1
            bounced = message % BOUNCES == 0
            kind: dict[str, str] = {"event": "bounce", "type": "bounce"} if bounced else {"event": "delivered"}
            for what in ({"event": "processed"}, kind):
                said.append({**posting.event("", email(message), f"{instance}-{message}-1"), **what})
                told[what["event"]] += 1
        body = posting.batch(said)
        mails.append(Post(n / PER_SECOND, "/sendgrid/events", body, signer.headers(body), EVENTS))
    for n in range(seconds * TEXTS):
        word = ("sent", "delivered")[n % 2]
        number = n // 2 + 1
        target = f"/twilio/status?r={instance}-{message + number}-1"
        form, headers = posting.form(posting.status(word, f"SM{number:032x}", "+447400123456"), target)
        texts.append(Post(n / TEXTS, target, form, headers, 1))
        told["text"] += 1
    return mails, texts, told


def measured(project: Path, seconds: int, signer: Signer, instance: str) -> dict[str, Any]:
    """The flood, the kill in the middle of it, and what was answered when."""
    mails, texts, told = planned(instance, seconds, signer)
    receiver = Receiver(project, free_port())
    receiver.start()
    begins = time.monotonic() + 1
    by_mail, by_text = Sender(receiver.port, begins), Sender(receiver.port, begins)
    crew = [threading.Thread(target=by_mail.run) for _ in range(6)] + [
        threading.Thread(target=by_text.run) for _ in range(12)
    ]
    for sender, posts, hands in ((by_mail, mails, 6), (by_text, texts, 12)):
        for post in (*posts, *[None] * hands):
            sender.posts.put(post)
    for hand in crew:
        hand.start()
    time.sleep(max(0.0, begins + seconds / 2 - time.monotonic()))
    receiver.end(signal.SIGKILL)
    time.sleep(1)
    receiver.start()
    while any(hand.is_alive() for hand in crew):
        receiver.watch()
        time.sleep(0.5)
    wall = time.monotonic() - begins
    receiver.end(signal.SIGTERM)
    return {
        "told": dict(told),
        "posts": len(mails) + len(texts),
        "wall": wall,
        "again": dict(by_mail.again + by_text.again),
        "ms": {name: _ms(sender.took) for name, sender in (("sendgrid", by_mail), ("twilio", by_text))},
        "peak_mb": max(receiver.peaks),
    }


def _ms(took: Sequence[tuple[str, float]]) -> dict[str, float]:
    spans = quantiles([span for _, span in took], n=100)
    return {"median": 1e3 * spans[49], "p99": 1e3 * spans[98]}


def missing(engine: sa.Engine, told: dict[str, int]) -> dict[str, int]:
    """What should be here and is not: {what: how many}. Nothing: an empty answer."""
    with reading(engine) as c:
        kept = _counts(c, inbox_events.c.provider)
        fates = _counts(c, outbox.c.fate)
        closed = c.execute(sa.select(sa.func.count()).select_from(suppressions)).scalar_one()
    lacks = {
        "events of SendGrid": told["processed"] + told["delivered"] + told["bounce"] - kept.get("sendgrid", 0),
        "statuses of Twilio": told["text"] - kept.get("twilio", 0),
        "bounced messages": told["bounce"] - fates.get("bounced", 0),
        "suppressions": told["bounce"] - closed,
        "delivered messages": told["delivered"] + told["text"] // 2 - fates.get("delivered", 0),
    }
    return {what: n for what, n in lacks.items() if n}


def _counts(c: sa.Connection, column: sa.Column[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in c.execute(sa.select(column, sa.func.count()).group_by(column))}


@contextmanager
def _shop(asked: argparse.Namespace, signer: Signer) -> Iterator[tuple[Path, sa.Engine, str]]:
    messages = asked.seconds * (PER_SECOND * EVENTS // 2 + TEXTS // 2)
    with tempfile.TemporaryDirectory(prefix="outreach-bench-") as at, databases(asked.db, Path(at)) as where:
        project = prepared(Path(at) / "shop", where.make("flood"), signer, messages)
        app = build(project)
        with reading(app.engine) as c:
            instance = epochs.instance(c)
        assert instance is not None
        yield project, app.engine, instance
        app.engine.dispose()


def main(words: Sequence[str]) -> int:
    asked = _arguments(words)
    signer = Signer()
    with _shop(asked, signer) as (project, engine, instance):
        found = measured(project, asked.seconds, signer, instance)
        found["missing"] = missing(engine, found["told"])
    print(json.dumps(found) if asked.json else _page(asked, found))
    return 1 if found["missing"] or found["peak_mb"] > BUDGET_MB else 0


def _page(asked: argparse.Namespace, found: dict[str, Any]) -> str:
    told, ms = found["told"], found["ms"]
    return "\n".join(
        (
            f"{asked.db}, {asked.seconds} s: {found['posts']:,} posts, {sum(told.values()):,} events",
            f"all answered after {found['wall']:.1f} s",
            f"killed halfway; posts that had to come again, by what was said: {found['again'] or 'none'}",
            f"lost after the retry: {found['missing'] or 'nothing'}",
            f"SendGrid, 100 events a post: {ms['sendgrid']['median']:.0f} ms, p99 {ms['sendgrid']['p99']:.0f} ms",
            f"Twilio, one status a post:   {ms['twilio']['median']:.0f} ms, p99 {ms['twilio']['p99']:.0f} ms",
            f"memory of the receiver: {found['peak_mb']:.0f} MB at most (budget {BUDGET_MB:.0f})",
        )
    )


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    read = argparse.ArgumentParser(prog="python3 dev.py bench flood", description=(__doc__ or "").split("\n\n")[1])
    read.add_argument("--seconds", type=int, default=60, help="how long (default 60)")
    read.add_argument("--db", choices=("sqlite", "postgresql"), default="postgresql")
    read.add_argument("--json", action="store_true", help="every figure as one JSON document")
    return read.parse_args(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
