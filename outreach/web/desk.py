"""What does every page need at hand? The shop, the words, and the way from a request to a sheet."""

from dataclasses import dataclass
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse

from outreach.flows.app import App
from outreach.render.pages_words import Languages
from outreach.web.sheet import HEADERS, Sheet, sheet

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Desk:
    """The program and its words."""

    app: App
    languages: Languages

    def sheet(self, request: Request, message: str | None = None) -> Sheet:
        """In whose language: see `sheet.sheet`. `message`: the language of what carried the link."""
        return sheet(self.app.house.shop, self.languages, (request.query_params, request.headers), message)


def token(request: Request) -> str:
    """The token of the address."""
    return str(request.path_params["token"])


def found(what: Found | None) -> Found:
    """What a link leads to. Raises HTTPException 404: wrong and unknown are the same to whoever asks."""
    if what is None:
        raise HTTPException(404)
    return what


def after(request: Request, on: Sheet, done: str) -> RedirectResponse:
    """Look at the result, so that reloading it does nothing again."""
    return RedirectResponse(request.url.path + on.query(("done", done)), 303, HEADERS)
