"""The command serve: the customer pages, answered behind a proxy; nothing of the shop's own desk is there."""

import logging
import socket
from typing import Annotated

import typer
import uvicorn

from outreach.cli.answer import Answer
from outreach.cli.desk import Desk, desk
from outreach.core.errors import Misuse
from outreach.core.posts import Doors
from outreach.flows.app import App
from outreach.observe import faults
from outreach.observe.logs import set_up
from outreach.observe.pings import regularly
from outreach.render.pages_words import load_pages
from outreach.web.hooks import routes
from outreach.web.program import pages

#: Requests under way at once; more are told to try again. Each is a page of 4 kB or a provider's post.
_AT_ONCE = 500
#: Seconds that a request under way is waited for when TERM comes.
_PATIENCE = 20
#: Connections that wait to be taken up.
_BACKLOG = 512
#: How often the words of answers are read anew, in seconds.
_MINUTE = 60.0

_Host = Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to answer; a proxy stands before it")]
_Port = Annotated[int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="0: any that is free")]


def serve(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="pages", help="what to open")],
    host: _Host = "127.0.0.1",
    port: _Port = 8076,
) -> Answer:
    """Answer the links in our messages: stop or choose, how did it go, a lost link. TERM or Ctrl-C ends it gently."""
    if what == "studio":
        raise Misuse("OUT-551", "there is no studio in this version", help="outreach serve pages")
    if what != "pages":
        raise Misuse("OUT-600", f'serve has no "{what}"', help="outreach serve pages")
    here = desk(ctx)
    set_up(verbose=here.screen.verbose or -(here.screen.quiet or here.screen.as_json))
    logging.getLogger("uvicorn").setLevel(logging.DEBUG if here.screen.verbose else logging.WARNING)
    app = here.open()
    shop = app.house.shop
    languages = load_pages(app.project, shop.language, shop.country)
    _read_first(app)
    keep = faults.kept(app.project)
    hooks = app.load_doors()
    listening = routes(app, hooks)
    made = pages(app, languages, listening, on_fault=lambda error: keep(type(error), error, error.__traceback__))
    with _listening(host, port) as door:
        where = _address(door)
        _greet(here, app, where)
        _doors(here, hooks)
        stop = regularly(app.answer_words.refresh, every=_MINUTE)
        try:
            _server(made).run(sockets=[door])
        finally:
            stop()
    return Answer("outreach.serve/1", {"pages": where}, ["The pages are closed."])


def _read_first(app: App) -> None:
    """What an answer needs is read before the door opens: no visitor waits for it, and a mistake in it is said now."""
    app.load_words()
    for campaign in app.campaigns.values():
        if not campaign.scan and campaign.on:
            app.answer_words.of(campaign.name)


def _server(made: object) -> uvicorn.Server:
    """It trusts no forwarded header and logs no request: an address there is a customer's own key."""
    return uvicorn.Server(
        uvicorn.Config(
            made,  # type: ignore[arg-type] # an ASGI application
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            ws="none",
            limit_concurrency=_AT_ONCE,
            timeout_graceful_shutdown=_PATIENCE,
        )
    )


def _listening(host: str, port: int) -> socket.socket:
    """Raises Misuse (OUT-552)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # named as TCP, or asyncio would leave Nagle's algorithm on and each page would wait 40 ms for its last part
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))
        door.listen(_BACKLOG)
    except OSError as error:
        door.close()
        said = f"{host}:{port} cannot be opened: {error.strerror or error}"
        raise Misuse("OUT-552", said, help="outreach serve pages --port 8077") from None
    return door


def _address(door: socket.socket) -> str:
    host, port = door.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _greet(here: Desk, app: App, where: str) -> None:
    said = f"{app.house.shop.name} · customer pages on {where}, for {app.house.shop.base_url}"
    here.screen.tell(said, "pages start", at=where)


def _doors(here: Desk, hooks: Doors) -> None:
    """Which providers may post to us, and which doors stay shut for want of a key."""
    for opened in hooks.opened:
        path = opened.path.replace("{secret}", "...")
        here.screen.tell(f"{opened.name:<17} open at {path}", "hook open", at=path)
    for shut in hooks.shut:
        said = f"{shut.name:<17} shut: {' and '.join(shut.lacks)} not set"
        here.screen.tell(said, "hook shut", at=shut.path, lacks=",".join(shut.lacks))
