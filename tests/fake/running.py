"""How do tests and benches run the fake provider? As a process of its own that ends with theirs."""

import http.client
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fake.journal import Line, read

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Running:
    """A fake provider that is up. `http` and `smtp` are its ports on 127.0.0.1."""

    process: "subprocess.Popen[str]"
    http: int
    smtp: int
    journal: Path

    @property
    def environment(self) -> dict[str, str]:
        """What makes the program talk to it."""
        return {
            "SENDGRID_API_KEY": "SG.fake",
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": "fake",
            "OUTREACH_SENDGRID_URL": f"http://127.0.0.1:{self.http}",
            "OUTREACH_TWILIO_URL": f"http://127.0.0.1:{self.http}",
            "OUTREACH_SMTP_URL": f"smtp://outreach:fake@127.0.0.1:{self.smtp}",
        }

    def mode(self, **moods: dict[str, Any]) -> None:
        """Change moods by vendor: mode(twilio={"next": ["accept_hang"]}). Raises ValueError for nonsense."""
        self._ask("PUT", "/_mode", json.dumps(moods))

    def forget(self) -> None:
        """An empty journal, good moods."""
        self._ask("DELETE", "/_journal")

    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("GET", "/_journal")
        return found

    def lines(self) -> list[Line]:
        """Every hand-off so far."""
        return list(read(self.journal))

    def _ask(self, method: str, path: str, body: str | None = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=10)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            said = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise ValueError(said["problem"])
        return said

    def stop(self) -> None:
        """End it, and wait until it has."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def start(journal: Path, *words: str, port: int = 0) -> Running:
    """Start one; `words` are further options of `python -m tests.fake`."""
    command = [sys.executable, "-m", "tests.fake", "--port", str(port), "--journal", str(journal), "--until-closed"]
    process = subprocess.Popen(
        [*command, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = json.loads(process.stdout.readline() or "{}")
    if not said:
        process.wait(10)
        raise RuntimeError("the fake provider did not start")
    return Running(process, said["http"], said["smtp"], journal)
