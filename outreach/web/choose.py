"""What happens at /p/TOKEN and /u/TOKEN? Looking shows; only a button of the page, or of the mail program, acts."""

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from outreach.core.page_choice import What
from outreach.core.terms import Channel
from outreach.flows import choices
from outreach.flows.choices import Chosen, Kept, Parting, View
from outreach.web.choose_pages import choose_page, plain_label, said_page, saved_page, stopped_page
from outreach.web.desk import Desk, after, found, token
from outreach.web.fields import Fields, fields, passed_over
from outreach.web.sheet import HEADERS, Sheet


class Choose:
    """The pages of one customer's wishes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._app = desk.app

    def show(self, request: Request) -> Response:
        """GET /p/TOKEN. What was done shows in `?done=`, as far as it is true."""
        point = found(choices.by_link(self._app, token(request)))
        view, on = self._look(request, point)
        done = request.query_params.get("done")
        silent = view.standing.what is What.NOTHING
        if done == "stopped" and silent:
            return stopped_page(on, view, on.query())
        if done in ("saved", "confirmed") and not silent:
            return saved_page(on, view, confirmed=done == "confirmed")
        if done in ("thanks", "thank_you") or (done == "undone" and not silent):
            return said_page(on, done)
        return choose_page(on, view, on.query())

    def show_one_click(self, request: Request) -> Response:
        """GET /u/TOKEN: the same page; its buttons post to /p/TOKEN, never here."""
        point = found(choices.by_button(self._app, token(request)))
        view, on = self._look(request, point)
        return choose_page(on, view, choices.page_of(self._app, point) + on.query())

    async def one_click(self, request: Request) -> Response:
        """POST /u/TOKEN (RFC 8058): whatever the body says or is. 200, empty; the wish is committed by then."""
        point = found(choices.by_button(self._app, token(request)))
        known = await run_in_threadpool(choices.one_click, self._app, point)
        found(known or None)
        await passed_over(request)
        return Response(b"", 200, HEADERS)

    async def act(self, request: Request) -> Response:
        """POST /p/TOKEN: one of the page's buttons."""
        point = found(choices.by_link(self._app, token(request)))
        given = await fields(request)
        acts = {"stop": self._stop, "choose": self._choose, "undo": self._undo, "why": self._why}
        act = acts.get(given.one("do"), self._nothing)
        return await run_in_threadpool(act, request, point, given)

    def _look(self, request: Request, point: int) -> tuple[View, Sheet]:
        view = found(choices.look(self._app, point))
        return view, self._desk.sheet(request, view.language)

    def _nothing(self, request: Request, point: int, _given: Fields) -> Response:
        view, on = self._look(request, point)
        return choose_page(on, view, on.query(), wrong="choose_one")

    def _stop(self, request: Request, point: int, _given: Fields) -> Response:
        _, on = self._look(request, point)
        choices.stop(self._app, point, pressed=on.words["stop"])
        return after(request, on, "stopped")

    def _choose(self, request: Request, point: int, given: Fields) -> Response:
        view, on = self._look(request, point)
        what, seen = given.one("what"), given.one("seen")
        how = [channel for channel in Channel if channel.value in given.every("how")]
        if what not in list(What) or seen not in list(What) or (_comes_back(view, what) and not how):
            return choose_page(on, view, on.query(), wrong="choose_one")
        says = [plain_label(on, view, What(what))]
        if len(view.standing.channels) > 1:
            says += [on.words[channel.value] for channel in how]
        chosen = Chosen(What(what), frozenset(how), What(seen), tuple(says))
        kept = choices.choose(self._app, point, chosen)
        if kept is None or kept is Kept.CHANGED_MEANWHILE:
            view, on = self._look(request, point)
            return choose_page(on, view, on.query(), wrong="changed_meanwhile")
        if kept is Kept.NOTHING and _comes_back(view, what):
            return self._not_done(request, point)  # a wish of somebody else stands in the way
        return after(request, on, "stopped" if kept is Kept.NOTHING else kept.value)

    def _undo(self, request: Request, point: int, given: Fields) -> Response:
        _, on = self._look(request, point)
        stopped_at = _moment(given.one("at"))
        if stopped_at is None or not choices.put_back(self._app, point, stopped_at):
            return self._not_done(request, point)
        return after(request, on, "undone")

    def _not_done(self, request: Request, point: int) -> Response:
        view, on = self._look(request, point)
        return choose_page(on, view, on.query(), wrong="not_done")

    def _why(self, request: Request, point: int, given: Fields) -> Response:
        _, on = self._look(request, point)
        reason, words = given.one("why"), given.words("words")
        if reason not in choices.REASONS and words is None:
            return after(request, on, "stopped")
        kept = Parting(reason if reason in choices.REASONS else "else", words)
        choices.parted(self._app, point, kept)
        return after(request, on, "thanks" if words or reason == choices.WRONG else "thank_you")


def _comes_back(view: View, what: str) -> bool:
    """Whether somebody who asked for nothing wants something again."""
    return view.standing.what is What.NOTHING and what not in (What.NOTHING, What.PAUSE)


def _moment(text: str) -> datetime | None:
    """An instant as our own form wrote it; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
