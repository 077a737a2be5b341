"""Does a healthcheck hear what it should, and can it hold anybody up? Over a real server on loopback."""

import http.server
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from outreach.core.endpoints import callable_url
from outreach.core.errors import Busy
from outreach.observe.pings import Pinged, ping, regularly


@dataclass
class Healthcheck:
    """What was asked of it; while `slow` is set it does not answer."""

    url: str = ""
    heard: "queue.Queue[tuple[str, str]]" = field(default_factory=queue.Queue)
    answer: threading.Event = field(default_factory=threading.Event)
    moved_to: str = ""


@pytest.fixture
def check() -> Iterator[Healthcheck]:
    found = Healthcheck()
    found.answer.set()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found.heard.put((self.path, body.decode()))
            found.answer.wait(20)
            self.send_response(302 if found.moved_to else 200)
            if found.moved_to:
                self.send_header("Location", found.moved_to)
            self.end_headers()

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}/ping/uuid"
    yield found
    found.answer.set()
    server.shutdown()
    server.server_close()


def test_a_night_that_goes_well_says_so_at_both_ends(check: Healthcheck):
    with Pinged(check.url, code_of=lambda _: 70) as pinged:
        assert check.heard.get(timeout=20) == ("/ping/uuid/start", "")
        pinged.code, pinged.summary = 1, "queued: 12"
    assert check.heard.get(timeout=20) == ("/ping/uuid/1", "queued: 12")


def test_one_that_breaks_off_says_how(check: Healthcheck):
    with pytest.raises(Busy), Pinged(check.url, code_of=lambda error: error.exit_code):
        raise Busy("OUT-302", "the database does not answer")
    assert [check.heard.get(timeout=20)[0] for _ in range(2)] == ["/ping/uuid/start", "/ping/uuid/75"]


def test_while_it_does_not_answer_work_goes_on(check: Healthcheck):
    check.answer.clear()
    sender = ping(check.url)
    assert check.heard.get(timeout=20) == ("/ping/uuid", "")
    assert sender is not None
    assert sender.is_alive()  # and here we are
    check.answer.set()
    sender.join(20)
    assert not sender.is_alive()


def test_it_cannot_send_us_elsewhere(check: Healthcheck):
    check.moved_to = check.url + "/elsewhere"
    sender = ping(check.url)
    assert sender is not None
    sender.join(20)
    assert check.heard.get(timeout=20)[0] == "/ping/uuid"
    assert check.heard.empty()


def test_nobody_there_is_nobodys_concern():
    sender = ping("http://127.0.0.1:1/x")
    assert sender is not None
    sender.join(20)
    assert not sender.is_alive()


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://hc.example/x", True),
        ("http://127.0.0.1:8000/x", True),
        ("http://localhost/x", True),
        ("http://hc.example/x", False),
        ("http://127.0.0.1.example/x", False),
        ("ftp://127.0.0.1/x", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://hc.example:port/x", False),
        ("", False),
    ],
)
def test_where_it_may_go(url: str, may: bool):
    assert callable_url(url) is may
    if not may:
        assert ping(url) is None


def test_what_is_done_regularly_survives_a_database_away():
    calls: queue.Queue[int] = queue.Queue()

    def work() -> None:
        calls.put(1)
        raise Busy("OUT-302", "away")

    stop = regularly(work, every=0.01)
    for _ in range(3):
        calls.get(timeout=20)
    stop()
