"""Does the wire know whether a byte had left, keep its deadline, and keep the key to itself?"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from outreach.core.lifecycle import Fault
from outreach.providers.http import MOST_BYTES, Answer, NoAnswer, Wire
from tests.providers.scripted import Answer as Script
from tests.providers.scripted import Scripted, closes, hangs, nobody, raw, resets, says, trickles

KEY = "SG.very-secret"
HEAD = b"HTTP/1.1 202 Accepted\r\nX-Message-Id: abc\r\nContent-Length: 5\r\n\r\n"


def wire(url: str, deadline: float = 0.4) -> Wire:
    return Wire(url, {"Authorization": f"Bearer {KEY}"}, deadline=deadline)


def posted(*answers: Script, times: int = 1) -> tuple[list[Answer | NoAnswer], Scripted]:
    async def run() -> tuple[list[Answer | NoAnswer], Scripted]:
        async with Scripted(list(answers)) as server:
            ours = wire(server.url)
            found = [await ours.post("/v3/mail/send", b"{}", "application/json") for _ in range(times)]
            await ours.close()
            return found, server

    return asyncio.run(run())


def test_an_answer_is_given_back_whole():
    found, server = posted(says(202, b"hello", [("X-Message-Id", "abc")]))
    assert isinstance(found[0], Answer)
    assert (found[0].status, found[0].body, found[0].whole) == (202, b"hello", True)
    assert found[0].headers["x-message-id"] == "abc"
    assert server.asked[0].header("Content-Type") == "application/json"


def test_connections_are_kept():
    _, server = posted(says(202), times=20)
    assert server.connections == 1


AFTER = {
    "hangs": hangs,
    "closes": closes,
    "resets": resets,
    "half": raw(b"HTTP/1.1 20", last=True),
    "odd": raw(b"nonsense\r\n\r\n"),
}


@pytest.mark.parametrize("answer", AFTER.values(), ids=AFTER)
def test_after_the_bytes_left_nobody_knows(answer: Script):
    found, server = posted(answer)
    assert isinstance(found[0], NoAnswer)
    assert found[0].left
    assert len(server.asked) == 1, "nothing is asked twice"


def test_where_nobody_listens_nothing_left():
    async def run() -> Answer | NoAnswer:
        ours = wire(f"http://127.0.0.1:{nobody()}")
        found = await ours.post("/", b"{}", "application/json")
        await ours.close()
        return found

    found = asyncio.run(run())
    assert found == NoAnswer(left=False, said="no connection")


def test_a_secure_connection_that_fails_let_nothing_out():
    async def run() -> tuple[Answer | NoAnswer, int]:
        async with Scripted([hangs]) as server:  # speaks no TLS
            ours = wire(f"https://127.0.0.1:{server.port}")
            found = await ours.post("/", b"{}", "application/json")
            await ours.close()
            return found, len(server.asked)

    found, asked = asyncio.run(run())
    assert isinstance(found, NoAnswer)
    assert (found.left, asked) == (False, 0)


def test_waiting_for_a_free_connection_lets_nothing_out():
    async def run() -> list[Answer | NoAnswer]:
        async with Scripted([hangs]) as server:
            ours = Wire(server.url, {}, at_once=1, deadline=0.3)
            first = asyncio.create_task(ours.post("/", b"1", "text/plain"))
            await server.until(lambda it: len(it.asked) == 1)
            short = Wire(server.url, {}, at_once=1, deadline=0.1)
            short._pools = ours._pools  # the same pool, a shorter deadline
            second = await short.post("/", b"2", "text/plain")
            found = [await first, second]
            await ours.close()
            return found

    first, second = asyncio.run(run())
    assert isinstance(first, NoAnswer)
    assert first.left
    assert isinstance(second, NoAnswer)
    assert not second.left


def test_a_kept_connection_whose_end_we_saw_is_not_used_again():
    """The server hangs up between two requests: the second goes over a new connection, once."""
    bye = raw(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", last=True)

    async def run() -> tuple[Answer | NoAnswer, Scripted]:
        async with Scripted([bye]) as server:
            ours = wire(server.url)
            await ours.post("/", b"1", "text/plain")
            await server.until(lambda it: it.ended == 1)  # it saw us hang up in turn
            found = await ours.post("/", b"2", "text/plain")
            await ours.close()
            return found, server

    found, server = asyncio.run(run())
    assert isinstance(found, Answer)
    assert [asked.body for asked in server.asked] == [b"1", b"2"]


def test_a_kept_connection_that_ends_under_the_request_is_in_doubt():
    """Whether the server had read it nobody knows; it is not asked again by itself."""
    found, server = posted(says(202), closes, times=2)
    assert isinstance(found[1], NoAnswer)
    assert found[1].left
    assert len(server.asked) == 2


def test_one_byte_now_and_then_does_not_stretch_the_deadline():
    found, _ = posted(trickles(HEAD + b"x" * 10_000))
    assert isinstance(found[0], NoAnswer)
    assert found[0].left


REST = {"hangs": hangs, "closes": closes, "resets": resets, "trickles": trickles(b"hello", 1)}


@pytest.mark.parametrize("rest", REST.values(), ids=REST)
def test_what_was_decided_stays_decided(rest: Script):
    """The status line is there; how its body ends changes nothing."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"h")
        await writer.drain()
        await asyncio.sleep(0.1)  # a reset takes with it what was not read yet
        await rest(writer)

    found, _ = posted(answer)
    assert isinstance(found[0], Answer)
    assert (found[0].status, found[0].headers["X-Message-Id"], found[0].whole) == (202, "abc", False)


