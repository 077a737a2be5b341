"""How do providers' posts come in? Read within limits, proved, and answered only when all is committed.

403: nothing proves whose it is. 413: more than any provider sends. 503: too much at once, or the database is away; the
provider tries again. 200 says that it is kept: everything that follows from it was committed before (respect.md 21).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from outreach.core.errors import Busy
from outreach.core.posts import Door, Doors, Forged, Post, TooMuch
from outreach.flows.app import App
from outreach.flows.receive import receive
from outreach.web.bodies import whole

#: Posts applied at once: each takes one connection to the database. The pages share its pool.
AT_ONCE = 4
#: Posts that are being read or wait to be applied; one more is told to come again, before it takes any memory.
MOST_POSTS = 128
#: Bytes of all bodies that are here at once: one of the largest mails, and everybody else beside it.
MOST_BYTES = 48 << 20
#: Seconds a body may take to come, and those after which a provider that was sent away may come again.
BODY_WITHIN, COME_AGAIN = 20.0, "5"
_LOG = logging.getLogger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]


class _NoRoom(Exception):
    """Too much is here already."""


@dataclass
class _Room:
    """What is being taken in at this moment. Used by the event loop alone."""

    posts: int = 0
    bytes: int = 0

    @contextmanager
    def visit(self) -> Iterator["_Visit"]:
        """For as long as one post is here. Raises _NoRoom."""
        if self.posts >= MOST_POSTS:
            raise _NoRoom
        self.posts += 1
        visit = _Visit(self)
        try:
            yield visit
        finally:
            self.posts -= 1
            self.bytes -= visit.bytes


@dataclass
class _Visit:
    """One post, as far as it has come."""

    room: _Room
    bytes: int = 0

    def hold(self, more: int, *, most: int) -> None:
        """So many bytes more. Raises TooMuch, _NoRoom."""
        if self.bytes + more > most:
            raise TooMuch
        if self.room.bytes + more > MOST_BYTES:
            raise _NoRoom
        self.bytes += more
        self.room.bytes += more


def routes(app: App, doors: Doors) -> list[Route]:
    """One route for each open door; what no key can prove is not answered at all."""
    room, threads = _Room(), ThreadPoolExecutor(AT_ONCE, thread_name_prefix="hooks")

    def endpoint(door: Door) -> Endpoint:
        async def post(request: Request) -> Response:
            try:
                with room.visit() as visit:
                    taken = await _read(request, door, visit)
                    return await asyncio.get_running_loop().run_in_executor(threads, _apply, app, door, taken)
            except _NoRoom:
                return _come_again(door)
            except TooMuch:
                return _refused(door, 413)
            except (TimeoutError, ClientDisconnect):
                return _refused(door, 408)

        return post

    return [Route(door.path, endpoint(door), methods=["POST"], name=door.name) for door in doors.opened]


async def _read(request: Request, door: Door, visit: _Visit) -> Post:
    """The whole post, each piece of it counted as it comes. Raises TooMuch, _NoRoom, TimeoutError, ClientDisconnect."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > door.most:
        raise TooMuch
    body = await whole(request, within=BODY_WITHIN, hold=lambda more: visit.hold(more, most=door.most))
    return Post(
        headers=_headers(request),
        body=body,
        at=datetime.now(UTC),
        query=request.scope["query_string"].decode("latin-1"),
        secret=request.path_params.get("secret", ""),
    )


def _headers(request: Request) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _apply(app: App, door: Door, post: Post) -> Response:
    """In a thread: prove, understand, apply, commit. Only then is there an answer."""
    try:
        receive(app, door.read(post))
    except Forged:
        return _refused(door, 403)
    except TooMuch:
        return _refused(door, 413)
    except Busy:
        return _come_again(door)
    return Response(door.answer, media_type=door.media_type)


def _refused(door: Door, status: int) -> Response:
    _LOG.warning("%s: a post was refused with %d", door.name, status)
    return Response(status_code=status)


def _come_again(door: Door) -> Response:
    _LOG.warning("%s: a post was told to come again", door.name)
    return Response(status_code=503, headers={"Retry-After": COME_AGAIN})
