"""Which wish forbids an answer, asked as a wish lands, at claim and at hand-off? (settled 22, decision 20)"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.core.terms import BY_HAND, Channel, Scope
from outreach.store import contacts, sending, wishes
from outreach.store.engine import now, writing
from outreach.store.wishes import Asked
from tests import builders as b
from tests.flows import outgoing as o

MINUTE, DEADLINE = timedelta(minutes=1), timedelta(seconds=20)
#: When what is answered came in, minutes from now.
ASKED = -10


def question(engine: sa.Engine, **values: Any) -> int:
    """A ready answer to something that came in ten minutes ago."""
    with writing(engine) as c:
        at = now(c)
    [i] = o.queue(engine, answers_at=at + ASKED * MINUTE, **values)
    return i


def suppressed(engine: sa.Engine, i: int, minutes: int, scope: str = "everything", address: str = "") -> None:
    """A wish at the customer's address (or another) so many minutes from now."""
    with writing(engine) as c:
        b.suppress(c, address or o.email(i), scope, since=now(c) + minutes * MINUTE)


def asked(engine: sa.Engine, i: int, door: str, minutes: int = 0) -> tuple[int, int]:
    """The person says it, by the store's own road."""
    with writing(engine) as c:
        said = Asked(Scope.EVERYTHING, "asked", door, None, None, now(c) + minutes * MINUTE)
        return wishes.suppress(c, [(Channel.EMAIL, o.hash_of(i))], said)


def claim(engine: sa.Engine, i: int) -> str:
    """T1. Returns the state it leaves."""
    with writing(engine) as c:
        at = now(c)
        if not sending.claim(c, [i], owner="me", at=at):
            sending.settle_refused(c, [i], at=at, clock=at)
    return o.states(engine, [i])[i]


def hand(engine: sa.Engine, i: int) -> str:
    """T2 of its first try. Returns the state it leaves."""
    with writing(engine) as c:
        at = now(c)
        if not sending.hand(c, [(i, 1)], at=at, deadline=DEADLINE):
            sending.give_back(c, [(i, 1)], at=at, clock=at)
    return o.states(engine, [i])[i]


@pytest.mark.parametrize("scope", ["everything", "email"])
@pytest.mark.parametrize("minutes", [ASKED - 1, ASKED, ASKED + 1])
def test_only_a_wish_newer_than_the_question_forbids_its_answer(engine: sa.Engine, scope: str, minutes: int) -> None:
    i = question(engine)
    with writing(engine) as c:
        at = o.message(engine, i).answers_at
        b.suppress(c, o.email(i), scope, since=at + (minutes - ASKED) * MINUTE)
    if minutes > ASKED:
        assert claim(engine, i) == "suppressed"
    else:
        assert (claim(engine, i), hand(engine, i)) == ("claimed", "handed")


def test_any_other_message_is_forbidden_by_every_wish(engine: sa.Engine) -> None:
    """A message that answers nothing, of kind `answer` too."""
    for kind in ("answer", "service", "offer"):
        [i] = o.queue(engine, kind=kind)
        suppressed(engine, i, ASKED - 1)
        assert claim(engine, i) == "suppressed"


@pytest.mark.parametrize("minutes", [ASKED - 1, ASKED + 1])
def test_a_bounced_address_forbids_always(engine: sa.Engine, minutes: int) -> None:
    i = question(engine)
    suppressed(engine, i, minutes, "address")
    assert claim(engine, i) == "suppressed"


@pytest.mark.parametrize(("minutes", "state"), [(ASKED - 1, "claimed"), (ASKED + 1, "suppressed")])
def test_a_wish_at_another_of_their_addresses_counts_the_same(engine: sa.Engine, minutes: int, state: str) -> None:
    i = question(engine)
    with writing(engine) as c:
        b.contact_point(c, i, Channel.EMAIL, "old@example.com", current=False)
    suppressed(engine, i, minutes, address="old@example.com")
    assert claim(engine, i) == state


@pytest.mark.parametrize("scope", ["everything", "address"])
def test_rule_7_a_newer_wish_between_claim_and_hand_off(engine: sa.Engine, scope: str) -> None:
    i = question(engine)
    suppressed(engine, i, ASKED - 1, "email")
    assert claim(engine, i) == "claimed"
    suppressed(engine, i, 0, scope)
    assert hand(engine, i) == "suppressed"


