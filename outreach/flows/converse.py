"""What follows when somebody wrote and a person has to answer? A clock starts, and campaigns fall silent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from outreach.core.answer_time import answer_by
from outreach.core.answers import Answer as Delivery
from outreach.core.conversation import Label, Line, Matter
from outreach.core.terms import Channel
from outreach.flows.answering import Answer, Said, answer
from outreach.flows.app import App
from outreach.store import conversations, recipients
from outreach.store.page_answers import Question
from outreach.store.visitors import Visitor

#: What they are told at once: by when a person answers.
REPLY, DAMAGE = "reply_received", "damage_received"
#: Of these the question is what to do with what came, or did not.
_DAMAGED = frozenset({Delivery.WRONG.value, Delivery.MISSING.value})


@dataclass(frozen=True, slots=True)
class Promised:
    """A conversation that is open now, and by when a person answers; None: they were promised no answer."""

    conversation_id: int
    reply_id: int
    answer_by: datetime | None
    silenced: int


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody told us on a page. `question`: what they were asked; `answer`: theirs to it.

    `write_back` False: they asked to be left alone, so nobody promises to write; a person reads it all the same.
    """

    at: datetime
    words: str | None
    label: Label
    question: Question | None = None
    answer: str | None = None
    write_back: bool = True


def promised_by(app: App, at: datetime) -> datetime:
    """By when a person answers what comes in at a moment."""
    return answer_by(at, app.house.replies, app.house.shop.zone)


def opened(app: App, c: sa.Connection, about: Matter, line: Line) -> Promised:
    """Open a conversation, or add to the open one, in the caller's transaction; what waits for them is cancelled."""
    silenced = conversations.silence(c, about.customer_id, about.contact_hash, at=about.at)
    conversation_id = conversations.open_or_add(c, about)
    reply_id = conversations.say(c, conversation_id, line)
    by = conversations.one(c, conversation_id).answer_by
    return Promised(conversation_id, reply_id, by, silenced)


def opened_by_page(app: App, c: sa.Connection, who: Visitor, told: Told) -> Promised:
    """The same for what was told on a page; who reported damage gets it in writing, once a day at most."""
    point = who.came_by
    about = Matter(
        customer_id=who.customer_id,
        contact_hash=point.address_hash,
        channel=point.channel,
        label=told.label,
        at=told.at,
        answer_by=promised_by(app, told.at) if told.write_back else None,
        answer=told.answer,
        outbox_id=told.question.outbox_id if told.question else None,
    )
    made = opened(app, c, about, Line(point.channel, told.at, told.words))
    if told.answer in _DAMAGED and made.answer_by is not None and point.current:
        confirm(app, c, made, Confirmed(DAMAGE, point.id, who.customer_id, point.channel, told.at))
    return made


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Whom to tell that a person answers, and of what: `at` is when it came in; the rest is its thread's."""

    campaign: str
    contact_point_id: int
    customer_id: int
    channel: Channel
    at: datetime
    thread: tuple[str, ...] = ()
    subject: str | None = None


def confirmation_for(said: str | None) -> str:
    """The campaign that tells them: damage and loss have words of their own."""
    return DAMAGE if said in _DAMAGED else REPLY


def confirm(app: App, c: sa.Connection, made: Promised, what: Confirmed) -> Said:
    """Tell them by when a person answers, in the customer's own time. The address gets one a day at most."""
    assert made.answer_by is not None
    return answer(
        app,
        c,
        Answer(
            campaign=what.campaign,
            contact_point_id=what.contact_point_id,
            channel=what.channel,
            key=f"reply-{made.reply_id}",
            answers_at=what.at,
            facts={"promise": _promise(app, c, made.answer_by, what.customer_id)},
            thread=what.thread,
            subject=what.subject,
        ),
    )


def _promise(app: App, c: sa.Connection, by: datetime, customer_id: int) -> dict[str, Any]:
    """Templates say the hour in the customer's own zone, so the day is that zone's too."""
    who = recipients.load(c, [customer_id])[customer_id]
    zone = who.zones(app.house.shop.country)[0]
    return {"answer_by": by.isoformat(), "answer_on": by.astimezone(ZoneInfo(zone)).date().isoformat()}
