"""What do we write back to somebody who wrote to us, or asked us for something? One message, in their own thread.

It goes into the outbox in the transaction of what it answers, and leaves by the same guarded way as all others. Not
being able to answer is a value: it never undoes a wish.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa

from outreach.core.errors import Problem
from outreach.core.paragraphs import paragraphs
from outreach.core.terms import BY_HAND, STOPPED, Campaign, Channel, MessageState
from outreach.core.threads import answering_subject, thread_headers
from outreach.flows.app import App, channels_of, shop_day
from outreach.flows.rendering import message, revision_row
from outreach.render.content import Content
from outreach.render.problems import RenderProblem
from outreach.render.template import Template
from outreach.store import answers_out, recipients, revisions
from outreach.store.answers_out import Point
from outreach.store.engine import now
from outreach.store.recipients import Addressee

_log = logging.getLogger(__name__)
#: So long a confirmation of an opt-out is of use.
STOPPED_WITHIN = timedelta(minutes=5)
#: What a machine writes and a person does not (RFC 3834, RFC 2369).
_A_MACHINES = frozenset({"auto-submitted", "x-auto-response-suppress", "list-unsubscribe", "list-unsubscribe-post"})


class Unsaid(StrEnum):
    """Why nothing was queued."""

    OFF = "off"  # the campaign, or its channel, is not in use here
    NO_ADDRESS = "no_address"  # erased, or no longer in the record
    SAID = "said"  # this was answered already, or is said once and was
    ENOUGH = "enough"  # the address got its one confirmation today
    NOT_WRITTEN = "not_written"  # the words failed: `problem`


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say, to whom, and to what it answers.

    `key`: names what is answered, so that it is answered once: the inbound message's id, the choice's, the words'.
    `answers_at`: when that came in, and the very instant its own wish was stamped with: only a newer wish forbids it.
    `facts`: JSON-shaped, as the campaign declares them; of a person's own `words` the paragraphs are made here, and
    `signed` is whoever wrote them. `language`: what they wrote in, where that is known better.
    `thread`: Message-IDs, oldest first, the last being answered; `subject`: the thread's. `not_after`: None: as long
    as the campaign says.
    """

    campaign: str
    contact_point_id: int
    channel: Channel
    key: str
    answers_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    language: str | None = None
    thread: tuple[str, ...] = ()
    subject: str | None = None
    not_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """The message queued, by its id; or why there is none."""

    outbox_id: int | None
    because: Unsaid | None = None
    problem: Problem | None = None


class _Place(NamedTuple):
    """Where and when an answer stands: what `rendering.message` asks of a row, and what is stored beside it."""

    campaign: Campaign
    contact_point_id: int
    subject_key: str
    not_before: datetime


def answer(app: App, c: sa.Connection, what: Answer) -> Said:
    """Queue one answer in the caller's transaction: ready now, whatever the hour (settled 19). Never raises for words.

    Once per key; `once_per: address` once ever, `once_per: day` once a day. Of the others but a person's own words an
    address gets one a day, so that nobody can have us write to somebody in his name over and over.
    """
    campaign = app.campaigns.get(what.campaign)
    if campaign is None or not campaign.on or what.channel not in channels_of(app, campaign):
        return Said(None, Unsaid.OFF)
    to = answers_out.point(c, what.contact_point_id, what.channel)
    if to is None:
        return Said(None, Unsaid.NO_ADDRESS)
    place = _Place(campaign, to.id, what.key, now(c))
    if answers_out.is_said(c, _once(app, what, to, place)):
        return Said(None, Unsaid.SAID)
    who = recipients.load(c, [to.customer_id])[to.customer_id]
    try:
        template, content = _written(app, what, who, place)
    except Problem as problem:
        _log.warning("%s cannot be written: %s", what.campaign, problem.code)
        return Said(None, Unsaid.NOT_WRITTEN, problem)
    revisions.keep(c, [revision_row(template, place.not_before)])
    return _queued(app, c, (what, to, place), (who, template, content))


def _once(app: App, what: Answer, to: Point, place: _Place) -> str:
    """The dedupe key: by address, not by customer, as families share one."""
    per = place.campaign.once_per
    day = shop_day(app, place.not_before)
    key = "ever" if per == "address" else day.isoformat() if per == "day" else what.key
    return f"{app.house.mode.value}|answer|{what.campaign}|{to.contact_hash}|{key}"


