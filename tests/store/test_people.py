"""Do the gates hear everything about a person, by address and by customer, and nothing a past night could not know?"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.core.addresses import address_hash
from outreach.core.person import Contact, Person
from outreach.core.terms import COUNTED_STATES, Channel, Kind, LegalClass, MessageState, Mode, Scope
from outreach.store import contacts, schema
from outreach.store.inbox_schema import conversations
from outreach.store.people import AsOf, load, overdue_answers
from outreach.store.runs import begin
from tests import builders as b

NIGHT = date(2026, 3, 15)
DAY = timedelta(days=1)
START = datetime(2026, 3, 15, tzinfo=UTC)
AT = AsOf(NIGHT, Mode.OUTBOX, START, "GB")
PHONE = "+447700900111"


def ago(days: int) -> date:
    return NIGHT - days * DAY


def mail(address: str = "ana@example.com") -> str:
    return address_hash(b.PEPPER, Channel.EMAIL, address)


def known(c: sa.Connection, customer: int, at: AsOf = AT) -> Person:
    return load(c, [customer], at)[customer]


@pytest.fixture
def ana(connection: sa.Connection) -> int:
    return b.customer(connection, consent=())


def message(c: sa.Connection, customer: int, days: int = 3, address: str = "ana@example.com", **more: Any) -> int:
    """An outbox row of a night `days` ago; told about its subject."""
    night = ago(days)
    run = begin(c, night=night, mode=Mode(more.get("mode", "outbox")), at=START, offset_seconds=0)
    point = c.execute(
        sa.select(contacts.contact_points.c.id).where(contacts.contact_points.c.address_hash == mail(address))
    )
    row = {
        "dedupe_key": f"{night}|{customer}|{address}|{more}",
        "run_id": run.id,
        "night": night,
        "mode": "outbox",
        "campaign": "upgrade_offer",
        "kind": "offer",
        "legal": "marketing",
        "customer_id": customer,
        "contact_point_id": point.scalars().first(),
        "contact_hash": mail(address),
        "channel": "email",
        "subject_key": "S-1",
        "subjects": ["S-1"],
        "facts": {},
        "state": "accepted",
        "rank": 1,
        "draw": 1,
        "not_before": START,
        "not_after": START,
        "created_at": START,
        "updated_at": START,
        **more,
    }
    found = int(c.execute(sa.insert(schema.outbox).values(**row).returning(schema.outbox.c.id)).scalar_one())
    told = {name: row[name] for name in ("mode", "campaign", "customer_id", "subject_key", "contact_hash")}
    c.execute(sa.insert(schema.told).values(**told, outbox_id=found))
    return found


def test_a_person(connection: sa.Connection) -> None:
    ana = b.customer(
        connection, phone=PHONE, country="BR", state="SP", language="pt-BR", consent=("email", "text:service")
    )
    who = known(connection, ana)
    text = address_hash(b.PEPPER, Channel.TEXT, PHONE)
    assert (who.id, who.household_id, who.language, who.country) == (ana, ana, "pt-BR", "BR")
    assert who.zones == ("America/Sao_Paulo",)
    assert [(c.channel, c.address_hash) for c in who.contacts] == [(Channel.EMAIL, mail()), (Channel.TEXT, text)]
    service, marketing = LegalClass.SERVICE, LegalClass.MARKETING
    assert who.grants == {(mail(), service), (mail(), marketing), (text, service)}
    assert (who.wishes, who.sent, who.told, who.held_back) == ((), (), frozenset(), frozenset())
    assert (who.late_order, who.hold_because, who.conversations) == (None, None, frozenset())


def test_nobody_and_somebody_of_whom_nothing_is_known(connection: sa.Connection) -> None:
    assert load(connection, [], AT) == {}
    bare = b.customer(connection, email=None, country=None, language=None)
    who = known(connection, bare)
    assert (who.country, who.contacts, who.language) == ("GB", (), None)
    assert set(load(connection, [bare, 999], AT)) == {bare}


def test_only_current_addresses_are_written_to(connection: sa.Connection, ana: int) -> None:
    b.contact_point(connection, ana, Channel.EMAIL, "old@example.com", current=False)
    gone = b.contact_point(connection, ana, Channel.EMAIL, "gone@example.com")
    points = contacts.contact_points
    connection.execute(sa.update(points).where(points.c.id == gone).values(erased_at=START, address=None))
    assert [c.address_hash for c in known(connection, ana).contacts] == [mail()]


def test_a_wish_under_an_old_address_still_holds(connection: sa.Connection, ana: int) -> None:
    b.contact_point(connection, ana, Channel.EMAIL, "old@example.com", current=False)
    b.suppress(connection, "old@example.com", "offers", until=NIGHT + DAY)
    [wish] = known(connection, ana).wishes
    assert (wish.address_hash, wish.channel, wish.scope) == (mail("old@example.com"), Channel.EMAIL, Scope.OFFERS)
    assert (wish.reason, wish.since, wish.until) == ("asked", b.LONG_AGO, NIGHT + DAY)


def test_a_wish_counts_as_of_this_very_moment(connection: sa.Connection, ana: int) -> None:
    b.suppress(connection, "ana@example.com", since=START + 9 * DAY)
    assert len(known(connection, ana).wishes) == 1


def test_a_family_shares_what_its_address_was_told_and_asked(connection: sa.Connection, ana: int) -> None:
    ben = b.customer(connection, "C-2", consent=(), household=ana)
    kim = b.customer(connection, "C-3", email="kim@example.com", consent=())
    b.consented(connection, Channel.EMAIL, "ana@example.com")
    b.suppress(connection, "ana@example.com", "offers")
    message(connection, ana)
    people = load(connection, [ana, ben, kim], AT)
    for who in (people[ana], people[ben]):
        assert who.told == {("upgrade_offer", "S-1")}
        assert [(s.night, s.campaign, s.kind) for s in who.sent] == [(ago(3), "upgrade_offer", Kind.OFFER)]
        assert [w.scope for w in who.wishes] == [Scope.OFFERS]
        assert who.grants == {(mail(), LegalClass.MARKETING)}
    assert (people[kim].told, people[kim].sent, people[kim].wishes, people[kim].grants) == (
        frozenset(),
        (),
        (),
        frozenset(),
    )


def test_a_past_night_knows_no_later_yes_but_every_no(connection: sa.Connection, ana: int) -> None:
    address = "ana@example.com"
    yes = {(mail(), LegalClass.MARKETING)}
    b.consented(connection, Channel.EMAIL, address, at=START)
    assert known(connection, ana).grants == set()
    assert known(connection, ana, AsOf(NIGHT + DAY, Mode.OUTBOX, START + DAY, "GB")).grants == yes
    b.consented(connection, Channel.EMAIL, address, at=START - DAY)
    assert known(connection, ana).grants == yes
    b.consented(connection, Channel.EMAIL, address, action="withdraw", at=START + 9 * DAY)
    assert known(connection, ana).grants == set()


@pytest.mark.parametrize("words", [("grant", "withdraw"), ("withdraw", "grant")])
def test_of_two_words_at_the_same_time_the_no_stands(connection: sa.Connection, words: tuple[str, str]) -> None:
    ana = b.customer(connection, consent=())
    for word in words:
        b.consented(connection, Channel.EMAIL, "ana@example.com", action=word, at=START - DAY)
    assert known(connection, ana).grants == set()
    b.consented(connection, Channel.EMAIL, "ana@example.com", at=START - DAY / 2)
    assert known(connection, ana).grants != set()


def test_messages_of_every_night_in_this_mode(connection: sa.Connection, ana: int) -> None:
    for days in (0, 1, 365, 366, 367, -1):
        message(connection, ana, days, subject_key=f"S{days}")
    message(connection, ana, 2, mode="live", subject_key="live")
    assert {(NIGHT - s.night).days for s in known(connection, ana).sent} == {0, 1, 365, 366, 367, -1}
    live = known(connection, ana, AsOf(NIGHT, Mode.LIVE, START, "GB"))
    assert [(NIGHT - s.night).days for s in live.sent] == [2]
    assert live.told == {("upgrade_offer", "live")}


@pytest.mark.parametrize("state", list(MessageState))
def test_only_what_may_have_been_read_counts(connection: sa.Connection, ana: int, state: MessageState) -> None:
    message(connection, ana, state=state.value)
    assert bool(known(connection, ana).sent) == (state in COUNTED_STATES)


LATE: list[tuple[str, dict[str, Any], bool]] = [
    ("due yesterday, out", {"promised_on": ago(1)}, True),
    ("due tonight", {"promised_on": NIGHT}, False),
    ("never promised", {}, False),
    ("comes tonight", {"promised_on": ago(1), "delivered_on": NIGHT}, True),
    ("came late 14 days ago", {"promised_on": ago(20), "delivered_on": ago(14)}, True),
    ("came late 15 days ago", {"promised_on": ago(20), "delivered_on": ago(15)}, False),
    ("came on the day", {"promised_on": ago(5), "delivered_on": ago(5)}, False),
    ("the customer moved it", {"promised_on": ago(5), "due_on": NIGHT}, False),
    ("called off", {"promised_on": ago(5), "cancelled": True}, False),
    ("called off tonight", {"promised_on": ago(5), "cancelled_on": NIGHT}, True),
    ("returned", {"promised_on": ago(5), "delivered_on": ago(2), "returned_on": ago(1)}, False),
    ("returned tonight", {"promised_on": ago(5), "delivered_on": ago(2), "returned_on": NIGHT}, True),
    ("placed tonight", {"promised_on": ago(5), "placed_on": NIGHT}, False),
]


@pytest.mark.parametrize(("days", "late"), [c[1:] for c in LATE], ids=[c[0] for c in LATE])
def test_a_late_order(connection: sa.Connection, ana: int, days: dict[str, Any], late: bool) -> None:
    somebody_was_delivered(connection)
    b.order(connection, "O-1", ana, **{"placed_on": ago(30), **days})
    assert known(connection, ana).late_order == ("O-1" if late else None)


def somebody_was_delivered(connection: sa.Connection) -> None:
    """The shop's records know of deliveries."""
    other = b.customer(connection, "C-9", email="other@example.com")
    b.order(connection, "X-1", other, placed_on=ago(60), delivered_on=ago(50))