def test_a_flood_is_not_read():
    found, _ = posted(says(500, b"x" * 1_000_000))
    assert isinstance(found[0], Answer)
    assert len(found[0].body) == MOST_BYTES
    assert not found[0].whole


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int):
    found, server = posted(says(status, headers=[("Location", "/elsewhere")]))
    assert isinstance(found[0], Answer)
    assert found[0].status == status
    assert [asked.target for asked in server.asked] == ["/v3/mail/send"]


def test_no_cookie_is_kept():
    _, server = posted(says(202, headers=[("Set-Cookie", "who=us; Path=/")]), times=2)
    assert server.asked[1].header("Cookie") is None


def test_the_environment_names_no_proxy_and_no_login(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{nobody()}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{nobody()}")
    found, _ = posted(says(202))
    assert isinstance(found[0], Answer)


def test_the_key_is_never_logged(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    _, server = posted(says(202), resets, hangs, times=3)
    assert server.asked[0].header("Authorization") == f"Bearer {KEY}", "it went where it belongs"
    logging.getLogger("python_http_client.client").debug("Headers: Bearer %s", KEY)
    logging.getLogger("twilio.http_client").info("Basic %s", KEY)
    assert KEY not in caplog.text
    assert KEY not in repr(wire("http://127.0.0.1:1"))


def test_one_wire_serves_one_event_loop_after_another():
    async def ask(ours: Wire, *, close: bool) -> int:
        async with Scripted([says(202)]) as server:
            ours.base = server.url
            found = await ours.post("/", b"{}", "text/plain")
            if close:
                await ours.close()
            return found.status if isinstance(found, Answer) else 0

    ours = wire("http://127.0.0.1:1")
    assert [asyncio.run(ask(ours, close=True)) for _ in range(3)] == [202] * 3


def test_the_rest_of_a_cancelled_request_is_silent():
    async def run() -> None:
        async with Scripted([hangs]) as server:
            ours = wire(server.url)
            going = asyncio.create_task(ours.post("/", b"{}", "text/plain"))
            await server.until(lambda it: len(it.asked) == 1)
            going.cancel()
            with pytest.raises(asyncio.CancelledError):
                await going
            await ours.close()

    asyncio.run(run())


def secured(certificate: Path, times: int) -> tuple[list[Answer | NoAnswer], Scripted]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def run() -> tuple[list[Answer | NoAnswer], Scripted]:
        async with Scripted([says(202, b"x" * 60_000)], tls=context) as server:
            ours = wire(server.url, deadline=2.0)
            await ours.ready(1)
            found = [await ours.post("/", b"y" * 100_000, "text/plain", by=monotonic() + 1) for _ in range(times)]
            await ours.close()
            return found, server

    return asyncio.run(run())


def test_a_secure_connection_is_kept_too(certificate: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    found, server = secured(certificate, 5)
    assert [len(each.body) for each in found if isinstance(each, Answer) and each.whole] == [60_000] * 5
    assert [len(asked.body) for asked in server.asked] == [100_000] * 5
    assert server.connections == 1


def test_a_certificate_nobody_vouches_for_gets_nothing(certificate: Path):
    found, server = secured(certificate, 1)
    assert found == [NoAnswer(False, "its certificate is not good")]
    assert server.asked == []


# --- answers in all their forms (RFC 9112)


OK = b"HTTP/1.1 202 Accepted\r\n"
PIECES = OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;why=not\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"


def by_bytes(data: bytes) -> Script:
    return trickles(data, 0)


@pytest.mark.parametrize("how", [raw, by_bytes], ids=["at once", "byte by byte"])
def test_a_body_in_pieces_is_put_together_and_its_connection_kept(how: Callable[[bytes], Script]):
    found, server = posted(how(PIECES), says(200), times=2)
    assert isinstance(found[0], Answer)
    assert (found[0].body, found[0].whole) == (b"abc0123456789", True)
    assert server.connections == 1


def test_an_interim_answer_is_passed_over():
    found, _ = posted(raw(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi"))
    assert isinstance(found[0], Answer)
    assert (found[0].status, found[0].body) == (202, b"hi")


def test_an_answer_that_ends_with_its_connection():
    found, server = posted(raw(b"HTTP/1.0 200 OK\r\n\r\nall of it", last=True), says(202), times=2)
    assert isinstance(found[0], Answer)
    assert (found[0].body, found[0].whole) == (b"all of it", True)
    assert server.connections == 2


@pytest.mark.parametrize("head", [b"HTTP/1.0 200 OK\r\n", OK + b"Connection: Close\r\n"])
def test_a_connection_that_will_be_closed_is_not_used_again(head: bytes):
    found, server = posted(raw(head + b"Content-Length: 0\r\n\r\n"), times=2)
    assert all(isinstance(each, Answer) and each.whole for each in found)
    assert server.connections == 2


def test_no_body_where_there_is_none():
    found, server = posted(raw(b"HTTP/1.1 204 No Content\r\nServer: a\r\nserver: b\r\n\r\n"), times=2)
    assert all(isinstance(each, Answer) and each.whole for each in found)
    assert server.connections == 1
    assert isinstance(found[0], Answer)
    assert dict(found[0].headers) == {"server": "a, b"}


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 2x0 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\n\r\n",
        b"220 mail.example ESMTP\r\n",
        OK + b"no colon\r\n\r\n",
        OK + b"X: " + b"y" * 70_000,
    ],
)
def test_what_is_no_answer_leaves_a_doubt(answer: bytes):
    found, _ = posted(raw(answer))
    assert found == [NoAnswer(True, "the answer could not be read")]


@pytest.mark.parametrize("length", [b"5\r\nContent-Length: 6", b"-1", b"five"])
def test_a_length_that_is_none_changes_nothing_about_the_status(length: bytes):
    found, server = posted(raw(OK + b"Content-Length: " + length + b"\r\n\r\nhello"), times=2)
    assert [(each.status, each.whole) for each in found if isinstance(each, Answer)] == [(202, False)] * 2
    assert server.connections == 2


@pytest.mark.parametrize("pieces", [b"zz\r\n", b"-1\r\n", b"\r\n", b"2\r\nabc\r\n", b"1" * 70_000])
def test_pieces_that_are_none_change_nothing_about_the_status(pieces: bytes):
    found, _ = posted(raw(OK + b"Transfer-Encoding: chunked\r\n\r\n" + pieces))
    assert isinstance(found[0], Answer)
    assert (found[0].status, found[0].whole) == (202, False)


def test_what_comes_behind_an_answer_belongs_to_no_other():
    found, server = posted(raw(OK + b"Content-Length: 0\r\n\r\nHTTP/1.1 500 Oh\r\n\r\n"), says(202), times=2)
    assert [each.status for each in found if isinstance(each, Answer)] == [202, 202]
    assert server.connections == 2


# --- connections


def test_connections_stand_before_they_are_needed():
    async def run() -> tuple[int, int]:
        async with Scripted([says(202)]) as server:
            ours = Wire(server.url, {}, at_once=3)
            await ours.ready(2)
            await server.until(lambda it: it.connections == 2)
            await ours.ready(50)
            await server.until(lambda it: it.connections == 3)
            await asyncio.gather(*(ours.post("/", b"", "text/plain") for _ in range(9)))
            await ours.close()
            return server.connections, len(server.asked)

    assert asyncio.run(run()) == (3, 9)


def test_none_can_be_had_and_the_request_says_so():
    async def run() -> Answer | NoAnswer:
        ours = wire(f"http://127.0.0.1:{nobody()}")
        await ours.ready(100)
        return await ours.post("/", b"", "text/plain")

    assert asyncio.run(run()) == NoAnswer(False, "no connection")


def test_a_first_byte_that_would_be_late_does_not_leave():
    async def run() -> tuple[Answer | NoAnswer, int]:
        async with Scripted([says(202)]) as server:
            ours = wire(server.url)
            found = await ours.post("/", b"", "text/plain", by=monotonic() - 0.001)
            await ours.close()
            return found, len(server.asked)

    found, asked = asyncio.run(run())
    assert isinstance(found, NoAnswer)
    assert (found.fault, found.left, asked) == (Fault.LATE, False, 0)


def test_a_path_cannot_break_out_of_its_line():
    _, server = posted(says(202))
    assert server.asked[0].target == "/v3/mail/send"

    async def run() -> str:
        async with Scripted([says(202)]) as odd:
            ours = wire(odd.url)
            await ours.get("/a b\r\nX: y")
            await ours.close()
            return odd.asked[0].target

    assert asyncio.run(run()) == "/a%20b%0D%0AX:%20y"
