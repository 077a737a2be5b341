"""Does Prometheus get the figures of the database, and a clear word where the extra is missing?"""

import http.client
import socket
import sys

import pytest

from outreach.core.errors import Misuse
from outreach.observe.metrics import Figure, serve


def read(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/metrics")
    try:
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def test_the_figures_are_read_when_asked_for():
    counted = iter(range(100))
    labels = (("channel", "email"), ("provider", "sendgrid"))
    served = serve(lambda: [Figure("due", "Messages due", next(counted), labels)], port=0)
    try:
        first, second = read(served.port), read(served.port)
    finally:
        served.stop()
    assert 'outreach_due{channel="email",provider="sendgrid"} 0.0' in first
    assert 'outreach_due{channel="email",provider="sendgrid"} 1.0' in second
    assert "# HELP outreach_due Messages due" in first
    assert "python_info" not in first  # nothing of this process


def test_a_taken_port_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Misuse) as refused:
            serve(list, port=taken.getsockname()[1])
    assert refused.value.code == "OUT-422"


def test_without_the_extra_it_says_what_to_type(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(Misuse) as refused:
        serve(list, port=0)
    assert (refused.value.code, refused.value.help) == ("OUT-421", 'pip install "outreach[metrics]"')
