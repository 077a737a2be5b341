"""What follows when somebody answered, or wrote? Their answer is kept, and a person reads whatever says more."""

from dataclasses import dataclass

import sqlalchemy as sa

from outreach.core.answers import Answer as Delivery
from outreach.core.answers import suggests
from outreach.core.asks import says_more
from outreach.core.conversation import Label, Line, Mark, Matter
from outreach.flows import converse
from outreach.flows.app import App
from outreach.flows.converse import Confirmed, Promised
from outreach.flows.heard import Came, HeardBy
from outreach.store import forwards, page_answers
from outreach.store.page_answers import Given, Question


@dataclass(frozen=True, slots=True)
class _Why:
    """Why a person reads it. `promise` False: they asked to be left alone, so no answer was promised."""

    unsure: bool = False
    promise: bool = True


def replied(app: App, c: sa.Connection, came: Came) -> HeardBy:
    """All well is kept and nobody is troubled; anything else opens a conversation, and they are told by when."""
    if came.said is Delivery.FINE and not says_more(came.words):
        _keep(c, came)
        return came.made()
    opened = _opened(app, c, came, _Why())
    forwards.wait(c, came.inbox_id, opened.conversation_id, came.at)
    answered = _confirmed(app, c, came, opened)
    return came.made(conversation_id=opened.conversation_id, withdrawn=opened.silenced, answered=answered)


def unsure(app: App, c: sa.Connection, came: Came) -> HeardBy:
    """They may have asked to be left alone: campaigns wait, a person reads it, and no machine writes to them."""
    opened = _opened(app, c, came, _Why(unsure=True))
    forwards.wait(c, came.inbox_id, opened.conversation_id, came.at)
    return came.made(conversation_id=opened.conversation_id, withdrawn=opened.silenced)


def overlooked(app: App, c: sa.Connection, came: Came) -> int | None:
    """A wish is no reason to overlook what went wrong: a person reads it, and nobody promises to write."""
    return _opened(app, c, came, _Why(promise=False)).conversation_id if came.trouble else None


def _opened(app: App, c: sa.Connection, came: Came, why: _Why) -> Promised:
    if came.trouble or (came.said is not None and not why.unsure):  # "no thanks" is not "all well"
        _keep(c, came)
    written, who = came.written, came.who
    about = Matter(
        customer_id=who.customer_id,
        contact_hash=who.contact_hash,
        channel=written.channel,
        label=Label.COMPLAINT if came.trouble else Label.REPLY,
        at=came.at,
        answer_by=converse.promised_by(app, came.at) if why.promise else None,
        answer=came.said.value if came.said and not why.unsure else None,
        unsure=why.unsure,
        outbox_id=who.answers.id if who.answers else None,
    )
    return converse.opened(app, c, about, _line(came))


def _line(came: Came) -> Line:
    return Line(
        channel=came.written.channel,
        at=came.at,
        words=came.words,
        subject=came.written.subject,
        message_id=came.written.message_id,
        marks=(Mark.SUGGESTION,) if suggests(came.words) else (),
        inbox_id=came.inbox_id,
    )


def _keep(c: sa.Connection, came: Came) -> None:
    """Their answer to what we asked; the newest counts."""
    asked, said = came.who.asked, came.said
    assert asked is not None
    assert said is not None
    given = Given(said.value, came.written.channel.value, None, came.at)
    question = Question(asked.id, asked.campaign, asked.subject_key)
    page_answers.keep(c, asked.customer_id, question, given, words=came.words)


def _confirmed(app: App, c: sa.Connection, came: Came, opened: Promised) -> int | None:
    """By when a person answers; nothing to a stranger, nor to who was promised nothing."""
    who, written = came.who, came.written
    if who.customer_id is None or who.point_id is None or opened.answer_by is None:
        return None
    what = Confirmed(
        campaign=converse.confirmation_for(came.said.value if came.said else None),
        contact_point_id=who.point_id,
        customer_id=who.customer_id,
        channel=written.channel,
        at=came.at,
        thread=(*written.thread, *((written.message_id,) if written.message_id else ())),
        subject=written.subject,
    )
    return converse.confirm(app, c, opened, what).outbox_id
