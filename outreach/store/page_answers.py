"""What was somebody asked by a link, what did they answer on the page, and what helps with what they bought?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from outreach.store.inbox_schema import conversations, delivery_answers
from outreach.store.schema import outbox
from outreach.store.shop import order_lines, orders, products
from outreach.store.types import Utc


class Question(NamedTuple):
    """What a message asked: the campaign, and the order, product or event it spoke of."""

    outbox_id: int
    campaign: str
    subject_key: str


@dataclass(frozen=True, slots=True)
class Given:
    """One answer. `door`: page, email or text. `remedy`: what would put it right, where they said so."""

    answer: str
    door: str
    remedy: str | None
    at: datetime


def questions(c: sa.Connection, point: tuple[int, str], campaigns: Iterable[str]) -> list[Question]:
    """What this address (contact point, address hash) was asked, newest first; index (contact_hash, night)."""
    o = outbox.c
    contact_point_id, address = point
    where = (o.contact_hash == address, o.contact_point_id == contact_point_id, o.campaign.in_(list(campaigns)))
    query = sa.select(o.id, o.campaign, o.subject_key).where(*where).order_by(o.night.desc(), o.id.desc())
    return [Question(*row) for row in c.execute(query)]


def given(c: sa.Connection, customer_id: int, question: Question) -> list[Given]:
    """All they answered to it, oldest first; index (customer_id, id)."""
    a = delivery_answers.c
    where = (a.customer_id == customer_id, a.campaign == question.campaign, a.subject_key == question.subject_key)
    query = sa.select(a.answer, a.door, a.remedy, a.at).where(*where).order_by(a.id)
    return [Given(*row) for row in c.execute(query)]


def keep(c: sa.Connection, customer_id: int, question: Question, given: Given, *, words: str | None) -> None:
    """One answer more; the newest counts."""
    row = {
        "customer_id": customer_id,
        "campaign": question.campaign,
        "subject_key": question.subject_key,
        "answer": given.answer,
        "door": given.door,
        "remedy": given.remedy,
        "words": words,
        "at": given.at,
    }
    c.execute(sa.insert(delivery_answers).values(**row))


def is_order(c: sa.Connection, customer_id: int, key: str) -> bool:
    """Whether the key is an order of theirs; index on customer_id."""
    where = (orders.c.customer_id == customer_id, orders.c.key == key)
    return c.execute(sa.select(orders.c.id).where(*where)).first() is not None


def care_tip(c: sa.Connection, customer_id: int, order_key: str) -> Any | None:
    """(title, text, link) for the first thing in the order that has one."""
    p = products.c
    joined = orders.join(order_lines, order_lines.c.order_id == orders.c.id)
    joined = joined.join(products, products.c.id == order_lines.c.product_id)
    where = (orders.c.customer_id == customer_id, orders.c.key == order_key, p.care_title.is_not(None))
    query = sa.select(p.care_title, p.care_text, p.care_link).select_from(joined).where(*where)
    return c.execute(query.order_by(order_lines.c.id).limit(1)).first()


def promised(c: sa.Connection, customer_id: int) -> datetime | None:
    """By when a person answers them, if somebody still has to; index on customer_id."""
    t = conversations.c
    where = (t.customer_id == customer_id, t.closed_at.is_(None), t.answered_at.is_(None), t.answer_by.is_not(None))
    found: datetime | None = c.execute(sa.select(sa.func.min(t.answer_by, type_=Utc())).where(*where)).scalar()
    return found
