"""Is there one voice a night, in a fixed order, and does nothing but the records decide who speaks?"""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from outreach.core.case import Rules
from outreach.core.decide import decide
from outreach.core.holdout import draw, held_out
from outreach.core.person import Person
from outreach.core.terms import OUTSIDE_ONE_VOICE, Candidate, Kind, LegalClass, Outcome, Reason, Scope
from tests.core.cases import (
    ANSWER,
    CAMPAIGNS,
    CHECK,
    EMAIL,
    GIFT,
    LATE,
    NIGHT,
    OFFER,
    QUIET,
    SAFETY,
    SORRY,
    TEXT,
    ask,
    campaign,
    candidate,
    contact,
    judged,
    person,
    rules,
    sent,
    wish,
)

DAY = timedelta(days=1)
HALF = 0.5


def test_the_more_important_message_goes_first() -> None:
    found = [candidate(of) for of in (GIFT, QUIET, OFFER, CHECK, LATE, SORRY)]
    assert judged([person()], found) == {
        "1/we_were_late/S-1": "send",
        "1/running_late/S-1": "outranked",
        "1/delivery_check/S-1": "outranked",
        "1/upgrade_offer/S-1": "outranked",
        "1/quiet_customer/S-1": "outranked",
        "1/surprise/S-1": "outranked",
    }


def test_who_may_not_speak_takes_no_voice() -> None:
    waits = person(late_order="O-1", wishes=(wish(Scope.OFFERS),))
    assert judged([waits], [candidate(OFFER), candidate(LATE)])["1/running_late/S-1"] == "send"
    told = person(told=frozenset({("running_late", "S-1")}))
    assert judged([told], [candidate(LATE), candidate(OFFER)])["1/upgrade_offer/S-1"] == "send"


def test_dangers_and_answers_stand_outside_the_one_voice() -> None:
    found = [candidate(of) for of in (SAFETY, ANSWER, CHECK)]
    assert set(judged([person()], found).values()) == {"send"}
    spoken = person(sent=(sent(0, CHECK),))
    assert judged([spoken], found) == {
        "1/safety_notice/S-1": "send",
        "1/reply_received/S-1": "send",
        "1/delivery_check/S-1": "outranked",
    }
    assert judged([person(sent=(sent(0, SAFETY), sent(0, ANSWER)))], [candidate(CHECK)]) == {
        "1/delivery_check/S-1": "send"
    }


def test_an_earlier_pass_of_the_night_has_spoken() -> None:
    assert judged([person(sent=(sent(0, CHECK),))], [candidate(OFFER), candidate(CHECK)]) == {
        "1/delivery_check/S-1": "outranked",
        "1/upgrade_offer/S-1": "outranked",
    }
    assert judged([person(sent=(sent(1, CHECK),))], [candidate(SORRY)]) == {"1/we_were_late/S-1": "send"}


def test_ties_go_to_the_older_subject_then_to_its_key() -> None:
    old, new = candidate(OFFER, subject="Z", subject_date=NIGHT - 9 * DAY), candidate(OFFER, subject="A")
    assert judged([person()], [new, old]) == {"1/upgrade_offer/Z": "send", "1/upgrade_offer/A": "outranked"}
    same = [candidate(OFFER, subject="B"), candidate(OFFER, subject="A")]
    assert judged([person()], same) == {"1/upgrade_offer/A": "send", "1/upgrade_offer/B": "outranked"}


def test_ties_between_campaigns_go_to_the_older_subject_too() -> None:
    equal = campaign("zz_help", Kind.CHECK_IN, OFFER.priority)
    old, new = candidate(equal, subject_date=NIGHT - 9 * DAY), candidate(OFFER)
    assert judged([person()], [new, old], rules(equal)) == {"1/zz_help/S-1": "send", "1/upgrade_offer/S-1": "outranked"}


def test_orders_of_one_night_share_one_message() -> None:
    found = [
        candidate(CHECK, subject="O-3"),
        candidate(CHECK, subject="O-2"),
        candidate(CHECK, subject="O-9", subject_date=NIGHT - 9 * DAY),
        candidate(LATE, subject="O-1", customer=2),
    ]
    assert judged([person(), person(2, contacts=(contact("ben@"),))], found) == {
        "1/delivery_check/O-9": "send",
        "1/delivery_check/O-2": "send with O-9",
        "1/delivery_check/O-3": "send with O-9",
        "2/running_late/O-1": "send",
    }
    made = decide({1: person()}, found[:3], rules())
    assert {(d.channel, d.contact) for d in made} == {(EMAIL, contact())}


def test_only_orders_of_the_same_campaign_and_customer_share() -> None:
    family = [person(), person(2)]
    found = [candidate(SORRY, subject="O-1"), candidate(CHECK, subject="O-2"), candidate(SORRY, 2, subject="O-3")]
    assert judged(family, found) == {
        "1/we_were_late/O-1": "send",
        "1/delivery_check/O-2": "outranked",
        "2/we_were_late/O-3": "outranked",
    }
    models = [candidate(OFFER, subject="A"), candidate(OFFER, subject="B")]
    assert judged([person()], models)["1/upgrade_offer/B"] == "outranked"


