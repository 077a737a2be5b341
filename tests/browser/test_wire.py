"""What does the program answer to whoever speaks HTTP a little differently? Bytes on a real socket."""

import socket
from urllib.parse import urlsplit

import pytest

from outreach.store.contacts import suppressions
from tests.browser.conftest import Site
from tests.web.test_one_click import BODIES
from tests.web.visits import ANA_EMAIL


def talk(site: Site, request: bytes) -> bytes:
    """One request, one answer, as bytes."""
    at = urlsplit(site.served.at)
    assert at.hostname is not None
    assert at.port is not None
    with socket.create_connection((at.hostname, at.port), timeout=20) as wire:
        wire.sendall(request)
        said = b""
        while more := wire.recv(65_536):
            said += more
    return said


def path(site: Site) -> bytes:
    return urlsplit(site.at(site.stage.app.links.one_click(ANA_EMAIL))).path.encode()


@pytest.mark.parametrize("name", [name for name in BODIES if name != "nonsense"])
def test_rule_3_the_bytes_of_the_rfc(site: Site, name: str):
    kind, body = BODIES[name]
    content = f"Content-Type: {kind}\r\n".encode() if kind else b""
    head = b"POST %s HTTP/1.1\r\nHost: hello.alder.example\r\nConnection: close\r\n" % path(site)
    said = talk(site, head + content + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert said.startswith(b"HTTP/1.1 200 "), said[:200]
    assert said.endswith(b"\r\n\r\n")  # and nothing after it
    assert len(site.stage.rows(suppressions.select())) == 2


def test_head_has_no_body(site: Site):
    said = talk(site, b"HEAD %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path(site))
    assert said.startswith(b"HTTP/1.1 200 ")
    assert said.endswith(b"\r\n\r\n")
    assert b"server:" not in said.lower()
    assert site.stage.rows(suppressions.select()) == []


def test_a_forwarded_host_leads_nobody_elsewhere(site: Site):
    body = b"do=stop"
    page = urlsplit(site.choose).path.encode()
    said = talk(
        site,
        b"POST %s HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
        % (page, len(body), body),
    )
    assert b"303" in said.split(b"\r\n")[0]
    assert b"evil" not in said


def test_term_lets_a_request_under_way_end(site: Site):
    """A form that is half here when TERM comes is still read, kept and answered."""
    at, page = urlsplit(site.served.at), urlsplit(site.choose).path.encode()
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n" % page
    with socket.create_connection((at.hostname or "", at.port or 0), timeout=20) as wire:
        wire.sendall(head + b"Content-Length: 7\r\n\r\ndo=")
        talk(site, b"GET /alive HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")  # by now the half form is being read
        site.served.process.terminate()
        wire.sendall(b"stop")
        assert wire.recv(65_536).startswith(b"HTTP/1.1 303 ")
    assert site.served.process.wait(30) == 143
    assert len(site.stage.rows(suppressions.select())) == 2
    assert b"ana@example.com" not in site.served.log.read_bytes()
