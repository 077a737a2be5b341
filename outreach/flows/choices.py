"""What does the customer's own page do? It shows what stands, and keeps what they choose, in one transaction each.

Nothing here is asked twice: what was chosen is committed before anybody is answered, and looking changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from outreach.core import page_choice
from outreach.core.conversation import Label
from outreach.core.page_choice import Changes, Choice, Standing, What
from outreach.core.terms import Channel, Scope
from outreach.flows.answering import Answer, answer
from outreach.flows.app import App, shop_day
from outreach.flows.converse import Told, opened_by_page
from outreach.flows.wish_taken import lists_forget, take, theirs_to_open, wait_for_turn
from outreach.render.links import Purpose
from outreach.store import visitors, wish_changes
from outreach.store import wishes as all_wishes
from outreach.store.engine import now, reading, writing
from outreach.store.visitors import Point, Visitor
from outreach.store.wishes import Asked

DOOR, HEADER = "page", "header"
#: What such a POST says (RFC 8058, 3.1).
ONE_CLICK = "List-Unsubscribe=One-Click"
#: Why somebody left. After the third a person has to act.
REASONS = ("often", "useless", "wrong", "stranger", "else")
WRONG = "wrong"
#: Stands in until the transaction stamps the wish with the database's clock.
_NEVER = datetime.min
PAUSE = timedelta(days=90)
#: A button pressed again within this is pressed once.
_ONE_PRESS = timedelta(seconds=5)
WELCOME = "welcome_back"


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows. `silent`: we have not written since they asked for nothing. `pause_ends`: if chosen today.

    `stopped_at`: when they stopped everything here, if nothing was asked since: it can be put back as it was.
    """

    language: str | None
    points: tuple[Point, ...]
    standing: Standing
    silent: bool
    pause_ends: date
    stopped_at: datetime | None


class Kept(StrEnum):
    """What became of a choice."""

    SAVED = "saved"
    CONFIRMED = "confirmed"  # and one plain message says so
    NOTHING = "nothing"  # it comes to silence
    CHANGED_MEANWHILE = "changed_meanwhile"


@dataclass(frozen=True, slots=True)
class Parting:
    """Why somebody left, in their own words too."""

    reason: str
    words: str | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What came in. `seen`: what stood when they looked. `says`: the choice in the words they chose it by."""

    what: What
    channels: frozenset[Channel]
    seen: What
    says: tuple[str, ...]


def by_link(app: App, token: str) -> int | None:
    """The contact point a link to the page was written to; None for anything that is no such link of ours."""
    return app.links.read(token, Purpose.CHOOSE)


def by_button(app: App, token: str) -> int | None:
    """The same for what the mail program's own button posts to."""
    return app.links.read(token, Purpose.ONE_CLICK)


def is_example(app: App, token: str) -> bool:
    """Whether this is a link of a test message: it names nobody."""
    return app.links.read(token, Purpose.EXAMPLE) is not None


def page_of(app: App, contact_point_id: int) -> str:
    """Where their page is, seen from one of its neighbours."""
    return "../" + app.links.choose(contact_point_id).removeprefix(f"{app.links.base_url}/")


def look(app: App, contact_point_id: int) -> View | None:
    """What stands for whoever holds this link; None: nobody ever had it. Changes nothing."""
    with reading(app.engine) as c:
        visitor = visitors.visitor(c, contact_point_id)
        return None if visitor is None else _view(app, c, visitor, now(c))


def _view(app: App, c: sa.Connection, visitor: Visitor, at: datetime) -> View:
    stands = _standing(app, c, visitor, at)
    hashes = [address for _, address in visitor.addresses]
    silent = stands.since is not None and all_wishes.written_since(c, visitor.customer_id, stands.since) == 0
    stopped = wish_changes.last_stop(c, hashes, door=DOOR) if stands.what is What.NOTHING else None
    points = visitor.reached_at or (visitor.came_by,)
    return View(visitor.language, points, stands, silent, shop_day(app, at) + PAUSE, stopped)


def _standing(app: App, c: sa.Connection, visitor: Visitor, at: datetime) -> Standing:
    hashes = [address for _, address in visitor.addresses]
    current = [(point.channel, point.address_hash) for point in visitor.reached_at]
    said = visitors.grants(c, hashes, by=at)
    return page_choice.standing(visitors.wishes(c, hashes), said, current, today=shop_day(app, at))


def stop(app: App, contact_point_id: int, *, pressed: str) -> bool:
    """Everything off, at every address of theirs. `pressed`: the button's own words. False: nobody has this link."""
    return _stop(app, contact_point_id, Asked(Scope.EVERYTHING, "asked", DOOR, pressed, None, _NEVER))


def one_click(app: App, contact_point_id: int) -> bool:
    """The mail program's own button (RFC 8058). Safe to repeat: what is off already leaves no second record."""
    scope = app.house.wishes.stop_by_button
    return _stop(app, contact_point_id, Asked(scope, "asked", HEADER, ONE_CLICK, None, _NEVER))


