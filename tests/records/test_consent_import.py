"""Does an import record consent only with its evidence, and never a way back up?"""

from datetime import UTC, datetime

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.core.addresses import address_hash
from outreach.core.consent_record import Before, Effect, Said, effect, said_at
from outreach.core.terms import Channel
from outreach.store import contacts, shop
from tests.builders import PEPPER, suppress
from tests.records.desk import Desk, utc

HEAD = "customer,email,phone,country,email_marketing,sms_consent,sms_marketing,consent_at,consent_source\n"
ANA = "C-1,ana@shop.example,+447911123456,GB"
GRANT, WITHDRAW = ("email", "marketing", "grant"), ("email", "marketing", "withdraw")


def test_a_first_yes_needs_a_date_and_a_source(desk: Desk) -> None:
    summary = desk.take(
        customers=HEAD
        + f"{ANA},yes,yes,,2025-01-02 10:00:00,checkout\n"
        + "C-2,bo@shop.example,,GB,yes,yes,,,checkout\nC-3,cy@shop.example,,GB,yes,,,2025-01-02,\n"
        + "C-4,di@shop.example,,GB,no,no,,,\n"
    )
    assert (summary.grants, summary.withdrawals, summary.without_evidence) == (2, 1, 2)
    assert desk.events() == [GRANT, ("text", "service", "grant"), WITHDRAW]
    first = desk.rows(contacts.consent_events)[0]
    assert (first.at, first.source, first.evidence) == (utc(2025, 1, 2, 10), "checkout", "customers.csv:2")
    assert first.contact_hash == address_hash(PEPPER, Channel.EMAIL, "ana@shop.example")


def test_later_imports_only_narrow(desk: Desk) -> None:
    """Rule 37."""

    def take(word: str) -> None:
        desk.take(customers=HEAD + f"{ANA},{word},,,2025-01-02,checkout\n")

    take("yes")
    take("")
    assert desk.events() == [GRANT]
    take("no")
    take("no")
    assert desk.events() == [GRANT, WITHDRAW]
    take("yes")
    desk.take(customers=HEAD + "C-2,ANA@shop.example,,GB,yes,,,2026-01-01,form\n")
    assert desk.events() == [GRANT, WITHDRAW]
    granted, withdrawn = desk.rows(contacts.consent_events)
    assert withdrawn.at > granted.at  # the old date of the record would make it the older word


def test_evidence_that_comes_later_comes_too_late(desk: Desk) -> None:
    assert desk.take(customers=HEAD + f"{ANA},yes,,,,\n").without_evidence == 1
    assert desk.take(customers=HEAD + f"{ANA},yes,,,2025-01-02,checkout\n").grants == 0
    assert desk.events() == []


def test_a_no_stands_for_everyone_at_the_address(desk: Desk) -> None:
    desk.take(customers=HEAD + f"{ANA},yes,,,2025-01-02,checkout\nC-2,ana@shop.example,,GB,no,,,,\n")
    assert desk.events() == [GRANT, WITHDRAW]


def test_a_new_address_does_not_undo_a_withdrawal(desk: Desk) -> None:
    desk.take(customers=HEAD + f"{ANA},no,,,2025-01-02,checkout\n")
    desk.take(customers=HEAD + "C-1,ana@new.example,,GB,yes,,,2025-01-02,checkout\n")
    assert desk.events() == [WITHDRAW]
    points = [(row.address, row.current) for row in desk.rows(contacts.contact_points)]
    assert points == [("ana@shop.example", False), ("+447911123456", False), ("ana@new.example", True)]
    desk.take(customers=HEAD + f"{ANA},,,,,\n")
    points = [(row.address, row.current) for row in desk.rows(contacts.contact_points)]
    assert points == [("ana@shop.example", True), ("+447911123456", True), ("ana@new.example", False)]


def test_suppressions_are_not_touched_and_give_no_grant(desk: Desk) -> None:
    """Rule 36."""
    with desk.engine.begin() as c:
        suppress(c, "ana@shop.example")
    before = desk.rows(contacts.suppressions)
    desk.take(customers=HEAD + f"{ANA},yes,,yes,2025-01-02,checkout\n")
    assert desk.rows(contacts.suppressions) == before
    assert desk.events() == [("text", "marketing", "grant")]


def test_the_erased_stay_erased(desk: Desk) -> None:
    """Rules 35 and 37."""
    desk.take(customers=HEAD + f"{ANA},yes,,,2025-01-02,checkout\n")
    erased = {"address": None, "erased_at": datetime(2026, 1, 1, tzinfo=UTC)}
    with desk.engine.begin() as c:
        c.execute(sa.update(shop.customers).values(erased_at=erased["erased_at"], record_sha=""))
        c.execute(sa.update(contacts.contact_points).values(erased))
    file = desk.one(
        customers=HEAD + f"{ANA},yes,,,2025-01-02,checkout\nC-2,ana@shop.example,,GB,yes,,,2025-01-02,shop\n"
    )
    assert (file.new, file.changed, file.unchanged) == (1, 0, 1)
    points = [(row.address, row.current) for row in desk.rows(contacts.contact_points)]
    assert points == [(None, True), (None, True), (None, False)], "of C-2 the hash alone, so that a wish covers them"
    assert desk.customer("C-2").erased_at is not None
    assert desk.events() == [GRANT]


def test_a_withdrawal_is_never_dated_before_what_it_withdraws() -> None:
    now = utc(2026, 5, 1)
    before = Before(last_grant=True, last_at=utc(2026, 1, 1))
    assert said_at(Said(False, utc(2026, 2, 1), None), before, now) == utc(2026, 2, 1)
    assert said_at(Said(False, utc(2026, 1, 1), None), before, now) == now
    assert said_at(Said(False, utc(2030, 1, 1), None), Before(), now) == now
    assert effect(Said(True, now, "form"), Before(closed=True), now=now) is Effect.NOT_WIDENED
    assert effect(Said(True, now, "form"), Before(last_grant=False), now=now) is Effect.NOT_WIDENED
    assert effect(Said(True, now, "form"), Before(last_grant=True), now=now) is Effect.NOTHING
    assert effect(Said(True, now, "form"), Before(), now=now) is Effect.GRANT
    tomorrow = utc(2026, 5, 2)
    assert effect(Said(True, tomorrow, "form"), Before(), now=now) is Effect.NO_EVIDENCE, "a date still to come"


WORDS = st.sampled_from(["yes", "no", "", "perhaps"])
ROW = st.tuples(st.sampled_from(["C-1", "C-2"]), st.sampled_from(["ana", "bo"]), WORDS, st.booleans())


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.lists(ROW, min_size=1, max_size=2, unique_by=lambda row: row[0]), min_size=1, max_size=5))
def test_consent_never_goes_up_whatever_is_imported(quick: Desk, files: list[list[tuple[str, str, str, bool]]]) -> None:
    """Rule 37."""
    with quick.engine.begin() as c:
        for table in (contacts.consent_events, contacts.contact_points, shop.customers):
            c.execute(sa.delete(table))
    for rows in files:
        lines = "".join(
            f"{key},{name}@shop.example,,GB,{word},,,{'2025-01-02,form' if proof else ','}\n"
            for key, name, word, proof in rows
        )
        quick.take(customers=HEAD + lines)
    ledger: dict[str, list[str]] = {}
    for row in quick.rows(contacts.consent_events):
        ledger.setdefault(row.contact_hash, []).append(row.action)
    assert all(actions in (["grant"], ["withdraw"], ["grant", "withdraw"]) for actions in ledger.values())