def test_without_any_delivery_day_nothing_is_known_to_be_late(connection: sa.Connection, ana: int) -> None:
    b.order(connection, "O-1", ana, placed_on=ago(30), promised_on=ago(5))
    assert known(connection, ana).late_order is None


def test_the_oldest_late_order_is_named_and_the_quiet_is_settable(connection: sa.Connection, ana: int) -> None:
    somebody_was_delivered(connection)
    for key, days in (("O-1", 3), ("O-2", 9), ("O-3", 5)):
        b.order(connection, key, ana, placed_on=ago(30), promised_on=ago(days))
    assert known(connection, ana).late_order == "O-2"
    kim = b.customer(connection, "C-2", email="kim@example.com")
    b.order(connection, "K-1", kim, placed_on=ago(30), promised_on=ago(20), delivered_on=ago(4))
    assert known(connection, kim, AsOf(NIGHT, Mode.OUTBOX, START, "GB", late_quiet_days=3)).late_order is None
    assert known(connection, kim, AsOf(NIGHT, Mode.OUTBOX, START, "GB", late_quiet_days=4)).late_order == "K-1"


def test_held_back_in_this_mode_for_good(connection: sa.Connection, ana: int) -> None:
    run = begin(connection, night=ago(90), mode=Mode.OUTBOX, at=START, offset_seconds=0)
    plain = {"run_id": run.id, "night": ago(90), "customer_id": ana, "campaign": "upgrade_offer", "facts": {}}
    for subject, outcome, mode in (
        ("S-1", "hold_out", "outbox"),
        ("S-2", "leave_alone", "outbox"),
        ("S-3", "hold_out", "live"),
    ):
        row = {**plain, "subject_key": subject, "outcome": outcome, "mode": mode, "decided_at": START}
        connection.execute(sa.insert(schema.decisions).values(**row))
    connection.execute(
        sa.insert(schema.decisions).values(**{**row, "subject_key": "S-1", "outcome": "leave_alone", "mode": "outbox"})
    )
    assert known(connection, ana).held_back == {("upgrade_offer", "S-1")}