def _stop(app: App, contact_point_id: int, asked: Asked) -> bool:
    with writing(app.engine, durable=True) as c:
        visitor = visitors.visitor(c, contact_point_id)
        if visitor is None:
            return False
        wait_for_turn(app, c, visitor.addresses)
        at = now(c)
        if asked.door != DOOR or not _pressed_just_now(c, visitor, at):
            take(app, c, visitor.addresses, replace(asked, at=at))
        return True


def _pressed_just_now(c: sa.Connection, visitor: Visitor, at: datetime) -> bool:
    """A second press would be a wish of its own, and the first could not be put back."""
    pressed = wish_changes.last_stop(c, [h for _, h in visitor.addresses], door=DOOR)
    return pressed is not None and at - pressed <= _ONE_PRESS


def choose(app: App, contact_point_id: int, chosen: Chosen) -> Kept | None:
    """Keep their choice. None: nobody has this link.

    Where something else stood already than what they saw, nothing is kept: "as now" would mean another thing. Nor is
    there anything to choose for somebody we have no address of.
    """
    with writing(app.engine, durable=True) as c:
        visitor = visitors.visitor(c, contact_point_id)
        if visitor is None:
            return None
        wait_for_turn(app, c, visitor.addresses)
        at = now(c)
        before = _standing(app, c, visitor, at)
        if before.what is not chosen.seen or not before.channels:
            return Kept.CHANGED_MEANWHILE
        choice = Choice(chosen.what, chosen.channels, shop_day(app, at) + PAUSE)
        _keep(c, (app, visitor, at), page_choice.changes(before, choice), "; ".join(chosen.says))
        after = _standing(app, c, visitor, at)
        if after.what is What.NOTHING:
            return Kept.NOTHING
        back = before.what is What.NOTHING
        return Kept.CONFIRMED if back and _welcome(app, c, (visitor, after, at), chosen.says) else Kept.SAVED


def _keep(c: sa.Connection, who: tuple[App, Visitor, datetime], changes: Changes, evidence: str) -> None:
    app, visitor, at = who
    said = Asked(Scope.EVERYTHING, "asked", DOOR, evidence, None, at)
    opened = theirs_to_open(c, {visitor.customer_id}, visitor.addresses) if changes.lift else ()
    if opened:
        wish_changes.lift(c, [address for _, address in opened], changes.lift, said)
    for channel, level in changes.yes:
        wish_changes.said_yes(c, _current(visitor.reached_at, channel), (level,), said)
    for scope, until in changes.close:
        take(app, c, visitor.addresses, Asked(scope, "asked", DOOR, evidence, until, at))
    if opened:
        lists_forget(app, c, opened, at)


def _current(points: Sequence[Point], channel: Channel) -> list[tuple[Channel, str]]:
    return [(point.channel, point.address_hash) for point in points if point.channel is channel]


def _welcome(app: App, c: sa.Connection, who: tuple[Visitor, Standing, datetime], says: Sequence[str]) -> bool:
    """One plain message that says what they chose, where they chose it if they still hear us there; if it is sent."""
    visitor, stands, at = who
    heard = [point for point in visitor.reached_at if point.channel in stands.on]
    heard.sort(key=lambda point: (point.id != visitor.came_by.id, point.channel is not visitor.came_by.channel))
    if not heard:
        return False
    what = Answer(WELCOME, heard[0].id, heard[0].channel, f"page:{at.isoformat()}", at, {"choices": list(says)})
    return answer(app, c, replace(what, language=visitor.language)).outbox_id is not None


def put_back(app: App, contact_point_id: int, stopped_at: datetime) -> bool:
    """As if that one press of "Stop everything" had not been; what was asked before or elsewhere stays as it is.

    False: nothing was put back. Where they asked for anything since, they choose anew what they want.
    """
    with writing(app.engine, durable=True) as c:
        visitor = visitors.visitor(c, contact_point_id)
        if visitor is None:
            return False
        hashes = [address for _, address in visitor.addresses]
        wait_for_turn(app, c, visitor.addresses)
        if wish_changes.last_stop(c, hashes, door=DOOR) != stopped_at:
            return False
        said = Asked(Scope.EVERYTHING, "it was a mistake", DOOR, "put it back", None, now(c))
        ended = wish_changes.put_back(c, hashes, stopped_at, said)
        lists_forget(app, c, visitor.addresses, said.at)
        return ended > 0


def parted(app: App, contact_point_id: int, said: Parting) -> bool:
    """Keep why they left. What went wrong, and whatever they wrote, is read by a person, who promises no answer.

    False: they did not leave, or nobody has this link.
    """
    with writing(app.engine) as c:
        visitor = visitors.visitor(c, contact_point_id)
        at = now(c)
        if visitor is None or _standing(app, c, visitor, at).what is not What.NOTHING:
            return False
        who = (visitor.customer_id, visitor.came_by.address_hash)
        wish_changes.keep_parting_word(c, who, (said.reason, said.words), at=at)
        if said.reason == WRONG or said.words:
            label = Label.COMPLAINT if said.reason == WRONG else Label.REPLY
            opened_by_page(app, c, visitor, Told(at, said.words, label, write_back=False))
        return True
