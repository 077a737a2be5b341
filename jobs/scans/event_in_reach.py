"""Who lives near enough to the event of this campaign file to be asked in?

An event is something people decide, so it stands in the campaign file and not in the records: one file, one event.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, String, and_, false, literal, or_, select

from outreach.store.shop import Need, customers

NEEDS = (Need.PLACES,)
#: Asked from so many days before the event to so many, both included: early enough to plan for, near enough to know.
EARLIEST, LATEST = 28, 7


def scan(night: date, *, event: str, starts_on: date, place: str, near: list[str]) -> Select[Any]:
    """One row a customer who lives `near`: in one of the countries ("GB") or cities ("York, GB") named.

    Subject: the event with its day.
    """
    opens, closes = starts_on - timedelta(days=EARLIEST), starts_on - timedelta(days=LATEST)
    c = customers.c
    in_reach = or_(false(), *(_lives(where) for where in near)) if opens <= night <= closes else false()
    return select(
        c.id.label("customer_id"),
        literal(f"{event} {starts_on.isoformat()}", String).label("subject_key"),
        literal(starts_on, Date).label("subject_date"),
        literal(opens, Date).label("became_on"),
        literal(closes, Date).label("useful_until"),
        literal(event, String).label("event"),
        literal(starts_on, Date).label("starts_on"),
        literal(place, String).label("place"),
    ).where(in_reach, c.erased_at.is_(None))


def _lives(where: str) -> ColumnElement[bool]:
    """In the country; or in its city, however the record spells the capitals."""
    city, _, country = (part.strip() for part in where.rpartition(","))
    in_country = customers.c.country == country
    return and_(in_country, customers.c.city.in_([city, city.lower(), city.upper()])) if city else in_country
