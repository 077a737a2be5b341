"""Which address leads where, and what does the pages program say when it cannot? One Starlette application.

It trusts no header a proxy or a stranger could write: no address, scheme or host of a request is used for anything.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from outreach.core.errors import Problem
from outreach.flows import choices
from outreach.flows.app import App
from outreach.render.pages_words import Languages
from outreach.web.answers import Answers
from outreach.web.choose import Choose
from outreach.web.desk import Desk, token
from outreach.web.hello import Hello
from outreach.web.sheet import HEADERS, heading, page, para

#: Each holds a connection to the database, of which there are 15; the providers' doors have four of them.
THREADS = 10
#: Seconds after which it is worth trying again.
_AGAIN = "120"
#: Status -> the title and the sentence of its page; any other is told the way to a person.
_SAID = {
    404: ("wrong_title", "wrong"),
    405: ("method_title", "person"),
    408: ("busy_title", "again"),
    413: ("long_title", "person"),
}

Handler = Callable[[Request, Exception], Response]


def pages(
    app: App, languages: Languages, hooks: Sequence[BaseRoute] = (), *, on_fault: Callable[[Exception], None]
) -> Starlette:
    """The customer pages, and beside them the providers' own doors (`hooks`).

    `on_fault`: hears of a fault of ours, which a visitor only sees as a page with the way to a person.
    """
    desk = Desk(app, languages)
    made = Starlette(
        routes=[*_routes(desk), *hooks],
        exception_handlers=_handlers(desk, on_fault),
        lifespan=_life,
    )
    made.router.redirect_slashes = False  # nothing here redirects but our own answers
    return made


def _routes(desk: Desk) -> list[Route]:
    choose, answers, hello = Choose(desk), Answers(desk), Hello(desk)
    return [
        _both("/p/{token}", choose.show, choose.act),
        _both("/u/{token}", choose.show_one_click, choose.one_click),
        _both("/f/{token}", answers.show, answers.act),
        _both("/hello", hello.show, hello.act),
        Route("/t/{token}", _example(desk), methods=["GET", "POST"]),
        Route("/", hello.show, methods=["GET"]),
        Route("/alive", _alive, methods=["GET"]),
    ]


def _both(path: str, show: Callable[[Request], Response], act: Callable[[Request], Awaitable[Response]]) -> Route:
    """GET and HEAD look, POST acts: one route, so that a 405 names all three."""

    async def endpoint(request: Request) -> Response:
        return await act(request) if request.method == "POST" else await run_in_threadpool(show, request)

    return Route(path, endpoint, methods=["GET", "POST"])


def _alive(_request: Request) -> Response:
    """The program answers; whether the database does, its pages say."""
    return PlainTextResponse("outreach pages\n", headers=HEADERS)


def _example(desk: Desk) -> Callable[[Request], Response]:
    def example(request: Request) -> Response:
        """A link of a test message: whatever is done here, nothing is."""
        if not choices.is_example(desk.app, token(request)):
            raise HTTPException(404)
        on = desk.sheet(request)
        title = on.words["example_title"]
        return page(on, title, heading(title), para(on.words["example"]))

    return example


def _handlers(desk: Desk, on_fault: Callable[[Exception], None]) -> Mapping[Any, Handler]:
    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        on = desk.sheet(request)
        title, said = _SAID.get(error.status_code, ("method_title", "person"))
        made = page(on, on.words[title], heading(on.words[title]), para(on.say(said)), status=error.status_code)
        made.headers.update(error.headers or {})
        return made

    def busy(request: Request, _error: Exception) -> Response:
        """The database is busy or away: whoever asked, person or program, may try again."""
        on = desk.sheet(request)
        title = on.words["busy_title"]
        made = page(on, title, heading(title), para(on.say("again")), status=503)
        made.headers["Retry-After"] = _AGAIN
        return made

    def fault(request: Request, error: Exception) -> Response:
        on_fault(error)
        on = desk.sheet(request)
        title = on.words["fault_title"]
        return page(on, title, heading(title), para(on.say("again")), status=500)

    return {HTTPException: refused, Problem: busy, Exception: fault}


@asynccontextmanager
async def _life(_app: Starlette) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = THREADS
    yield
