"""How fast do messages leave, and how fast do others send theirs? `python3 dev.py bench send`

A night of 22 kB emails is made due, then two worker processes send it through a real Redis and a real database to the
fake provider on the same machine, at each latency. In the same run: the usual app (one queue message a mail, an ORM,
the maker's client, threads), django-post_office in its best configuration, 3,000 mails each, and requests through bare
sockets. Compare the ratios; seconds are this machine's. Nothing here is a test.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from outreach.render.content import Content
from outreach.store import revisions
from outreach.store.engine import open_engine, reading
from outreach.store.schema import contents
from tests.bench import _rivals
from tests.bench._crowd import crowd
from tests.bench._databases import Databases, databases
from tests.bench._sending import send
from tests.services import start_redis

#: speed.md: messages a second with a provider that answers at once.
BUDGET = {"sqlite": 6_000.0, "postgresql": 4_000.0}
_HEAD = (
    f"{'latency':>8}{'messages':>10}{'seconds':>9}{'a second':>10}{'CPU us':>8}{'MB':>6}"
    f"{'x usual app':>13}{'x post_office':>15}"
)


def main(words: Sequence[str]) -> int:
    """Measure, print; exit code 0 whatever the figures say, 1 when the journal and the database disagree."""
    asked = _arguments(words)
    _rivals.at_home()
    found: dict[str, Any] = {}
    redis = start_redis()
    try:
        with tempfile.TemporaryDirectory(prefix="outreach-bench-") as folder:
            for kind in ("sqlite", "postgresql") if asked.db == "both" else (asked.db,):
                with databases(kind, Path(folder)) as where:
                    found[kind] = _measure(Path(folder) / kind, where, redis.url, asked)
    finally:
        redis.stop()
    print(json.dumps(found) if asked.json else "\n\n".join(_page(kind, figures) for kind, figures in found.items()))
    print(f"\n{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    wrong = [s for figures in found.values() for s in figures["sent"].values() if s["taken"] != s["accepted"]]
    return 1 if wrong else 0


def _measure(folder: Path, where: Databases, redis: str, asked: argparse.Namespace) -> dict[str, Any]:
    project = crowd(folder / "shop", where.make("crowd"), {}, asked.messages)
    mail = _one_mail(where.of("crowd"), folder)
    found: dict[str, Any] = {"bytes": sum(p.stat().st_size for p in (mail.html, mail.text)), "sent": {}, "usual": {}}
    found["limit"] = _rivals.limit(mail, min(20_000, asked.messages))
    found["post_office"] = _rivals.post_office(sa.make_url(where.make("rival")), mail)
    for latency in asked.latency:
        url = where.copy("crowd", "work")
        done = send(project, url, redis, latency=latency, processes=asked.processes)
        found["sent"][latency] = done.plain()
        found["usual"][latency] = _rivals.naive(where.make("rival"), redis, mail, latency)
        print(f"  {where.kind} at {latency} ms: {done.rate:,.0f}/s", file=sys.stderr, flush=True)
    return found


def _one_mail(url: str, folder: Path) -> _rivals.Mail:
    """A message of the night, which everybody sends."""
    engine = open_engine(url)
    with reading(engine) as c:
        first = c.execute(sa.select(sa.func.min(contents.c.outbox_id))).scalar_one()
        body, skeleton = revisions.stored(c, [first])[first]
    engine.dispose()
    assert body is not None
    return _rivals.Mail.of(Content.unpack(body, skeleton), folder, "")


def _page(kind: str, found: dict[str, Any]) -> str:
    lines = [f"{kind}: emails of {found['bytes']:,} bytes, two processes", _HEAD]
    for latency, sent in found["sent"].items():
        each = 1e6 * sent["cpu"] / sent["accepted"]
        usual, office = sent["rate"] / found["usual"][latency], sent["rate"] / found["post_office"]
        lines.append(
            f"{latency:>5} ms{sent['accepted']:>10,}{sent['seconds']:>9.1f}{sent['rate']:>10,.0f}{each:>8.0f}"
            f"{sent['peak']:>6.0f}{usual:>13.1f}{office:>15.1f}"
        )
    usual = ", ".join(f"{rate:,.0f}/s at {latency} ms" for latency, rate in found["usual"].items())
    lines += [
        f"the usual app {usual}; django-post_office {found['post_office']:,.0f}/s",
        f"bare sockets {found['limit']:,.0f}/s",
    ]
    return "\n".join([*lines, *_verdicts(kind, found)])


def _verdicts(kind: str, found: dict[str, Any]) -> list[str]:
    sent = found["sent"]
    peak = max(s["peak"] for s in sent.values())
    asked = [(f"memory <= 250 MB a process, {peak:.0f} MB", peak <= 250)]
    if 0 in sent:
        rate = sent[0]["rate"]
        office = rate / found["post_office"]
        asked += [
            (f"send >= {BUDGET[kind]:,.0f}/s, {rate:,.0f}/s", rate >= BUDGET[kind]),
            (f"send >= 15 x post_office, {office:.1f} x", office >= 15),
        ]
    if 150 in sent:
        usual = sent[150]["rate"] / found["usual"][150]
        asked.append((f"at 150 ms >= 40 x the usual app, {usual:.1f} x", usual >= 40))
    return ["budgets of speed.md", *(f"  {'met' if met else 'NOT MET':<8} {said}" for said, met in asked)]


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    read = argparse.ArgumentParser(prog="python3 dev.py bench send", description=(__doc__ or "").split("\n\n")[1])
    read.add_argument("--messages", type=int, default=100_000, help="default 100,000")
    read.add_argument("--latency", default=[0, 50, 150], type=lambda w: [int(x) for x in w.split(",")], metavar="MS,..")
    read.add_argument("--db", choices=("sqlite", "postgresql", "both"), default="both")
    read.add_argument("--processes", type=int, default=2)
    read.add_argument("--json", action="store_true", help="every figure as one JSON document")
    return read.parse_args(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
