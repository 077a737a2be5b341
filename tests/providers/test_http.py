"""Does the wire know whether a byte had left, keep its deadline, and keep the key to itself?"""

import asyncio
import logging
from types import SimpleNamespace

import pytest

from outreach.providers.http import MOST_BYTES, Answer, NoAnswer, Wire, _Body
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
            short._sessions = ours._sessions  # the same pool, a shorter deadline
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


def test_a_connection_lost_between_taking_it_and_writing_lets_nothing_out():
    """The narrowest of gaps: aiohttp has the connection in hand, and its end is seen before the first byte."""
    body = _Body(b"{}", content_type="application/json")
    with pytest.raises(ConnectionResetError):
        asyncio.run(body.write_with_length(SimpleNamespace(transport=None), 2))
    assert not body.left


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
