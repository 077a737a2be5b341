"""Why was a customer written to, or left alone? Every answer is a stored row, put in order here."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from outreach.core.consent import ConsentEvent, standing
from outreach.core.terms import LegalClass, Outcome
from outreach.flows.app import App, start_of_day
from outreach.flows.levers import one_customer
from outreach.store import people, reports, runs, wishes
from outreach.store.engine import now, reading
from outreach.store.people import AsOf


@dataclass(frozen=True, slots=True)
class Point:
    """One current address: its channel, what is known of consent, and the wishes that stand under it."""

    channel: str
    address: str | None
    levels: tuple[str, ...]
    wishes: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """One customer on one night. `run_name`: None without a run that day.

    `verdicts`: (campaign, outcome, decision row or None). The outcome is the decision's; or "told": on an earlier
    night, and each thing is told once; or "not_found".
    """

    customer: Any
    zone: str
    night: date | None
    run_name: str | None
    points: tuple[Point, ...]
    verdicts: tuple[tuple[str, str, Any], ...]
    messages: tuple[Any, ...]
    wishes: tuple[Any, ...]
    since_wish: int
    hold: Any


def look(app: App, word: str, *, night: date | None, campaign: str | None) -> Why:
    """The last word on every campaign at or before a night (None: the newest run). Raises Misuse (OUT-501, OUT-503)."""
    with reading(app.engine) as c:
        row = one_customer(app, c, word)
        run = runs.latest(c, mode=app.house.mode, before=night + timedelta(days=1) if night else None)
        when = night or (run.night if run else None)
        moment = now(c) if when is None else start_of_day(app, when)
        points = wishes.points_of(c, row.id)
        stand = wishes.standing(c, [p.address_hash for p in points])
        events = people.consent_of(c, [p.address_hash for p in points])
        person = people.load(c, [row.id], _as_of(app, when, moment))[row.id]
        forever = [s for s in stand if s.scope == "everything" and s.until is None]
        since = wishes.written_since(c, row.id, forever[0].since) if forever else 0
        return Why(
            customer=row,
            zone=person.zones[0],
            night=when,
            run_name=run.name if run and run.night == when else None,
            points=tuple(_point(p, events, stand, moment) for p in points if p.current),
            verdicts=tuple(_verdicts(app, c, row.id, (run, when, campaign))),
            messages=tuple(reports.messages_of(c, row.id)),
            wishes=tuple(stand),
            since_wish=since,
            hold=person.hold_because,
        )


def _as_of(app: App, when: date | None, moment: datetime) -> AsOf:
    day = when or moment.date()
    return AsOf(day, app.house.mode, moment, app.house.shop.country, app.house.limits.late_quiet_days)


def _point(point: Any, events: list[ConsentEvent], stand: list[Any], moment: datetime) -> Point:
    given = standing((e for e in events if e.address_hash == point.address_hash), known_before=moment)
    levels = tuple(level.value for level in LegalClass if (point.address_hash, level) in given)
    mine = tuple(s for s in stand if s.contact_hash == point.address_hash)
    return Point(point.channel, point.address, levels, mine)


def _verdicts(
    app: App, c: Any, customer_id: int, at: tuple[Any, date | None, str | None]
) -> list[tuple[str, str, Any]]:
    run, when, only = at
    if when is None:
        return []
    decided = reports.decisions_of(c, customer_id, mode=app.house.mode.value, night=when)
    found = reports.found_on(c, customer_id, run.id) if run is not None and run.night == when else set()
    verdicts = []
    for campaign in app.campaigns.values():
        if only is not None and campaign.name != only:
            continue
        row = decided.get(campaign.name)
        if row is not None and (campaign.name in found or row.night == when):
            verdicts.append((campaign.name, row.outcome, row))
        elif campaign.name in found:
            verdicts.append((campaign.name, "undecided", None))
        elif row is not None and row.outcome == Outcome.SEND.value:
            verdicts.append((campaign.name, "told", row))
        elif campaign.nightly:
            verdicts.append((campaign.name, "not_found", row))
    return verdicts