def test_an_older_wish_that_is_imported_between_claim_and_hand_off(engine: sa.Engine) -> None:
    i = question(engine)
    assert claim(engine, i) == "claimed"
    suppressed(engine, i, ASKED - 5)
    assert hand(engine, i) == "handed"


def consent_withdrawn(engine: sa.Engine, i: int, minutes: int) -> None:
    with writing(engine) as c:
        at = now(c) + minutes * MINUTE
        b.consented(c, Channel.EMAIL, o.email(i), level="service", action="withdraw", at=at)


def test_consent_taken_back_counts_like_a_wish(engine: sa.Engine) -> None:
    for minutes, state in ((ASKED - 1, "claimed"), (ASKED + 1, "suppressed")):
        i = question(engine, legal="marketing")  # what rests on consent by email
        consent_withdrawn(engine, i, minutes)
        assert claim(engine, i) == state
    [other] = o.queue(engine, legal="marketing")
    consent_withdrawn(engine, other, ASKED - 1)
    assert claim(engine, other) == "suppressed"


def test_a_hold_silences_the_machine_and_not_the_person(engine: sa.Engine) -> None:
    for campaign, state in (("reply_received", "cancelled"), (BY_HAND, "claimed")):
        i = question(engine, campaign=campaign)
        with writing(engine) as c:
            c.execute(
                sa.insert(contacts.holds).values(customer_id=i, until=None, because="a lawyer writes", since=now(c))
            )
        assert claim(engine, i) == state


@pytest.mark.parametrize("paused", ["", BY_HAND])
def test_the_kill_switch_stops_a_person_too_and_ends_nothing(engine: sa.Engine, paused: str) -> None:
    i = question(engine, campaign=BY_HAND)
    with writing(engine) as c:
        c.execute(sa.insert(contacts.pauses).values(campaign=paused, because="stop", since=now(c)))
    assert claim(engine, i) == "ready"


def test_a_wish_withdraws_answers_to_what_came_before(engine: sa.Engine) -> None:
    i = question(engine)
    assert asked(engine, i, "page") == (1, 1)
    assert o.states(engine, [i])[i] == "suppressed"


def test_a_wish_leaves_the_answer_it_gives_rise_to(engine: sa.Engine) -> None:
    """The same instant: `stopped` was queued after it, and is not its victim."""
    [i] = o.queue(engine)
    with writing(engine) as c:
        at = now(c)
        hashes = [(Channel.EMAIL, o.hash_of(i))]
        c.execute(sa.update(o.outbox).where(o.outbox.c.id == i).values(answers_at=at))
        assert wishes.suppress(c, hashes, Asked(Scope.EVERYTHING, "asked", "stop", None, None, at)) == (1, 0)
    assert (claim(engine, i), hand(engine, i)) == ("claimed", "handed")


@pytest.mark.parametrize("reached", [lambda engine, i: "ready", claim])
def test_a_wish_said_again_counts_though_it_stood_already(
    engine: sa.Engine, reached: Callable[[sa.Engine, int], str]
) -> None:
    """The ledger has no line of it (respect.md 3)."""
    i = question(engine)
    suppressed(engine, i, ASKED - 60)
    reached(engine, i)
    assert asked(engine, i, "header") == (0, 1)
    assert o.states(engine, [i])[i] == "suppressed"


def test_nor_does_an_answer_leave_that_was_queued_after_it_was_said_again(engine: sa.Engine) -> None:
    i = question(engine)
    suppressed(engine, i, ASKED - 60)
    asked(engine, i, "stop")
    with writing(engine) as c:
        c.execute(sa.update(o.outbox).where(o.outbox.c.id == i).values(state="ready", because=None))
    assert claim(engine, i) == "suppressed"


@pytest.mark.parametrize("door", ["import", "provider"])
def test_what_was_said_long_ago_is_not_said_again_by_a_list(engine: sa.Engine, door: str) -> None:
    i = question(engine)
    suppressed(engine, i, ASKED - 60)
    assert asked(engine, i, door) == (0, 0)
    assert claim(engine, i) == "claimed"
