"""How fast do due messages leave? Two worker processes, a real Redis, the fake provider; one measurement a call."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa

from outreach.store.engine import open_engine, reading
from outreach.store.schema import attempts, outbox
from tests.fake import running

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Sent:
    """`seconds`: from the first claim to the last record, by the database's clock. `cpu`: of the workers, in seconds.

    `peak`: MB of the biggest worker. `taken`: what the provider's journal holds; it must equal `accepted`.
    """

    accepted: int
    taken: int
    seconds: float
    cpu: float
    peak: float

    @property
    def rate(self) -> float:
        return self.accepted / self.seconds

    def plain(self) -> dict[str, float]:
        return {**asdict(self), "rate": self.rate}


def send(project: Path, url: str, redis: str, *, latency: int, processes: int) -> Sent:
    """Send all that is due in the database at `url`. Raises SystemExit when a worker fails."""
    (project / ".outreach" / "epoch").unlink(missing_ok=True)  # of the copy sent before: this one knows nothing of it
    fake = running.start(project / f"journal-{os.getpid()}.jsonl", "--fast")
    try:
        fake.mode(sendgrid={"latency_ms": latency})
        told = {**fake.environment, "OUTREACH_DATABASE_URL": url, "OUTREACH_REDIS_URL": redis}
        ended = _work(project, told, processes)
        taken = sum(1 for line in fake.lines() if line.took)
    finally:
        fake.stop()
        fake.journal.unlink(missing_ok=True)
    seconds, accepted = _spell(url)
    return Sent(accepted, taken, seconds, sum(e["cpu"] for e in ended), max(e["peak"] for e in ended))


def _work(project: Path, told: Mapping[str, str], processes: int) -> list[dict[str, float]]:
    order = json.dumps({"project": str(project), "channels": ["email"], "until_empty": True})
    environment = {**os.environ, **told, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.bench._worker", order]
    pipe = subprocess.PIPE
    crew = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        for _ in range(processes)
    ]
    found = []
    for one in crew:
        assert one.stdout is not None
        said = one.stdout.read()  # not communicate(): it would close stdin, and a worker without an overseer ends
        _, problem = one.communicate()
        if one.returncode != 0:
            raise SystemExit(f"bench: a worker ended with {one.returncode}:\n{problem[-2000:]}")
        found.append(json.loads(said.splitlines()[-1]))
    return found


def _spell(url: str) -> tuple[float, int]:
    engine = open_engine(url)
    with reading(engine) as c:
        first, last = c.execute(
            sa.select(sa.func.min(attempts.c.claimed_at), sa.func.max(attempts.c.finished_at))
        ).one()
        done = sa.select(sa.func.count()).where(outbox.c.state == "accepted")
        accepted = int(c.execute(done).scalar_one())
    engine.dispose()
    return (last - first).total_seconds(), accepted
