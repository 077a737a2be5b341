"""What does the page behind "it came late" do? It shows the question, keeps what is sent, and calls a person."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from outreach.core.conversation import Label
from outreach.flows.app import App, shop_day
from outreach.flows.choices import DOOR
from outreach.flows.converse import Told, opened_by_page
from outreach.render.links import reference
from outreach.store import page_answers, visitors
from outreach.store.engine import now, reading, writing
from outreach.store.page_answers import Given, Question
from outreach.store.visitors import Visitor

CHANGEABLE = timedelta(days=30)
#: Nothing has to be done about these.
WELL = frozenset({"fine", "here", "works"})
#: About these a person acts at once; about others when they say what would help.
_AT_ONCE = frozenset({"wrong", "missing", "problem"})
#: What would put it right; the third asks for nothing.
REMEDIES = ("another", "money", "know", "else")
KNOW = "know"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to one person. `order`: its number, if it is about one. `answers`: what may be answered.

    `given`: the newest answer. `until`: the last day it can be changed, once it was given; `open`: today is not later.
    `tip`: (title, text, link) of the care of what came. `promised`: by when a person answers.
    """

    language: str | None
    order: str | None
    answers: tuple[str, ...]
    given: Given | None
    until: date | None
    open: bool
    tip: tuple[str, str, str | None] | None
    promised: datetime | None


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would put it right. `says`: the words it was chosen by; `words`: their own."""

    remedy: str
    says: str
    words: str | None


def look(app: App, token: str) -> Asked | None:
    """The question behind a link; None when it is no link of ours, or nothing was asked. Changes nothing."""
    with reading(app.engine) as c:
        found = _found(app, c, token)
        return None if found is None else _asked(app, c, found)


def _found(app: App, c: sa.Connection, token: str) -> tuple[Visitor, Question] | None:
    read = app.links.read_answer(token)
    visitor = visitors.visitor(c, read[0]) if read is not None else None
    if read is None or visitor is None:
        return None
    asking = [name for name, campaign in app.campaigns.items() if campaign.answers]
    point = (visitor.came_by.id, visitor.came_by.address_hash)
    for question in page_answers.questions(c, point, asking):
        if reference(question.campaign, question.subject_key) == read[1]:
            return visitor, question
    return None


def _asked(app: App, c: sa.Connection, found: tuple[Visitor, Question]) -> Asked:
    visitor, question = found
    said = page_answers.given(c, visitor.customer_id, question)
    today = shop_day(app, now(c))
    until = shop_day(app, said[0].at) + CHANGEABLE if said else None
    about_order = page_answers.is_order(c, visitor.customer_id, question.subject_key)
    fine = bool(said) and said[-1].answer in WELL
    return Asked(
        language=visitor.language,
        order=question.subject_key if about_order else None,
        answers=app.campaigns[question.campaign].answers,
        given=said[-1] if said else None,
        until=until,
        open=until is None or today <= until,
        tip=_tip(page_answers.care_tip(c, visitor.customer_id, question.subject_key)) if fine else None,
        promised=page_answers.promised(c, visitor.customer_id) if said and not fine else None,
    )


def _tip(row: Any | None) -> tuple[str, str, str | None] | None:
    return None if row is None else (row.care_title, row.care_text or "", row.care_link)


def answer(app: App, token: str, name: str, *, says: str) -> bool:
    """Keep one answer, chosen by these words; the newest counts, the same again changes nothing.

    False: it cannot be kept (any more).
    """
    with writing(app.engine, durable=True) as c:
        found = _found(app, c, token)
        if found is None:
            return False
        visitor, question = found
        asked = _asked(app, c, found)
        if name not in asked.answers or not asked.open:
            return False
        if asked.given is not None and asked.given.answer == name:
            return True
        at = now(c)
        page_answers.keep(c, visitor.customer_id, question, Given(name, DOOR, None, at), words=None)
        if name in _AT_ONCE:
            opened_by_page(app, c, visitor, Told(at, says, Label.COMPLAINT, question, name))
        return True


def put_right(app: App, token: str, said: Remedy) -> bool:
    """Keep what would put it right, and call a person. False: there is nothing to put right, or it is too late."""
    with writing(app.engine, durable=True) as c:
        found = _found(app, c, token)
        if found is None:
            return False
        visitor, question = found
        asked = _asked(app, c, found)
        if asked.given is None or asked.given.answer in WELL or not asked.open:
            return False
        at, name = now(c), asked.given.answer
        kept = Given(name, DOOR, said.remedy, at)
        page_answers.keep(c, visitor.customer_id, question, kept, words=said.words)
        if said.remedy != KNOW or said.words:
            words = "\n".join(filter(None, (said.says, said.words)))
            told = Told(at, words, Label.COMPLAINT, question, name, write_back=said.remedy != KNOW)
            opened_by_page(app, c, visitor, told)
        return True
