"""Do the providers' own lists learn what we know, we what they know, and nobody a wish that was taken back?"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from outreach.core.inbound import Event, Told, Written
from outreach.core.lifecycle import Fault
from outreach.core.terms import Channel, Scope
from outreach.flows import opt_out, walls
from outreach.flows.app import App
from outreach.flows.plan import Request, plan
from outreach.providers.base import Listing, Receipt, Verdict
from outreach.store.contacts import suppressions
from outreach.store.engine import now, reading, writing
from outreach.store.inbox_schema import inbox_events
from outreach.store.inbox_schema import walls as table
from outreach.store.runs import tallies
from tests import builders
from tests.flows.stage import NIGHT, Stage

NEVER = datetime.min
EMAIL, PHONE = "ana.reed@example.com", "+447700900101"


@dataclass
class Kept:
    """A vendor's own list. `says`: what it answers, in order; the last again and again."""

    name: str
    channel: Channel
    says: list[Receipt] = field(default_factory=lambda: [Receipt()])
    listing: Listing = field(default_factory=lambda: Listing(()))
    at_a_time: int = 2
    calls: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    asked_since: list[datetime | None] = field(default_factory=list)

    async def add(self, addresses: Sequence[str], since: datetime) -> Receipt:
        return self._said("add", addresses)

    async def remove(self, addresses: Sequence[str], since: datetime) -> Receipt:
        return self._said("remove", addresses)

    async def read(self, since: datetime | None) -> Listing:
        self.asked_since.append(since)
        return self.listing

    async def wired(self, *, pages: str, mailbox: str) -> Sequence[Verdict]:
        return ()

    async def close(self) -> None:
        """Nothing is held open."""

    def _said(self, action: str, addresses: Sequence[str]) -> Receipt:
        self.calls.append((action, tuple(addresses)))
        return self.says.pop(0) if len(self.says) > 1 else self.says[0]


@dataclass
class Scene:
    app: App
    email: Kept
    text: Kept

    def rows(self) -> list[tuple[str, str, str | None, bool]]:
        query = sa.select(table).order_by(table.c.id)
        with reading(self.app.engine) as c:
            return [(r.provider, r.action, r.address, r.told_at is not None) for r in c.execute(query)]

    def scopes(self) -> list[tuple[str, str, str]]:
        s = suppressions.c
        with reading(self.app.engine) as c:
            return sorted((r.channel, r.scope, r.door) for r in c.execute(sa.select(s.channel, s.scope, s.door)))

    def asks(self, word: str = "C-1", scope: Scope = Scope.EVERYTHING, until: date | None = None) -> None:
        opt_out.add(self.app, word, opt_out.Asked(scope, "asked", "staff", None, until, NEVER))


@pytest.fixture
def scene(bare: Stage) -> Scene:
    """Ana has an email and a phone; Cy an email."""
    with writing(bare.app.engine) as c:
        builders.customer(c, "C-1", EMAIL, PHONE, "GB", consent=("email", "text"))
        builders.customer(c, "C-2", "cy@example.com", country="GB", consent=("email",))
    email, text = Kept("sendgrid", Channel.EMAIL), Kept("twilio", Channel.TEXT)
    return Scene(replace(bare.app, lists={Channel.EMAIL: email, Channel.TEXT: text}), email, text)


def test_both_lists_learn_of_a_wish_and_the_address_goes(scene: Scene) -> None:
    scene.asks()
    assert [(p, a, told) for p, a, _, told in scene.rows()] == [("sendgrid", "add", False), ("twilio", "add", False)]
    assert scene.email.calls == [], "afterwards, never in the wish's own time"
    assert walls.tell(scene.app) == {"told": 2}
    assert (scene.email.calls, scene.text.calls) == ([("add", (EMAIL,))], [("add", (PHONE,))])
    assert [(address, told) for _, _, address, told in scene.rows()] == [(None, True), (None, True)]
    scene.asks()
    assert walls.tell(scene.app) == {}
    assert len(scene.email.calls) == 1


def test_an_address_nobody_has_is_told_too(scene: Scene) -> None:
    scene.asks("Nobody@Example.org")
    walls.tell(scene.app)
    assert scene.email.calls == [("add", ("nobody@example.org",))]


@pytest.mark.parametrize(
    ("scope", "until", "told"),
    [
        (Scope.EMAIL, None, ["sendgrid"]),
        (Scope.TEXT, None, ["twilio"]),
        (Scope.OFFERS, None, []),
        (Scope.EVERYTHING, date(2030, 1, 1), []),
    ],
    ids=["email", "text", "offers", "until a date"],
)
def test_only_what_closes_a_channel_for_good_is_told(
    scene: Scene, scope: Scope, until: date | None, told: list[str]
) -> None:
    scene.asks(scope=scope, until=until)
    assert [row[0] for row in scene.rows()] == told


def test_who_cannot_be_reached_is_told_later(scene: Scene) -> None:
    scene.email.says = [Receipt(Fault.NOT_REACHED, said="no connection"), Receipt()]
    scene.asks("C-2")
    assert walls.tell(scene.app) == {"later": 1}
    assert walls.tell(scene.app) == {}, "not at once again"
    with writing(scene.app.engine) as c:
        (row,) = c.execute(sa.select(table))
        assert (row.tries, row.last_error, row.address) == (1, "no connection", "cy@example.com")
        assert timedelta() < row.not_before - row.since <= timedelta(minutes=2)
        c.execute(sa.update(table).values(not_before=row.since))
    assert walls.tell(scene.app) == {"told": 1}


