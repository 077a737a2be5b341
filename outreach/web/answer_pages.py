"""How does a customer see what we asked, and what follows from their answer? Pages of views; nothing here acts."""

from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.responses import HTMLResponse

from outreach.flows.delivery_page import KNOW, REMEDIES, WELL, Asked
from outreach.web.forms import Option, button, form, line, radios, words
from outreach.web.markup import Html, el, filled
from outreach.web.sheet import Sheet, heading, page, para, problem


def ask_page(on: Sheet, asked: Asked, chosen: str, *, wrong: bool = False) -> HTMLResponse:
    """The question, with the link's own answer chosen. Nothing is kept before it is sent."""
    title = on.words["ask_title"]
    options = [Option(name, on.words.answer(name), name == chosen) for name in asked.answers]
    given = [el("h2", filled(on.words["told"], date=_day(on, asked))), _given(on, asked)] if asked.given else []
    return page(
        on,
        title,
        problem(on, on.words["choose_one"], "a") if wrong else None,
        heading(title),
        para(filled(on.words["about_order"], order=asked.order)) if asked.order else None,
        *given,
        form(
            on.query(),
            radios("a", on.words["answer_with"], options, wrong=wrong),
            button(on.words["send_answer"], value="answer", main=True),
            para(on.words["told_nothing"], soft=True),
            frameless=True,
        ),
        el("section", el("h2", on.words["help_title"]), para(on.say("help"))),
        status=422 if wrong else 200,
        prefix="error" if wrong else None,
    )


def closed_page(on: Sheet, asked: Asked) -> HTMLResponse:
    """It was answered long ago."""
    title = on.words["ask_title"]
    told = el("h2", filled(on.words["told"], date=_day(on, asked)))
    return page(on, title, heading(title), told, _given(on, asked), para(on.words["closed"]), para(on.say("person")))


def thanks_page(on: Sheet, asked: Asked) -> HTMLResponse:
    """All is well: thank you, how to keep it well, and nothing to buy."""
    promised = asked.given is not None and asked.given.answer == "fine"
    title = on.words["after_fine" if promised else "after_good"]
    return page(on, title, heading(title), _tip(on, asked), _changeable(on, asked), prefix="done")


def sorry_page(on: Sheet, asked: Asked, *, wrong: bool = False) -> HTMLResponse:
    """Something is not right: what would put it right?"""
    title = _sorry(on, asked)
    options = [Option(name, on.words[f"remedy_{name}"]) for name in REMEDIES]
    return page(
        on,
        title,
        problem(on, on.words["choose_one"], "remedy") if wrong else None,
        heading(title),
        form(
            on.query(),
            radios("remedy", el("h2", on.words["remedy"]), options, wrong=wrong),
            words("words", on.words["own_words"]),
            line("reach", on.words["reach"]),
            button(on.words["send"], value="remedy", main=True),
            frameless=True,
        ),
        _changeable(on, asked),
        status=422 if wrong else 200,
        prefix="error" if wrong else "done",
    )


def promised_page(on: Sheet, asked: Asked) -> HTMLResponse:
    """A person answers, by when; or, where nothing was asked for, reads it."""
    title = _sorry(on, asked)
    wanted = asked.given is not None and asked.given.remedy != KNOW
    if wanted and asked.promised is not None:
        time = on.words.moment(_local(on, asked.promised))
        said = filled(on.words["promised"], signer=on.shop.signer.name, time=time)
    else:
        said = on.say("thanks")
    return page(
        on, title, heading(title), para(said), para(on.say("help"), soft=True), _changeable(on, asked), prefix="done"
    )


def is_well(asked: Asked) -> bool:
    """Whether nothing has to be done."""
    return asked.given is not None and asked.given.answer in WELL


def _sorry(on: Sheet, asked: Asked) -> str:
    return on.words["sorry_problem" if asked.given and asked.given.answer == "problem" else "sorry"]


def _given(on: Sheet, asked: Asked) -> Html:
    return para(on.words.answer(asked.given.answer if asked.given else ""))


def _tip(on: Sheet, asked: Asked) -> Html | None:
    if asked.tip is None:
        return None
    title, text, link = asked.tip
    more = el("a", on.words["tip_more"], href=link) if link and link.startswith("https://") else None
    return el("section", el("h2", el("bdi", title)), para(el("bdi", text)), para(more) if more else None)


def _changeable(on: Sheet, asked: Asked) -> Html | None:
    if asked.until is None:
        return None
    said = filled(on.words["change_until"], date=on.words.day(asked.until))
    return para(el("a", said, href=on.query()), soft=True)


def _day(on: Sheet, asked: Asked) -> str:
    assert asked.given is not None
    return on.words.day(_local(on, asked.given.at).date())


def _local(on: Sheet, moment: datetime) -> datetime:
    """In the shop's own time: that is where somebody answers."""
    return moment.astimezone(ZoneInfo(on.shop.zone))
