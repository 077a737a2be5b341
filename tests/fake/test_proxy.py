"""Does the bad line behave badly in each of its ways?"""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.fake.proxy import Line, Proxy


class Echo(threading.Thread):
    """Says back what it hears, and remembers it."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.heard = int(self.listener.getsockname()[1]), b""

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(1000):
                    self.heard += data
                    connection.sendall(data)
            except OSError:
                return


@pytest.fixture
def echo() -> Iterator[Echo]:
    found = Echo()
    found.start()
    yield found
    found.listener.shutdown(socket.SHUT_RDWR)
    found.listener.close()
    found.join(5)


@pytest.fixture
def proxy(echo: Echo) -> Iterator[Proxy]:
    with Proxy(echo.port) as found:
        yield found


@pytest.fixture
def client(proxy: Proxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as found:
        yield found


def said(client: socket.socket, data: bytes) -> bytes:
    client.sendall(data)
    return client.recv(100)


def test_a_good_line(client: socket.socket) -> None:
    assert said(client, b"hello") == b"hello"


def test_cut(client: socket.socket, proxy: Proxy) -> None:
    assert said(client, b"hello") == b"hello"
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        said(client, b"again")


def test_an_answer_is_lost_and_the_work_done(client: socket.socket, proxy: Proxy, echo: Echo) -> None:
    proxy.lose_answers(b"COMMIT")
    assert said(client, b"BEGIN") == b"BEGIN"
    with pytest.raises(ConnectionResetError):
        said(client, b"COMMIT")
    assert (echo.heard, proxy.lost) == (b"BEGINCOMMIT", 1)


@pytest.mark.parametrize(("line", "arrives"), [(Line.SILENT, False), (Line.DEAF, True)])
def test_nothing_comes_back(client: socket.socket, proxy: Proxy, echo: Echo, line: Line, arrives: bool) -> None:
    assert said(client, b"before") == b"before"
    proxy.line = line
    client.settimeout(0.3)
    with pytest.raises(TimeoutError):
        said(client, b"after")
    assert (b"after" in echo.heard) is arrives


def test_refused(proxy: Proxy) -> None:
    proxy.line = Line.REFUSED
    with pytest.raises(ConnectionError):  # at once, or with the first word
        connects(proxy.port)


def connects(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        return said(client, b"hello")


def test_a_trickle(client: socket.socket, proxy: Proxy) -> None:
    proxy.per_second = 50
    assert said(client, b"hello") == b"h"
