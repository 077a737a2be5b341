"""Is it seen whether our pages answer from outside, and whether what answers is ours?"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from outreach.flows.ways_in import answers
from tests.providers.scripted import nobody


class _Site(BaseHTTPRequestHandler):
    said: bytes = b""

    def do_GET(self) -> None:
        self.send_response(200 if self.said else 502)
        self.send_header("Content-Length", str(len(self.said)))
        self.end_headers()
        self.wfile.write(self.said)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def site() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("said", "state"), [(b"outreach pages\n", "ok"), (b"<html>parked</html>", "bad"), (b"", "bad")]
)
def test_only_our_own_pages_count(
    site: ThreadingHTTPServer, said: bytes, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Site, "said", said)
    assert answers(f"http://127.0.0.1:{site.server_port}").state == state


def test_nobody_there_is_said() -> None:
    found = answers(f"http://127.0.0.1:{nobody()}")
    assert found.state == "bad"
    assert "does not answer" in found.said
