"""Does every gate refuse whom it should, and nobody just beside them? Is the earliest reason the one that is said?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from outreach.core.case import Case, Rules
from outreach.core.gates import ASK_ANSWERS, ASK_START, ASK_TOLD, ASK_TROUBLE, GATES, PER_CHANNEL
from outreach.core.person import Person
from outreach.core.reasons import WORDS, in_words
from outreach.core.terms import Candidate, Channel, Kind, LegalClass, Reason, Scope
from tests.core.cases import (
    ANSWER,
    CHECK,
    EMAIL,
    GIFT,
    LATE,
    MARKETING,
    NIGHT,
    OFFER,
    QUIET,
    SAFETY,
    SERVICE,
    SORRY,
    TEXT,
    ask,
    campaign,
    candidate,
    contact,
    limits,
    person,
    reason,
    rules,
    sent,
    wish,
)

DAY = timedelta(days=1)
PHONE = contact("+44", TEXT, 2)
BOTH = (contact(), PHONE)
MAILED = campaign("mailed_offer", Kind.OFFER, 1, channels=(EMAIL,))
OVERDUE = rules(nobody_answers=True)
STARTED = rules(start_on=NIGHT)


def on(channel: Channel, why: Reason = Reason.NO_LANGUAGE) -> Rules:
    """Rules under which only one channel has words."""
    return rules(speaks=lambda _c, ch, _p, _x: None if ch is channel else why)


def asked(*wishes: object) -> Person:
    return person(contacts=BOTH, wishes=wishes)


CASES: list[tuple[str, Person, Candidate, Rules, Reason | None]] = [
    ("never again", asked(wish(Scope.EVERYTHING)), candidate(), rules(), Reason.NO_CONTACT),
    ("never again, about an order", asked(wish(Scope.EVERYTHING)), candidate(LATE), rules(), Reason.NO_CONTACT),
    (
        "never again, under an old address",
        asked(wish(Scope.EVERYTHING, "old@")),
        candidate(),
        rules(),
        Reason.NO_CONTACT,
    ),
    ("never again, said by text", asked(wish(Scope.EVERYTHING, "+44")), candidate(), rules(), Reason.NO_CONTACT),
    ("never again, but a danger", asked(wish(Scope.EVERYTHING)), candidate(SAFETY), rules(), None),
    ("no wish", asked(), candidate(), rules(), None),
    ("no email, no phone", person(wishes=(wish(Scope.EMAIL),)), candidate(), rules(), Reason.NO_ADDRESS),
    ("no email, no text", asked(wish(Scope.EMAIL), wish(Scope.TEXT)), candidate(), rules(), Reason.CHANNEL_OFF),
    ("no email, so a text", asked(wish(Scope.EMAIL)), candidate(), rules(), None),
    (
        "no email until tomorrow",
        asked(wish(Scope.EMAIL, until=NIGHT + DAY), wish(Scope.TEXT)),
        candidate(),
        rules(),
        Reason.CHANNEL_OFF,
    ),
    ("no email until today", asked(wish(Scope.EMAIL, until=NIGHT), wish(Scope.TEXT)), candidate(), rules(), None),
    ("orders only, an offer", asked(wish(Scope.OFFERS)), candidate(), rules(), Reason.ORDERS_ONLY),
    ("orders only, under an old address", asked(wish(Scope.OFFERS, "old@")), candidate(), rules(), Reason.ORDERS_ONLY),
    ("orders only, a check-in", asked(wish(Scope.OFFERS)), candidate(QUIET), rules(), Reason.ORDERS_ONLY),
    ("orders only, about an order", asked(wish(Scope.OFFERS)), candidate(CHECK), rules(), None),
    (
        "orders only, a question in Germany",
        person(country="DE", wishes=(wish(Scope.OFFERS),)),
        candidate(CHECK),
        rules(),
        Reason.ORDERS_ONLY,
    ),
    (
        "orders only, an apology in Germany",
        person(country="DE", wishes=(wish(Scope.OFFERS),)),
        candidate(SORRY),
        rules(),
        None,
    ),
    (
        "paused until tomorrow",
        asked(wish(Scope.EVERYTHING, until=NIGHT + DAY)),
        candidate(CHECK),
        rules(),
        Reason.PAUSED,
    ),
    ("paused until today", asked(wish(Scope.EVERYTHING, until=NIGHT)), candidate(CHECK), rules(), None),
    ("no email, but a danger", asked(wish(Scope.EMAIL)), candidate(SAFETY), rules(), None),
    ("paused, but a danger", asked(wish(Scope.EVERYTHING, until=NIGHT + DAY)), candidate(SAFETY), rules(), None),
    ("no grant, an offer", person(grants=frozenset()), candidate(MAILED), rules(MAILED), Reason.NO_CONSENT),
    ("no grant, an email about an order", person(grants=frozenset()), candidate(CHECK), rules(), None),
    ("no grant, a danger by text", person(contacts=(PHONE,), grants=frozenset()), candidate(SAFETY), rules(), None),
    (
        "no grant, a text about an order",
        person(contacts=(PHONE,), grants=frozenset()),
        candidate(CHECK),
        rules(),
        Reason.NO_CONSENT,
    ),
    (
        "a grant for orders, a text about one",
        person(contacts=(PHONE,), grants=frozenset({("+44", SERVICE)})),
        candidate(CHECK),
        rules(),
        None,
    ),
    (
        "a grant for orders, an offer by text",
        person(contacts=(PHONE,), grants=frozenset({("+44", SERVICE)})),
        candidate(),
        rules(),
        Reason.NO_CONSENT,
    ),
    (
        "a grant for offers, a text about an order",
        person(contacts=(PHONE,), grants=frozenset({("+44", MARKETING)})),
        candidate(CHECK),
        rules(),
        None,
    ),
    (
        "a grant of another address",
        person(contacts=(PHONE,), grants=frozenset({("+45", MARKETING)})),
        candidate(),
        rules(),
        Reason.NO_CONSENT,
    ),
    ("no address at all", person(contacts=()), candidate(CHECK), rules(), Reason.NO_ADDRESS),
    ("only a phone", person(contacts=(PHONE,)), candidate(CHECK), rules(), None),
    ("bounced both", asked(wish(Scope.ADDRESS), wish(Scope.ADDRESS, "+44")), candidate(), rules(), Reason.BOUNCED),
    ("bounced, so a text", asked(wish(Scope.ADDRESS)), candidate(), rules(), None),
    ("an old address bounced", person(wishes=(wish(Scope.ADDRESS, "old@"),)), candidate(), rules(), None),
    ("on hold for good", person(hold_because="a dispute"), candidate(CHECK), rules(), Reason.ON_HOLD),
    (
        "on hold until tomorrow",
        person(hold_because="a dispute", hold_until=NIGHT + DAY),
        candidate(),
        rules(),
        Reason.ON_HOLD,
    ),
    ("on hold until today", person(hold_because="a dispute", hold_until=NIGHT), candidate(), rules(), None),
    ("on hold, but a danger", person(hold_because="a dispute"), candidate(SAFETY), rules(), None),
    ("a complaint", person(conversations=frozenset({"complaint"})), candidate(CHECK), rules(), Reason.COMPLAINT_OPEN),
    ("a complaint, answered", person(conversations=frozenset({"complaint"})), candidate(ANSWER), rules(), None),
    ("a complaint, but a danger", person(conversations=frozenset({"complaint"})), candidate(SAFETY), rules(), None),
    ("a reply", person(conversations=frozenset({"reply"})), candidate(LATE), rules(), Reason.REPLY_OPEN),
    ("a reply, answered", person(conversations=frozenset({"reply"})), candidate(ANSWER), rules(), None),
    ("a question while answers are overdue", person(), candidate(CHECK), OVERDUE, Reason.NOBODY_TO_ANSWER),
    ("an apology while answers are overdue", person(), candidate(LATE), OVERDUE, None),
    ("an offer while answers are overdue", person(), candidate(OFFER), OVERDUE, None),
    ("an order is late, an offer", person(late_order="O-1"), candidate(), rules(), Reason.ORDER_LATE),
    ("an order is late, a check-in", person(late_order="O-1"), candidate(QUIET), rules(), Reason.ORDER_LATE),
    ("an order is late, a gift", person(late_order="O-1"), candidate(GIFT), rules(), Reason.ORDER_LATE),
    ("an order is late, a question", person(late_order="O-1"), candidate(CHECK), rules(), None),
    ("an order is late, the apology", person(late_order="O-1"), candidate(LATE), rules(), None),
    ("an order is late, a danger", person(late_order="O-1"), candidate(SAFETY), rules(), None),
    ("told", person(told=frozenset({("upgrade_offer", "S-1")})), candidate(), rules(), Reason.ALREADY_TOLD),
    ("told about another", person(told=frozenset({("upgrade_offer", "S-2")})), candidate(), rules(), None),
    ("told by another campaign", person(told=frozenset({("surprise", "S-1")})), candidate(), rules(), None),
    ("useful until yesterday", person(), candidate(useful_until=NIGHT - DAY), rules(), Reason.TOO_OLD),
    ("useful until tonight", person(), candidate(useful_until=NIGHT), rules(), None),
    (
        "a second word without a first",
        person(),
        candidate(QUIET, subject="O:2", follows="O:1"),
        rules(),
        Reason.TOO_OLD,
    ),
    (
        "a second word",
        person(told=frozenset({("quiet_customer", "O:1")})),
        candidate(QUIET, subject="O:2", follows="O:1"),
        rules(),
        None,
    ),
    ("true before the start", person(), candidate(became_on=NIGHT - DAY), STARTED, Reason.BEFORE_START),
    ("true since the start", person(), candidate(became_on=NIGHT), STARTED, None),
    ("true since nobody knows when", person(), candidate(), STARTED, None),
    ("no start line", person(), candidate(became_on=NIGHT - DAY), rules(), None),
    ("an order before the start", person(), candidate(CHECK, became_on=NIGHT - DAY), STARTED, None),
    (
        "backlog, in its drip",
        person(),
        candidate(became_on=NIGHT - DAY),
        rules(start_on=NIGHT, backlog=frozenset({("upgrade_offer", 1, "S-1")})),
        None,
    ),
    (
        "backlog, another's drip",
        person(),
        candidate(became_on=NIGHT - DAY),
        rules(start_on=NIGHT, backlog=frozenset({("upgrade_offer", 2, "S-1")})),
        Reason.BEFORE_START,
    ),
    ("rested 13 days", person(sent=(sent(13, CHECK),)), candidate(), rules(), Reason.RESTED),
    ("rested 14 days", person(sent=(sent(14, CHECK),)), candidate(), rules(), None),
    ("rest after a danger", person(sent=(sent(1, SAFETY),)), candidate(), rules(), Reason.RESTED),
    ("an order does not rest", person(sent=(sent(1, OFFER),)), candidate(CHECK), rules(), None),
    ("an apology does not rest", person(sent=(sent(1, CHECK),)), candidate(SORRY), rules(), None),
    (
        "two checks, one 59 days ago",
        person(sent=(sent(200, CHECK), sent(59, CHECK))),
        candidate(CHECK),
        rules(),
        Reason.RESTED,
    ),
    ("two checks, one 60 days ago", person(sent=(sent(200, CHECK), sent(60, CHECK))), candidate(CHECK), rules(), None),
    ("one check yesterday", person(sent=(sent(1, CHECK),)), candidate(CHECK), rules(), None),
    ("two apologies do not slow checks", person(sent=(sent(2, LATE), sent(1, SORRY))), candidate(CHECK), rules(), None),
    (
        "had enough this year",
        person(sent=tuple(sent(61 + 50 * i, CHECK) for i in range(6))),
        candidate(),
        rules(),
        Reason.ENOUGH,
    ),
    ("no words", person(), candidate(), on(TEXT), Reason.NO_ADDRESS),
    (
        "no words anywhere",
        person(contacts=BOTH),
        candidate(),
        rules(speaks=lambda *_: Reason.NO_LANGUAGE),
        Reason.NO_LANGUAGE,
    ),
    (
        "broken words",
        person(contacts=BOTH),
        candidate(),
        rules(speaks=lambda *_: Reason.TEMPLATE_PROBLEM),
        Reason.TEMPLATE_PROBLEM,
    ),
    ("words for a text", person(contacts=BOTH), candidate(), on(TEXT), None),
]


@pytest.mark.parametrize(("who", "about", "using", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_gate_and_its_nearest_neighbour(who: Person, about: Candidate, using: Rules, expected: Reason | None) -> None:
    assert reason(who, about, using) == expected


def test_every_gate_is_tried() -> None:
    tried = {expected for *_, expected in CASES}
    later = {Reason.OUTRANKED, Reason.HELD_BACK, Reason.OVER_LIMIT}  # after the gates
    again = {Reason.OWNS_NEWER, Reason.CANNOT_DELIVER, Reason.BOUGHT_SINCE, Reason.KEEP_YOURS}  # facts asked again
    assert tried == (set(Reason) - later - again) | {None}


def test_the_order_of_the_gates() -> None:
    names = [gate.__name__ for gate in GATES]
    law = ["no_contact", "channel_off", "orders_only", "paused", "no_consent", "no_address", "bounced"]
    care = ["on_hold", "complaint_open", "reply_open", "nobody_to_answer", "order_late"]
    manners = ["already_told", "too_old", "before_start", "enough", "rested", "no_language"]
    assert names == law + care + manners
    assert {g.__name__ for g in PER_CHANNEL} == {"channel_off", "no_consent", "no_address", "bounced", "no_language"}


def test_of_several_reasons_the_earliest_is_said() -> None:
    """Everything is wrong at once; each reason taken away brings out the next, in the order of the law."""
    only_email = campaign("upgrade_offer", Kind.OFFER, 70, rest_days=14, channels=(EMAIL,))
    using = rules(
        only_email, limits=limits(enough=1), start_on=NIGHT, nobody_answers=True, speaks=lambda *_: Reason.NO_LANGUAGE
    )
    about = candidate(became_on=NIGHT - DAY, useful_until=NIGHT - DAY)
    everything = {
        "wishes": (
            wish(Scope.ADDRESS),
            wish(Scope.EVERYTHING, "old@", NIGHT + DAY),
            wish(Scope.OFFERS),
            wish(Scope.EMAIL),
            wish(Scope.EVERYTHING),
        ),
        "grants": frozenset[tuple[str, LegalClass]](),
        "hold_because": "a dispute",
        "conversations": frozenset({"complaint", "reply"}),
        "late_order": "O-1",
        "told": frozenset({("upgrade_offer", "S-1")}),
        "sent": (sent(3),),
    }
    mends: list[tuple[Reason, dict[str, object]]] = [
        (Reason.NO_CONTACT, {"wishes": everything["wishes"][:4]}),  # type: ignore[index]
        (Reason.CHANNEL_OFF, {"wishes": everything["wishes"][:3]}),  # type: ignore[index]
        (Reason.ORDERS_ONLY, {"wishes": everything["wishes"][:2]}),  # type: ignore[index]
        (Reason.PAUSED, {"wishes": everything["wishes"][:1]}),  # type: ignore[index]
        (Reason.NO_CONSENT, {"grants": frozenset({("ana@", MARKETING)})}),
        (Reason.BOUNCED, {"wishes": ()}),
        (Reason.ON_HOLD, {"hold_because": None}),
        (Reason.COMPLAINT_OPEN, {"conversations": frozenset({"reply"})}),
        (Reason.REPLY_OPEN, {"conversations": frozenset()}),
        (Reason.ORDER_LATE, {"late_order": None}),
        (Reason.ALREADY_TOLD, {"told": frozenset()}),
    ]
    for expected, mend in mends:
        assert reason(person(**everything), about, using) is expected
        everything |= mend
    for expected, mended in [
        (Reason.TOO_OLD, candidate(became_on=NIGHT - DAY)),
        (Reason.BEFORE_START, candidate()),
    ]:
        assert reason(person(**everything), about, using) is expected
        about = mended
    assert reason(person(**everything), about, using) is Reason.ENOUGH
    using = rules(only_email, speaks=lambda *_: Reason.NO_LANGUAGE)
    assert reason(person(**everything), about, using) is Reason.RESTED
    assert reason(person(**everything | {"sent": ()}), about, using) is Reason.NO_LANGUAGE
    assert reason(person(**everything | {"sent": ()}), about, rules(only_email)) is None


def test_no_address_comes_before_bounced_and_after_consent() -> None:
    only_text = campaign("o", Kind.OFFER, 1, channels=(TEXT,))
    assert reason(person(), candidate(only_text), rules(only_text)) is Reason.NO_ADDRESS


def test_a_closed_email_falls_back_to_text() -> None:
    for closed in (
        person(contacts=BOTH, wishes=(wish(Scope.EMAIL),)),
        person(contacts=BOTH, wishes=(wish(Scope.ADDRESS),)),
        person(contacts=BOTH, grants=frozenset({("+44", MARKETING)})),
        person(contacts=(PHONE,)),
    ):
        made = ask(closed, candidate())
        assert (made.channel, made.contact) == (TEXT, PHONE)
    assert ask(person(contacts=BOTH), candidate()).channel is EMAIL


def test_another_address_takes_the_place_of_a_bounced_one() -> None:
    second = contact("ana@work", number=3)
    made = ask(person(contacts=(contact(), second), wishes=(wish(Scope.ADDRESS),)), candidate())
    assert made.contact == second


def test_the_reason_is_the_earliest_of_the_last_channel() -> None:
    """Email is closed by the stronger word, text by a weaker one: text was the last hope, so its reason is said."""
    made = ask(person(contacts=BOTH, wishes=(wish(Scope.EMAIL), wish(Scope.ADDRESS, "+44"))), candidate())
    assert made.reason is Reason.BOUNCED
    assert made.facts["channels"] == {"email": "channel_off", "text": "bounced"}
    made = ask(person(contacts=BOTH, grants=frozenset(), wishes=(wish(Scope.TEXT),)), candidate())
    assert made.reason is Reason.CHANNEL_OFF
    assert made.facts["channels"] == {"email": "no_consent", "text": "channel_off"}


def test_a_reason_of_the_whole_candidate_stands_over_a_closed_channel() -> None:
    made = ask(person(contacts=BOTH, wishes=(wish(Scope.TEXT),), sent=(sent(1),)), candidate())
    assert made.reason is Reason.RESTED


def test_a_satisfaction_question_is_advertising_in_germany() -> None:
    german = person(country="DE", grants=frozenset({("ana@", SERVICE)}))
    assert ask(german, candidate(CHECK)).legal is MARKETING
    assert ask(person(country="GB", grants=frozenset()), candidate(CHECK)).legal is SERVICE
    only_email = campaign("delivery_check", Kind.SERVICE, 40, channels=(EMAIL,), legal_in={"DE": MARKETING})
    assert reason(german, candidate(CHECK), rules(only_email)) is Reason.NO_CONSENT
    agreed = person(country="DE", grants=frozenset({("ana@", MARKETING)}))
    assert reason(agreed, candidate(CHECK), rules(only_email)) is None
    assert reason(german, candidate(SORRY)) is None


@pytest.mark.parametrize(("count", "expected"), [(5, None), (6, Reason.ENOUGH)])
def test_six_unasked_messages_a_year_are_enough(count: int, expected: Reason | None) -> None:
    messages = tuple(sent(40 + 50 * i, CHECK) for i in range(count))
    for of in (OFFER, QUIET, GIFT):
        assert reason(person(sent=messages), candidate(of)) is expected
    slow = tuple(sent(61 + 50 * i, OFFER) for i in range(count))
    assert reason(person(sent=slow), candidate(CHECK)) is expected


def test_apologies_answers_and_dangers_neither_count_nor_are_stopped() -> None:
    aside = tuple(sent(30 + i, of) for i in range(9) for of in (LATE, SORRY, ANSWER, SAFETY))
    assert reason(person(sent=aside), candidate()) is None
    full = tuple(sent(40 + 50 * i, CHECK) for i in range(6))
    for of in (LATE, SORRY, ANSWER, SAFETY):
        assert reason(person(sent=full), candidate(of)) is None


def test_a_year_has_365_nights() -> None:
    five = [sent(40 + 50 * i, CHECK) for i in range(5)]
    made = ask(person(sent=(*five, sent(364, CHECK))), candidate())
    assert made.reason is Reason.ENOUGH
    assert made.next_on == NIGHT + DAY
    assert reason(person(sent=(*five, sent(365, CHECK))), candidate()) is None


@pytest.mark.parametrize(("oldest", "expected"), [(29, Reason.RESTED), (30, None)])
def test_four_unasked_messages_in_thirty_days(oldest: int, expected: Reason | None) -> None:
    brisk = campaign("upgrade_offer", Kind.OFFER, 70, rest_days=1)
    plenty = limits(enough=99)
    history = (sent(2, GIFT), sent(9, QUIET), sent(20, OFFER), sent(oldest, OFFER))
    made = ask(person(sent=history), candidate(), rules(brisk, limits=plenty))
    assert made.reason is expected
    if expected:
        assert made.next_on == NIGHT + DAY
        assert made.facts == {"messages": 4, "per_days": 30}
    service = (sent(2, CHECK), sent(9, LATE), sent(20, SORRY), sent(25, CHECK))
    assert reason(person(sent=service), candidate(), rules(brisk, limits=plenty)) is None


def test_rest_is_counted_in_business_dates_and_names_its_end() -> None:
    made = ask(person(sent=(sent(3, CHECK), sent(40, OFFER))), candidate())
    assert made.facts == {"last": (NIGHT - 3 * DAY).isoformat(), "days_ago": 3, "rest": 14}
    assert made.next_on == NIGHT + 11 * DAY
    paced = ask(person(sent=(sent(100, CHECK), sent(3, CHECK))), candidate(CHECK))
    assert paced.next_on == NIGHT + 57 * DAY


def test_every_reason_has_its_words() -> None:
    assert set(WORDS) == set(Reason)
    assert in_words(Reason.RESTED, {"days_ago": 1, "rest": 14}) == "we wrote to them 1 day ago (rest: 14 days)"
    for _, who, about, using, expected in CASES:
        if expected is not None:
            said = in_words(expected, ask(who, about, using).facts)
            assert said
            assert "None" not in said


def test_who_has_no_trouble_is_not_asked_for_any() -> None:
    """The gates that are left out for most people would have let every one of them pass."""
    assert set(GATES) > ASK_TROUBLE
    for _, who, about, using, _ in CASES:
        calm = who._replace(wishes=(), hold_because=None, conversations=frozenset(), late_order=None)
        for channel in Channel:
            of = using.campaigns[about.campaign]
            legal = of.legal_class(calm.country)
            case = Case(of, about, calm, channel, calm.address(channel), legal, using)
            assert [gate.__name__ for gate in ASK_TROUBLE if gate(case)] == []


def test_who_was_told_nothing_on_an_ordinary_night_is_not_asked_about_it() -> None:
    """The same of gates that ask what was told, for a start line, and whether answers are overdue."""
    idle = ASK_TOLD | ASK_START | ASK_ANSWERS
    assert set(GATES) > idle
    for _, who, about, using, _ in CASES:
        untold, ordinary = who._replace(told=frozenset()), replace(using, start_on=None, nobody_answers=False)
        for channel in Channel:
            of = using.campaigns[about.campaign]
            legal = of.legal_class(untold.country)
            case = Case(of, about, untold, channel, untold.address(channel), legal, ordinary)
            assert [gate.__name__ for gate in idle if gate(case)] == []
