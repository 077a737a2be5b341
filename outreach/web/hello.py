"""What happens at /hello? Somebody lost their link; the answer is the same whether we know them or not."""

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from outreach.flows import lost_link
from outreach.web.desk import Desk, after
from outreach.web.fields import fields
from outreach.web.forms import button, form, line
from outreach.web.sheet import Sheet, heading, page, para, problem


class Hello:
    """The page of a lost link."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._app = desk.app

    def show(self, request: Request) -> Response:
        """GET /hello."""
        on = self._desk.sheet(request)
        if request.query_params.get("done") != "sent":
            return _ask(on)
        title = on.words["lost_sent"]
        return page(on, title, heading(title), para(on.say("lost_else")), prefix="done")

    async def act(self, request: Request) -> Response:
        """POST /hello. Answered before anything is looked up, so that the time it takes tells nothing either."""
        on = self._desk.sheet(request)
        word = (await fields(request)).one("address")
        if not lost_link.is_address(self._app, word):
            return _ask(on, word, wrong=True)
        await run_in_threadpool(lost_link.awake, self._app)
        answer = after(request, on, "sent")
        answer.background = BackgroundTask(lost_link.ask, self._app, word, language=on.words.tag)
        return answer


def _ask(on: Sheet, given: str = "", *, wrong: bool = False) -> Response:
    title = on.words["lost_title"]
    return page(
        on,
        title,
        problem(on, on.words["no_address"], "address") if wrong else None,
        heading(title),
        para(on.say("lost")),
        form(
            on.query(),
            line("address", on.words["lost_field"], given=given, wrong=wrong),
            button(on.words["lost_send"], main=True),
            frameless=True,
        ),
        para(on.say("lost_else"), soft=True),
        status=422 if wrong else 200,
        prefix="error" if wrong else None,
    )