def test_an_order_that_may_not_be_told_does_not_join() -> None:
    told = person(told=frozenset({("delivery_check", "O-2")}))
    found = [candidate(CHECK, subject="O-1"), candidate(CHECK, subject="O-2")]
    assert judged([told], found) == {"1/delivery_check/O-1": "send", "1/delivery_check/O-2": "already_told"}


def test_a_family_with_one_address_hears_one_voice() -> None:
    family = [person(), person(2), person(3, contacts=(contact("kim@", number=3),))]
    found = [candidate(CHECK, 2), candidate(OFFER, 1), candidate(OFFER, 3)]
    assert judged(family, found) == {
        "2/delivery_check/S-1": "send",
        "1/upgrade_offer/S-1": "outranked",
        "3/upgrade_offer/S-1": "send",
    }
    assert judged([person(), person(2)], [candidate(OFFER, 2), candidate(OFFER, 1)]) == {
        "1/upgrade_offer/S-1": "send",
        "2/upgrade_offer/S-1": "outranked",
    }


def test_a_message_to_the_shared_address_counts_for_both() -> None:
    """`store.people` finds wishes, history and told by address hash: the most restrictive wins for everyone there."""
    assert judged([person(2, sent=(sent(0, CHECK),))], [candidate(CHECK, 2)])["2/delivery_check/S-1"] == "outranked"


def test_the_comparison_group_is_left_alone_and_takes_the_voice() -> None:
    half = replace(OFFER, holdback=HALF)
    ids = [i for i in range(1, 200) if held_out(b"salt", "upgrade_offer", i, HALF)]
    assert 70 < len(ids) < 130
    held = person(ids[0])
    assert judged([held], [candidate(OFFER, held.id), candidate(QUIET, held.id)], rules(half)) == {
        f"{held.id}/upgrade_offer/S-1": "held_back",
        f"{held.id}/quiet_customer/S-1": "outranked",
    }
    made = ask(held, candidate(OFFER, held.id), rules(half))
    assert (made.outcome, made.reason, made.channel) == (Outcome.HOLD_OUT, Reason.HELD_BACK, None)


def test_held_back_once_is_held_back_for_good() -> None:
    free = next(i for i in range(1, 50) if not held_out(b"salt", "upgrade_offer", i, HALF))
    before = person(free, held_back=frozenset({("upgrade_offer", "S-1")}))
    assert judged([before], [candidate(OFFER, free)]) == {f"{free}/upgrade_offer/S-1": "held_back"}
    other = [candidate(OFFER, free, subject="S-2")]
    assert judged([before], other) == {f"{free}/upgrade_offer/S-2": "send"}


def test_service_is_never_held_back() -> None:
    everybody = rules(*(replace(c, holdback=1.0) for c in CAMPAIGNS.values()))
    for of in (SORRY, LATE, CHECK, SAFETY, ANSWER):
        assert ask(person(held_back=frozenset({(of.name, "S-1")})), candidate(of), everybody).outcome is Outcome.SEND
    for of in (OFFER, QUIET, GIFT):
        assert ask(person(), candidate(of), everybody).outcome is Outcome.HOLD_OUT


def test_the_comparison_group_is_asked_last() -> None:
    """Nobody is in it who would not have been written to: neither left alone, nor outranked."""
    everybody = rules(replace(OFFER, holdback=1.0))
    assert ask(person(grants=frozenset()), candidate(), everybody).outcome is Outcome.LEAVE_ALONE
    found = judged([person()], [candidate(CHECK), candidate(OFFER)], everybody)
    assert found["1/upgrade_offer/S-1"] == "outranked"


