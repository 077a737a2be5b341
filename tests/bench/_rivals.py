"""What do others manage, in the same run? The usual app and django-post_office, from a lock file of their own."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from outreach.render.content import Content
from tests.bench import _wire
from tests.fake import running

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).resolve().parent / "peers"
HOME = ROOT / ".venv-peers"
PYTHON = HOME / "bin" / "python"
#: Mails each rival sends (settled 43); rates are compared.
COUNT = 3_000


@dataclass(frozen=True)
class Mail:
    """The finished message all of them send, as files: HTML and text, with {{ first_name }} in place of the name."""

    html: Path
    text: Path

    @staticmethod
    def of(content: Content, folder: Path, name: str) -> "Mail":
        made = Mail(folder / "mail.html", folder / "mail.txt")
        for path, words in ((made.html, content.html or ""), (made.text, content.text)):
            plain = words.replace("{", "&#123;").replace("}", "&#125;")  # CSS braces are no template's
            path.write_text(plain.replace(name, "{{ first_name }}") if name else plain, encoding="utf-8")
        return made


def at_home() -> None:
    """Their environment, made once from the pinned lock. Raises SystemExit when that fails."""
    stamp = HOME / "made-from"
    lock = PEERS / "requirements.lock"
    if stamp.is_file() and stamp.read_text() == lock.read_text():
        return
    shutil.rmtree(HOME, ignore_errors=True)
    steps = (
        [sys.executable, "-m", "venv", str(HOME)],
        [str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)],
    )
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"bench: the rivals' packages could not be installed:\n{done.stderr[-1000:]}")
    stamp.write_text(lock.read_text())


def naive(where: str, redis: str, mail: Mail, latency: int) -> float:
    """Mails a second: 2 processes of 8 threads, one queue message a mail."""
    fake = running.start(mail.html.parent / "naive.jsonl", "--fast")
    fake.mode(sendgrid={"latency_ms": latency})
    told = {
        "database": where,
        "redis": f"{redis.rstrip('/')}/9" if redis.count("/") == 2 else redis,
        "provider": f"http://127.0.0.1:{fake.http}",
        "messages": COUNT,
        "html": str(mail.html),
        "text": str(mail.text),
    }
    environment = {**os.environ, "NAIVE": json.dumps(told), "PYTHONPATH": str(PEERS)}
    words = [str(PYTHON), "-m", "dramatiq", "naive", "-p", "2", "-t", "8"]
    quiet = subprocess.DEVNULL
    worker = subprocess.Popen(words, cwd=PEERS, env=environment, stdout=quiet, stderr=quiet)
    try:
        time.sleep(3)  # it is up before the clock starts: its start is not what is measured
        return _rate("the usual app", [str(PYTHON), str(PEERS / "naive.py")], environment)
    finally:
        worker.terminate()
        worker.wait(30)
        fake.stop()


def post_office(where: sa.URL, mail: Mail) -> float:
    """Mails a second that its own command sends, queued and rendered before: the best of its settings tried here."""
    fake = running.start(mail.html.parent / "post-office.jsonl", "--fast")
    told = {
        "database": _django(where),
        "smtp": fake.smtp,
        "messages": COUNT,
        "html": str(mail.html),
        "text": str(mail.text),
        "batch": 3_000,
        "threads": 4,
        "processes": 2,
        "render_on_delivery": False,
    }
    environment = {**os.environ, "POST_OFFICE_RUN": json.dumps(told)}
    try:
        return _rate("django-post_office", [str(PYTHON), str(PEERS / "post_office_run.py")], environment)
    finally:
        fake.stop()


def _django(where: sa.URL) -> dict[str, Any]:
    if where.get_backend_name() == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": where.database}
    known = {"HOST": where.host, "PORT": where.port, "USER": where.username, "NAME": where.database}
    return {"ENGINE": "django.db.backends.postgresql", **known}


def _rate(name: str, words: list[str], environment: Mapping[str, str]) -> float:
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"bench: {name} failed:\n{done.stderr[-2000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    if found["sent"] != COUNT:
        raise SystemExit(f"bench: {name} sent {found['sent']:,} of {COUNT:,}")
    return float(COUNT / found["seconds"])


def limit(mail: Mail, count: int) -> float:
    """Requests a second through bare sockets, from two processes, to one fake provider."""
    fake = running.start(mail.html.parent / "limit.jsonl", "--fast")
    body = mail.html.parent / "request.json"
    html, text = mail.html.read_text(encoding="utf-8"), mail.text.read_text(encoding="utf-8")
    who = {"to": [{"email": "p@customer.example"}], "custom_args": {"outreach_id": "limit"}}
    parts = [{"type": "text/plain", "value": text}, {"type": "text/html", "value": html}]
    whole = {"personalizations": [who], "from": {"email": "hello@shop.example"}, "subject": "Did it arrive?"}
    body.write_text(json.dumps({**whole, "content": parts}), encoding="utf-8")
    command = [sys.executable, "-m", _wire.__name__, str(fake.http), str(count // 2), "50", str(body)]
    try:
        began = time.perf_counter()
        both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        seconds = max(json.loads(one.communicate()[0])["seconds"] for one in both)
        assert seconds <= time.perf_counter() - began
        return count / float(seconds)
    finally:
        fake.stop()