def test_one_bad_address_does_not_keep_the_others(scene: Scene) -> None:
    scene.email.says = [Receipt(Fault.INVALID, said="400"), Receipt(Fault.INVALID, said="400"), Receipt()]
    scene.asks("C-1", Scope.EMAIL)
    scene.asks("C-2", Scope.EMAIL)
    assert walls.tell(scene.app) == {"refused": 1, "told": 1}
    assert [len(addresses) for _, addresses in scene.email.calls] == [2, 1, 1]
    assert walls.tell(scene.app) == {}
    assert [address for _, _, address, _ in scene.rows()] == [None, None]


def test_who_comes_back_is_taken_off(scene: Scene) -> None:
    scene.asks()
    walls.tell(scene.app)
    opt_out.undo(scene.app, "C-1", customer_asked="phone, spoke to Lee")
    walls.tell(scene.app)
    assert scene.email.calls == [("add", (EMAIL,)), ("remove", (EMAIL,))]
    assert scene.text.calls[-1] == ("remove", (PHONE,))


def test_who_left_and_came_back_at_once_is_told_once(scene: Scene) -> None:
    scene.asks()
    opt_out.undo(scene.app, "C-1", customer_asked="phone, spoke to Lee")
    walls.tell(scene.app)
    assert scene.email.calls == [("remove", (EMAIL,))]


# -- read


def moment(scene: Scene) -> datetime:
    with reading(scene.app.engine) as c:
        return now(c)


def entry(address: str, at: datetime, told: Told = Told.UNSUBSCRIBED) -> Event:
    return Event("sendgrid", f"list-{address}-{at}", told, Channel.EMAIL, b"{}", address=address, at=at)


def test_what_the_provider_alone_knows_is_taken_in_once(scene: Scene) -> None:
    scene.email.listing = Listing((entry("CY@example.com", datetime(2026, 11, 1, tzinfo=UTC)),))
    text = Written("twilio", "SM1", Channel.TEXT, PHONE, "+447700900999", "STOP", b"{}")
    scene.text.listing = Listing((text,))
    assert [(p.provider, p.read, p.new, p.problem) for p in walls.pull(scene.app)] == [
        ("sendgrid", 1, 1, None),
        ("twilio", 1, 1, None),
    ]
    assert [p.new for p in walls.pull(scene.app)] == [0, 0]
    found = scene.scopes()
    assert ("email", "everything", "provider") in found
    assert ("text", "everything", "stop") in found
    first, second = scene.email.asked_since
    assert first is None
    assert second is not None
    with reading(scene.app.engine) as c:
        assert timedelta(days=1) <= now(c) - second < timedelta(days=1, minutes=5)
    assert [row for row in scene.rows() if row[0] == "sendgrid" and row[2] == "cy@example.com"] == [], "it knows"


def test_our_own_entry_does_not_undo_a_change_of_mind(scene: Scene) -> None:
    """Rule 36: nobody is closed again by the echo of what they took back."""
    scene.asks("C-2")
    walls.tell(scene.app)
    at = moment(scene)
    opt_out.undo(scene.app, "C-2", customer_asked="wrote to us")
    scene.email.listing = Listing((entry("cy@example.com", at),))
    walls.pull(scene.app)
    assert scene.scopes() == []
    scene.email.listing = Listing((entry("cy@example.com", moment(scene)),))
    walls.pull(scene.app)
    assert scene.scopes() == [("email", "everything", "provider")], "what comes later is a wish of its own"


@pytest.mark.parametrize("undone", [False, True], ids=["it refused", "it was never told"])
def test_what_it_did_not_learn_from_us_is_a_wish(scene: Scene, undone: bool) -> None:
    """Rule 22: of an address whose ADD put nothing on its list, an entry there is their own."""
    scene.email.says = [Receipt(Fault.INVALID, said="400")]
    scene.asks("C-2", Scope.EMAIL)
    if undone:
        opt_out.undo(scene.app, "C-2", customer_asked="wrote to us")
    walls.tell(scene.app)
    scene.email.listing = Listing((entry("cy@example.com", moment(scene)),))
    walls.pull(scene.app)
    assert ("email", "everything", "provider") in scene.scopes()


def test_a_list_that_breaks_off_is_read_again_from_the_same_day(scene: Scene) -> None:
    scene.email.listing = Listing((entry("cy@example.com", datetime(2026, 11, 1, tzinfo=UTC)),), "500 for bounces")
    sendgrid, _ = walls.pull(scene.app)
    assert (sendgrid.new, sendgrid.problem) == (1, "500 for bounces")
    walls.pull(scene.app)
    assert scene.email.asked_since == [None, None]
    with reading(scene.app.engine) as c:
        assert c.execute(sa.select(sa.func.count()).select_from(inbox_events)).scalar_one() == 1


def test_marketing_waits_while_a_list_cannot_be_read(stage: Stage) -> None:
    """product.md: if the nightly pull of the providers' own opt-outs fails, marketing waits; the next run does it."""
    app = stage.app
    night = Request(NIGHT, app.house.mode, past=True)
    first = plan(app, replace(night, unread="sendgrid's own list could not be read (500)"))
    with reading(app.engine) as c:
        told = tallies(c, first.run_id)
    assert {told[name].state for name in ("upgrade_offer", "quiet_customer")} == {"off"}
    assert told["upgrade_offer"].gap == "sendgrid's own list could not be read (500)"
    assert told["running_late"].found > 0, "an apology is owed whatever a list says"
    plan(app, night)
    with reading(app.engine) as c:
        assert tallies(c, first.run_id)["upgrade_offer"].found > 0