@given(st.integers(1, 10**12), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_only_adds_people(customer: int, one: float, other: float) -> None:
    small, large = sorted((one, other))
    if held_out(b"salt", "c", customer, small):
        assert held_out(b"salt", "c", customer, large)


def test_the_share_is_kept_and_hangs_on_salt_and_campaign() -> None:
    def chosen(salt: bytes, name: str) -> set[int]:
        return {i for i in range(20_000) if held_out(salt, name, i, 0.05)}

    first = chosen(b"salt", "c")
    assert 850 < len(first) < 1150
    assert len(first & chosen(b"salt", "d")) < 120
    assert len(first & chosen(b"other", "c")) < 120
    assert not any(held_out(b"salt", "c", i, 0.0) for i in range(1000))
    assert all(held_out(b"salt", "c", i, 1.0) for i in range(1000))


@given(st.integers(1, 10**12))
def test_the_draw_fits_both_databases(customer: int) -> None:
    assert 0 <= draw(NIGHT, customer) < 2**63
    assert draw(NIGHT, customer) != draw(NIGHT + DAY, customer)


ADDRESSES = ["ana@", "ben@", "kim@", "+44", "+55"]
WISHES = st.builds(
    wish, st.sampled_from(list(Scope)), st.sampled_from(ADDRESSES), st.sampled_from([None, NIGHT, NIGHT + DAY])
)
SENT = st.builds(sent, st.integers(0, 70), st.sampled_from(list(CAMPAIGNS.values())), st.sampled_from(ADDRESSES))


@st.composite
def households(draw: st.DrawFn) -> tuple[dict[int, Person], list[Candidate], Rules]:
    """A few people sharing a few addresses, and whatever the scans may find about them."""
    people: dict[int, Person] = {}
    for number in range(1, draw(st.integers(1, 4)) + 1):
        mine = draw(st.lists(st.sampled_from(ADDRESSES), max_size=3, unique=True))
        contacts = tuple(contact(a, TEXT if a[0] == "+" else EMAIL, 10 * number + i) for i, a in enumerate(mine))
        some = st.sampled_from(mine or ["gone@"])
        people[number] = person(
            number,
            contacts=contacts,
            country=draw(st.sampled_from(["GB", "DE"])),
            grants=draw(st.frozensets(st.tuples(some, st.sampled_from(list(LegalClass))))),
            wishes=tuple(w for w in draw(st.lists(WISHES, max_size=1)) if w.address_hash in mine),
            sent=tuple(s for s in draw(st.lists(SENT, max_size=2)) if s.contact_hash in mine),
            late_order=draw(st.sampled_from([None, None, "O-1"])),
        )
    found = draw(
        st.lists(
            st.builds(
                candidate,
                st.sampled_from(list(CAMPAIGNS.values())),
                st.sampled_from(list(people)),
                st.sampled_from(["S-1", "S-2", "S-3"]),
                subject_date=st.sampled_from([NIGHT - DAY, NIGHT - 2 * DAY]),
            ),
            max_size=10,
            unique_by=lambda c: (c.campaign, c.customer_id, c.subject_key),
        )
    )
    share = draw(st.sampled_from([0.0, 0.0, HALF]))
    return people, found, rules(*(replace(c, holdback=share) for c in (OFFER, QUIET, GIFT)))


@given(households(), st.data())
def test_decisions_do_not_hang_on_the_order_of_the_input(
    home: tuple[dict[int, Person], list[Candidate], Rules], data: st.DataObject
) -> None:
    people, found, using = home
    turned = dict(reversed(list(people.items())))
    first = decide(people, found, using)
    again = decide(turned, data.draw(st.permutations(found)), using)
    assert first == again
    assert len(first) == len(found)


@given(households())
def test_one_voice_a_night_for_every_customer_and_address(
    home: tuple[dict[int, Person], list[Candidate], Rules],
) -> None:
    people, found, using = home
    made = decide(people, found, using)
    voices = [
        d
        for d in made
        if d.outcome is not Outcome.LEAVE_ALONE
        and not d.joins
        and using.campaigns[d.candidate.campaign].kind not in OUTSIDE_ONE_VOICE
    ]
    spoken = Counter(d.candidate.customer_id for d in voices)
    addresses = Counter(d.contact.address_hash for d in voices if d.contact)
    for who in people.values():
        tonight = [s for s in who.sent if s.night == NIGHT and s.kind not in OUTSIDE_ONE_VOICE]
        spoken[who.id] += bool(tonight)
        addresses.update({s.contact_hash: 0 for s in tonight})
        assert not [d for d in voices if d.contact and d.contact.address_hash in {s.contact_hash for s in tonight}]
    assert max(spoken.values(), default=0) <= 1
    assert max(addresses.values(), default=0) <= 1


@given(households())
def test_a_message_goes_to_an_open_address_of_its_own_customer(
    home: tuple[dict[int, Person], list[Candidate], Rules],
) -> None:
    people, found, using = home
    for d in decide(people, found, using):
        if d.outcome is not Outcome.SEND:
            assert d.reason is not None
            continue
        who = people[d.candidate.customer_id]
        assert d.contact in who.contacts
        assert d.contact is not None
        assert d.contact.channel is d.channel
        closing = (
            {Scope.ADDRESS}
            if d.candidate.campaign == "safety_notice"
            else {Scope.ADDRESS, Scope(d.contact.channel.value)}
        )
        assert not [
            w
            for w in who.wishes
            if w.scope in closing and w.address_hash == d.contact.address_hash and w.holds_on(NIGHT)
        ]
        if using.campaigns[d.candidate.campaign].kind is not Kind.SAFETY:
            assert not [w for w in who.wishes if w.scope is Scope.EVERYTHING and w.holds_on(NIGHT)]


@given(households())
def test_found_is_left_alone_plus_queued(home: tuple[dict[int, Person], list[Candidate], Rules]) -> None:
    people, found, using = home
    outcomes = Counter(d.outcome for d in decide(people, found, using))
    assert outcomes.total() == len(found)