def test_holds_and_open_conversations(connection: sa.Connection, ana: int) -> None:
    connection.execute(sa.insert(contacts.holds).values(customer_id=ana, until=NIGHT, because="a dispute", since=START))
    home = {"customer_id": ana, "contact_hash": mail("ana@example.com"), "channel": "email", "opened_at": START}
    elsewhere = {**home, "customer_id": None, "contact_hash": mail("somebody@example.com")}
    for row in (
        {**home, "label": "reply", "answer_by": START},
        {**home, "label": "reply", "answer_by": START},
        {**home, "label": "complaint", "answer_by": START, "closed_at": START},
        {**elsewhere, "label": "complaint"},
    ):
        connection.execute(sa.insert(conversations).values(**row))
    who = known(connection, ana)
    assert (who.hold_because, who.hold_until, who.conversations) == ("a dispute", NIGHT, {"reply"})
    assert overdue_answers(connection, START) == 0
    assert overdue_answers(connection, START + DAY) == 2
    connection.execute(sa.update(conversations).values(customer_id=None))  # a stranger's then, under the same address
    assert known(connection, ana).conversations == {"reply"}


def test_the_first_address_stands_first(connection: sa.Connection, ana: int) -> None:
    second = b.contact_point(connection, ana, Channel.EMAIL, "work@example.com")
    who = known(connection, ana)
    assert who.contacts[1] == Contact(second, Channel.EMAIL, mail("work@example.com"))
    assert who.address(Channel.EMAIL) == who.contacts[0]
    b.suppress(connection, "ana@example.com", "address", "bounced")
    assert known(connection, ana).address(Channel.EMAIL) == who.contacts[1]


def test_the_number_of_queries_does_not_grow(engine: sa.Engine) -> None:
    def queries(count: int) -> int:
        said: list[str] = []
        with engine.connect() as c, c.begin() as given_up:
            ids = [b.customer(c, f"C-{i}", email=f"c{i}@example.com") for i in range(count)]
            watch = lambda *arguments: said.append(arguments[2])  # noqa: E731
            sa.event.listen(engine, "before_cursor_execute", watch)
            load(c, ids, AT)
            sa.event.remove(engine, "before_cursor_execute", watch)
            given_up.rollback()
        return len(said)

    assert queries(1) == queries(40) <= 11
