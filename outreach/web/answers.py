"""What happens at /f/TOKEN? The link has an answer chosen; only sending it keeps it."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from outreach.flows import delivery_page
from outreach.flows.delivery_page import REMEDIES, Asked, Remedy
from outreach.web.answer_pages import ask_page, closed_page, is_well, promised_page, sorry_page, thanks_page
from outreach.web.desk import Desk, after, found, token
from outreach.web.fields import Fields, fields
from outreach.web.sheet import Sheet


class Answers:
    """The pages of one question to one customer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._app = desk.app

    def show(self, request: Request) -> Response:
        """GET /f/TOKEN."""
        asked, on = self._look(request)
        if not asked.open:
            return closed_page(on, asked)
        if asked.given is None or request.query_params.get("done") != "sent":
            return ask_page(on, asked, request.query_params.get("a", ""))
        if is_well(asked):
            return thanks_page(on, asked)
        return promised_page(on, asked) if asked.given.remedy else sorry_page(on, asked)

    async def act(self, request: Request) -> Response:
        """POST /f/TOKEN: an answer, or what would put it right."""
        given = await fields(request)
        acts = {"answer": self._answer, "remedy": self._put_right}
        return await run_in_threadpool(acts.get(given.one("do"), self._answer), request, given)

    def _look(self, request: Request) -> tuple[Asked, Sheet]:
        asked = found(delivery_page.look(self._app, token(request)))
        return asked, self._desk.sheet(request, asked.language)

    def _answer(self, request: Request, given: Fields) -> Response:
        asked, on = self._look(request)
        name = given.one("a")
        if name not in asked.answers:
            return ask_page(on, asked, "", wrong=True)
        delivery_page.answer(self._app, token(request), name, says=on.words.answer(name))
        return after(request, on, "sent")

    def _put_right(self, request: Request, given: Fields) -> Response:
        asked, on = self._look(request)
        remedy, reach = given.one("remedy"), given.one("reach")
        words = "\n".join(filter(None, (given.words("words"), reach))) or None
        if remedy not in REMEDIES and words is None:
            return sorry_page(on, asked, wrong=True)
        chosen = remedy if remedy in REMEDIES else "else"
        said = Remedy(chosen, on.words[f"remedy_{chosen}"], words)
        delivery_page.put_right(self._app, token(request), said)
        return after(request, on, "sent")