def _written(app: App, what: Answer, who: Addressee, place: _Place) -> tuple[Template, Content]:
    """By the one road. Raises RenderProblem, or Misuse (OUT-139) when nothing can be written at all."""
    reader = replace(who, language=what.language or who.language)
    choice = app.answer_words.of(what.campaign).choose(
        what.campaign, what.channel, language=reader.language, customer_id=who.id
    )
    if choice.template is None:
        raise RenderProblem("OUT-110", f"{what.campaign} has no {what.channel} template for {reader.language}")
    made = message(app, choice.template, _facts(what), row=place, who=reader)
    if what.channel is Channel.TEXT:
        return choice.template, made
    return choice.template, _in_its_thread(_signed(made, choice.template, what), what)


def _facts(what: Answer) -> dict[str, Any]:
    words = what.facts.get("words")
    return {**what.facts, "words": paragraphs(words)} if isinstance(words, str) else dict(what.facts)


def _signed(made: Content, template: Template, what: Answer) -> Content:
    """The letter comes from whoever wrote it: the name in From and Reply-To, as the shop writes names."""
    signer, writer = template.program.shop.signer, what.facts.get("signed")
    if not writer or writer == signer:
        return made
    shown = template.program.from_name
    name = shown.replace(signer, " ".join("".join(c for c in writer if c not in '",;<>' and c.isprintable()).split()))
    headers = ((n, v.replace(shown, name, 1) if n in ("From", "Reply-To") else v) for n, v in made.headers)
    return replace(made, headers=tuple(headers))


def _in_its_thread(made: Content, what: Answer) -> Content:
    """Headers of an answer. A machine's says so, and keeps both ways out; a person's letter is a letter."""
    automatic = what.campaign != BY_HAND
    if automatic:
        headers = [(n, "auto-replied" if n == "Auto-Submitted" else value) for n, value in made.headers]
    else:
        headers = [(n, value) for n, value in made.headers if n.lower() not in _A_MACHINES]
    threaded = thread_headers(what.thread)
    subject = answering_subject(what.subject, automatic=automatic) if threaded else None
    return replace(made, subject=subject or made.subject, headers=(*headers, *threaded))


def _queued(
    app: App, c: sa.Connection, asked: tuple[Answer, Point, _Place], made: tuple[Addressee, Template, Content]
) -> Said:
    what, to, place = asked
    who, template, content = made
    body = {"revision": template.revision, "body": content.pack(template.skeleton), "sha": content.sha}
    day, mode = shop_day(app, place.not_before), app.house.mode
    row = {
        **_outbox_row(app, what, to, place),
        "run_id": answers_out.run_of(c, day, mode, place.not_before),
        "night": day,
        "mode": mode.value,
        "legal": place.campaign.legal_class(who.country or app.house.shop.country).value,
        "language": template.language,
        "template_revision": template.revision,
        "parts": content.parts,
    }
    made_id = answers_out.put(c, row, body)
    if made_id is None:
        return Said(None, Unsaid.SAID)
    if _limited(place.campaign) and not answers_out.takes_the_day(c, made_id, to.contact_hash, mode=mode, day=day):
        answers_out.take_back(c, made_id)
        return Said(None, Unsaid.ENOUGH)
    return Said(made_id)


def _limited(campaign: Campaign) -> bool:
    """One a day and address; a person's own words, and what is rarer by itself, are not counted."""
    return campaign.name != BY_HAND and campaign.once_per not in ("address", "day")


def _outbox_row(app: App, what: Answer, to: Point, place: _Place) -> dict[str, Any]:
    at = place.not_before
    useful = STOPPED_WITHIN if what.campaign == STOPPED else timedelta(days=place.campaign.useful_days)
    begins = what.answers_at if what.campaign == STOPPED else at
    return {
        "dedupe_key": _once(app, what, to, place),
        "campaign": what.campaign,
        "kind": place.campaign.kind.value,
        "customer_id": to.customer_id,
        "contact_point_id": to.id,
        "contact_hash": to.contact_hash,
        "channel": what.channel.value,
        "subject_key": what.key,
        "subjects": [what.key],
        "facts": _facts(what),
        "state": MessageState.READY.value,
        "rank": place.campaign.priority,
        "draw": 0,
        "not_before": at,
        "not_after": what.not_after or begins + useful,
        "answers_at": what.answers_at,
        "created_at": at,
        "updated_at": at,
    }
