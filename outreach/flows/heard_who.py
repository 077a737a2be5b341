"""Who wrote this, and which message of ours do they answer?

A token in the address counts for its thread only when the mail comes from an address of the same customer: a forwarded
mail is in somebody else's hands, and a forged one in anybody's (respect.md 33); nor does it where SPF and DKIM say that
the address is not the sender's. What they ask us to stop is heard of all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from outreach.core.addresses import address_hash
from outreach.core.inbound import Written
from outreach.core.terms import Channel, Kind
from outreach.flows.app import App
from outreach.flows.known_address import hash_of_address
from outreach.inbound.letter import Letter
from outreach.render.links import reference
from outreach.store import hearing, visitors
from outreach.store.hearing import Sent
from outreach.store.visitors import Point, Visitor

#: A question can be answered for so long.
ANSWERABLE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who wrote. `customer_id` None: a stranger. `point_id`: where we can answer, None: nowhere.

    `covers`: the (channel, address hash) a wish of theirs closes. `answers`: the message of ours they answer.
    `asked`: the same or the newest before it, if it asked something that can still be answered.
    """

    customer_id: int | None
    point_id: int | None
    contact_hash: str
    covers: tuple[tuple[Channel, str], ...]
    answers: Sent | None
    asked: Sent | None


def who_wrote(app: App, c: sa.Connection, written: Written, at: datetime, letter: Letter | None) -> Who:
    """Look them up. `letter`: the mail it stands in; `at`: when it came in."""
    came_from = hash_of(app, written)
    signed = _signed(app, c, letter.to) if letter is not None else None
    forged = letter is not None and letter.vouched is False
    mine = signed[0] if signed and not forged and came_from in [h for _, h in signed[0].addresses] else None
    sent = hearing.sent_to(c, mine.came_by.address_hash if mine else came_from, app.house.mode)
    customer_id = mine.customer_id if mine else _customer(c, written.channel, came_from, sent)
    visitor = mine or _visitor(c, customer_id, came_from, written.channel)
    covers = [(written.channel, came_from)]
    if mine or (visitor and len(hearing.people_at(c, written.channel, came_from)) == 1):
        covers += visitor.addresses if visitor else []
    if signed:
        covers += signed[0].addresses  # whoever holds the mail may stop it, as by its link
    thread = () if forged else written.thread
    named = hearing.named_in(c, thread, [h for _, h in visitor.addresses] if visitor else [came_from])
    answers = _about(sent, signed[1]) if mine and signed else None
    answers = answers or named or next(iter(sent), None)
    point = _reachable(visitor, came_from, written.channel)
    covered = tuple(dict.fromkeys(covers))
    return Who(customer_id, point.id if point else None, came_from, covered, answers, _asked(app, sent, answers, at))


def hash_of(app: App, written: Written) -> str:
    """Of the address it came from; of what stands there, where that is no address."""
    known = hash_of_address(app, written.channel, written.sender)
    return known or address_hash(app.secrets.pepper, written.channel, written.sender)


def _signed(app: App, c: sa.Connection, to: Sequence[str]) -> tuple[Visitor, str] | None:
    """Whom a token of ours in one of these addresses was written to, and about what."""
    for address in to:
        found = app.links.read_reply(address.rpartition("@")[0])
        if found is not None and (visitor := visitors.visitor(c, found[0])) is not None:
            return visitor, found[1]
    return None


def _customer(c: sa.Connection, channel: Channel, came_from: str, sent: Sequence[Sent]) -> int | None:
    """Of several who share the address, whom we wrote to last."""
    people = hearing.people_at(c, channel, came_from)
    return next((m.customer_id for m in sent if m.customer_id in people), next(iter(people), None))


def _visitor(c: sa.Connection, customer_id: int | None, came_from: str, channel: Channel) -> Visitor | None:
    point_id = hearing.point_of(c, customer_id, channel, came_from) if customer_id is not None else None
    return visitors.visitor(c, point_id) if point_id is not None else None


def _reachable(visitor: Visitor | None, came_from: str, channel: Channel) -> Point | None:
    """The address it came from, while the record names it; else the one our message went to."""
    if visitor is None:
        return None
    here = [point for point in visitor.reached_at if point.channel is channel]
    return next((p for p in here if p.address_hash == came_from), next(iter(here), None))


def _about(sent: Sequence[Sent], about: str) -> Sent | None:
    return next((m for m in sent if reference(m.campaign, m.subject_key) == about), None)


def _asked(app: App, sent: Sequence[Sent], answers: Sent | None, at: datetime) -> Sent | None:
    """What they answer, or were asked last; a machine's or a person's answer of ours in between changes nothing."""
    if answers is not None and answers.kind != Kind.ANSWER.value:
        last: Sent | None = answers
    else:
        last = next((m for m in sent if m.kind != Kind.ANSWER.value), None)
    campaign = app.campaigns.get(last.campaign) if last else None
    asks = campaign is not None and campaign.answers
    return last if last is not None and asks and last.created_at > at - ANSWERABLE else None
