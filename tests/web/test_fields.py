"""What becomes of a form that breaks off, never ends, or is too long? No fault of ours, and nothing changes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from outreach.web import fields
from outreach.web.bodies import whole
from tests.web.visits import CY_EMAIL, Visit

Receive = Callable[[], Awaitable[dict[str, Any]]]


def form(receive: Receive) -> Request:
    return Request({"type": "http", "method": "POST", "headers": [], "query_string": b""}, receive)


def coming(*messages: dict[str, Any]) -> Receive:
    """These, and then nothing ever."""
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    return receive


PART = {"type": "http.request", "body": b"do=st", "more_body": True}


def test_who_breaks_off_is_told_408():
    with pytest.raises(HTTPException) as refused:
        asyncio.run(fields.fields(form(coming(PART, {"type": "http.disconnect"}))))
    assert refused.value.status_code == 408


def test_who_never_ends_is_told_408(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fields, "SECONDS", 0.01)
    with pytest.raises(HTTPException) as refused:
        asyncio.run(fields.fields(form(coming(PART))))
    assert refused.value.status_code == 408


def test_who_sends_too_much_is_told_413_before_it_is_kept():
    with pytest.raises(HTTPException) as refused:
        asyncio.run(fields.fields(form(coming({**PART, "body": b"x" * (fields.MOST_BYTES + 1)}))))
    assert refused.value.status_code == 413


def test_every_piece_is_counted():
    sizes: list[int] = []
    last = {**PART, "body": b"op", "more_body": False}
    assert asyncio.run(whole(form(coming(PART, last)), within=10, hold=sizes.append)) == b"do=stop"
    assert sum(sizes) == 7


def test_an_aborted_post_is_no_fault_of_ours(visit: Visit):
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    path = visit.page(CY_EMAIL)
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "headers": [], "root_path": ""}
    scope |= {"query_string": b"", "server": ("x", 80), "scheme": "http", "http_version": "1.1"}
    asyncio.run(visit.client.app(scope, coming(PART, {"type": "http.disconnect"}), send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 408
    assert visit.faults == []
